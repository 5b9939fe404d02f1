//! `AWS::ApiGatewayV2::Api` of the protocol HTTP, and function URLs, which behave like one with a single route.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html>

use super::{HttpMethod, TemplateText};
use crate::Place;
use indexmap::IndexMap;

/// An HTTP API.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpApi {
    /// Ten lower-case letters and digits, derived from the logical id, so that it is the same at each start.
    pub id: String,
    /// The logical id in a template; the file's stem for an OpenAPI file; the function's for a function URL.
    pub logical_id: String,
    /// The name people see.
    pub name: String,
    /// Whether it is an API or the URL of a function.
    pub kind: HttpApiKind,
    /// Routes in the order of the definition, one for each key.
    pub routes: Vec<HttpRoute>,
    /// Authorizers in the order of the definition.
    pub authorizers: Vec<HttpAuthorizer>,
    /// `CorsConfiguration`
    pub cors: Option<Cors>,
    /// `disableExecuteApiEndpoint`: only custom domains lead here.
    pub disable_execute_api_endpoint: bool,
    /// Stages; the first is the one of requests that name none.
    pub stages: Vec<HttpStage>,
    /// Where the API is defined.
    pub place: Place,
}

/// What looks like an HTTP API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpApiKind {
    /// An API.
    Api,
    /// `AWS::Lambda::Url`
    FunctionUrl,
}

/// `AWS::ApiGatewayV2::Route` with its integration.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpRoute {
    /// What it answers.
    pub key: RouteKey,
    /// `operationId`
    pub operation_name: Option<String>,
    /// Who may call.
    pub authorization: HttpAuthorization,
    /// What answers.
    pub integration: HttpIntegration,
    /// Where the route stands.
    pub place: Place,
}

/// `GET /pets/{id}` or `$default`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RouteKey {
    /// `$default`: whatever no other route answers.
    Default,
    /// A verb and a path.
    Path {
        /// The verb, or `ANY`.
        http_method: HttpMethod,
        /// The path template, such as `/pets/{id}` or `/{proxy+}`.
        path: String,
    },
}

impl RouteKey {
    /// Reads AWS's spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "$default" {
            return Some(Self::Default);
        }
        let (verb, path) = text.split_once(' ')?;
        let http_method = HttpMethod::parse(verb)?;
        let path = path.trim();
        path.starts_with('/').then(|| Self::Path { http_method, path: path.to_owned() })
    }

    /// The path template, if it has one.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Default => None,
            Self::Path { path, .. } => Some(path),
        }
    }
}

impl std::fmt::Display for RouteKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => formatter.write_str("$default"),
            Self::Path { http_method, path } => write!(formatter, "{} {path}", http_method.as_str()),
        }
    }
}

/// `AWS::ApiGatewayV2::Integration`
#[derive(Debug, Clone, PartialEq)]
pub struct HttpIntegration {
    /// What it calls.
    pub kind: HttpIntegrationKind,
    /// `timeoutInMillis`, 50 to 30,000.
    pub timeout_ms: u32,
    /// `{append|overwrite|remove}:{header|querystring}.X` and `overwrite:path` to an expression.
    pub request_parameters: IndexMap<String, TemplateText>,
    /// For each status of the endpoint: `{append|overwrite|remove}:header.X` and `overwrite:statuscode` to an expression.
    pub response_parameters: IndexMap<u16, IndexMap<String, TemplateText>>,
    /// `connectionId` of an integration through a VPC link.
    pub vpc_link: Option<TemplateText>,
    /// Where the integration stands.
    pub place: Place,
}

impl HttpIntegration {
    /// Milliseconds that an integration may take when it does not say.
    pub const DEFAULT_TIMEOUT_MS: u32 = 30_000;

    /// An integration with the defaults of AWS.
    #[must_use]
    pub fn new(kind: HttpIntegrationKind, place: Place) -> Self {
        Self {
            kind,
            timeout_ms: Self::DEFAULT_TIMEOUT_MS,
            request_parameters: IndexMap::new(),
            response_parameters: IndexMap::new(),
            vpc_link: None,
            place,
        }
    }
}

/// What an integration calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpIntegrationKind {
    /// `AWS_PROXY`: a Lambda function that gets the request as an event.
    Lambda {
        /// The function's name, without version or alias; it may hold `${stageVariables.X}`.
        function: String,
        /// How the event looks.
        payload_format: PayloadFormat,
    },
    /// `HTTP_PROXY`: a web server.
    Http {
        /// The address, with `{name}` placeholders; that of a private integration is its listener's or service's ARN.
        uri: String,
        /// `ANY` means the client's verb.
        http_method: HttpMethod,
    },
    /// `AWS_PROXY` with `integrationSubtype`: a call of another service.
    Service {
        /// Such as `SQS-SendMessage`.
        subtype: String,
    },
}

/// `payloadFormatVersion`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadFormat {
    /// `1.0`, nearly that of REST APIs.
    V1,
    /// `2.0`
    V2,
}

/// `AWS::ApiGatewayV2::Authorizer`
#[derive(Debug, Clone, PartialEq)]
pub struct HttpAuthorizer {
    /// Six lower-case letters and digits.
    pub id: String,
    /// The name that routes refer to.
    pub name: String,
    /// What decides.
    pub kind: HttpAuthorizerKind,
    /// `identitySource`, one expression each, in order: `$request.header.X`, `$request.querystring.X`, `$context.X`,
    /// `$stageVariables.X`.
    pub identity_sources: Vec<TemplateText>,
    /// Where it is defined.
    pub place: Place,
}

/// What decides about a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpAuthorizerKind {
    /// `JWT`: a JSON web token of an issuer.
    Jwt {
        /// `iss`, exactly; its keys are found below it.
        issuer: TemplateText,
        /// One of them must be the token's `aud`, or `client_id`.
        audience: Vec<String>,
    },
    /// `REQUEST`: a function that gets the request without its body.
    Request {
        /// The function's name; it may hold `${stageVariables.X}`.
        function: String,
        /// `authorizerPayloadFormatVersion`
        payload_format: PayloadFormat,
        /// `enableSimpleResponses`: the function answers with `isAuthorized`, not with a policy.
        simple_responses: bool,
        /// `authorizerResultTtlInSeconds`, 0 to 3,600.
        result_ttl_seconds: u32,
    },
}

/// `authorizationType` of a route.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum HttpAuthorization {
    /// `NONE`
    #[default]
    None,
    /// `AWS_IAM`: a signed request.
    Iam,
    /// `CUSTOM`
    Lambda {
        /// The authorizer's id.
        authorizer: String,
    },
    /// `JWT`
    Jwt {
        /// The authorizer's id.
        authorizer: String,
        /// `authorizationScopes`: the token must have one of them.
        scopes: Vec<String>,
    },
}

/// `CorsConfiguration`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cors {
    /// `allowCredentials`
    pub allow_credentials: bool,
    /// `allowHeaders`; `*` is any.
    pub allow_headers: Vec<String>,
    /// `allowMethods`; `*` is any.
    pub allow_methods: Vec<String>,
    /// `allowOrigins`; `*` is any, `https://*` any of that scheme.
    pub allow_origins: Vec<String>,
    /// `exposeHeaders`
    pub expose_headers: Vec<String>,
    /// `maxAge`, in seconds.
    pub max_age: Option<i32>,
}

/// `AWS::ApiGatewayV2::Stage`
#[derive(Debug, Clone, PartialEq)]
pub struct HttpStage {
    /// `$default`, or `[A-Za-z0-9_-]{1,128}`.
    pub name: String,
    /// Stage variables.
    pub variables: IndexMap<String, String>,
    /// `defaultRouteSettings`
    pub default_throttle: RouteThrottle,
    /// `routeSettings` in the order of the definition.
    pub route_throttles: Vec<(RouteKey, RouteThrottle, Place)>,
    /// `accessLogSettings.format`
    pub access_log_format: Option<TemplateText>,
    /// Where it is defined.
    pub place: Place,
}

impl HttpStage {
    /// The name of the stage that is served without a name in the path.
    pub const DEFAULT: &str = "$default";

    /// A stage without settings.
    #[must_use]
    pub fn new(name: String, place: Place) -> Self {
        Self {
            name,
            variables: IndexMap::new(),
            default_throttle: RouteThrottle::default(),
            route_throttles: Vec::new(),
            access_log_format: None,
            place,
        }
    }
}

/// How many requests a route takes; what is `None` is not limited here.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RouteThrottle {
    /// Requests per second over all callers.
    pub rate_limit: Option<f64>,
    /// How many at once.
    pub burst_limit: Option<i32>,
}
