//! `AWS::ApiGateway::UsagePlanKey`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-usageplankey.html>

use super::template::Declared;
use crate::{
    Diagnostic,
    intrinsics::Scope,
    read::Reading,
    resources::{ApiKey, UsagePlan},
    shape,
    vocabulary::{Treatment::Read, Vocabulary},
};

const USAGE_PLAN_KEY: &Vocabulary = &[("KeyId", Read), ("KeyType", Read), ("UsagePlanId", Read)];

/// Adds a key to its plan.
pub(super) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    declared: &Declared,
    (api_keys, usage_plans): (&[ApiKey], &mut [UsagePlan]),
) {
    let properties = declared.resolved(reading, scope, ("a key of a usage plan", USAGE_PLAN_KEY));
    if let Some(node) = declared.required(reading, &properties, "KeyType")
        && let Some(text) = shape::text(&mut reading.findings, node)
        && text != "API_KEY"
    {
        shape::mismatch(&mut reading.findings, node, "`API_KEY`");
    }
    let key = declared.required(reading, &properties, "KeyId");
    let plan = declared.required(reading, &properties, "UsagePlanId");
    let (Some(key_node), Some(plan_node)) = (key, plan) else { return };
    let key = shape::text(&mut reading.findings, key_node);
    let plan = shape::text(&mut reading.findings, plan_node);
    let (Some(key), Some(plan)) = (key, plan) else { return };
    let known_key = api_keys.iter().any(|known| known.id == key);
    if !known_key {
        let message = format!("`{}` is no `AWS::ApiGateway::ApiKey` of this template", shape::brief(&key));
        reading.findings.push(Diagnostic::error(&key_node.place(), message).help("write `!Ref` and its logical id"));
    }
    let Some(plan) = usage_plans.iter_mut().find(|known| known.id == plan) else {
        let message = format!("`{}` is no `AWS::ApiGateway::UsagePlan` of this template", shape::brief(&plan));
        reading.findings.push(Diagnostic::error(&plan_node.place(), message).help("write `!Ref` and its logical id"));
        return;
    };
    if plan.keys.contains(&key) {
        let message = format!("the plan `{}` has this key already", plan.logical_id);
        reading.findings.error(&declared.place, message);
    } else if known_key {
        plan.keys.push(key);
    }
}

/// Which plan counts a request must be clear: a key may not be in two plans that open the same stage.
pub(super) fn check(reading: &mut Reading<'_>, usage_plans: &[UsagePlan]) {
    for (index, plan) in usage_plans.iter().enumerate() {
        let Some(others) = usage_plans.get(..index) else { continue };
        for other in others {
            let same_key = plan.keys.iter().any(|key| other.keys.contains(key));
            let same_stage = plan.api_stages.iter().any(|stage| {
                other.api_stages.iter().any(|known| known.api_id == stage.api_id && known.stage == stage.stage)
            });
            if same_key && same_stage {
                let message = format!(
                    "`{}` and `{}` share a key and a stage; AWS allows a key one plan for each stage",
                    other.logical_id, plan.logical_id
                );
                reading.findings.error(&plan.place, message);
            }
        }
    }
}
