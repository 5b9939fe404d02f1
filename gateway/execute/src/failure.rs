//! Why an exchange stopped.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>

use crate::body::BodyError;

/// One variant per gateway response type that this gateway can produce. What the client sees stands in
/// [`crate::gateway_response`]; what a variant carries is for the log and the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// `ACCESS_DENIED`: a policy says no, or none says yes. The message is AWS's.
    AccessDenied(String),
    /// 400: a request is signed more than once, and nobody knows what counts. Ours.
    AmbiguousSignature,
    /// `API_CONFIGURATION_ERROR`: the API asks for something impossible.
    ApiConfigurationError(String),
    /// `AUTHORIZER_CONFIGURATION_ERROR`: the authorizer cannot be called, or answers what is no answer.
    AuthorizerConfigurationError(String),
    /// `AUTHORIZER_FAILURE`: the authorizer failed, or took too long.
    AuthorizerFailure(String),
    /// 400: a value of the client cannot stand where the definition puts it. The message is for the client.
    BadParameter(String),
    /// `BAD_REQUEST_BODY`: the body does not match its model.
    BadRequestBody {
        /// For the log.
        reason: String,
        /// `$context.error.validationErrorString`
        validation_error: String,
    },
    /// `BAD_REQUEST_PARAMETERS`: a required parameter is missing. The message is AWS's.
    BadRequestParameters(String),
    /// 401, or 403 without the right scope: a token of an HTTP API, with what its client is told about it.
    Challenge(Challenge),
    /// `EXPIRED_TOKEN`: temporary credentials that have ended.
    ExpiredToken(String),
    /// `UNAUTHORIZED` with a message of its own: a token of a user pool that was good once.
    IncomingTokenExpired,
    /// `INTEGRATION_FAILURE`: no connection, or it broke.
    IntegrationFailure(String),
    /// `INTEGRATION_FAILURE` with the status 500 that AWS answers when Lambda rejects the call itself.
    InvokeRejected(String),
    /// `INTEGRATION_TIMEOUT`: no answer in time.
    IntegrationTimeout(String),
    /// 502 of a Lambda proxy: the function failed or returned what is no response. Without a type of its own, only
    /// `DEFAULT_5XX` can change it.
    MalformedProxyResponse(String),
    /// `INVALID_SIGNATURE`: signed for something else, at another time, or wrongly. The message is AWS's.
    InvalidSignature(String),
    /// `MISSING_AUTHENTICATION_TOKEN`: no such path or verb, or no signature where one is asked for.
    MissingAuthenticationToken(&'static str),
    /// The same type, but the request carried an `Authorization` header that is no signature. The message is AWS's.
    IncompleteSignature(String),
    /// `INVALID_API_KEY`: none, an unknown one, or one that does not open this stage.
    InvalidApiKey(String),
    /// `THROTTLED`: by a usage plan, or by the method's own limit.
    Throttled(String),
    /// `QUOTA_EXCEEDED`
    QuotaExceeded(String),
    /// `REQUEST_TOO_LARGE`.
    RequestTooLarge,
    /// The client's body broke off. Most often nobody is left to read the 400.
    RequestAborted(String),
    /// The client's body did not arrive in time: 408.
    RequestTimeout,
    /// 404: an HTTP API has no route for the request.
    RouteNotFound,
    /// `UNAUTHORIZED`: an authorizer knows nobody of that name, or nobody gave a name.
    Unauthorized(String),
    /// 400: a template reads the body as JSON, and it is none. The message is AWS's.
    UnprocessablePayload(String),
    /// `UNSUPPORTED_MEDIA_TYPE`: no template for the media type, and passing it through is not allowed.
    UnsupportedMediaType(String),
    /// 403: nobody has that access key, or its session token is another one.
    UnrecognizedClient(String),
    /// 414: the ARN of the method, with the path of the request, is too long for a policy.
    UriTooLong,
}

/// `WWW-Authenticate` of a refused token.
///
/// RFC: <https://www.rfc-editor.org/rfc/rfc6750#section-3>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// There is none, or more than one.
    Missing,
    /// It is a bad one.
    Invalid {
        /// The scopes that the route asks for, with blanks between.
        scopes: String,
        /// Why.
        reason: String,
    },
    /// It has none of the route's scopes.
    InsufficientScope {
        /// The scopes that the route asks for, with blanks between.
        scopes: String,
    },
}

impl Failure {
    /// `$context.error.validationErrorString`
    #[must_use]
    pub fn validation_error(&self) -> Option<&str> {
        if let Self::BadRequestBody { validation_error, .. } = self { Some(validation_error) } else { None }
    }

    /// The reason for people who look at the log.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::AccessDenied(reason)
            | Self::ApiConfigurationError(reason)
            | Self::AuthorizerConfigurationError(reason)
            | Self::AuthorizerFailure(reason)
            | Self::BadParameter(reason)
            | Self::BadRequestBody { reason, .. }
            | Self::BadRequestParameters(reason)
            | Self::ExpiredToken(reason)
            | Self::IntegrationFailure(reason)
            | Self::InvokeRejected(reason)
            | Self::IntegrationTimeout(reason)
            | Self::InvalidSignature(reason)
            | Self::MalformedProxyResponse(reason)
            | Self::IncompleteSignature(reason)
            | Self::InvalidApiKey(reason)
            | Self::Throttled(reason)
            | Self::QuotaExceeded(reason)
            | Self::RequestAborted(reason)
            | Self::Unauthorized(reason)
            | Self::UnprocessablePayload(reason)
            | Self::UnrecognizedClient(reason)
            | Self::UnsupportedMediaType(reason) => reason,
            Self::Challenge(Challenge::Missing) => "the request has no token, or more than one",
            Self::Challenge(Challenge::Invalid { reason, .. }) => reason,
            Self::Challenge(Challenge::InsufficientScope { .. }) => "the token has none of the route's scopes",
            Self::RouteNotFound => "no route matches",
            Self::IncomingTokenExpired => "the token has expired",
            Self::AmbiguousSignature => "the request is signed more than once",
            Self::MissingAuthenticationToken(reason) => reason,
            Self::RequestTimeout => "the body did not arrive in time",
            Self::RequestTooLarge => "the body is larger than the limit",
            Self::UriTooLong => "the ARN of the method is longer than 1600 bytes",
        }
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Broken(reason) => Self::RequestAborted(reason),
            BodyError::TimedOut => Self::RequestTimeout,
            BodyError::TooLarge { .. } => Self::RequestTooLarge,
        }
    }
}
