//! `AWS::ApiGateway::ApiKey`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-apikey.html>

use super::template::{Declared, Template};
use crate::{
    Diagnostic,
    document::{Map, Node},
    identifier,
    intrinsics::Scope,
    limits,
    read::Reading,
    resources::ApiKey,
    shape,
    vocabulary::{
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const API_KEY: &Vocabulary = &[
    ("CustomerId", Silent),
    ("Description", Silent),
    ("Enabled", Read),
    ("GenerateDistinctId", Silent),
    ("Name", Read),
    // Of the time before usage plans: they open nothing.
    ("StageKeys", Silent),
    ("Tags", Silent),
    ("Value", Read),
];

/// Reads the keys of a template.
pub(super) fn read(reading: &mut Reading<'_>, (scope, template): (&Scope, &Template), stem: &str) -> Vec<ApiKey> {
    let mut keys: Vec<ApiKey> = Vec::new();
    for declared in template.of_type("AWS::ApiGateway::ApiKey") {
        let key = read_one(reading, scope, declared, stem);
        let same = keys.iter().find(|other| key.value.is_some() && other.value == key.value);
        if let Some(other) = same {
            let message = format!("`{}` and `{}` have the same value", other.logical_id, key.logical_id);
            reading.findings.error(&key.place, message);
        }
        keys.push(key);
    }
    keys
}

fn read_one(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, stem: &str) -> ApiKey {
    let properties = declared.resolved(reading, scope, ("an API key", API_KEY));
    let enabled = shape::flag(&mut reading.findings, &properties, "Enabled");
    if !enabled {
        let message = format!("the key `{}` is not enabled, so it opens nothing", declared.logical_id);
        reading.findings.push(Diagnostic::warning(&declared.place, message).help("write `Enabled: true`"));
    }
    ApiKey {
        id: identifier::api_key(stem, &declared.logical_id),
        logical_id: declared.logical_id.clone(),
        name: read_name(reading, scope, &properties, &declared.logical_id),
        value: properties.get("Value").and_then(|node| read_value(reading, node)),
        enabled,
        place: declared.place.clone(),
    }
}

fn read_name(reading: &mut Reading<'_>, scope: &Scope, properties: &Map, logical_id: &str) -> String {
    let node = properties.get("Name");
    let name = node.and_then(|node| shape::text(&mut reading.findings, node));
    if let (Some(node), Some(name)) = (node, &name)
        && name.chars().count() > limits::API_KEY_NAME
    {
        let message = format!("the name of an API key has at most {} characters", limits::API_KEY_NAME);
        reading.findings.error(&node.place(), message);
    }
    name.unwrap_or_else(|| format!("{}-{logical_id}", scope.stack_name))
}

fn read_value(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    let value = shape::text(&mut reading.findings, node)?;
    if value.contains("{{resolve:") {
        let message = "the value of the key is a secret or parameter of AWS, which is not read";
        let help = "leave `Value` out, and the host makes one and keeps it";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        return None;
    }
    let length = value.chars().count();
    if !limits::API_KEY_VALUE.contains(&length) {
        // The value is a secret: it is not shown.
        let message = format!("the value of an API key has 20 to 128 characters, and this one has {length}");
        reading.findings.error(&node.place(), message);
        return None;
    }
    Some(value)
}
