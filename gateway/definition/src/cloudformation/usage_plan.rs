//! `AWS::ApiGateway::UsagePlan`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-usageplan.html>

use super::{draft, template::Declared};
use crate::{
    Diagnostic,
    document::{Map, Node},
    identifier,
    intrinsics::Scope,
    limits,
    read::Reading,
    resources::{ApiStage, HttpMethod, Quota, QuotaPeriod, RestApi, Throttle, UsagePlan},
    shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const USAGE_PLAN: &Vocabulary = &[
    ("ApiStages", Read),
    ("Description", Silent),
    ("Quota", Read),
    ("Tags", Silent),
    ("Throttle", Read),
    ("UsagePlanName", Read),
];

const API_STAGE: &Vocabulary = &[("ApiId", Read), ("Stage", Read), ("Throttle", Read)];
const THROTTLE: &Vocabulary = &[("BurstLimit", Read), ("RateLimit", Read)];
const QUOTA: &Vocabulary = &[("Limit", Read), ("Offset", Read), ("Period", Read)];

/// Reads a plan; its keys come with `AWS::ApiGateway::UsagePlanKey`.
pub(super) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    declared: &Declared,
    (stem, rest_apis): (&str, &[RestApi]),
) -> UsagePlan {
    let properties = declared.resolved(reading, scope, ("a usage plan", USAGE_PLAN));
    let name = shape::text_of(&mut reading.findings, &properties, "UsagePlanName");
    let mut plan = UsagePlan {
        id: identifier::other(stem, "UsagePlan", &declared.logical_id),
        logical_id: declared.logical_id.clone(),
        name: name.unwrap_or_else(|| format!("{}-{}", scope.stack_name, declared.logical_id)),
        api_stages: Vec::new(),
        throttle: properties.get("Throttle").and_then(|node| throttle(reading, node)),
        quota: properties.get("Quota").and_then(|node| quota(reading, node)),
        keys: Vec::new(),
        place: declared.place.clone(),
    };
    let stages = properties.get("ApiStages").and_then(|node| shape::list(&mut reading.findings, node));
    for node in stages.unwrap_or_default() {
        let Some(stage) = api_stage(reading, node, rest_apis) else { continue };
        if plan.api_stages.iter().any(|other| other.api_id == stage.api_id && other.stage == stage.stage) {
            reading.findings.error(&node.place(), "the plan names this stage a second time");
            continue;
        }
        plan.api_stages.push(stage);
    }
    plan
}

fn api_stage(reading: &mut Reading<'_>, node: &Node, rest_apis: &[RestApi]) -> Option<ApiStage> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, map, "a stage of a usage plan", API_STAGE);
    let (Some(api_node), Some(stage_node)) = (map.get("ApiId"), map.get("Stage")) else {
        reading.findings.error(&node.place(), "a stage of a usage plan needs `ApiId` and `Stage`");
        return None;
    };
    let api_id = shape::text(&mut reading.findings, api_node);
    let stage = shape::text(&mut reading.findings, stage_node);
    let (api_id, stage) = (api_id?, stage?);
    let Some(rest_api) = rest_apis.iter().find(|rest_api| rest_api.id == api_id) else {
        draft::no_api(reading, api_node, &api_id);
        return None;
    };
    let stages = (rest_api.logical_id.as_str(), rest_api.stages.as_slice());
    let stage = draft::stage(reading, stages, (stage_node, &stage))?.name.clone();
    let throttles = map.get("Throttle").map(|node| method_throttles(reading, node, rest_api)).unwrap_or_default();
    Some(ApiStage { api_id, stage, throttles })
}

/// `/pets/GET` to a limit.
fn method_throttles(reading: &mut Reading<'_>, node: &Node, rest_api: &RestApi) -> IndexMap<String, Throttle> {
    let mut throttles = IndexMap::new();
    for (key, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let parts = key.rsplit_once('/');
        let method = parts.and_then(|(path, verb)| {
            let path = if path.is_empty() { "/" } else { path };
            let verb = HttpMethod::parse(verb)?;
            let resource = rest_api.resources.iter().find(|resource| resource.path == path)?;
            resource.methods.iter().find(|method| method.http_method == verb)
        });
        if method.is_none() {
            let message = format!("`{}` is no method of `{}`", shape::brief(key), rest_api.logical_id);
            let help = "write its path, `/` and its verb: `/pets/GET`, and `//GET` for the root";
            reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
        }
        if let Some(throttle) = throttle(reading, &entry.node) {
            throttles.insert(key.to_owned(), throttle);
        }
    }
    throttles
}

/// `Throttle`, which SAM's `Auth.UsagePlan` has too.
pub(crate) fn throttle(reading: &mut Reading<'_>, node: &Node) -> Option<Throttle> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, map, "a throttle", THROTTLE);
    let (Some(rate), Some(burst)) = (map.get("RateLimit"), map.get("BurstLimit")) else {
        let message = "a throttle needs both `RateLimit` and `BurstLimit` here";
        reading.findings.push(Diagnostic::error(&node.place(), message).help("the burst is the bucket's size"));
        return None;
    };
    let rate_limit = shape::rate(&mut reading.findings, rate);
    let burst_limit = shape::integer(&mut reading.findings, burst, &limits::BURST);
    Some(Throttle { rate_limit: rate_limit?, burst_limit: burst_limit.and_then(|burst| u32::try_from(burst).ok())? })
}

/// `Quota`, which SAM's `Auth.UsagePlan` has too.
pub(crate) fn quota(reading: &mut Reading<'_>, node: &Node) -> Option<Quota> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, map, "a quota", QUOTA);
    let (Some(limit), Some(period_node)) = (map.get("Limit"), map.get("Period")) else {
        reading.findings.error(&node.place(), "a quota needs `Limit` and `Period`");
        return None;
    };
    let limit = shape::integer(&mut reading.findings, limit, &limits::QUOTA);
    let period = match shape::text(&mut reading.findings, period_node)?.as_str() {
        "DAY" => QuotaPeriod::Day,
        "WEEK" => QuotaPeriod::Week,
        "MONTH" => QuotaPeriod::Month,
        _ => {
            shape::mismatch(&mut reading.findings, period_node, "`DAY`, `WEEK` or `MONTH`");
            return None;
        }
    };
    // The first day of the period, so it lies within it.
    let most = match period {
        QuotaPeriod::Day => 0,
        QuotaPeriod::Week => 6,
        QuotaPeriod::Month => 27,
    };
    let offset = match map.get("Offset") {
        Some(offset) => shape::integer(&mut reading.findings, offset, &(0..=most))?,
        None => 0,
    };
    Some(Quota { limit: limit?, offset: u32::try_from(offset).ok()?, period })
}
