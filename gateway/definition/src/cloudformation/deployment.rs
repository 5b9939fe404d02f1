//! `AWS::ApiGateway::Deployment`: with a `StageName` it makes a stage.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-deployment.html>

use super::{
    draft::{self, Draft},
    method_setting, stage,
    template::Declared,
};
use crate::{
    document::{Map, Node},
    intrinsics::Scope,
    read::Reading,
    resources::Stage,
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const DEPLOYMENT: &Vocabulary = &[
    ("DeploymentCanarySettings", Read),
    ("Description", Silent),
    ("RestApiId", Read),
    ("StageDescription", Read),
    ("StageName", Read),
];

const STAGE_DESCRIPTION: &Vocabulary = &[
    ("AccessLogSetting", Read),
    ("CacheClusterEnabled", Read),
    ("CacheClusterSize", Silent),
    ("CacheDataEncrypted", Silent),
    ("CacheTtlInSeconds", Read),
    ("CachingEnabled", Read),
    ("CanarySetting", Read),
    ("ClientCertificateId", Guard),
    ("DataTraceEnabled", Read),
    ("Description", Silent),
    ("DocumentationVersion", Silent),
    ("LoggingLevel", Read),
    ("MethodSettings", Read),
    ("MetricsEnabled", Silent),
    ("Tags", Silent),
    ("ThrottlingBurstLimit", Read),
    ("ThrottlingRateLimit", Read),
    ("TracingEnabled", Silent),
    ("Variables", Read),
];

/// Reads a deployment, and the stage that it makes, into its API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, drafts: &mut [Draft]) {
    let properties = declared.resolved(reading, scope, ("a deployment", DEPLOYMENT));
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    let Some(node) = properties.get("StageName") else { return };
    let Some(name) = stage::name(reading, node) else { return };
    let written = node.as_text().unwrap_or_default().to_owned();
    let canary = properties.get("DeploymentCanarySettings").and_then(|node| stage::canary(reading, node));
    // A deployment to a stage that is there becomes its deployment or its canary's.
    if let (Some(known), None) = (draft.stage_mut(&written), properties.get("StageDescription")) {
        known.canary = canary.or_else(|| known.canary.take());
        return;
    }
    let mut made = Stage::new(name, IndexMap::new(), declared.place.clone());
    if let Some(node) = properties.get("StageDescription") {
        describe(reading, node, &mut made);
    }
    made.canary = canary.or(made.canary);
    draft.add_stage(reading, written, made);
}

fn describe(reading: &mut Reading<'_>, node: &Node, made: &mut Stage) {
    let Some(map) = shape::map(&mut reading.findings, node) else { return };
    vocabulary::check(&mut reading.findings, map, "`StageDescription`", STAGE_DESCRIPTION);
    stage::settings(reading, map, made);
    let mut of_all = Map::default();
    for key in method_setting::OF_ALL_METHODS {
        if let Some(entry) = map.entries.get(key) {
            of_all.entries.insert(key.to_owned(), entry.clone());
        }
    }
    if !of_all.entries.is_empty() {
        made.method_settings.insert(0, method_setting::read(reading, &of_all, node));
    }
}
