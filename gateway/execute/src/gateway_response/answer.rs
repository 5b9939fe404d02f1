//! What AWS answers to each failure: one row each.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>

use crate::failure::{Challenge, Failure};
use Spacing::{Execution, FrontEnd};
use fanlight_definition::resources::GatewayResponseType as Type;
use http::StatusCode as Status;

/// What AWS answers to one kind of failure, unless the API customises it.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Which gateway response.
    pub response_type: Type,
    /// The status.
    pub status: Status,
    /// `x-amzn-ErrorType`
    pub error_type: &'static str,
    /// `$context.error.message`
    pub message: Message<'a>,
    /// `$context.error.validationErrorString`
    pub validation_error: Option<&'a str>,
    pub(super) spacing: Spacing,
}

/// What the body says, and under which key.
#[derive(Debug, Clone, Copy)]
pub enum Message<'a> {
    /// `{"message":".."}`
    Text(&'a str),
    /// `{"Message":".."}`, as AWS's access control writes it.
    Capital(&'a str),
    /// `{"message":null}`
    Null,
}

/// AWS's front end writes `{"message":"..`, what comes after `Starting execution` writes `{"message": "..` (the
/// `Content-Length: 36` of `Internal server error` is recorded).
#[derive(Debug, Clone, Copy)]
pub(super) enum Spacing {
    FrontEnd,
    Execution,
}

impl<'a> Message<'a> {
    /// The text itself.
    #[must_use]
    pub const fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) | Self::Capital(text) => Some(text),
            Self::Null => None,
        }
    }
}

const INTERNAL: Message<'_> = Message::Text("Internal server error");
const INTERNAL_TYPE: &str = "InternalServerErrorException";
const AUTHORIZER_TYPE: &str = "AuthorizerConfigurationException";
const BAD_REQUEST_TYPE: &str = "BadRequestException";

/// The row of a failure.
#[rustfmt::skip] // a table: one failure, one line
#[must_use]
pub fn to(failure: &Failure) -> Answer<'_> {
    let says = Message::Text;
    let (response_type, status, error_type, message, spacing) = match failure {
        Failure::AccessDenied(text) => (Type::AccessDenied, Status::FORBIDDEN, "AccessDeniedException", Message::Capital(text), FrontEnd),
        Failure::AmbiguousSignature => (Type::Default4xx, Status::BAD_REQUEST, BAD_REQUEST_TYPE, says("Only one of the 'Authorization' header and the 'X-Amz-Signature' query-string parameter is allowed, once."), FrontEnd),
        Failure::ApiConfigurationError(_) => (Type::ApiConfigurationError, Status::INTERNAL_SERVER_ERROR, INTERNAL_TYPE, INTERNAL, Execution),
        Failure::AuthorizerConfigurationError(_) => (Type::AuthorizerConfigurationError, Status::INTERNAL_SERVER_ERROR, AUTHORIZER_TYPE, Message::Null, FrontEnd),
        Failure::AuthorizerFailure(_) => (Type::AuthorizerFailure, Status::INTERNAL_SERVER_ERROR, AUTHORIZER_TYPE, Message::Null, FrontEnd),
        Failure::BadRequestBody { .. } => (Type::BadRequestBody, Status::BAD_REQUEST, BAD_REQUEST_TYPE, says("Invalid request body"), Execution),
        Failure::BadRequestParameters(text) => (Type::BadRequestParameters, Status::BAD_REQUEST, BAD_REQUEST_TYPE, says(text), Execution),
        Failure::Challenge(Challenge::Missing | Challenge::Invalid { .. }) => (Type::Unauthorized, Status::UNAUTHORIZED, "UnauthorizedException", says("Unauthorized"), FrontEnd),
        Failure::Challenge(Challenge::InsufficientScope { .. }) => (Type::AccessDenied, Status::FORBIDDEN, "ForbiddenException", says("Forbidden"), FrontEnd),
        Failure::ExpiredToken(_) => (Type::ExpiredToken, Status::FORBIDDEN, "ExpiredTokenException", says("The security token included in the request is expired"), FrontEnd),
        Failure::IncomingTokenExpired => (Type::Unauthorized, Status::UNAUTHORIZED, "UnauthorizedException", says("The incoming token has expired"), FrontEnd),
        Failure::IncompleteSignature(text) => (Type::MissingAuthenticationToken, Status::FORBIDDEN, "IncompleteSignatureException", says(text), FrontEnd),
        Failure::IntegrationFailure(_) => (Type::IntegrationFailure, Status::GATEWAY_TIMEOUT, INTERNAL_TYPE, says("Network error communicating with endpoint"), Execution),
        Failure::IntegrationTimeout(_) => (Type::IntegrationTimeout, Status::GATEWAY_TIMEOUT, INTERNAL_TYPE, says("Endpoint request timed out"), Execution),
        Failure::InvalidApiKey(_) => (Type::InvalidApiKey, Status::FORBIDDEN, "ForbiddenException", says("Forbidden"), FrontEnd),
        Failure::InvalidSignature(text) => (Type::InvalidSignature, Status::FORBIDDEN, "InvalidSignatureException", says(text), FrontEnd),
        Failure::InvokeRejected(_) => (Type::IntegrationFailure, Status::INTERNAL_SERVER_ERROR, INTERNAL_TYPE, INTERNAL, Execution),
        Failure::MalformedProxyResponse(_) => (Type::Default5xx, Status::BAD_GATEWAY, INTERNAL_TYPE, INTERNAL, Execution),
        Failure::MissingAuthenticationToken(_) => (Type::MissingAuthenticationToken, Status::FORBIDDEN, "MissingAuthenticationTokenException", says("Missing Authentication Token"), FrontEnd),
        Failure::QuotaExceeded(_) => (Type::QuotaExceeded, Status::TOO_MANY_REQUESTS, "LimitExceededException", says("Limit Exceeded"), FrontEnd),
        Failure::RequestAborted(_) => (Type::Default4xx, Status::BAD_REQUEST, BAD_REQUEST_TYPE, says("Bad Request"), FrontEnd),
        Failure::RequestTimeout => (Type::Default4xx, Status::REQUEST_TIMEOUT, "RequestTimeoutException", says("Request Timeout"), FrontEnd),
        Failure::RequestTooLarge => (Type::RequestTooLarge, Status::PAYLOAD_TOO_LARGE, "RequestTooLongException", says("HTTP content length exceeded 10485760 bytes."), FrontEnd),
        Failure::RouteNotFound => (Type::ResourceNotFound, Status::NOT_FOUND, "NotFoundException", says("Not Found"), FrontEnd),
        Failure::Unauthorized(_) => (Type::Unauthorized, Status::UNAUTHORIZED, "UnauthorizedException", says("Unauthorized"), FrontEnd),
        Failure::Throttled(_) => (Type::Throttled, Status::TOO_MANY_REQUESTS, "TooManyRequestsException", says("Too Many Requests"), FrontEnd),
        Failure::BadParameter(text) | Failure::UnprocessablePayload(text) => (Type::Default4xx, Status::BAD_REQUEST, BAD_REQUEST_TYPE, says(text), Execution),
        Failure::UnrecognizedClient(_) => (Type::AccessDenied, Status::FORBIDDEN, "UnrecognizedClientException", says("The security token included in the request is invalid."), FrontEnd),
        Failure::UnsupportedMediaType(_) => (Type::UnsupportedMediaType, Status::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaTypeException", says("Unsupported Media Type"), Execution),
        Failure::UriTooLong => (Type::Default4xx, Status::URI_TOO_LONG, "RequestUriTooLongException", says("Request URI too long"), FrontEnd),
    };
    Answer { response_type, status, error_type, message, validation_error: failure.validation_error(), spacing }
}
