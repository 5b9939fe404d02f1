//! What a function returned, as a response.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use crate::{
    backends::FunctionResponse,
    body::Body,
    content_handling::BASE64,
    exchange::{Exchange, Response},
    failure::Failure,
    header_rules,
    integration::status,
    media_type,
};
use base64::Engine;
use bytes::Bytes;
use fanlight_definition::resources::PayloadFormat;
use fanlight_events::http::ProxyResponse;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The media type of a response that names none.
const TEXT: &str = "text/plain;charset=UTF-8";

/// Makes the response.
///
/// # Errors
/// 500 for a function that failed and for what is no response.
pub fn of(format: PayloadFormat, exchange: &mut Exchange, returned: &FunctionResponse) -> Result<Response, Failure> {
    if let Some(message) = &returned.error {
        return Err(Failure::MalformedProxyResponse(format!(
            "the function failed: {message}. Lambda request id: {}",
            returned.request_id
        )));
    }
    let malformed = Failure::MalformedProxyResponse;
    let parsed = match format {
        PayloadFormat::V1 => ProxyResponse::parse_v1(&returned.payload),
        PayloadFormat::V2 => ProxyResponse::parse_v2(&returned.payload),
    };
    let parsed = parsed.map_err(|error| malformed(error.0))?;
    let status = status(parsed.status_code).ok_or_else(|| malformed(format!("status {}", parsed.status_code)))?;
    exchange.endpoint.function_status = Some(status.as_u16());
    let mut headers = HeaderMap::with_capacity(parsed.headers.len() + parsed.cookies.len() + 2);
    for (name, value) in &parsed.headers {
        append(&mut headers, name, value).map_err(malformed)?;
    }
    for cookie in &parsed.cookies {
        append(&mut headers, header::SET_COOKIE.as_str(), cookie).map_err(malformed)?;
    }
    if !headers.contains_key(header::CONTENT_TYPE) {
        let inferred = if parsed.is_inferred { media_type::DEFAULT } else { TEXT };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(inferred));
    }
    let body = if parsed.is_base64_encoded {
        let decoded = BASE64.decode(&parsed.body);
        Bytes::from(decoded.map_err(|error| malformed(format!("the body says it is base64 and is not: {error}")))?)
    } else {
        Bytes::from(parsed.body)
    };
    Ok(Response { status, headers, body: Body::Buffered(body) })
}

fn append(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), String> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))?;
    // A blank around a value is no part of it on the wire.
    let value = HeaderValue::from_bytes(value.trim_matches([' ', '\t']).as_bytes())
        .map_err(|_| format!("the value of header `{name}` has a control character"))?;
    if let Some((name, value)) = header_rules::from_integration(&name, &value) {
        headers.append(name, value);
    }
    Ok(())
}
