//! `parameters` of path items and operations: what a method's request declares.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html>, `requestParameters`

use super::{Api, follow, unknown_word};
use crate::{
    Diagnostic, Place,
    document::{Map, Node},
    read::Reading,
    resource_tree::ResourceTree,
    shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

/// The keys of a parameter, those of Swagger 2.0 included. API Gateway checks that a required one is there, and nothing
/// of what a schema says about it.
const PARAMETER: &Vocabulary = &[
    ("name", Read),
    ("in", Read),
    ("required", Read),
    ("description", Silent),
    ("schema", Silent),
    ("content", Silent),
    ("style", Silent),
    ("explode", Silent),
    ("allowReserved", Silent),
    ("allowEmptyValue", Silent),
    ("deprecated", Silent),
    ("example", Silent),
    ("examples", Silent),
    ("type", Silent),
    ("format", Silent),
    ("items", Silent),
    ("collectionFormat", Silent),
    ("default", Silent),
    ("enum", Silent),
    ("pattern", Silent),
    ("maximum", Silent),
    ("minimum", Silent),
    ("exclusiveMaximum", Silent),
    ("exclusiveMinimum", Silent),
    ("maxLength", Silent),
    ("minLength", Silent),
    ("maxItems", Silent),
    ("minItems", Silent),
    ("uniqueItems", Silent),
    ("multipleOf", Silent),
];

/// One parameter: where it comes from, and its name.
struct Parameter {
    location: &'static str,
    name: String,
    required: bool,
    place: Place,
}

/// `method.request.{path|querystring|header}.X` to whether it is required: those of the path, then the operation's own,
/// which take the place of a path's of the same name and kind.
pub(super) fn read(
    reading: &mut Reading<'_>,
    api: &Api<'_>,
    (path, item): (&str, &Map),
    operation: &Map,
) -> IndexMap<String, bool> {
    let inherited = item.get("parameters").map(|node| read_list(reading, api, node)).unwrap_or_default();
    let own = operation.get("parameters").map(|node| read_list(reading, api, node)).unwrap_or_default();
    let mut found: IndexMap<String, Parameter> = IndexMap::new();
    for parameter in inherited.into_iter().chain(own) {
        found.insert(format!("method.request.{}.{}", parameter.location, parameter.name), parameter);
    }
    let mut names: IndexMap<&str, &Parameter> = IndexMap::new();
    for parameter in found.values() {
        if let Some(first) = names.insert(&parameter.name, parameter) {
            let (name, location) = (&parameter.name, first.location);
            let message =
                format!("`{name}` is a parameter in `{location}` already; AWS wants names unique over all kinds");
            let help = format!("the first is in line {}", first.place.line);
            reading.findings.push(Diagnostic::error(&parameter.place, message).help(help));
        }
    }
    let mut parameters: IndexMap<String, bool> =
        found.iter().map(|(key, parameter)| (key.clone(), parameter.required)).collect();
    // What stands in the path is declared by it.
    for key in variables(path).map(|name| format!("method.request.path.{name}")) {
        parameters.entry(key).or_insert(true);
    }
    for parameter in found.values().filter(|parameter| parameter.location == "path") {
        if !variables(path).any(|name| name == parameter.name) {
            let message =
                format!("the path `{path}` has no `{{{}}}`, so the parameter is always missing", parameter.name);
            reading.findings.warn(&parameter.place, message);
        }
    }
    parameters
}

/// What stands in the path of a method is declared by it, as an import does.
pub(crate) fn declare_path_parameters(tree: &mut ResourceTree) {
    for (path, method) in tree.methods_mut() {
        for name in variables(path) {
            method.request_parameters.entry(format!("method.request.path.{name}")).or_insert(true);
        }
    }
}

/// The names in `/pets/{id}/{proxy+}`.
fn variables(path: &str) -> impl Iterator<Item = &str> {
    let inner = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    inner.map(|name| name.strip_suffix('+').unwrap_or(name))
}

fn read_list(reading: &mut Reading<'_>, api: &Api<'_>, node: &Node) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for item in shape::list(&mut reading.findings, node).unwrap_or_default() {
        let Some(parameter) = read_one(reading, api, item) else { continue };
        let same = |other: &&Parameter| other.location == parameter.location && other.name == parameter.name;
        if let Some(first) = parameters.iter().find(same) {
            let message = format!("the parameter `{}` is declared a second time", shape::brief(&parameter.name));
            let help = format!("the first is in line {}", first.place.line);
            reading.findings.push(Diagnostic::error(&item.place(), message).help(help));
            continue;
        }
        parameters.push(parameter);
    }
    parameters
}

fn read_one(reading: &mut Reading<'_>, api: &Api<'_>, item: &Node) -> Option<Parameter> {
    let node = follow(reading, api.root, item)?;
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check_extensible(&mut reading.findings, map, "a parameter", PARAMETER);
    let (Some(name_node), Some(location_node)) = (map.get("name"), map.get("in")) else {
        reading.findings.error(&node.place(), "the parameter needs a `name` and an `in`");
        return None;
    };
    let name = shape::text(&mut reading.findings, name_node)?;
    let location = shape::text(&mut reading.findings, location_node)?;
    let required = map.get("required").and_then(|node| shape::boolean(&mut reading.findings, node)).unwrap_or(false);
    let (location, required) = match location.as_str() {
        "query" => ("querystring", required),
        "header" => ("header", required),
        // A path without its parameter is another path.
        "path" => ("path", true),
        "cookie" => {
            let message = format!("API Gateway has no parameters in cookies; `{}` is left out", shape::brief(&name));
            reading.findings.warn(&location_node.place(), format!("`in: cookie`: {message}"));
            return None;
        }
        _ => {
            let message = format!("unknown kind of parameter `{}`", shape::brief(&location));
            reading.findings.push(unknown_word(location_node, message, &["query", "header", "path"]));
            return None;
        }
    };
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._$-".contains(letter);
    if name.is_empty() || !name.chars().all(allowed) {
        let message = format!("AWS refuses the name `{}` of a parameter", shape::brief(&name));
        reading.findings.push(Diagnostic::error(&name_node.place(), message).help("letters, digits and `._$-`"));
        return None;
    }
    Some(Parameter { location, name, required, place: item.place() })
}
