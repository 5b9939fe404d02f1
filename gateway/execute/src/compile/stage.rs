//! Compiles the live settings of a stage.

use super::usage_plan;
use crate::{
    access_log::AccessLog,
    deployment::Deployment,
    limits::Limits,
    stage::{Canary, StageSnapshot},
    stage_cache::settings::StageCache,
    throttle::{ACCOUNT_BURST, ACCOUNT_RATE, BucketId, Limit, Throttle},
};
use fanlight_definition::{
    Diagnostic, Resources,
    resources::{Method, MethodSetting, Resource, RestApi, Stage},
};
use std::sync::Arc;

/// Compiles a stage of an API that `deployment` was compiled of. Keys of `resources` without a value open nothing.
#[must_use]
pub fn stage(
    (api, stage): (&RestApi, &Stage),
    resources: &Resources,
    deployment: &Arc<Deployment>,
    limits: Limits,
) -> (StageSnapshot, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    unmatched(api, stage, &mut diagnostics);
    let usage_plans = |diagnostics: &mut Vec<Diagnostic>| usage_plan::of_stage((api, stage), resources, diagnostics);
    let snapshot = |usage_plans, cache| StageSnapshot {
        name: stage.name.clone(),
        variables: stage.variables.clone(),
        usage_plans,
        throttles: throttles(api, stage),
        is_canary: stage.canary.is_some().then_some(false),
        canary: None,
        access_log: access_log(stage),
        cache,
        deployment: Arc::clone(deployment),
        limits,
    };
    let mut served = snapshot(usage_plans(&mut diagnostics), StageCache::new(stage, deployment));
    if let Some(canary) = &stage.canary {
        // What is wrong with its plans has been said.
        let cache = if canary.use_stage_cache { StageCache::new(stage, deployment) } else { StageCache::default() };
        let mut other = snapshot(usage_plans(&mut Vec::new()), cache);
        other.is_canary = Some(true);
        other.variables.extend(canary.variables.clone());
        served.canary = Some(Canary { percent_traffic: canary.percent_traffic, snapshot: Box::new(other) });
    }
    (served, diagnostics)
}

/// What is wrong with it has been said when the API was compiled.
fn access_log(stage: &Stage) -> Option<AccessLog> {
    let format = stage.access_log_format.as_ref()?;
    AccessLog::parse(&format.text).ok().map(|(log, _)| log)
}

/// The methods of an API in the order of their numbers.
pub(super) fn methods(api: &RestApi) -> impl Iterator<Item = (&Resource, &Method)> {
    api.resources.iter().flat_map(|resource| resource.methods.iter().map(move |method| (resource, method)))
}

/// The bucket of a method, which all its callers share.
pub(super) fn bucket(api: &RestApi, stage: &Stage, (resource, method): (&Resource, &Method)) -> BucketId {
    BucketId::of(&["method", &api.id, &stage.name, &resource.path, method.http_method.as_str()])
}

fn throttles(api: &RestApi, stage: &Stage) -> Vec<Option<Limit>> {
    let limit = |method| {
        let rate = setting(stage, method, |setting| setting.throttling_rate_limit);
        let burst = setting(stage, method, |setting| setting.throttling_burst_limit);
        let throttle = throttle(rate, burst)?;
        Some(Limit { throttle, bucket: bucket(api, stage, method) })
    };
    let all: Vec<_> = methods(api).map(limit).collect();
    // Nothing to look up where nothing is limited.
    if all.iter().all(Option::is_none) { Vec::new() } else { all }
}

/// A negative number is no limit; where only one of the two is one, the other is AWS's for an account.
pub(super) fn throttle(rate: Option<f64>, burst: Option<i32>) -> Option<Throttle> {
    let rate = rate.filter(|rate| *rate >= 0.0 || rate.is_nan());
    let burst = burst.and_then(|burst| u32::try_from(burst).ok());
    if rate.is_none() && burst.is_none() {
        return None;
    }
    Some(Throttle::new(rate.unwrap_or(ACCOUNT_RATE), burst.unwrap_or(ACCOUNT_BURST)))
}

/// What is set for a method: by itself, for its resource, for its verb, or for all, whichever is the first.
pub(super) fn setting<T>(
    stage: &Stage,
    (resource, method): (&Resource, &Method),
    field: impl Fn(&MethodSetting) -> Option<T>,
) -> Option<T> {
    let verb = method.http_method.as_str();
    let places = [(resource.path.as_str(), verb), (&resource.path, "*"), (ALL, verb), (ALL, "*")];
    places.into_iter().find_map(|place| {
        let here = |setting: &&MethodSetting| (setting.resource_path.as_str(), setting.http_method.as_str()) == place;
        // The last one of several for the same method.
        stage.method_settings.iter().rev().filter(here).find_map(&field)
    })
}

const ALL: &str = "/*";

/// A limit for nothing is a mistake in its name.
fn unmatched(api: &RestApi, stage: &Stage, diagnostics: &mut Vec<Diagnostic>) {
    for setting in &stage.method_settings {
        let limits = setting.throttling_rate_limit.is_some() || setting.throttling_burst_limit.is_some();
        let MethodSetting { resource_path, http_method, .. } = setting;
        let known = methods(api).any(|(resource, method)| {
            (resource_path == ALL || *resource_path == resource.path)
                && (http_method == "*" || http_method == method.http_method.as_str())
        });
        if limits && !known {
            let message = format!("the throttle for `{http_method} {resource_path}` is for no method of the API");
            diagnostics.push(Diagnostic::error(&setting.place, message));
        }
    }
}
