//! Intrinsic functions of CloudFormation, resolved where a reader needs a value.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>

mod condition;
pub(crate) mod for_each;
mod function;
mod made;
mod network;
mod reference;
mod scope;
mod sub;

pub(crate) use condition::{condition_holds, holds};
pub(crate) use function::{include, merge_includes};
pub(crate) use made::Made;
pub(crate) use scope::{Names, Parameter, Scope, Target};

use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    spelling,
};

/// The functions that are resolved.
const KNOWN: [&str; 16] = [
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::FindInMap",
    "Fn::ForEach",
    "Fn::GetAZs",
    "Fn::GetAtt",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Length",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::ToJsonString",
    "Fn::Transform",
    "Ref",
];

/// A value with every intrinsic in it resolved; `None` for `AWS::NoValue`.
pub(crate) fn resolve(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<Node> {
    let value = match &node.value {
        Value::Scalar { text, plain: _ } => {
            reference::check_dynamic(reading, node, text);
            node.value.clone()
        }
        Value::Null | Value::Unresolved => node.value.clone(),
        Value::List(items) => Value::List(items.iter().filter_map(|item| resolve(reading, scope, item)).collect()),
        Value::Map(map) => {
            if let Some((name, entry)) = intrinsic(map) {
                return call(reading, scope, node, (name, &entry.node));
            }
            Value::Map(resolve_map(reading, scope, map))
        }
    };
    Some(node.with(value))
}

/// The intrinsic that a map stands for.
pub(crate) fn intrinsic(map: &Map) -> Option<(&str, &Entry)> {
    map.single().filter(|(name, _)| *name == "Ref" || name.starts_with("Fn::"))
}

/// A map with every intrinsic in it resolved.
pub(crate) fn resolve_map(reading: &mut Reading<'_>, scope: &Scope, map: &Map) -> Map {
    let mut resolved = Map::default();
    for (key, entry) in map.iter() {
        if key.starts_with("Fn::") && key != "Fn::Transform" {
            let message = format!("`{key}` must be the only key of its map");
            reading.findings.error(&entry.key_place(), message);
            continue;
        }
        let Some(node) = (match key {
            "Fn::Transform" => function::transform(reading, scope, &entry.node),
            _ => resolve(reading, scope, &entry.node),
        }) else {
            continue;
        };
        match (key, node.value) {
            // What a file brings in gives way to what stands beside it.
            ("Fn::Transform", Value::Map(included)) => {
                for (key, entry) in included.entries {
                    resolved.entries.entry(key).or_insert(entry);
                }
            }
            (_, value) => {
                let node = Node { value, spot: node.spot, trail: node.trail };
                resolved.entries.insert(key.to_owned(), Entry { key: entry.key, node });
            }
        }
    }
    resolved
}

fn call(reading: &mut Reading<'_>, scope: &Scope, node: &Node, (name, argument): (&str, &Node)) -> Option<Node> {
    let value = value(reading, scope, node, (name, argument))?;
    Some(made::counted(reading, value))
}

fn value(reading: &mut Reading<'_>, scope: &Scope, node: &Node, (name, argument): (&str, &Node)) -> Option<Node> {
    if matches!(name, "Fn::Length" | "Fn::ToJsonString") {
        scope.check_extensions(reading, node, name);
    }
    match name {
        "Ref" => reference::reference(reading, scope, node, argument),
        "Fn::GetAtt" => Some(reference::attribute(reading, scope, node, argument)),
        "Fn::Sub" => Some(sub::substitute(reading, scope, node, argument)),
        "Fn::Join" => Some(function::join(reading, scope, node, argument)),
        "Fn::Select" => Some(function::select(reading, scope, node, argument)),
        "Fn::Split" => Some(function::split(reading, scope, node, argument)),
        "Fn::If" => condition::choose(reading, scope, node, argument),
        "Fn::FindInMap" => function::find_in_map(reading, scope, node, argument),
        "Fn::Transform" => function::transform(reading, scope, argument),
        "Fn::Base64" => Some(function::base64(reading, scope, node, argument)),
        "Fn::Cidr" => Some(network::cidr(reading, scope, node, argument)),
        "Fn::GetAZs" => Some(network::availability_zones(reading, scope, node, argument)),
        "Fn::ImportValue" => Some(function::import_value(reading, scope, node, argument)),
        "Fn::Length" => Some(function::length(reading, scope, node, argument)),
        "Fn::ToJsonString" => Some(function::to_json_string(reading, scope, node, argument)),
        _ => {
            let mut unknown = Diagnostic::error(&node.place(), format!("the intrinsic `{name}` is not understood"));
            unknown.help = spelling::suggestion(name, KNOWN);
            reading.findings.push(unknown);
            Some(node.with(Value::Unresolved))
        }
    }
}

/// Resolves a value that must become one text.
fn resolve_text(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<String> {
    let resolved = resolve(reading, scope, node)?;
    crate::shape::text(&mut reading.findings, &resolved)
}

/// The arguments of an intrinsic that takes a list of so many.
fn arguments<'a, const COUNT: usize>(
    reading: &mut Reading<'_>,
    node: &Node,
    argument: &'a Node,
    form: &str,
) -> Option<&'a [Node; COUNT]> {
    let arguments = argument.as_list().and_then(|items| items.try_into().ok());
    if arguments.is_none() {
        reading.findings.error(&node.place(), format!("expected `{form}`"));
    }
    arguments
}
