//! The answer to a failure. No other file makes an error response of the lifecycle.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>

pub mod answer;

use crate::{
    body::Body,
    exchange::{Exchange, Response},
    failure::Failure,
};
use answer::{Answer, Message, Spacing};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const EXTENDED_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");

/// Makes the response. The failure's reason stays in the log.
#[must_use]
pub fn respond(failure: &Failure) -> Response {
    let answer = answer::to(failure);
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ERROR_TYPE, HeaderValue::from_static(answer.error_type));
    if matches!(failure, Failure::RequestTooLarge | Failure::RequestAborted(_) | Failure::RequestTimeout) {
        // The rest of the body is not read, so the connection cannot carry another request.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Response { status: answer.status, headers, body: Body::Buffered(body(&answer).into()) }
}

fn body(answer: &Answer<'_>) -> String {
    let space = match answer.spacing {
        Spacing::FrontEnd => "",
        Spacing::Execution => " ",
    };
    let key = match answer.message {
        Message::Text(_) | Message::Null => "message",
        Message::Capital(_) => "Message",
    };
    let message = serde_json::Value::from(answer.message.text());
    format!("{{\"{key}\":{space}{message}}}")
}

/// Adds the headers that every response carries, refused or not.
pub fn identify(exchange: &Exchange, headers: &mut HeaderMap) {
    for (name, value) in [(REQUEST_ID, &exchange.id), (EXTENDED_ID, &exchange.extended_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

/// The answer to a request whose host has no API or stage. There is no exchange yet, and no stage to customise it.
#[must_use]
pub fn forbidden() -> Response {
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ERROR_TYPE, HeaderValue::from_static("ForbiddenException"));
    let body = Body::Buffered(r#"{"message":"Forbidden"}"#.into());
    Response { status: StatusCode::FORBIDDEN, headers, body }
}
