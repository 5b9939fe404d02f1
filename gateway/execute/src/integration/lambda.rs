//! `AWS` with a Lambda function: its event is what the request template renders, its payload what the response template
//! sees.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-lambda-non-proxy-integration.html>

use super::{EndpointResponse, custom::Transformation, function_name::FunctionName, lambda_proxy};
use crate::{
    backends::{Backends, FunctionResponse},
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    integration::custom,
    media_type,
    stage::StageSnapshot,
};
use bytes::Bytes;
use fanlight_definition::resources::HttpMethod;
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value};
use std::time::Duration;

/// A compiled custom Lambda integration.
#[derive(Debug)]
pub struct Lambda {
    /// The function's name.
    pub function: FunctionName,
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
    (stage, backends): (&StageSnapshot, &dyn Backends),
    exchange: &Exchange,
    payload: Bytes,
) -> Result<EndpointResponse, Failure> {
    lambda_proxy::invoke(
        (&integration.function.of(&stage.variables), integration.http_method),
        backends,
        exchange,
        payload,
    )
    .await
    .map(EndpointResponse::Function)
}

/// Makes the response of what the function returned.
///
/// # Errors
/// A configuration error when no integration response fits, or what a template fails with.
pub fn response(
    integration: &Lambda,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    returned: FunctionResponse,
) -> Result<Response, Failure> {
    let responses = &integration.transformation.responses;
    let headers = headers(&returned, exchange);
    let FunctionResponse { payload, error, .. } = returned;
    // Patterns are matched with the message of an error only.
    let (selected, mapped) = match error {
        None => (responses.for_success()?, payload.clone()),
        Some(_) => {
            let document: Value = serde_json::from_slice(&payload).unwrap_or_default();
            (responses.select(&error_message(&document), None)?, unfolded(document, &payload))
        }
    };
    let endpoint = custom::Endpoint { headers: &headers, body: payload, mapped };
    custom::response(selected, method, stage, exchange, endpoint)
}

/// What Lambda's API answers with beside the payload, as mappings see it.
fn headers(returned: &FunctionResponse, exchange: &Exchange) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type::DEFAULT));
    headers.insert(header::CONTENT_LENGTH, returned.payload.len().into());
    headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if returned.error.is_some() {
        headers.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
    }
    for (name, value) in [("x-amzn-requestid", &returned.request_id), ("x-amzn-trace-id", &exchange.trace_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    headers
}

/// `errorMessage` of an error document.
pub(crate) fn error_message(document: &Value) -> String {
    match document.get("errorMessage") {
        Some(Value::String(message)) => message.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// An error document as mappings see it: a message that is a JSON object itself is one, not text.
fn unfolded(mut document: Value, payload: &Bytes) -> Bytes {
    let message = document.get("errorMessage").and_then(Value::as_str);
    match message.and_then(|message| serde_json::from_str::<Map<String, Value>>(message).ok()) {
        Some(inner) => {
            if let Some(member) = document.get_mut("errorMessage") {
                *member = Value::Object(inner);
            }
            document.to_string().into()
        }
        None => payload.clone(),
    }
}
