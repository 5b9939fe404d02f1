//! AWS JSON 1.0 and 1.1: the operation in a header, input and output as JSON documents.
//!
//! AWS: <https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>

use crate::{Fault, ServiceError};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value, json};

/// The prefix and the operation of `X-Amz-Target`.
#[must_use]
pub fn target(headers: &HeaderMap) -> Option<(&str, &str)> {
    headers.get("x-amz-target")?.to_str().ok()?.rsplit_once('.')
}

/// The input: no body is an empty one.
///
/// # Errors
/// `SerializationException` for what is no JSON object.
pub fn input(body: &[u8]) -> Result<Value, ServiceError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_slice(body) {
        Ok(input @ Value::Object(_)) => Ok(input),
        Ok(_) => {
            Err(ServiceError::sender("SerializationException", "Start of structure or map found where not expected"))
        }
        Err(_) => Err(ServiceError::sender("SerializationException", "")),
    }
}

/// How the service writes its errors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErrorStyle {
    /// Before `#` in `__type`, if there is one: `com.amazonaws.dynamodb.v20120810`.
    pub namespace: Option<&'static str>,
    /// Whether `x-amzn-query-error` tells the code that the Query protocol has.
    pub query_compatible: bool,
}

/// The response to a call that succeeded. An operation without output answers `{}`, or nothing where `output` is null.
#[must_use]
pub fn success(version: &str, request_id: &str, output: &Value) -> Response<Vec<u8>> {
    let body = if output.is_null() { Vec::new() } else { output.to_string().into_bytes() };
    response(200, version, request_id, body)
}

/// The response to a call that failed. `query_code` is the error's code in the Query protocol.
#[must_use]
pub fn error(
    (version, style): (&str, ErrorStyle),
    request_id: &str,
    error: &ServiceError,
    query_code: Option<&str>,
) -> Response<Vec<u8>> {
    let kind = style
        .namespace
        .map_or_else(|| error.code.to_owned(), |own| format!("{}#{}", namespace(own, error.code), error.code));
    let mut body = json!({ "__type": kind, "message": error.message });
    if let Value::Object(members) = &mut body {
        members.extend(error.detail.clone());
    }
    let mut response = response(error.status, version, request_id, body.to_string().into_bytes());
    if let Some(code) = query_code.filter(|_| style.query_compatible) {
        let fault = match error.fault {
            Fault::Sender => "Sender",
            Fault::Receiver => "Receiver",
        };
        if let Ok(value) = HeaderValue::from_str(&format!("{code};{fault}")) {
            response.headers_mut().insert(HeaderName::from_static("x-amzn-query-error"), value);
        }
    }
    response
}

/// What is refused before the service sees it has the framework's namespace.
fn namespace<'a>(own: &'a str, code: &str) -> &'a str {
    match code {
        "ValidationException" => "com.amazon.coral.validate",
        "SerializationException" | "UnknownOperationException" => "com.amazon.coral.service",
        _ => own,
    }
}

/// The value of DynamoDB's `x-amz-crc32`: the checksum of a response's body.
#[must_use]
pub fn crc32(body: &[u8]) -> u32 {
    let mut checksum = flate2::Crc::new();
    checksum.update(body);
    checksum.sum()
}

fn response(status: u16, version: &str, request_id: &str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&format!("application/x-amz-json-{version}")) {
        headers.insert(CONTENT_TYPE, value);
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_type_and_keeps_its_detail() {
        let mut failed = ServiceError::sender("TransactionCanceledException", "cancelled");
        failed.detail.insert("CancellationReasons".to_owned(), json!([{ "Code": "None" }]));
        let style = ErrorStyle { namespace: Some("com.amazonaws.dynamodb.v20120810"), query_compatible: false };
        let response = error(("1.0", style), "id", &failed, None);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let expected = json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "message": "cancelled",
            "CancellationReasons": [{ "Code": "None" }]
        });
        assert_eq!((response.status().as_u16(), body), (400, expected));
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.0");
    }

    #[test]
    fn an_error_of_the_framework_has_its_namespace() {
        let style = ErrorStyle { namespace: Some("com.amazonaws.dynamodb.v20120810"), query_compatible: false };
        let response = error(("1.0", style), "id", &ServiceError::sender("ValidationException", "no"), None);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["__type"], "com.amazon.coral.validate#ValidationException");
    }

    #[test]
    fn the_checksum_is_that_of_gzip() {
        assert_eq!(crc32(b"{}"), 2_745_614_147);
    }

    #[test]
    fn the_target_ends_with_the_operation() {
        let mut headers = HeaderMap::new();
        assert_eq!(target(&headers), None);
        headers.insert("x-amz-target", HeaderValue::from_static("DynamoDB_20120810.GetItem"));
        assert_eq!(target(&headers), Some(("DynamoDB_20120810", "GetItem")));
    }
}
