//! The answer to a failure. No other file makes an error response of the lifecycle.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>

pub mod answer;
pub mod customisation;
pub mod http_api;
pub mod substitution;

use crate::{
    body::Body,
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    stage::StageSnapshot,
};
use answer::{Answer, Message, Spacing};
use bytes::Bytes;
use customisation::Customisation;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;
use substitution::Scope;

const JSON: &str = "application/json";

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const EXTENDED_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");

/// Makes the response. The failure's reason stays in the log. `method` is there when the request had found one.
#[must_use]
pub fn respond(method: Option<&Method>, stage: &StageSnapshot, exchange: &Exchange, failure: &Failure) -> Response {
    let answer = answer::to(failure);
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(ERROR_TYPE, HeaderValue::from_static(answer.error_type));
    let mut response = Response { status: answer.status, headers, body: Body::EMPTY };
    let body = match stage.deployment.gateway_responses.select(&answer) {
        None => body(&answer),
        Some(customised) => customise(customised, &Scope::new(stage, method, exchange, &answer), &mut response),
    };
    response.body = Body::Buffered(Bytes::from(body));
    if matches!(failure, Failure::RequestTooLarge | Failure::RequestAborted(_) | Failure::RequestTimeout) {
        // The rest of the body is not read, so the connection cannot carry another request.
        response.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Applies status and headers, and gives the body.
fn customise(customised: &Customisation, scope: &Scope<'_>, response: &mut Response) -> String {
    response.status = customised.status.unwrap_or(response.status);
    let body = match customised.template(&scope.exchange.request.headers) {
        None => format!("{{\"message\":{}}}", message_string(scope.answer)),
        Some((media_type, template)) => {
            let media_type = HeaderValue::from_str(media_type).unwrap_or_else(|_| HeaderValue::from_static(JSON));
            response.headers.insert(header::CONTENT_TYPE, media_type);
            template.render(scope)
        }
    };
    customised.set_headers(scope, &mut response.headers);
    body
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
    format!("{{\"{key}\":{space}{}}}", message_string(answer))
}

/// `$context.error.messageString`
fn message_string(answer: &Answer<'_>) -> String {
    Value::from(answer.message.text()).to_string()
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
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(ERROR_TYPE, HeaderValue::from_static("ForbiddenException"));
    let body = Body::Buffered(r#"{"message":"Forbidden"}"#.into());
    Response { status: StatusCode::FORBIDDEN, headers, body }
}
