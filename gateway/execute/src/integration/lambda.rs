//! `AWS` with a Lambda function: its event is what the request template renders, its payload what the response template
//! sees.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-lambda-non-proxy-integration.html>

use super::{EndpointResponse, custom::Transformation, lambda_proxy};
use crate::{
    backends::{Backends, FunctionResponse},
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    integration::custom,
    stage::StageSnapshot,
};
use bytes::Bytes;
use fanlight_definition::resources::HttpMethod;
use http::HeaderMap;
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// A compiled custom Lambda integration.
#[derive(Debug)]
pub struct Lambda {
    /// The function's name.
    pub function: Arc<str>,
    /// As for the proxy.
    pub http_method: HttpMethod,
    /// As for the proxy.
    pub forbidden_mapping: Option<String>,
    /// How long the function may take.
    pub timeout: Duration,
    /// Templates and responses.
    pub transformation: Transformation,
}

/// Makes the event.
///
/// # Errors
/// What a template fails with, or 500 when the event would not be JSON, which Lambda refuses.
pub fn event(
    integration: &Lambda,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    body: Bytes,
) -> Result<Bytes, Failure> {
    if let Some(header) = &integration.forbidden_mapping {
        return Err(Failure::ApiConfigurationError(format!("mapping the header `{header}` is not allowed")));
    }
    let event = custom::request_body(&integration.transformation, method, stage, exchange, body)?;
    if event.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(&event) {
        Ok(_) => Ok(event),
        Err(error) => Err(Failure::InvokeRejected(format!("Could not parse request body into json: {error}"))),
    }
}

pub(super) async fn call(
    integration: &Lambda,
    backends: &dyn Backends,
    exchange: &Exchange,
    payload: Bytes,
) -> Result<EndpointResponse, Failure> {
    let FunctionResponse { payload, error, .. } =
        lambda_proxy::invoke((&integration.function, integration.http_method), backends, exchange, payload).await?;
    Ok(if error.is_some() { EndpointResponse::FunctionError(payload) } else { EndpointResponse::Payload(payload) })
}

/// Makes the response of a payload.
///
/// # Errors
/// A configuration error when no integration response fits, or what a template fails with.
pub fn response(
    integration: &Lambda,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    payload: Result<Bytes, Bytes>,
) -> Result<Response, Failure> {
    let responses = &integration.transformation.responses;
    // Patterns are matched with the message of an error only.
    let (selected, body) = match payload {
        Ok(payload) => (responses.for_success()?, payload),
        Err(payload) => (responses.select(&error_message(&payload), None)?, payload),
    };
    custom::response(selected, method, stage, exchange, (&HeaderMap::new(), body))
}

fn error_message(payload: &[u8]) -> String {
    let document: Value = serde_json::from_slice(payload).unwrap_or_default();
    match document.get("errorMessage") {
        Some(Value::String(message)) => message.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
