//! `AWS::ApiGatewayV2::Stage`, and the settings that SAM's `HttpApi` has in common with it.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-stage.html>

use super::{
    api,
    draft::{self, Draft},
};
use crate::{
    Diagnostic,
    cloudformation::{Declared, Template, stage_variables},
    document::{Map, Node},
    intrinsics::{self, Scope, Target},
    limits,
    read::Reading,
    resources::{HttpStage, RouteKey, RouteThrottle, TemplateText},
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, LeftOut, Read, Silent},
        Vocabulary,
    },
};

const STAGE: &Vocabulary = &[
    ("AccessLogSettings", Read),
    ("AccessPolicyId", Guard),
    ("ApiId", Read),
    ("AutoDeploy", Silent),
    ("ClientCertificateId", Guard),
    ("DefaultRouteSettings", Read),
    ("DeploymentId", Silent),
    ("Description", Silent),
    ("RouteSettings", Read),
    ("StageName", Read),
    ("StageVariables", Read),
    ("Tags", Silent),
];

const ROUTE_SETTINGS: &Vocabulary = &[
    ("DataTraceEnabled", LeftOut),
    ("DetailedMetricsEnabled", Silent),
    ("LoggingLevel", LeftOut),
    ("ThrottlingBurstLimit", Read),
    ("ThrottlingRateLimit", Read),
];

const ACCESS_LOG: &Vocabulary = &[("DestinationArn", Silent), ("Format", Read)];

/// Makes stages known by their names.
pub(super) fn declare(reading: &mut Reading<'_>, scope: &mut Scope, template: &Template) {
    for declared in template.of_type("AWS::ApiGatewayV2::Stage") {
        let node = declared.properties.get("StageName").and_then(|node| intrinsics::resolve(reading, scope, node));
        let Some(name) = node.and_then(|node| shape::text(&mut reading.findings, &node)) else { continue };
        let reference = reading.options.stage.clone().unwrap_or(name);
        let target = Target::Known { kind: declared.kind.clone(), reference, attributes: Vec::new() };
        scope.targets.insert(declared.logical_id.clone(), target);
    }
}

/// Reads a stage into its API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, drafts: &mut [Draft]) {
    let properties = declared.resolved(reading, scope, ("a stage", STAGE));
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    let Some(node) = declared.required(reading, &properties, "StageName") else { return };
    let Some(name) = name(reading, node) else { return };
    let mut stage = HttpStage::new(name, declared.place.clone());
    settings(reading, &properties, &mut stage);
    draft.add_stage(reading, stage);
}

/// A stage's name, or the one that the options give in its place.
pub(super) fn name(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    let written = shape::text(&mut reading.findings, node)?;
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let valid = (1..=128).contains(&written.len()) && written.bytes().all(letters);
    if !valid && written != HttpStage::DEFAULT {
        let message = format!("`{}` is no name of a stage", shape::brief(&written));
        let help = "letters, digits, `-` and `_`, or `$default`";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        return None;
    }
    Some(reading.options.stage.clone().unwrap_or(written))
}

/// Reads the live settings of a stage.
pub(super) fn settings(reading: &mut Reading<'_>, properties: &Map, stage: &mut HttpStage) {
    if let Some(node) = properties.get("StageVariables") {
        stage.variables = stage_variables(reading, node);
    }
    if let Some(node) = properties.get("DefaultRouteSettings") {
        stage.default_throttle = throttle(reading, node).unwrap_or_default();
    }
    let routes = properties.get("RouteSettings").and_then(|node| shape::map(&mut reading.findings, node));
    for (key, entry) in routes.into_iter().flat_map(Map::iter) {
        let Some(route) = api::route_key(reading, &entry.node.with_text(key)) else { continue };
        if let Some(throttle) = throttle(reading, &entry.node) {
            add_throttle(stage, (route, throttle, entry.key_place()));
        }
    }
    if let Some(node) = properties.get("AccessLogSettings") {
        stage.access_log_format = access_log(reading, node);
    }
}

/// The last setting of a route counts.
pub(super) fn add_throttle(stage: &mut HttpStage, setting: (RouteKey, RouteThrottle, crate::Place)) {
    stage.route_throttles.retain(|(key, ..)| *key != setting.0);
    stage.route_throttles.push(setting);
}

/// Reads the settings of one route or of all.
pub(super) fn throttle(reading: &mut Reading<'_>, node: &Node) -> Option<RouteThrottle> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, map, "route settings", ROUTE_SETTINGS);
    let rate_limit = map.get("ThrottlingRateLimit").and_then(|node| shape::rate(&mut reading.findings, node));
    let burst = map.get("ThrottlingBurstLimit");
    let burst = burst.and_then(|node| shape::integer(&mut reading.findings, node, &limits::BURST));
    Some(RouteThrottle { rate_limit, burst_limit: burst.and_then(|burst| i32::try_from(burst).ok()) })
}

fn access_log(reading: &mut Reading<'_>, node: &Node) -> Option<TemplateText> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, map, "an access log", ACCESS_LOG);
    let format = map.get("Format")?;
    Some(TemplateText { text: shape::text(&mut reading.findings, format)?, place: format.place() })
}
