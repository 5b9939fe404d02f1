//! `AWS::ApiGateway::ApiKey` and `AWS::ApiGateway::UsagePlan`: who may call how often.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>

use crate::Place;
use indexmap::IndexMap;

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Ten lower-case letters and digits, derived from the logical id.
    pub id: String,
    /// The logical id in a template.
    pub logical_id: String,
    /// `Name`, or one made of the logical id.
    pub name: String,
    /// 20 to 128 characters. `None` when the definition gives none: the host makes one and keeps it.
    pub value: Option<String>,
    /// A key that is not enabled opens nothing.
    pub enabled: bool,
    /// Where it is defined.
    pub place: Place,
}

/// A usage plan.
#[derive(Debug, Clone, PartialEq)]
pub struct UsagePlan {
    /// Six lower-case letters and digits, derived from the logical id.
    pub id: String,
    /// The logical id in a template.
    pub logical_id: String,
    /// `UsagePlanName`, or one made of the logical id.
    pub name: String,
    /// What its keys open.
    pub api_stages: Vec<ApiStage>,
    /// For each key, over all stages of the plan.
    pub throttle: Option<Throttle>,
    /// For each key, over all stages of the plan.
    pub quota: Option<Quota>,
    /// The ids of its keys.
    pub keys: Vec<String>,
    /// Where it is defined.
    pub place: Place,
}

/// A stage that a plan opens.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiStage {
    /// The API's id.
    pub api_id: String,
    /// The stage's name.
    pub stage: String,
    /// `{path}/{VERB}`, such as `/pets/GET` and `//GET`, to a limit that replaces the plan's for that method.
    pub throttles: IndexMap<String, Throttle>,
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// Tokens per second.
    pub rate_limit: f64,
    /// The bucket's size.
    pub burst_limit: u32,
}

/// At most so many requests in a calendar period, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests.
    pub limit: u64,
    /// Days: see [`QuotaPeriod`].
    pub offset: u32,
    /// Which period.
    pub period: QuotaPeriod,
}

/// `period` of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QuotaPeriod {
    /// From midnight.
    Day,
    /// From Sunday, or `offset` days later.
    Week,
    /// From the first, or `offset` days later.
    Month,
}
