//! `AWS::ApiGateway::RestApi` with its resources, methods and stages.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html>

use super::{Authorization, Authorizer, GatewayResponse, Integration, Model, RequestValidation, Stage, TemplateText};
use crate::Place;
use indexmap::IndexMap;

/// A REST API.
#[derive(Debug, Clone, PartialEq)]
pub struct RestApi {
    /// Ten lower-case letters and digits, derived from the logical id, so that it is the same at each start.
    pub id: String,
    /// The logical id in a template; the file's stem for an OpenAPI file.
    pub logical_id: String,
    /// The name people see.
    pub name: String,
    /// Media types that are binary, such as `image/png` or `*/*`.
    pub binary_media_types: Vec<String>,
    /// Resources in the order of the definition.
    pub resources: Vec<Resource>,
    /// Where API keys are looked for.
    pub api_key_source: ApiKeySource,
    /// `minimumCompressionSize`: responses of at least so many bytes are compressed for clients that accept it.
    pub minimum_compression_size: Option<u32>,
    /// The resource policy, as JSON.
    pub policy: Option<TemplateText>,
    /// Authorizers in the order of the definition.
    pub authorizers: Vec<Authorizer>,
    /// Models in the order of the definition.
    pub models: Vec<Model>,
    /// Customised gateway responses, at most one of each type.
    pub gateway_responses: Vec<GatewayResponse>,
    /// `disableExecuteApiEndpoint`: only custom domains lead here.
    pub disable_execute_api_endpoint: bool,
    /// Stages; the first is the default one.
    pub stages: Vec<Stage>,
    /// Where the API is defined.
    pub place: Place,
}

/// `apiKeySource`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApiKeySource {
    /// The header `X-API-Key`.
    #[default]
    Header,
    /// `usageIdentifierKey` of the authorizer's answer; the header says nothing then.
    Authorizer,
}

/// A resource: one path template.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Six lower-case letters and digits, derived from the path.
    pub id: String,
    /// The path template, such as `/pets/{id}` or `/{proxy+}`.
    pub path: String,
    /// At most one per verb.
    pub methods: Vec<Method>,
    /// Where the path stands.
    pub place: Place,
}

/// A method of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// The verb, or `ANY`.
    pub http_method: HttpMethod,
    /// `operationId` in OpenAPI.
    pub operation_name: Option<String>,
    /// Who may call.
    pub authorization: Authorization,
    /// Whether a caller needs an API key.
    pub api_key_required: bool,
    /// `method.request.{path|querystring|header}.X` to whether it is required.
    pub request_parameters: IndexMap<String, bool>,
    /// Media type, or `$default`, to the name of a model.
    pub request_models: IndexMap<String, String>,
    /// What is checked of a request.
    pub request_validation: RequestValidation,
    /// What answers.
    pub integration: Integration,
    /// The declared responses.
    pub method_responses: Vec<MethodResponse>,
    /// Where the method stands.
    pub place: Place,
}

impl Method {
    /// A method that is open to everybody and checks nothing.
    #[must_use]
    pub fn new(http_method: HttpMethod, integration: Integration, place: Place) -> Self {
        Self {
            http_method,
            operation_name: None,
            authorization: Authorization::default(),
            api_key_required: false,
            request_parameters: IndexMap::new(),
            request_models: IndexMap::new(),
            request_validation: RequestValidation::default(),
            integration,
            method_responses: Vec::new(),
            place,
        }
    }
}

/// A declared response of a method.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodResponse {
    /// The status.
    pub status_code: u16,
    /// Header names that an integration response may set.
    pub headers: Vec<String>,
    /// Media type to the name of a model; kept for client SDKs, checked by nobody, as on AWS.
    pub models: IndexMap<String, String>,
}

/// The verbs of API Gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HttpMethod {
    /// Whatever verb has no method of its own on the resource.
    Any,
    /// DELETE
    Delete,
    /// GET
    Get,
    /// HEAD
    Head,
    /// OPTIONS
    Options,
    /// PATCH
    Patch,
    /// POST
    Post,
    /// PUT
    Put,
}

impl HttpMethod {
    /// All verbs, `ANY` first.
    pub const ALL: [Self; 8] =
        [Self::Any, Self::Delete, Self::Get, Self::Head, Self::Options, Self::Patch, Self::Post, Self::Put];

    /// As AWS spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "ANY",
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }

    /// Reads AWS's spelling in any case; `x-amazon-apigateway-any-method` is the reader's business.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text))
    }
}
