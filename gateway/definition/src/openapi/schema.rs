//! A schema of OpenAPI as the JSON schema that API Gateway makes of it at import.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>

use super::Api;
use crate::{
    Diagnostic,
    document::{Map, Node},
    json,
    read::Reading,
    shape, spelling,
};
use serde_json::{Map as Object, Value};

/// Where a document keeps its named schemas.
pub(super) const NAMED: &str = "#/components/schemas/";

/// What stands behind a keyword.
enum Content {
    Schema,
    SchemaOrSchemas,
    Schemas,
    NamedSchemas,
    Reference,
    /// AWS leaves it out at import, so that nothing is checked for it.
    LeftOut,
    /// A check that draft 4 does not know, and so nobody makes.
    Unknown,
    Boolean,
    Data,
}

/// Reads a schema; each reference to a named schema becomes one to its model.
pub(super) fn read(reading: &mut Reading<'_>, api: &Api<'_>, node: &Node) -> Option<Value> {
    let map = shape::map(&mut reading.findings, node)?;
    Some(schema(reading, (api, map), node))
}

/// `own` is the outermost schema, whose `definitions` may be referred to.
fn schema(reading: &mut Reading<'_>, (api, own): (&Api<'_>, &Map), node: &Node) -> Value {
    // `additionalProperties: false` and the like.
    let Some(map) = node.as_map() else { return json::value(node) };
    let mut object = Object::new();
    for (key, entry) in map.iter() {
        let value = match content(key) {
            Content::Schema => schema(reading, (api, own), &entry.node),
            Content::SchemaOrSchemas | Content::Schemas => match entry.node.as_list() {
                Some(items) => items.iter().map(|item| schema(reading, (api, own), item)).collect(),
                None => schema(reading, (api, own), &entry.node),
            },
            Content::NamedSchemas => named(reading, (api, own), &entry.node),
            Content::Reference => reference(reading, (api, own), &entry.node),
            Content::LeftOut => {
                unchecked(reading, api, &format!("AWS leaves `{key}` out at import: no body is checked for it"), entry);
                continue;
            }
            Content::Unknown => {
                unchecked(
                    reading,
                    api,
                    &format!("`{key}` is no check of JSON schema draft 4: no body is checked for it"),
                    entry,
                );
                json::value(&entry.node)
            }
            // A number is of later drafts; draft 4 knows `true` and `false`.
            Content::Boolean if entry.node.as_boolean().is_none() => {
                unchecked(
                    reading,
                    api,
                    &format!("`{key}` is no check of JSON schema draft 4: no body is checked for it"),
                    entry,
                );
                continue;
            }
            Content::Boolean | Content::Data => json::value(&entry.node),
        };
        object.insert(key.to_owned(), value);
    }
    Value::Object(object)
}

const fn content(key: &str) -> Content {
    match key.as_bytes() {
        b"items" => Content::SchemaOrSchemas,
        b"additionalItems" | b"additionalProperties" | b"not" => Content::Schema,
        b"allOf" | b"anyOf" | b"oneOf" => Content::Schemas,
        b"properties" | b"patternProperties" | b"definitions" | b"dependencies" => Content::NamedSchemas,
        b"$ref" => Content::Reference,
        b"minItems" | b"maxItems" | b"exclusiveMinimum" => Content::LeftOut,
        b"const"
        | b"contains"
        | b"dependentRequired"
        | b"dependentSchemas"
        | b"discriminator"
        | b"else"
        | b"if"
        | b"maxContains"
        | b"minContains"
        | b"nullable"
        | b"prefixItems"
        | b"propertyNames"
        | b"then"
        | b"unevaluatedItems"
        | b"unevaluatedProperties"
        | b"$dynamicRef" => Content::Unknown,
        b"exclusiveMaximum" => Content::Boolean,
        _ => Content::Data,
    }
}

fn named(reading: &mut Reading<'_>, (api, own): (&Api<'_>, &Map), node: &Node) -> Value {
    let Some(map) = node.as_map() else { return json::value(node) };
    let schemas = map.iter().map(|(name, entry)| (name.to_owned(), schema(reading, (api, own), &entry.node)));
    Value::Object(schemas.collect())
}

/// Warns where a request validator may be expected to check something.
fn unchecked(reading: &mut Reading<'_>, api: &Api<'_>, message: &str, entry: &crate::document::Entry) {
    if api.validators.values().any(|validation| validation.body) {
        reading.findings.warn(&entry.key_place(), message);
    }
}

fn reference(reading: &mut Reading<'_>, (api, own): (&Api<'_>, &Map), node: &Node) -> Value {
    let Some(text) = node.as_text() else { return schema(reading, (api, own), node) };
    let components = api.root.get("components").and_then(Node::as_map);
    let schemas = components.and_then(|components| components.get("schemas")).and_then(Node::as_map);
    if let Some(path) = text.strip_prefix(NAMED) {
        let (name, rest) = path.split_once('/').map_or((path, None), |(name, rest)| (name, Some(rest)));
        if schemas.is_some_and(|schemas| schemas.get(name).is_some()) {
            let pointer = rest.map(|rest| format!("#/{rest}")).unwrap_or_default();
            return Value::String(format!(
                "https://apigateway.amazonaws.com/restapis/{}/models/{name}{pointer}",
                api.id
            ));
        }
        let message = format!("`$ref` leads nowhere: `{}`", shape::brief(text));
        let mut unknown = Diagnostic::error(&node.place(), message);
        unknown.help = spelling::suggestion(name, schemas.into_iter().flat_map(Map::iter).map(|(name, _)| name));
        reading.findings.push(unknown);
        return Value::Null;
    }
    let definition = text.strip_prefix("#/definitions/").and_then(|path| path.split('/').next());
    let defined = own.get("definitions").and_then(Node::as_map);
    let inside = definition.is_some_and(|name| defined.is_some_and(|defined| defined.get(name).is_some()));
    if let (Some(name), false) = (definition, inside) {
        let message = format!("`$ref` leads nowhere: `{}`", shape::brief(text));
        let mut unknown = Diagnostic::error(&node.place(), message);
        unknown.help = spelling::suggestion(name, schemas.into_iter().flat_map(Map::iter).map(|(name, _)| name));
        reading.findings.push(unknown);
        return Value::Null;
    }
    if text != "#" && !inside && !text.starts_with("https://apigateway.amazonaws.com/restapis/") {
        let message = format!("`$ref` to `{}`, which API Gateway does not follow", shape::brief(text));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("name a schema of the document itself"));
    }
    Value::String(text.to_owned())
}
