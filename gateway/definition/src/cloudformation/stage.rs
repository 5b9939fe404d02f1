//! `AWS::ApiGateway::Stage`, and the settings that SAM's `Api` and a deployment have in common with it.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-stage.html>

use super::{
    draft::{self, Draft},
    method_setting,
    template::Declared,
};
use crate::{
    Diagnostic, Place,
    document::{Map, Node},
    intrinsics::Scope,
    limits,
    read::Reading,
    resources::{Canary, Stage, TemplateText},
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const STAGE: &Vocabulary = &[
    ("AccessLogSetting", Read),
    ("CacheClusterEnabled", Read),
    ("CacheClusterSize", Silent),
    ("CanarySetting", Read),
    // A certificate that the integrations' servers may ask for.
    ("ClientCertificateId", Guard),
    ("DeploymentId", Silent),
    ("Description", Silent),
    ("DocumentationVersion", Silent),
    ("MethodSettings", Read),
    ("RestApiId", Read),
    ("StageName", Read),
    ("Tags", Silent),
    ("TracingEnabled", Silent),
    ("Variables", Read),
];

const CANARY: &Vocabulary =
    &[("DeploymentId", Silent), ("PercentTraffic", Read), ("StageVariableOverrides", Read), ("UseStageCache", Read)];

const ACCESS_LOG: &Vocabulary = &[("DestinationArn", Silent), ("Format", Read)];

/// Reads a stage into its API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, drafts: &mut [Draft]) {
    let properties = declared.resolved(reading, scope, ("a stage", STAGE));
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    let Some(node) = declared.required(reading, &properties, "StageName") else { return };
    let Some(name) = name(reading, node) else { return };
    let written = node.as_text().unwrap_or_default().to_owned();
    let mut stage = Stage::new(name, IndexMap::new(), declared.place.clone());
    settings(reading, &properties, &mut stage);
    draft.add_stage(reading, written, stage);
}

/// A stage's name, or the one that the options give in its place.
pub(crate) fn name(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    let written = shape::text(&mut reading.findings, node)?;
    let valid = (1..=128).contains(&written.len())
        && written.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !valid {
        let message = format!("`{}` is no name of a stage", shape::brief(&written));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("letters, digits, `-` and `_`"));
        return None;
    }
    Some(reading.options.stage.clone().unwrap_or(written))
}

/// Reads the live settings of a stage.
pub(crate) fn settings(reading: &mut Reading<'_>, properties: &Map, stage: &mut Stage) {
    if let Some(node) = properties.get("Variables") {
        stage.variables = variables(reading, node);
    }
    if let Some(node) = properties.get("MethodSettings") {
        stage.method_settings = method_setting::read_all(reading, node);
    }
    stage.cache_cluster_enabled = shape::flag(&mut reading.findings, properties, "CacheClusterEnabled");
    if let Some(node) = properties.get("CanarySetting") {
        stage.canary = canary(reading, node);
    }
    if let Some(node) = properties.get("AccessLogSetting") {
        stage.access_log_format = access_log_format(reading, node);
    }
}

/// Stage variables, checked as AWS does.
pub(crate) fn variables(reading: &mut Reading<'_>, node: &Node) -> IndexMap<String, String> {
    let variables = shape::text_map(&mut reading.findings, node);
    for (name, value) in &variables {
        let place = node.as_map().and_then(|map| map.get(name)).map_or_else(|| node.place(), Node::place);
        check_variable(reading, &place, (name, value));
    }
    if variables.len() > limits::STAGE_VARIABLES {
        let message = format!("{} stage variables; AWS takes {}", variables.len(), limits::STAGE_VARIABLES);
        reading.findings.error(&node.place(), message);
    }
    variables
}

fn check_variable(reading: &mut Reading<'_>, place: &Place, (name, value): (&str, &str)) {
    let name_letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let value_letters = |letter: char| letter.is_ascii_alphanumeric() || "-._~:/?#&=,".contains(letter);
    if name.is_empty() || name.len() > limits::STAGE_VARIABLE_NAME || !name.chars().all(name_letters) {
        let message = format!("`{}` is no name of a stage variable", shape::brief(name));
        reading.findings.push(Diagnostic::error(place, message).help("up to 64 letters, digits and `_`"));
    }
    if value.len() > limits::STAGE_VARIABLE_VALUE || !value.chars().all(value_letters) {
        let message = format!("AWS refuses the value of the stage variable `{}`", shape::brief(name));
        let help = "up to 512 of `A-Za-z0-9-._~:/?#&=,`";
        reading.findings.push(Diagnostic::error(place, message).help(help));
    }
}

/// `CanarySetting`, or a deployment's `DeploymentCanarySettings`.
pub(super) fn canary(reading: &mut Reading<'_>, node: &Node) -> Option<Canary> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, map, "a canary", CANARY);
    let percent_traffic = match map.get("PercentTraffic") {
        Some(percent) => {
            let value = shape::rate(&mut reading.findings, percent)?;
            if value > 100.0 {
                shape::mismatch(&mut reading.findings, percent, "a number from 0 to 100");
            }
            value
        }
        None => 0.0,
    };
    Some(Canary {
        percent_traffic,
        variables: map.get("StageVariableOverrides").map(|node| variables(reading, node)).unwrap_or_default(),
        use_stage_cache: shape::flag(&mut reading.findings, map, "UseStageCache"),
    })
}

fn access_log_format(reading: &mut Reading<'_>, node: &Node) -> Option<TemplateText> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, map, "an access log", ACCESS_LOG);
    let format = map.get("Format")?;
    Some(TemplateText { text: shape::text(&mut reading.findings, format)?, place: format.place() })
}
