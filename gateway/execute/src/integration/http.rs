//! `HTTP`: a web server that sees only what is mapped to it, and whose answer the client sees only through an integration
//! response.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html>

use super::{
    custom::{self, Transformation},
    http_proxy::HttpProxy,
};
use crate::{
    backends::{HttpRequest, HttpResponse},
    body::Body,
    compression,
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    header_rules, media_type,
    parameter_mapping::Scope,
    stage::StageSnapshot,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;
use std::time::Duration;

/// A compiled custom HTTP integration.
#[derive(Debug)]
pub struct Http {
    /// The server and the mappings to it, as for the proxy.
    pub server: HttpProxy,
    /// How long the server may take.
    pub timeout: Duration,
    /// Templates and responses.
    pub transformation: Transformation,
}

/// Makes the server's request: a template's output or the client's body, and mapped parameters only. What templates write
/// to `$context.requestOverride` wins over mappings.
///
/// # Errors
/// What a template or a mapping fails with.
pub fn request(
    integration: &Http,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    body: Bytes,
) -> Result<HttpRequest, Failure> {
    integration.server.check(&body)?;
    let sent = body.clone();
    let body = custom::request_body(&integration.transformation, method, stage, exchange, body)?;
    let scope = Scope { stage, method, exchange, endpoint_headers: None, body: &sent };
    let overrides = &exchange.overrides.request;
    let uri = integration.server.uri(&scope, overrides)?;
    let mut headers = own_headers(&scope, !sent.is_empty() || !body.is_empty());
    integration.server.map_headers(&scope, &mut headers)?;
    override_headers(overrides, &mut headers)?;
    Ok(integration.server.sent(&scope, uri, headers, Body::Buffered(body)))
}

/// What API Gateway sends of its own accord.
fn own_headers(scope: &Scope<'_>, has_body: bool) -> HeaderMap {
    let Scope { stage, exchange, .. } = *scope;
    let api_id = &stage.deployment.api_id;
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(header::ACCEPT, HeaderValue::from_static(media_type::DEFAULT));
    if has_body {
        let sent = exchange.request.headers.get(header::CONTENT_TYPE).cloned();
        headers.insert(header::CONTENT_TYPE, sent.unwrap_or(HeaderValue::from_static(media_type::DEFAULT)));
    }
    let agent = format!("AmazonAPIGateway_{api_id}");
    let own = [
        (header::USER_AGENT, agent.as_str()),
        (HeaderName::from_static("x-amzn-apigateway-api-id"), api_id.as_str()),
        (header_rules::TRACE_ID, exchange.trace_id.as_str()),
    ];
    for (name, value) in own {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    headers
}

fn override_headers(overrides: &Value, headers: &mut HeaderMap) -> Result<(), Failure> {
    let written = overrides.get("header").and_then(Value::as_object);
    for (name, value) in written.into_iter().flatten() {
        let text = crate::mapping_template::text(value);
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&text)) else {
            return Err(Failure::ApiConfigurationError(format!(
                "the request override of header `{name}` is no header"
            )));
        };
        if header_rules::unmappable_for_http(name.as_str()) {
            return Err(Failure::ApiConfigurationError(format!("mapping the header `{name}` is not allowed")));
        }
        headers.insert(name, value);
    }
    Ok(())
}

/// Makes the client's response: the server's status selects the integration response.
///
/// # Errors
/// A configuration error when none fits, or what a template fails with.
pub async fn response(
    integration: &Http,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    endpoint: HttpResponse,
) -> Result<Response, Failure> {
    let limit = stage.limits.payload_bytes;
    let body = endpoint
        .body
        .read_limited(limit)
        .await
        .map_err(|error| Failure::IntegrationFailure(format!("the response broke off or is too large: {error}")))?;
    if super::status(endpoint.status.as_u16()).is_none() {
        return Err(Failure::IntegrationFailure(format!("the status {} is no response", endpoint.status)));
    }
    let selected = integration.transformation.responses.select(endpoint.status.as_str(), None)?;
    // A template reads what the body says, not how it is coded; without one the coding passes if it is mapped.
    let body = if selected.templates.is_empty() {
        body
    } else {
        compression::undo_response(&endpoint.headers, body, limit).map_err(Failure::InvokeRejected)?
    };
    let mapped = body.clone();
    let answered = custom::Endpoint { headers: &endpoint.headers, body, mapped };
    custom::response(selected, method, stage, exchange, answered)
}
