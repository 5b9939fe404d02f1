//! Function URLs: `AWS::Lambda::Url`, and `FunctionUrlConfig` of SAM.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html>

use super::cors;
use crate::{
    Diagnostic, Place,
    cloudformation::{Declared, Template, lambda_function},
    document::{Map, Node},
    identifier, intrinsics,
    intrinsics::{Scope, Target},
    read::Reading,
    resources::{
        HttpApi, HttpApiKind, HttpAuthorization, HttpIntegration, HttpIntegrationKind, HttpRoute, HttpStage,
        PayloadFormat, RouteKey,
    },
    shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

pub(super) const TYPE: &str = "AWS::Lambda::Url";

/// What a function may take when called by its URL: Lambda's own timeout is shorter.
const TIMEOUT_MS: u32 = 900_000;

const URL: &Vocabulary = &[
    ("AuthType", Read),
    ("Cors", Read),
    ("InvokeMode", Read),
    // A name of a version; all are the same code here.
    ("Qualifier", Silent),
    ("TargetFunctionArn", Read),
];

/// Reads all function URLs of a template.
pub(super) fn read_all(reading: &mut Reading<'_>, (scope, template): (&Scope, &Template), stem: &str) -> Vec<HttpApi> {
    let mut urls = Vec::new();
    for declared in template.of_type("AWS::Serverless::Function") {
        let Some(node) = declared.properties.get("FunctionUrlConfig") else { continue };
        let Some(node) = intrinsics::resolve(reading, scope, node) else { continue };
        let Some(map) = shape::map(&mut reading.findings, &node) else { continue };
        vocabulary::check(&mut reading.findings, map, "`FunctionUrlConfig`", URL);
        let function = lambda_function::identity(scope, declared).name;
        urls.extend(read(reading, (map, &node.place()), (stem, declared), function));
    }
    for declared in template.of_type(TYPE) {
        let properties = declared.resolved(reading, scope, ("a function URL", URL));
        let Some(node) = declared.required(reading, &properties, "TargetFunctionArn") else { continue };
        let Some(function) = function(reading, scope, node) else { continue };
        urls.extend(read(reading, (&properties, &declared.place), (stem, declared), function));
    }
    urls
}

/// A function by its name or its ARN.
fn function(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<String> {
    let text = shape::text(&mut reading.findings, node)?;
    let name = if text.starts_with("arn:") { text.split(':').nth(6)? } else { text.split(':').next()? };
    let known = scope.targets.values().find_map(|target| match target {
        Target::Function { name: known, alias: _ } => (known == name).then(|| known.clone()),
        Target::Api { .. }
        | Target::Layer { .. }
        | Target::Known { .. }
        | Target::Unserved { .. }
        | Target::Absent { .. } => None,
    });
    if known.is_none() {
        reading.findings.error(&node.place(), format!("no function is called `{}`", shape::brief(name)));
    }
    known
}

fn read(
    reading: &mut Reading<'_>,
    (map, place): (&Map, &Place),
    (stem, declared): (&str, &Declared),
    function: String,
) -> Option<HttpApi> {
    let authorization = authorization(reading, map, place)?;
    let cors = map.get("Cors").and_then(|node| cors::property(reading, node, "`Cors`"));
    invoke_mode(reading, map)?;
    let kind = HttpIntegrationKind::Lambda { function: function.clone(), payload_format: PayloadFormat::V2 };
    let integration = HttpIntegration { timeout_ms: TIMEOUT_MS, ..HttpIntegration::new(kind, place.clone()) };
    let route =
        HttpRoute { key: RouteKey::Default, operation_name: None, authorization, integration, place: place.clone() };
    Some(HttpApi {
        id: identifier::function_url(stem, &declared.logical_id),
        logical_id: declared.logical_id.clone(),
        name: function,
        kind: HttpApiKind::FunctionUrl,
        routes: vec![route],
        authorizers: Vec::new(),
        cors,
        disable_execute_api_endpoint: false,
        stages: vec![HttpStage::new(HttpStage::DEFAULT.to_owned(), place.clone())],
        place: place.clone(),
    })
}

fn authorization(reading: &mut Reading<'_>, map: &Map, place: &Place) -> Option<HttpAuthorization> {
    let Some(node) = map.get("AuthType") else {
        let missing = Diagnostic::error(place, "the function URL has no `AuthType`");
        reading.findings.push(missing.help("one of `NONE`, `AWS_IAM`"));
        return None;
    };
    match shape::text(&mut reading.findings, node)?.as_str() {
        "NONE" => Some(HttpAuthorization::None),
        "AWS_IAM" => Some(HttpAuthorization::Iam),
        _ => {
            shape::mismatch(&mut reading.findings, node, "`NONE` or `AWS_IAM`");
            None
        }
    }
}

fn invoke_mode(reading: &mut Reading<'_>, map: &Map) -> Option<()> {
    let Some(node) = map.get("InvokeMode") else { return Some(()) };
    match shape::text(&mut reading.findings, node)?.as_str() {
        "BUFFERED" => Some(()),
        "RESPONSE_STREAM" => {
            let message = "`RESPONSE_STREAM` of a function URL is not served yet";
            reading.findings.push(Diagnostic::error(&node.place(), message).help("`BUFFERED` is"));
            None
        }
        _ => {
            shape::mismatch(&mut reading.findings, node, "`BUFFERED` or `RESPONSE_STREAM`");
            None
        }
    }
}
