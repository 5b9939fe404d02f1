//! What a stage serves right now.

use crate::{
    deployment::{Deployment, Method},
    limits::Limits,
    throttle::Limit,
    usage_plan::UsagePlans,
};
use indexmap::IndexMap;
use std::sync::Arc;

/// A stage's live settings and the deployment it points to. Swapped as a whole; a request runs on the snapshot it
/// started with.
#[derive(Debug)]
pub struct StageSnapshot {
    /// The stage's name.
    pub name: String,
    /// Stage variables.
    pub variables: IndexMap<String, String>,
    /// The API keys that open it.
    pub usage_plans: UsagePlans,
    /// What all callers of a method share, by the method's number; empty where nothing is limited.
    pub throttles: Vec<Option<Limit>>,
    /// What the stage points to.
    pub deployment: Arc<Deployment>,
    /// Bounds that the host may have moved.
    pub limits: Limits,
}

impl StageSnapshot {
    /// What all callers of a method share.
    #[must_use]
    pub fn throttle(&self, method: &Method) -> Option<Limit> {
        self.throttles.get(method.number).copied().flatten()
    }
}
