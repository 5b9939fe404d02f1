//! Swagger 2.0 as OpenAPI 3.0: the same things under other names.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/import-edge-optimized-api.html>

use super::operation;
use crate::{
    document::{Entry, Map, Node, Spot, Value},
    read::Reading,
    resources::HttpMethod,
    shape,
};

/// Where Swagger keeps what OpenAPI keeps below `components`.
const COMPONENTS: [(&str, &str); 4] = [
    ("definitions", "schemas"),
    ("parameters", "parameters"),
    ("responses", "responses"),
    ("securityDefinitions", "securitySchemes"),
];

/// Keys that say where on the network the API was, which is API Gateway's business.
const DROPPED: [&str; 5] = ["swagger", "host", "basePath", "schemes", "consumes"];

/// What a conversion looks at besides what it converts.
struct Document<'a> {
    root: &'a Map,
    consumes: Vec<String>,
    produces: Vec<String>,
}

/// Converts a document; every value keeps the place where it was written.
pub(super) fn to_openapi(reading: &mut Reading<'_>, root: &Node) -> Option<Node> {
    let map = shape::map(&mut reading.findings, root)?;
    let document = Document {
        root: map,
        consumes: media_types(reading, map.get("consumes")).unwrap_or_else(json),
        produces: media_types(reading, map.get("produces")).unwrap_or_else(json),
    };
    let mut converted = Map::default();
    let mut components = Map::default();
    for (key, entry) in map.iter() {
        if let Some((_, name)) = COMPONENTS.iter().find(|(swagger, _)| *swagger == key) {
            let node = match key {
                "responses" => each(&entry.node, |node| response(&document.produces, node)),
                _ => entry.node.clone(),
            };
            insert(&mut components, name, entry.key, node);
        } else if key == "paths" {
            let node = each(&entry.node, |node| path_item(reading, &document, node));
            insert(&mut converted, key, entry.key, node);
        } else if key != "produces" && !DROPPED.contains(&key) {
            insert(&mut converted, key, entry.key, entry.node.clone());
        }
    }
    if !components.entries.is_empty() {
        insert(&mut converted, "components", root.spot, root.with(Value::Map(components)));
    }
    Some(renamed(&document, &root.with(Value::Map(converted))))
}

fn json() -> Vec<String> {
    vec!["application/json".to_owned()]
}

fn media_types(reading: &mut Reading<'_>, node: Option<&Node>) -> Option<Vec<String>> {
    node.map(|node| shape::texts(&mut reading.findings, node)).filter(|types| !types.is_empty())
}

fn insert(map: &mut Map, key: &str, spot: Spot, node: Node) {
    map.entries.insert(key.to_owned(), Entry { key: spot, node });
}

/// A map with each of its values converted; anything else as it is.
fn each(node: &Node, mut convert: impl FnMut(&Node) -> Node) -> Node {
    let Some(map) = node.as_map() else { return node.clone() };
    let mut converted = Map::default();
    for (key, entry) in map.iter() {
        let extension = key.starts_with("x-") && key != operation::ANY;
        let node = if extension { entry.node.clone() } else { convert(&entry.node) };
        insert(&mut converted, key, entry.key, node);
    }
    node.with(Value::Map(converted))
}

fn path_item(reading: &mut Reading<'_>, document: &Document<'_>, node: &Node) -> Node {
    let Some(map) = node.as_map() else { return node.clone() };
    let mut converted = Map::default();
    // A body that the path declares is the body of each operation without its own.
    let shared = map.get("parameters").and_then(|parameters| body(document, parameters));
    for (key, entry) in map.iter() {
        let node = match key {
            "parameters" => without_bodies(reading, document, &entry.node),
            _ if key == operation::ANY || HttpMethod::parse(key).is_some() => {
                operation(reading, document, &entry.node, shared)
            }
            _ => entry.node.clone(),
        };
        insert(&mut converted, key, entry.key, node);
    }
    node.with(Value::Map(converted))
}

fn operation(reading: &mut Reading<'_>, document: &Document<'_>, node: &Node, shared: Option<&Node>) -> Node {
    let Some(map) = node.as_map() else { return node.clone() };
    let consumes = media_types(reading, map.get("consumes")).unwrap_or_else(|| document.consumes.clone());
    let produces = media_types(reading, map.get("produces")).unwrap_or_else(|| document.produces.clone());
    let own = map.get("parameters").and_then(|parameters| body(document, parameters));
    let mut converted = Map::default();
    for (key, entry) in map.iter() {
        let node = match key {
            "parameters" => without_bodies(reading, document, &entry.node),
            "responses" => each(&entry.node, |node| response(&produces, node)),
            _ => entry.node.clone(),
        };
        insert(&mut converted, key, entry.key, node);
    }
    let schema = own.or(shared).and_then(|parameter| parameter.as_map()?.entries.get("schema"));
    if let Some(schema) = schema {
        let mut body = Map::default();
        insert(&mut body, "content", schema.key, content(schema, &consumes));
        insert(&mut converted, "requestBody", schema.key, schema.node.with(Value::Map(body)));
    }
    node.with(Value::Map(converted))
}

/// `content` with one schema for all media types.
fn content(schema: &Entry, media_types: &[String]) -> Node {
    let mut content = Map::default();
    for media_type in media_types {
        let mut described = Map::default();
        insert(&mut described, "schema", schema.key, schema.node.clone());
        insert(&mut content, media_type, schema.key, schema.node.with(Value::Map(described)));
    }
    schema.node.with(Value::Map(content))
}

fn response(produces: &[String], node: &Node) -> Node {
    let Some(map) = node.as_map() else { return node.clone() };
    // A response by reference is converted where it stands.
    if map.get("$ref").is_some() {
        return node.clone();
    }
    let mut converted = Map::default();
    for (key, entry) in map.iter() {
        match key {
            "schema" => insert(&mut converted, "content", entry.key, content(entry, produces)),
            "examples" => {}
            _ => insert(&mut converted, key, entry.key, entry.node.clone()),
        }
    }
    node.with(Value::Map(converted))
}

/// A parameter, or what its reference leads to.
fn parameter<'a>(document: &'a Document<'_>, node: &'a Node) -> Option<&'a Map> {
    let map = node.as_map()?;
    let Some(reference) = map.get("$ref").and_then(Node::as_text) else { return Some(map) };
    let name = reference.strip_prefix("#/parameters/")?;
    document.root.get("parameters")?.as_map()?.get(name)?.as_map()
}

fn location<'a>(document: &'a Document<'_>, node: &'a Node) -> Option<&'a str> {
    parameter(document, node)?.get("in")?.as_text()
}

/// The parameter that is a body.
fn body<'a>(document: &'a Document<'a>, parameters: &'a Node) -> Option<&'a Node> {
    let found = parameters.as_list()?.iter().find(|item| location(document, item) == Some("body"))?;
    match found.as_map()?.get("$ref").and_then(Node::as_text) {
        None => Some(found),
        Some(reference) => {
            let name = reference.strip_prefix("#/parameters/")?;
            document.root.get("parameters")?.as_map()?.get(name)
        }
    }
}

/// The parameters that are parameters in OpenAPI too.
fn without_bodies(reading: &mut Reading<'_>, document: &Document<'_>, node: &Node) -> Node {
    let Some(items) = node.as_list() else { return node.clone() };
    let mut kept = Vec::new();
    for item in items {
        match location(document, item) {
            Some("body") => {}
            Some("formData") => {
                let message = "API Gateway has no parameters in forms; this one is left out";
                reading.findings.warn(&item.place(), format!("`in: formData`: {message}"));
            }
            _ => kept.push(item.clone()),
        }
    }
    node.with(Value::List(kept))
}

/// The same with references to what has another name now.
fn renamed(document: &Document<'_>, node: &Node) -> Node {
    let value = match &node.value {
        Value::Null | Value::Scalar { .. } | Value::Unresolved => node.value.clone(),
        Value::List(items) => Value::List(items.iter().map(|item| renamed(document, item)).collect()),
        Value::Map(map) => {
            let mut converted = Map::default();
            for (key, entry) in map.iter() {
                let reference = entry.node.as_text().filter(|_| key == "$ref").and_then(|text| target(document, text));
                let node = match reference {
                    Some(target) => entry.node.with_text(target),
                    None => renamed(document, &entry.node),
                };
                insert(&mut converted, key, entry.key, node);
            }
            Value::Map(converted)
        }
    };
    node.with(value)
}

/// What a reference is called in OpenAPI. One that leads nowhere stays as it was written.
fn target(document: &Document<'_>, text: &str) -> Option<String> {
    // The parser of Swagger 2.0 takes a bare name for a definition.
    let bare = document.root.get("definitions").and_then(|node| node.as_map()?.get(text));
    if bare.is_some() {
        return Some(format!("#/components/schemas/{text}"));
    }
    let (group, path) = text.strip_prefix("#/")?.split_once('/')?;
    let (_, name) = COMPONENTS.iter().find(|(swagger, _)| *swagger == group)?;
    let first = path.split('/').next()?;
    document.root.get(group)?.as_map()?.get(first)?;
    Some(format!("#/components/{name}/{path}"))
}
