//! What a stage serves right now.

use crate::{
    access_log::AccessLog,
    backends::Backends,
    deployment::{Deployment, Method},
    limits::Limits,
    stage_cache::settings::StageCache,
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
    /// Whether this is the canary of its stage; `None` when the stage has none.
    pub is_canary: Option<bool>,
    /// The canary, and how much of the traffic it gets.
    pub canary: Option<Canary>,
    /// The format of its access log.
    pub access_log: Option<AccessLog>,
    /// Which methods are cached.
    pub cache: StageCache,
    /// What the stage points to.
    pub deployment: Arc<Deployment>,
    /// Bounds that the host may have moved.
    pub limits: Limits,
}

/// A part of the traffic that another snapshot serves.
#[derive(Debug)]
pub struct Canary {
    /// 0 to 100.
    pub percent_traffic: f64,
    /// What serves it.
    pub snapshot: Box<StageSnapshot>,
}

impl StageSnapshot {
    /// What all callers of a method share.
    #[must_use]
    pub fn throttle(&self, method: &Method) -> Option<Limit> {
        self.throttles.get(method.number).copied().flatten()
    }

    /// The snapshot that serves a request: by chance the canary.
    #[must_use]
    pub fn chosen(&self, backends: &dyn Backends) -> &Self {
        match &self.canary {
            Some(canary) if percent(backends.random()) < canary.percent_traffic => &canary.snapshot,
            Some(_) | None => self,
        }
    }
}

/// From 0 to just below 100, evenly.
fn percent(bits: u64) -> f64 {
    // 52 bits have an exact place in a float.
    f64::from_bits(1023 << 52 | bits >> 12) * 100.0 - 100.0
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn chance_is_even_and_never_everything() {
        let rows = [(0, 0.0), (1 << 63, 50.0), (1 << 62, 25.0)];
        for (bits, expected) in rows {
            assert!((percent(bits) - expected).abs() < 1e-9, "{bits}");
        }
        assert!(percent(u64::MAX) < 100.0);
    }
}
