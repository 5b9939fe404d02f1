//! `Auth.UsagePlan`: the usage plan and the API key that SAM makes beside an API.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiusageplan.html>

use crate::Diagnostic;
use crate::{
    cloudformation::{
        Stack,
        draft::Draft,
        usage_plan::{quota, throttle},
    },
    document::{Map, Node},
    identifier, intrinsics,
    intrinsics::{Scope, Target},
    read::Reading,
    resources::{ApiKey, ApiStage, UsagePlan},
    shape, spelling,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const USAGE_PLAN: &Vocabulary = &[
    ("CreateUsagePlan", Read),
    ("Description", Silent),
    ("Quota", Read),
    ("Tags", Silent),
    ("Throttle", Read),
    ("UsagePlanName", Read),
];

/// What plans that several APIs share are called after.
const SHARED: &str = "Serverless";

/// Makes the plan and the key of an API known by the names that SAM gives them.
pub(super) fn declare(scope: &mut Scope, properties: &Map, (stem, logical_id): (&str, &str)) {
    let Some(kind) = plan(properties).and_then(|plan| plan.as_map()?.get("CreateUsagePlan")?.as_text()) else { return };
    let owner = match kind {
        "PER_API" => logical_id,
        "SHARED" => SHARED,
        _ => return,
    };
    let known = |kind: &str, attribute: &'static str, reference: String| Target::Known {
        kind: format!("AWS::ApiGateway::{kind}"),
        attributes: vec![(attribute, reference.clone())],
        reference,
    };
    let [plan, key, member] = ["UsagePlan", "ApiKey", "UsagePlanKey"].map(|kind| format!("{owner}{kind}"));
    let plan_id = identifier::other(stem, "UsagePlan", &plan);
    let key_id = identifier::api_key(stem, &key);
    let member_id = identifier::other(stem, "UsagePlanKey", &member);
    scope.targets.entry(plan).or_insert(known("UsagePlan", "Id", plan_id));
    scope.targets.entry(key).or_insert(known("ApiKey", "APIKeyId", key_id));
    scope.targets.entry(member).or_insert(known("UsagePlanKey", "Id", member_id));
}

/// Makes the plan and the key of an API, or adds the API to the plan that it shares.
pub(super) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (stem, properties): (&str, &Map),
    (draft, stack): (&Draft, &mut Stack),
) {
    let Some(node) = plan(properties).and_then(|node| intrinsics::resolve(reading, scope, node)) else { return };
    let Some(map) = shape::map(&mut reading.findings, &node) else { return };
    vocabulary::check(&mut reading.findings, map, "`Auth.UsagePlan`", USAGE_PLAN);
    let Some(owner) = owner(reading, &node, map, &draft.identity.logical_id) else { return };
    let api_stages = draft.stages.iter().map(|stage| ApiStage {
        api_id: draft.identity.id.clone(),
        stage: stage.name.clone(),
        throttles: IndexMap::new(),
    });
    let (plan_name, key_name) = (format!("{owner}UsagePlan"), format!("{owner}ApiKey"));
    if let Some(shared) = stack.usage_plans.iter_mut().find(|plan| plan.logical_id == plan_name) {
        shared.api_stages.extend(api_stages);
        return;
    }
    let key = ApiKey {
        id: identifier::api_key(stem, &key_name),
        name: format!("{}-{key_name}", scope.stack_name),
        logical_id: key_name,
        value: None,
        enabled: true,
        place: draft.identity.place.clone(),
    };
    let name = shape::text_of(&mut reading.findings, map, "UsagePlanName");
    stack.usage_plans.push(UsagePlan {
        id: identifier::other(stem, "UsagePlan", &plan_name),
        name: name.unwrap_or_else(|| format!("{}-{plan_name}", scope.stack_name)),
        logical_id: plan_name,
        api_stages: api_stages.collect(),
        throttle: map.get("Throttle").and_then(|node| throttle(reading, node)),
        quota: map.get("Quota").and_then(|node| quota(reading, node)),
        keys: vec![key.id.clone()],
        place: node.place(),
    });
    stack.api_keys.push(key);
}

fn plan(properties: &Map) -> Option<&Node> {
    properties.get("Auth")?.as_map()?.get("UsagePlan")
}

/// What the plan and the key are called after, when there shall be any.
fn owner(reading: &mut Reading<'_>, node: &Node, map: &Map, logical_id: &str) -> Option<String> {
    let Some(kind) = map.get("CreateUsagePlan") else {
        let missing = Diagnostic::error(&node.place(), "`UsagePlan` needs `CreateUsagePlan`");
        reading.findings.push(missing.help("one of `PER_API`, `SHARED`, `NONE`"));
        return None;
    };
    let text = shape::text(&mut reading.findings, kind)?;
    match text.as_str() {
        "PER_API" => Some(logical_id.to_owned()),
        "SHARED" => Some(SHARED.to_owned()),
        "NONE" => None,
        _ => {
            let message = format!("unknown `CreateUsagePlan` `{}`", shape::brief(&text));
            let mut unknown = Diagnostic::error(&kind.place(), message);
            unknown.help = spelling::suggestion(&text, ["PER_API", "SHARED", "NONE"])
                .or_else(|| Some("one of `PER_API`, `SHARED`, `NONE`".to_owned()));
            reading.findings.push(unknown);
            None
        }
    }
}
