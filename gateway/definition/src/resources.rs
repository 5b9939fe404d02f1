//! The resource model: AWS's resources as types, the same whoever wrote them.
//!
//! OpenAPI import, SAM, CloudFormation and later the control plane all write this model; only this model is compiled.

pub mod authorizer;
pub mod domain_name;
pub mod function;
pub mod gateway_response;
pub mod http_api;
pub mod integration;
pub mod model;
pub mod rest_api;
pub mod sink;
pub mod stage;
pub mod usage_plan;

pub use authorizer::{Authorization, Authorizer, AuthorizerKind};
pub use domain_name::{BasePathMapping, DomainName};
pub use function::{Architecture, Code, Function, FunctionKind, Isolation, Runtime};
pub use gateway_response::{GatewayResponse, GatewayResponseType};
pub use http_api::{
    Cors, HttpApi, HttpApiKind, HttpAuthorization, HttpAuthorizer, HttpAuthorizerKind, HttpIntegration,
    HttpIntegrationKind, HttpRoute, HttpStage, PayloadFormat, RouteKey, RouteThrottle,
};
pub use integration::{
    ContentHandling, Integration, IntegrationKind, IntegrationResponse, PassthroughBehavior, ServiceCall,
    ServiceTarget, TemplateText, TransferMode,
};
pub use model::{Model, RequestValidation};
pub use rest_api::{ApiKeySource, HttpMethod, Method, MethodResponse, Resource, RestApi};
pub use sink::Sinks;
pub use stage::{Canary, LoggingLevel, MethodSetting, Stage, UnauthorizedCacheControl};
pub use usage_plan::{ApiKey, ApiStage, Quota, QuotaPeriod, Throttle, UsagePlan};

use std::path::PathBuf;

/// Everything one definition asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Resources {
    /// Who may change these resources.
    pub owner: Owner,
    /// Grows with each change of the same owner.
    pub revision: Revision,
    /// The pretended account, as it appears in ARNs and events.
    pub account_id: String,
    /// The pretended region.
    pub region: String,
    /// REST APIs in the order of the definition.
    pub rest_apis: Vec<RestApi>,
    /// HTTP APIs and function URLs in the order of the definition.
    pub http_apis: Vec<HttpApi>,
    /// Functions in the order of the definition.
    pub functions: Vec<Function>,
    /// API keys in the order of the definition.
    pub api_keys: Vec<ApiKey>,
    /// Usage plans in the order of the definition.
    pub usage_plans: Vec<UsagePlan>,
    /// Custom domains in the order of the definition.
    pub domain_names: Vec<DomainName>,
    /// Queues, topics, and what they feed.
    pub sinks: Sinks,
    /// Every file that was read: the definition and what it includes. A change of one is a new revision.
    pub files: Vec<PathBuf>,
}

/// Who owns a set of resources. A set has one owner: what a file defines is replaced whole by a reload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A definition on disk.
    File(PathBuf),
    /// The control plane.
    Api,
}

/// The how-manieth state of the resources this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub u64);
