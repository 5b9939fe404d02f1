//! The answers of HTTP APIs and function URLs to failures, which nobody can customise.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html> and
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>

use super::answer;
use crate::{
    body::Body,
    exchange::{Exchange, Response},
    failure::{Challenge, Failure},
};
use bytes::Bytes;
use fanlight_definition::resources::HttpApiKind;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode as Status, header};

const FORBIDDEN_URL: &str = "Forbidden. For troubleshooting Function URL authorization issues, see: \
     https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

/// Makes the response. The failure's reason stays in the log.
#[must_use]
pub fn respond(kind: HttpApiKind, failure: &Failure) -> Response {
    let (status, message) = answer(failure);
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = match kind {
        HttpApiKind::Api => format!("{{\"message\":\"{message}\"}}"),
        HttpApiKind::FunctionUrl => return of_url(failure, (status, message), headers),
    };
    if let Failure::Challenge(challenge) = failure
        && let Ok(value) = HeaderValue::from_str(&text(challenge))
    {
        headers.insert(header::WWW_AUTHENTICATE, value);
    }
    closing(failure, &mut headers);
    Response { status, headers, body: Body::Buffered(Bytes::from(body)) }
}

fn of_url(failure: &Failure, (status, message): (Status, &str), mut headers: HeaderMap) -> Response {
    let (status, error_type, body) = match status {
        Status::FORBIDDEN => (status, Some("AccessDeniedException"), format!("{{\"Message\":\"{FORBIDDEN_URL}\"}}")),
        Status::INTERNAL_SERVER_ERROR | Status::SERVICE_UNAVAILABLE => {
            (Status::BAD_GATEWAY, None, "Internal Server Error".to_owned())
        }
        _ => (status, None, format!("{{\"Message\":\"{message}\"}}")),
    };
    if let Some(error_type) = error_type {
        headers.insert(HeaderName::from_static("x-amzn-errortype"), HeaderValue::from_static(error_type));
    }
    closing(failure, &mut headers);
    Response { status, headers, body: Body::Buffered(Bytes::from(body)) }
}

/// The rest of a body is not read then, so the connection cannot carry another request.
fn closing(failure: &Failure, headers: &mut HeaderMap) {
    if matches!(failure, Failure::RequestTooLarge | Failure::RequestAborted(_) | Failure::RequestTimeout) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

/// What the client is told.
#[must_use]
pub const fn answer(failure: &Failure) -> (Status, &'static str) {
    match failure {
        Failure::Unauthorized(_)
        | Failure::IncomingTokenExpired
        | Failure::Challenge(Challenge::Missing | Challenge::Invalid { .. }) => (Status::UNAUTHORIZED, "Unauthorized"),
        Failure::Challenge(Challenge::InsufficientScope { .. })
        | Failure::AccessDenied(_)
        | Failure::AmbiguousSignature
        | Failure::ExpiredToken(_)
        | Failure::IncompleteSignature(_)
        | Failure::InvalidApiKey(_)
        | Failure::InvalidSignature(_)
        | Failure::MissingAuthenticationToken(_)
        | Failure::UnrecognizedClient(_) => (Status::FORBIDDEN, "Forbidden"),
        Failure::RouteNotFound => (Status::NOT_FOUND, "Not Found"),
        Failure::BadParameter(_)
        | Failure::BadRequestBody { .. }
        | Failure::BadRequestParameters(_)
        | Failure::RequestAborted(_)
        | Failure::UnprocessablePayload(_) => (Status::BAD_REQUEST, "Bad Request"),
        Failure::RequestTimeout => (Status::REQUEST_TIMEOUT, "Request Timeout"),
        Failure::RequestTooLarge => (Status::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
        Failure::UnsupportedMediaType(_) => (Status::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"),
        Failure::UriTooLong => (Status::URI_TOO_LONG, "Request URI too long"),
        Failure::QuotaExceeded(_) | Failure::Throttled(_) => (Status::TOO_MANY_REQUESTS, "Too Many Requests"),
        Failure::IntegrationFailure(_) | Failure::IntegrationTimeout(_) => {
            (Status::SERVICE_UNAVAILABLE, "Service Unavailable")
        }
        Failure::ApiConfigurationError(_)
        | Failure::AuthorizerConfigurationError(_)
        | Failure::AuthorizerFailure(_)
        | Failure::InvokeRejected(_)
        | Failure::MalformedProxyResponse(_) => (Status::INTERNAL_SERVER_ERROR, "Internal Server Error"),
    }
}

/// The kind of a failure, for people.
#[must_use]
pub fn name(failure: &Failure) -> &'static str {
    match failure {
        Failure::RouteNotFound => "NOT_FOUND",
        other => answer::to(other).response_type.as_str(),
    }
}

fn text(challenge: &Challenge) -> String {
    let quoted = |text: &str| text.replace(['"', '\\'], "'");
    match challenge {
        Challenge::Missing => "Bearer".to_owned(),
        Challenge::Invalid { scopes, reason } => {
            let (scopes, reason) = (quoted(scopes), quoted(reason));
            format!("Bearer scope=\"{scopes}\" error=\"invalid_token\" error_description=\"{reason}\"")
        }
        Challenge::InsufficientScope { scopes } => {
            format!("Bearer scope=\"{}\" error=\"insufficient_scope\"", quoted(scopes))
        }
    }
}

/// Adds the headers that every response carries, refused or not.
pub fn identify(kind: HttpApiKind, exchange: &Exchange, headers: &mut HeaderMap) {
    let named = match kind {
        HttpApiKind::Api => vec![("apigw-requestid", &exchange.extended_id)],
        HttpApiKind::FunctionUrl => vec![("x-amzn-requestid", &exchange.id), ("x-amzn-trace-id", &exchange.trace_id)],
    };
    for (name, value) in named {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
