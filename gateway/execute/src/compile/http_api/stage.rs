//! Compiles the live settings of a stage of an HTTP API.

use crate::{
    access_log::AccessLog,
    compile::stage::throttle,
    deployment::Deployment,
    limits::Limits,
    stage::StageSnapshot,
    stage_cache::settings::StageCache,
    throttle::{BucketId, Limit},
    usage_plan::UsagePlans,
};
use fanlight_definition::{
    Diagnostic,
    resources::{HttpApi, HttpRoute, HttpStage},
};
use std::sync::Arc;

/// Compiles a stage of an API that `deployment` was compiled of.
#[must_use]
pub fn http_stage(
    (api, stage): (&HttpApi, &HttpStage),
    deployment: &Arc<Deployment>,
    limits: Limits,
) -> (StageSnapshot, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    for (key, _, place) in &stage.route_throttles {
        if !api.routes.iter().any(|route| route.key == *key) {
            let message = format!("the throttle for `{key}` is for no route of the API");
            diagnostics.push(Diagnostic::error(place, message));
        }
    }
    // What is wrong with the format has been said when the API was compiled.
    let access_log = stage.access_log_format.as_ref().and_then(|format| AccessLog::parse(&format.text).ok());
    let snapshot = StageSnapshot {
        name: stage.name.clone(),
        variables: stage.variables.clone(),
        usage_plans: UsagePlans::default(),
        throttles: throttles(api, stage),
        is_canary: None,
        canary: None,
        access_log: access_log.map(|(log, _)| log),
        cache: StageCache::default(),
        deployment: Arc::clone(deployment),
        limits,
    };
    (snapshot, diagnostics)
}

fn throttles(api: &HttpApi, stage: &HttpStage) -> Vec<Option<Limit>> {
    let limit = |route: &HttpRoute| {
        let own = stage.route_throttles.iter().find(|(key, ..)| *key == route.key).map(|(_, throttle, _)| *throttle);
        let (own, default) = (own.unwrap_or_default(), stage.default_throttle);
        let rate = own.rate_limit.or(default.rate_limit);
        let burst = own.burst_limit.or(default.burst_limit);
        let bucket = BucketId::of(&["route", &api.id, &stage.name, &route.key.to_string()]);
        throttle(rate, burst).map(|throttle| Limit { throttle, bucket })
    };
    let all: Vec<_> = api.routes.iter().map(limit).collect();
    // Nothing to look up where nothing is limited.
    if all.iter().all(Option::is_none) { Vec::new() } else { all }
}
