//! `AWS::ApiGateway::Stage`: what a deployment is called in URLs, and its live settings.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-stages.html>

use super::TemplateText;
use crate::Place;
use indexmap::IndexMap;

/// A stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// `[A-Za-z0-9_-]{1,128}`.
    pub name: String,
    /// Stage variables.
    pub variables: IndexMap<String, String>,
    /// Settings by method, in the order of the definition.
    pub method_settings: Vec<MethodSetting>,
    /// `cacheClusterEnabled`; without it no method is cached, whatever its setting says.
    pub cache_cluster_enabled: bool,
    /// The canary, if there is one.
    pub canary: Option<Canary>,
    /// `accessLogSettings.format`.
    pub access_log_format: Option<TemplateText>,
    /// Where it is defined.
    pub place: Place,
}

impl Stage {
    /// A stage without settings.
    #[must_use]
    pub fn new(name: String, variables: IndexMap<String, String>, place: Place) -> Self {
        Self {
            name,
            variables,
            method_settings: Vec::new(),
            cache_cluster_enabled: false,
            canary: None,
            access_log_format: None,
            place,
        }
    }
}

/// `MethodSettings`. What is `None` is not set here, and a less specific setting or the default holds.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodSetting {
    /// `/*` for all resources, otherwise the path template.
    pub resource_path: String,
    /// `*` for all verbs, otherwise the verb.
    pub http_method: String,
    /// Requests per second over all callers; negative means no limit.
    pub throttling_rate_limit: Option<f64>,
    /// How many at once.
    pub throttling_burst_limit: Option<i32>,
    /// `cachingEnabled`
    pub caching_enabled: Option<bool>,
    /// 0 to 3,600; AWS's default is 300.
    pub cache_ttl_seconds: Option<u32>,
    /// Whether `Cache-Control: max-age=0` needs a permission; AWS's default is that it does.
    pub require_authorization_for_cache_control: Option<bool>,
    /// What happens to a caller without that permission.
    pub unauthorized_cache_control: Option<UnauthorizedCacheControl>,
    /// `loggingLevel`
    pub logging_level: Option<LoggingLevel>,
    /// `dataTraceEnabled`: bodies in the execution log.
    pub data_trace_enabled: Option<bool>,
    /// Where it stands.
    pub place: Place,
}

/// `unauthorizedCacheControlHeaderStrategy`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnauthorizedCacheControl {
    /// `FAIL_WITH_403`
    FailWith403,
    /// `SUCCEED_WITH_RESPONSE_HEADER`
    #[default]
    SucceedWithResponseHeader,
    /// `SUCCEED_WITHOUT_RESPONSE_HEADER`
    SucceedWithoutResponseHeader,
}

/// `loggingLevel`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoggingLevel {
    /// `OFF`
    #[default]
    Off,
    /// `ERROR`
    Error,
    /// `INFO`
    Info,
}

/// `CanarySetting`. Its deployment is the same definition; what differs are the variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Canary {
    /// 0 to 100.
    pub percent_traffic: f64,
    /// Merged over the stage's variables.
    pub variables: IndexMap<String, String>,
    /// `useStageCache`
    pub use_stage_cache: bool,
}
