//! `resources`: a template of CloudFormation that is merged over what Serverless makes.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/guide/resources>

use super::{
    function, make,
    service::Service,
    variables::{self, Remote, Variables},
};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    shape, spelling,
};

/// Types whose properties are read: a value that only AWS has would change what is served.
const READ: [&str; 7] = [
    "AWS::ApiGateway::",
    "AWS::ApiGatewayV2::",
    "AWS::Cognito::",
    "AWS::Lambda::",
    "AWS::Serverless::",
    "AWS::WAFRegional::",
    "AWS::WAFv2::",
];

/// Sections of a template that are read beside `Resources`.
const SECTIONS: [&str; 4] = ["Conditions", "Mappings", "Parameters", "Transform"];

/// Merges the service's own resources over those that were made; the rest of the template comes with them.
pub(super) fn merge(
    reading: &mut Reading<'_>,
    (variables, service): (&mut Variables, &Service),
    made: Map,
    at: &Node,
) -> Node {
    let mut template = make::map(at, [("Resources", at.with(Value::Map(made)))]);
    let mut extensions = Vec::new();
    for section in function::sections(reading, variables, "resources") {
        for (key, entry) in section.iter() {
            let node = match key {
                "Resources" => own_resources(reading, variables, &entry.node),
                _ if SECTIONS.contains(&key) => variables::settle(reading, variables, &entry.node),
                "extensions" => {
                    extensions.push(variables::settle(reading, variables, &entry.node));
                    continue;
                }
                "Outputs" | "Description" | "Metadata" | "AWSTemplateFormatVersion" | "Hooks" | "Rules" => continue,
                _ => {
                    unknown(reading, key, entry);
                    continue;
                }
            };
            make::merge(&mut template, make_section(at, key, Entry { key: entry.key, node }));
        }
    }
    for node in extensions {
        extend(reading, &mut template, &node);
    }
    stack_parameters(service, &mut template);
    template
}

fn unknown(reading: &mut Reading<'_>, key: &str, entry: &Entry) {
    let message = format!("unknown key `{}` of `resources`", shape::brief(key));
    let mut unknown = Diagnostic::error(&entry.key_place(), message);
    let known = SECTIONS.iter().copied().chain(["Resources", "Outputs", "extensions"]);
    unknown.help = spelling::suggestion(key, known)
        .or_else(|| Some("the resources themselves stand below `resources: Resources:`".to_owned()));
    reading.findings.push(unknown);
}

fn make_section(at: &Node, key: &str, entry: Entry) -> Node {
    let mut map = Map::default();
    map.entries.insert(key.to_owned(), entry);
    at.with(Value::Map(map))
}

/// The resources themselves, with their variables filled in.
fn own_resources(reading: &mut Reading<'_>, variables: &mut Variables, node: &Node) -> Node {
    let node = variables::open(reading, variables, node);
    let Value::Map(map) = &node.value else { return node };
    let mut resources = Map::default();
    for (id, entry) in map.iter() {
        let one = make_section(&node, id, entry.clone());
        let opened = variables::open(reading, variables, &entry.node);
        let kind = opened.as_map().and_then(|map| map.get("Type"));
        let kind = kind.map(|kind| variables::settle(reading, variables, kind));
        let kind = kind.as_ref().and_then(Node::as_text).unwrap_or_default();
        // What is merged over a resource of the service's own names no type.
        let is_read = kind.is_empty() || READ.iter().any(|prefix| kind.starts_with(prefix));
        let before = variables.remote;
        variables.remote = if is_read { Remote::Refused } else { Remote::StandsForItself };
        // The id may hold a variable too: `ApiGatewayDeployment${sls:instanceId}`.
        let settled = variables::settle(reading, variables, &one);
        variables.remote = before;
        if let Value::Map(settled) = settled.value {
            resources.entries.extend(settled.entries);
        }
    }
    node.with(Value::Map(resources))
}

/// `extensions`: properties that replace those of resources that were made.
fn extend(reading: &mut Reading<'_>, template: &mut Node, extensions: &Node) {
    let Some(map) = shape::map(&mut reading.findings, extensions) else { return };
    for (id, entry) in map.iter() {
        let Some(known) = resource_mut(template, id) else {
            let message = format!("`{}` is no resource that could be extended", shape::brief(id));
            let mut unknown = Diagnostic::error(&entry.key_place(), message);
            let resources = template.as_map().and_then(|map| map.get("Resources")).and_then(Node::as_map);
            let known = resources.into_iter().flat_map(|map| map.entries.keys()).map(String::as_str);
            unknown.help = spelling::suggestion(id, known);
            reading.findings.push(unknown);
            continue;
        };
        for (attribute, extension) in shape::map(&mut reading.findings, &entry.node).into_iter().flat_map(Map::iter) {
            extend_attribute(known, attribute, extension);
        }
    }
}

fn resource_mut<'t>(template: &'t mut Node, id: &str) -> Option<&'t mut Map> {
    let Value::Map(template) = &mut template.value else { return None };
    let Value::Map(resources) = &mut template.entries.get_mut("Resources")?.node.value else { return None };
    let Value::Map(resource) = &mut resources.entries.get_mut(id)?.node.value else { return None };
    Some(resource)
}

/// A property is replaced as a whole, other attributes too.
fn extend_attribute(resource: &mut Map, attribute: &str, extension: &Entry) {
    if let (Some(known), Value::Map(map)) = (resource.entries.get_mut(attribute), &extension.node.value)
        && let Value::Map(properties) = &mut known.node.value
    {
        properties.entries.extend(map.entries.clone());
        return;
    }
    resource.entries.insert(attribute.to_owned(), extension.clone());
}

/// `provider.stackParameters`: values for the template's parameters.
fn stack_parameters(service: &Service, template: &mut Node) {
    let items = service.provider.get("stackParameters").and_then(Node::as_list).unwrap_or_default();
    for map in items.iter().filter_map(Node::as_map) {
        let name = map.get("ParameterKey").and_then(Node::as_text);
        let (Some(name), Some(value)) = (name, map.get("ParameterValue")) else { continue };
        let Value::Map(sections) = &mut template.value else { return };
        let Some(Entry { node, .. }) = sections.entries.get_mut("Parameters") else { return };
        let Value::Map(parameters) = &mut node.value else { return };
        let Some(Entry { node, .. }) = parameters.entries.get_mut(name) else { continue };
        if let Value::Map(parameter) = &mut node.value {
            parameter.entries.insert("Default".to_owned(), Entry { key: value.spot, node: value.clone() });
        }
    }
}
