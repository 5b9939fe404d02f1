//! The answer to a failure. No other file makes an error response of the lifecycle.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>

use crate::{
    body::Body,
    exchange::{Exchange, Response},
    failure::Failure,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const EXTENDED_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");

/// What AWS answers to one kind of failure.
struct Answer<'a> {
    response_type: &'static str,
    status: StatusCode,
    error_type: &'static str,
    message: &'a str,
    spacing: Spacing,
}

/// AWS's front end writes `{"message":"..`, what comes after `Starting execution` writes `{"message": "..` (the
/// `Content-Length: 36` of `Internal server error` is recorded).
#[derive(Clone, Copy)]
enum Spacing {
    FrontEnd,
    Execution,
}

/// The name of the gateway response type, for the log.
#[must_use]
pub fn response_type(failure: &Failure) -> &'static str {
    answer(failure).response_type
}

/// Makes the response. The failure's reason stays in the log.
#[must_use]
pub fn respond(failure: &Failure) -> Response {
    let answer = answer(failure);
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ERROR_TYPE, HeaderValue::from_static(answer.error_type));
    if matches!(failure, Failure::RequestTooLarge | Failure::RequestAborted(_) | Failure::RequestTimeout) {
        // The rest of the body is not read, so the connection cannot carry another request.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let space = match answer.spacing {
        Spacing::FrontEnd => "",
        Spacing::Execution => " ",
    };
    let message = serde_json::Value::from(answer.message);
    let body = format!("{{\"message\":{space}{message}}}");
    Response { status: answer.status, headers, body: Body::Buffered(body.into()) }
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

fn answer(failure: &Failure) -> Answer<'_> {
    let execution = |response_type, status, message| Answer {
        response_type,
        status,
        error_type: "InternalServerErrorException",
        message,
        spacing: Spacing::Execution,
    };
    let front = |response_type, status, error_type, message| Answer {
        response_type,
        status,
        error_type,
        message,
        spacing: Spacing::FrontEnd,
    };
    const INTERNAL: &str = "Internal server error";
    match failure {
        Failure::ApiConfigurationError(_) => {
            execution("API_CONFIGURATION_ERROR", StatusCode::INTERNAL_SERVER_ERROR, INTERNAL)
        }
        Failure::InvokeRejected(_) => execution("INTEGRATION_FAILURE", StatusCode::INTERNAL_SERVER_ERROR, INTERNAL),
        Failure::IntegrationFailure(_) => {
            execution("INTEGRATION_FAILURE", StatusCode::GATEWAY_TIMEOUT, "Network error communicating with endpoint")
        }
        Failure::IntegrationTimeout(_) => {
            execution("INTEGRATION_TIMEOUT", StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out")
        }
        Failure::MalformedProxyResponse(_) => execution("DEFAULT_5XX", StatusCode::BAD_GATEWAY, INTERNAL),
        Failure::UnprocessablePayload(message) => {
            Answer { error_type: "BadRequestException", ..execution("DEFAULT_4XX", StatusCode::BAD_REQUEST, message) }
        }
        Failure::UnsupportedMediaType(_) => Answer {
            error_type: "UnsupportedMediaTypeException",
            ..execution("UNSUPPORTED_MEDIA_TYPE", StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type")
        },
        Failure::MissingAuthenticationToken => front(
            "MISSING_AUTHENTICATION_TOKEN",
            StatusCode::FORBIDDEN,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        Failure::IncompleteSignature(message) => {
            front("MISSING_AUTHENTICATION_TOKEN", StatusCode::FORBIDDEN, "IncompleteSignatureException", message)
        }
        Failure::RequestTooLarge => front(
            "REQUEST_TOO_LARGE",
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLongException",
            "HTTP content length exceeded 10485760 bytes.",
        ),
        Failure::RequestAborted(_) => {
            front("DEFAULT_4XX", StatusCode::BAD_REQUEST, "BadRequestException", "Bad Request")
        }
        Failure::RequestTimeout => {
            front("DEFAULT_4XX", StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException", "Request Timeout")
        }
    }
}
