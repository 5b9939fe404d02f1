//! What AWS's execution log says about keys and plans, which is also the reason of a refusal.

use super::subscription::Plan;
use crate::{
    deployment::Method, exchange::Exchange, failure::Failure, quota, stage::StageSnapshot, throttle::Throttle,
};
use fanlight_definition::resources::{ApiKeySource, Quota};
use std::fmt::Write as _;

/// How much of a key is shown: its end.
const SHOWN: usize = 6;

/// A key as logs show it.
#[must_use]
pub fn masked(key: &str) -> String {
    let hidden = key.chars().count().saturating_sub(SHOWN);
    key.chars().enumerate().map(|(index, character)| if index < hidden { '*' } else { character }).collect()
}

/// The lines that AWS writes before `Starting execution for request`, once the exchange has passed this step or ended in it.
#[must_use]
pub fn log_lines(method: &Method, stage: &StageSnapshot, exchange: &Exchange) -> Vec<String> {
    let (key, api_stage) = (key(exchange), api_stage(stage));
    let mut lines =
        vec![format!("Verifying Usage Plan for request: {}. API Key: {key} API Stage: {api_stage}", exchange.id)];
    if let Some(Failure::InvalidApiKey(reason) | Failure::Throttled(reason) | Failure::QuotaExceeded(reason)) =
        &exchange.failure
    {
        lines.push(reason.clone());
        return lines;
    }
    if method.api_key.is_none() {
        lines.push(format!(
            "API Key {key} authorized because method '{} {}' does not require API Key. Request will not contribute to \
             throttle or quota limits",
            exchange.verb_name(),
            method.resource_path
        ));
    }
    lines.push(format!("Usage Plan check succeeded for API Key {key} and API Stage {api_stage}"));
    lines
}

fn key(exchange: &Exchange) -> String {
    exchange.caller.api_key.as_ref().map(|key| masked(&key.value)).unwrap_or_default()
}

fn api_stage(stage: &StageSnapshot) -> String {
    format!("{}/{}", stage.deployment.api_id, stage.name)
}

pub(super) fn invalid(source: ApiKeySource, method: &Method, stage: &StageSnapshot, exchange: &Exchange) -> Failure {
    let presented = super::presented(source, &exchange.request.headers, exchange.caller.authorizer.as_ref());
    let (key, why) = match presented {
        Some(value) => (masked(&String::from_utf8_lossy(value)), "API Stage is not in a Usage Plan"),
        None => (String::new(), "No API Key"),
    };
    Failure::InvalidApiKey(format!(
        "API Key {key} not authorized because method '{} {}' requires API Key and API Key is not associated with a Usage \
         Plan for API Stage {}: {why}",
        exchange.verb_name(),
        method.resource_path,
        api_stage(stage)
    ))
}

pub(super) fn throttled(
    plan: Option<&Plan>,
    throttle: &Throttle,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &Exchange,
) -> Failure {
    let mut line = format!(
        "API Key {} exceeded throttle limit for API Stage {}: Key throttle limit exceeded for ",
        key(exchange),
        api_stage(stage)
    );
    if let Some(plan) = plan {
        let _infallible = write!(line, "Usage Plan ID {}, ", plan.id);
    }
    let _infallible = write!(
        line,
        "RestApi {}, Stage {}, Resource {}, HttpMethod {}. {throttle}",
        stage.deployment.api_id,
        stage.name,
        method.resource_id,
        exchange.verb_name()
    );
    Failure::Throttled(line)
}

pub(super) fn exceeded(plan: &Plan, limited: Quota, stage: &StageSnapshot, exchange: &Exchange) -> Failure {
    Failure::QuotaExceeded(format!(
        "API Key {} exceeded quota limit for API Stage {}: Key quota exhausted for Usage Plan ID {}. Limit: {} Period: {}",
        key(exchange),
        api_stage(stage),
        plan.id,
        limited.limit,
        quota::period(limited.period)
    ))
}
