//! `AWS_PROXY`: a Lambda function gets the request as an event, and its payload is the response.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>

use super::{EndpointResponse, function_name::FunctionName, status};
use crate::{
    backends::{Backends, FunctionRequest, FunctionResponse},
    body::Body,
    content_handling::BASE64,
    deployment::Deployment,
    exchange::{Exchange, Response},
    failure::Failure,
    header_rules, limits, media_type,
    stage::StageSnapshot,
};
use base64::Engine;
use bytes::Bytes;
use fanlight_definition::resources::HttpMethod;
use fanlight_events::rest::ProxyResponse;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::time::Duration;

/// A compiled Lambda proxy integration.
#[derive(Debug)]
pub struct LambdaProxy {
    /// The function's name.
    pub function: FunctionName,
    /// Lambda is invoked by POST only; any other verb in the definition fails at run time.
    pub http_method: HttpMethod,
    /// Mappings have no effect on the event, but mapping one of some headers fails each call.
    pub forbidden_mapping: Option<String>,
    /// How long the function may take.
    pub timeout: Duration,
}

/// Invokes the function.
pub(super) async fn call(
    integration: &LambdaProxy,
    (stage, backends): (&StageSnapshot, &dyn Backends),
    exchange: &Exchange,
    payload: Bytes,
) -> Result<EndpointResponse, Failure> {
    invoke((&integration.function.of(&stage.variables), integration.http_method), backends, exchange, payload)
        .await
        .map(EndpointResponse::Function)
}

/// Calls Lambda's API, which takes POST only.
pub(crate) async fn invoke(
    (function, http_method): (&str, HttpMethod),
    backends: &dyn Backends,
    exchange: &Exchange,
    payload: Bytes,
) -> Result<FunctionResponse, Failure> {
    if http_method != HttpMethod::Post {
        let verb = http_method.as_str();
        return Err(Failure::InvokeRejected(format!("Lambda functions are invoked by POST, not {verb}")));
    }
    let limit = limits::LAMBDA_PAYLOAD_BYTES;
    if payload.len() > limit {
        let reason = format!(
            "{} byte payload is too large for the RequestResponse invocation type (limit {limit} bytes)",
            payload.len()
        );
        return Err(Failure::InvokeRejected(reason));
    }
    let request = FunctionRequest { request_id: exchange.id.clone(), payload, trace_id: exchange.trace_id.clone() };
    backends.invoke(function, request).await.map_err(|failure| Failure::InvokeRejected(failure.0))
}

/// Makes the response of what a function returned.
///
/// # Errors
/// 502 for a function that failed and for a payload that is no proxy response; 500 for a body that should be base64 and is
/// not.
pub fn response(
    deployment: &Deployment,
    exchange: &mut Exchange,
    returned: &FunctionResponse,
) -> Result<Response, Failure> {
    if let Some(message) = &returned.error {
        return Err(Failure::MalformedProxyResponse(format!(
            "Lambda execution failed with status 200 due to customer function error: {message}. Lambda request id: {}",
            returned.request_id
        )));
    }
    let malformed =
        |reason: String| Failure::MalformedProxyResponse(format!("Malformed Lambda proxy response: {reason}"));
    let parsed = ProxyResponse::parse(&returned.payload).map_err(|error| malformed(error.0))?;
    let status = status(parsed.status_code).ok_or_else(|| malformed(format!("status {}", parsed.status_code)))?;
    exchange.endpoint.function_status = Some(status.as_u16());
    let mut headers = headers(&parsed).map_err(malformed)?;
    if !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type::DEFAULT));
    }
    if let Ok(trace_id) = HeaderValue::from_str(&exchange.trace_id) {
        headers.insert(header_rules::TRACE_ID, trace_id);
    }
    let binary = parsed.is_base64_encoded
        && deployment.binary_media_types.contains(media_type::accept(&exchange.request.headers));
    let body = if binary {
        let decoded = BASE64.decode(&parsed.body).map_err(|error| {
            Failure::ApiConfigurationError(format!("the body says it is base64 and is not: {error}"))
        })?;
        Bytes::from(decoded)
    } else {
        Bytes::from(parsed.body)
    };
    Ok(Response { status, headers, body: Body::Buffered(body) })
}

/// Merges both maps: values of `multiValueHeaders` first, then those of `headers` that are not there already. The
/// spelling of the first one wins where spelling is shown.
fn headers(parsed: &ProxyResponse) -> Result<HeaderMap, String> {
    let mut merged = HeaderMap::new();
    let multi =
        parsed.multi_value_headers.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    let single = parsed.headers.iter().map(|(name, value)| (name, value));
    for (name, value) in multi {
        if let Some((name, value)) = header_rules::from_integration(&header_of(name)?, &value_of(name, value)?) {
            merged.append(name, value);
        }
    }
    for (name, value) in single {
        if let Some((name, value)) = header_rules::from_integration(&header_of(name)?, &value_of(name, value)?)
            && !merged.get_all(&name).iter().any(|known| *known == value)
        {
            merged.append(name, value);
        }
    }
    Ok(merged)
}

fn header_of(name: &str) -> Result<HeaderName, String> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))
}

fn value_of(name: &str, value: &str) -> Result<HeaderValue, String> {
    // A blank around a value is no part of it on the wire.
    HeaderValue::from_bytes(value.trim_matches([' ', '\t']).as_bytes())
        .map_err(|_| format!("the value of header `{name}` has a control character"))
}
