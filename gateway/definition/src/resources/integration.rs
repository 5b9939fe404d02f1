//! `AWS::ApiGateway::Method.Integration`: what stands behind a method.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>

use super::HttpMethod;
use crate::Place;
use indexmap::IndexMap;

/// An integration.
#[derive(Debug, Clone, PartialEq)]
pub struct Integration {
    /// What it calls.
    pub kind: IntegrationKind,
    /// `timeoutInMillis`, 50 to 29,000.
    pub timeout_ms: u32,
    /// `integration.request.{header|querystring|path}.X` to its source expression, with the place of each.
    pub request_parameters: IndexMap<String, TemplateText>,
    /// Media type to mapping template.
    pub request_templates: IndexMap<String, TemplateText>,
    /// What happens to a body that no template matches.
    pub passthrough_behavior: PassthroughBehavior,
    /// Conversion of the request body.
    pub content_handling: Option<ContentHandling>,
    /// `cacheKeyParameters`: `method.request.X.Y` whose values tell cached answers apart.
    pub cache_key_parameters: Vec<TemplateText>,
    /// `cacheNamespace`; methods that name the same one share their entries. The resource's id by default.
    pub cache_namespace: Option<String>,
    /// `connectionId` of an integration through a VPC link.
    pub vpc_link: Option<TemplateText>,
    /// `responseTransferMode`
    pub response_transfer_mode: TransferMode,
    /// `tlsConfig.insecureSkipVerification`
    pub insecure_skip_verification: bool,
    /// Integration responses in the order of the definition.
    pub responses: Vec<IntegrationResponse>,
    /// Where the integration stands.
    pub place: Place,
}

impl Integration {
    /// An integration with the defaults of AWS.
    #[must_use]
    pub fn new(kind: IntegrationKind, timeout_ms: u32, place: Place) -> Self {
        Self {
            kind,
            timeout_ms,
            request_parameters: IndexMap::new(),
            request_templates: IndexMap::new(),
            passthrough_behavior: PassthroughBehavior::default(),
            content_handling: None,
            cache_key_parameters: Vec::new(),
            cache_namespace: None,
            vpc_link: None,
            response_transfer_mode: TransferMode::default(),
            insecure_skip_verification: false,
            responses: Vec::new(),
            place,
        }
    }
}

/// The five types of API Gateway.
#[derive(Debug, Clone, PartialEq)]
pub enum IntegrationKind {
    /// `AWS_PROXY`: a Lambda function that gets the request as an event.
    LambdaProxy {
        /// The function's name, without version or alias; it may hold `${stageVariables.X}`.
        function: String,
        /// `integrationHttpMethod`; anything but POST fails at run time, as on AWS.
        http_method: HttpMethod,
    },
    /// `AWS` with a Lambda function: templates make its event and the client's response.
    Lambda {
        /// The function's name, without version or alias; it may hold `${stageVariables.X}`.
        function: String,
        /// `integrationHttpMethod`; anything but POST fails at run time, as on AWS.
        http_method: HttpMethod,
    },
    /// `HTTP`: a web server, with templates and mappings between it and the client.
    Http {
        /// The address, with `{name}` placeholders.
        uri: String,
        /// `ANY` means the client's verb.
        http_method: HttpMethod,
    },
    /// `HTTP_PROXY`: a web server that gets the request as it is.
    HttpProxy {
        /// The address, with `{name}` placeholders.
        uri: String,
        /// `ANY` means the client's verb.
        http_method: HttpMethod,
    },
    /// `AWS` with another service of AWS than Lambda.
    AwsService {
        /// Which call of which service.
        target: ServiceTarget,
        /// The verb of the call; `ANY` means the client's.
        http_method: HttpMethod,
    },
    /// `MOCK`: answers by itself.
    Mock,
}

/// `arn:aws:apigateway:{region}:{subdomain.service|service}:{path|action}/{service_api}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTarget {
    /// The region.
    pub region: String,
    /// The service, such as `dynamodb`.
    pub service: String,
    /// What stands before the service's name, such as a bucket's or `iot`'s endpoint.
    pub subdomain: Option<String>,
    /// The call.
    pub call: ServiceCall,
}

/// How a call of a service is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceCall {
    /// `action/{name}`; a query such as `&Version=2010-03-31` stays with it.
    Action(String),
    /// `path/{path}`, with `{name}` placeholders.
    Path(String),
}

/// `responseTransferMode`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TransferMode {
    /// The whole response is read before any of it is sent.
    #[default]
    Buffered,
    /// It is passed on as it comes.
    Stream,
}

/// Text of a template or an expression, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateText {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// `passthroughBehavior`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PassthroughBehavior {
    /// Pass a body whose media type has no template.
    #[default]
    WhenNoMatch,
    /// Pass a body only if there are no templates at all.
    WhenNoTemplates,
    /// Refuse with 415.
    Never,
}

/// `contentHandling`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentHandling {
    /// `CONVERT_TO_BINARY`
    ConvertToBinary,
    /// `CONVERT_TO_TEXT`
    ConvertToText,
}

/// One integration response.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegrationResponse {
    /// The method response this becomes.
    pub status_code: u16,
    /// The Java pattern that selects it; `None` or empty is the default response.
    pub selection_pattern: Option<String>,
    /// `method.response.header.X` to its source expression.
    pub response_parameters: IndexMap<String, TemplateText>,
    /// Media type to mapping template.
    pub response_templates: IndexMap<String, TemplateText>,
    /// Conversion of the response body.
    pub content_handling: Option<ContentHandling>,
    /// Where it stands.
    pub place: Place,
}
