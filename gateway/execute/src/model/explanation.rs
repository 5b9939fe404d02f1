//! Why a body does not match, in the words of the validator that AWS uses.
//!
//! Violations stand in the order of the body: a value's own before those within it, members by name. Several of one
//! keyword, such as missing properties, are one message.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html>; the
//! words are those of <https://github.com/java-json-tools/json-schema-validator>

mod message;

use super::{Model, schemas::Site};
use crate::limits;
use jsonschema::{ValidationError, error::ValidationErrorKind as Kind, paths::LocationSegment};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where a violation is: the path into the body, and the way through the schema.
type Position = (Vec<Step>, String);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Index(usize),
    Name(String),
}

#[derive(Debug)]
enum Violation {
    Messages(BTreeSet<String>),
    /// `allOf`: how many schemas there are, and which of them do not match.
    AllOf {
        schemas: usize,
        failed: BTreeSet<usize>,
    },
}

/// The list of all messages, in brackets.
pub(super) fn explain(model: &Model, instance: &Value) -> String {
    let mut found: BTreeMap<Position, Violation> = BTreeMap::new();
    for error in model.validator.iter_errors(instance).take(limits::EXPLAINED_ERRORS) {
        let way = Way::of(model, &error);
        let mut path: Vec<Step> = error.instance_path().iter().map(step).collect();
        if let Some(all_of) = way.all_of {
            path.truncate(all_of.depth);
            let violation = found
                .entry((path, all_of.path))
                .or_insert_with(|| Violation::AllOf { schemas: all_of.schemas, failed: BTreeSet::new() });
            if let Violation::AllOf { failed, .. } = violation {
                failed.insert(all_of.index);
            }
        } else {
            let position = (path, error.evaluation_path().as_str().to_owned());
            let violation = found.entry(position).or_insert_with(|| Violation::Messages(BTreeSet::new()));
            if let Violation::Messages(messages) = violation {
                messages.extend(messages_of(&error, way.node));
            }
        }
    }
    let texts: Vec<String> = found.into_values().flat_map(texts).collect();
    format!("[{}]", texts.join(", "))
}

fn texts(violation: Violation) -> Vec<String> {
    match violation {
        Violation::Messages(messages) => messages.into_iter().collect(),
        Violation::AllOf { schemas, failed } => {
            let matched = schemas.saturating_sub(failed.len());
            vec![format!("instance failed to match all required schemas (matched only {matched} out of {schemas})")]
        }
    }
}

fn step(segment: LocationSegment<'_>) -> Step {
    match segment {
        LocationSegment::Property(name) => Step::Name(name.into_owned()),
        LocationSegment::Index(index) => Step::Index(index),
    }
}

/// The way through the schema to a violation.
struct Way<'a> {
    /// The schema that has the violated keyword, when the way can be followed.
    node: Option<&'a Value>,
    /// The first `allOf` on the way.
    all_of: Option<AllOf>,
}

struct AllOf {
    path: String,
    index: usize,
    schemas: usize,
    /// How deep in the body its value lies.
    depth: usize,
}

impl<'a> Way<'a> {
    fn of(model: &'a Model, error: &ValidationError<'_>) -> Self {
        let lost = Self { node: None, all_of: None };
        let mut site = Site { document: &model.schema, node: &model.schema };
        let (mut depth, mut path) = (0, String::new());
        let segments: Vec<Step> = error.evaluation_path().iter().map(step).collect();
        let mut segments = segments.into_iter().peekable();
        while let Some(Step::Name(keyword)) = segments.next() {
            path.push('/');
            path.push_str(&keyword);
            if segments.peek().is_none() {
                return Self { node: Some(site.node), all_of: None };
            }
            let Some(value) = site.node.get(&keyword) else { return lost };
            match (keyword.as_str(), value) {
                ("$ref", Value::String(reference)) => {
                    let Some(target) = model.schemas.resolve(site.document, reference) else { return lost };
                    site = target;
                    continue;
                }
                ("allOf", Value::Array(schemas)) => {
                    let Some(Step::Index(index)) = segments.next() else { return lost };
                    return Self { node: None, all_of: Some(AllOf { path, index, schemas: schemas.len(), depth }) };
                }
                ("properties" | "patternProperties" | "additionalProperties" | "items" | "additionalItems", _) => {
                    depth += 1;
                }
                _ => {}
            }
            let named = matches!(keyword.as_str(), "properties" | "patternProperties" | "dependencies");
            let next = match value {
                Value::Array(list) => match segments.next() {
                    Some(Step::Index(index)) => list.get(index),
                    Some(Step::Name(_)) | None => None,
                },
                Value::Object(members) if named => segments.next().and_then(|name| match name {
                    Step::Name(name) => members.get(&name),
                    Step::Index(index) => members.get(&index.to_string()),
                }),
                _ => Some(value),
            };
            let Some(next) = next else { return lost };
            site.node = next;
        }
        lost
    }
}

/// The messages of one violation; several for `dependencies` only.
fn messages_of(error: &ValidationError<'_>, node: Option<&Value>) -> Vec<String> {
    let instance = error.instance().as_ref();
    if let Kind::Required { property } = error.kind() {
        if error.schema_path().as_str().ends_with("/dependencies") {
            return node.map_or_else(Vec::new, |node| dependencies(node, instance));
        }
        let required = node.and_then(|node| node.get("required")).and_then(Value::as_array);
        let mut missing = match required {
            Some(names) => absent(names, instance),
            None => vec![property.as_str().unwrap_or_default()],
        };
        missing.sort_unstable();
        return vec![format!("object has missing required properties ({})", json!(missing))];
    }
    vec![message::of(error.kind(), instance).unwrap_or_else(|| error.masked().to_string())]
}

fn absent<'a>(names: &'a [Value], instance: &Value) -> Vec<&'a str> {
    let names = names.iter().filter_map(Value::as_str);
    names.filter(|name| instance.get(name).is_none()).collect()
}

fn dependencies(node: &Value, instance: &Value) -> Vec<String> {
    let map = node.get("dependencies").and_then(Value::as_object);
    let present = map.into_iter().flatten().filter(|(property, _)| instance.get(property.as_str()).is_some());
    let lists = present.filter_map(|(property, names)| {
        let names = names.as_array()?;
        let mut missing = absent(names, instance);
        missing.sort_unstable();
        let mut required: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        required.sort_unstable();
        (!missing.is_empty()).then(|| {
            format!(
                "property {} of object has missing property dependencies (schema requires {}; missing: {})",
                json!(property),
                json!(required),
                json!(missing)
            )
        })
    });
    lists.collect()
}

#[cfg(test)]
mod tests;
