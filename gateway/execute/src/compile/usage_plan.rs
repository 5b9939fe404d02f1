//! Compiles what keys and usage plans allow on one stage.

use super::stage::{bucket, methods};
use crate::{
    caller::ApiKeyIdentity,
    throttle::{BucketId, Limit, Throttle},
    usage_plan::{Plan, Subscription, UsagePlans},
};
use fanlight_definition::{
    Diagnostic, Resources,
    resources::{self, ApiStage, RestApi, Stage, UsagePlan},
};
use std::{collections::HashMap, sync::Arc};

/// The keys that open a stage.
pub(super) fn of_stage(
    (api, stage): (&RestApi, &Stage),
    resources: &Resources,
    diagnostics: &mut Vec<Diagnostic>,
) -> UsagePlans {
    let mut open = UsagePlans::default();
    let keys: HashMap<&str, &resources::ApiKey> = resources.api_keys.iter().map(|key| (key.id.as_str(), key)).collect();
    for plan in &resources.usage_plans {
        let here = |opened: &&ApiStage| opened.api_id == api.id && opened.stage == stage.name;
        let Some(opened) = plan.api_stages.iter().find(here) else { continue };
        let terms = Arc::new(terms(plan, opened, (api, stage), diagnostics));
        for id in &plan.keys {
            let Some(key) = keys.get(id.as_str()) else {
                let message = format!("the usage plan `{}` has a key that is not defined", plan.logical_id);
                diagnostics.push(Diagnostic::error(&plan.place, message));
                continue;
            };
            let Some(value) = key.value.as_deref().filter(|_| key.enabled) else { continue };
            let identity = ApiKeyIdentity { id: key.id.as_str().into(), value: value.into() };
            let owner = BucketId::of(&["key", &plan.id, &key.id]);
            let subscription = Subscription { key: identity, plan: Arc::clone(&terms), bucket: owner };
            if let Some(other) = open.insert(subscription).filter(|other| other.id != plan.id) {
                let message = format!(
                    "the key `{}` opens the stage `{}` of `{}` by two usage plans, `{}` and `{}`",
                    key.logical_id, stage.name, api.logical_id, other.id, plan.id
                );
                let help = "a key may be in several plans, but not for the same stage";
                diagnostics.push(Diagnostic::error(&plan.place, message).help(help));
            }
        }
    }
    open
}

fn terms(
    plan: &UsagePlan,
    opened: &ApiStage,
    (api, stage): (&RestApi, &Stage),
    diagnostics: &mut Vec<Diagnostic>,
) -> Plan {
    let compiled = |throttle: resources::Throttle| Throttle::new(throttle.rate_limit, throttle.burst_limit);
    let mut limits = HashMap::new();
    for (name, throttle) in &opened.throttles {
        let (path, verb) = name.rsplit_once('/').unwrap_or_default();
        let path = if path.is_empty() { "/" } else { path };
        let found = methods(api)
            .enumerate()
            .find(|(_, (resource, method))| resource.path == path && method.http_method.as_str() == verb);
        match found {
            Some((number, method)) => {
                limits.insert(number, Limit { throttle: compiled(*throttle), bucket: bucket(api, stage, method) });
            }
            None => {
                let message = format!("the throttle for `{name}` is for no method of `{}`", api.logical_id);
                diagnostics.push(Diagnostic::error(&plan.place, message));
            }
        }
    }
    Plan { id: plan.id.clone(), throttle: plan.throttle.map(compiled), methods: limits, quota: plan.quota }
}
