//! `request` of an `http` event: parameters, schemas, templates.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/events/apigateway#request-parameters>

use super::{
    event::{Http, Kind},
    keys, make,
    method::Surroundings,
    naming, template,
};
use crate::{
    document::{Entry, Map, Node, Value},
    read::Reading,
    shape,
    vocabulary::{
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

pub(super) const REQUEST: &Vocabulary = &[
    ("contentHandling", Read),
    ("method", Read),
    ("parameters", Read),
    ("passThrough", Read),
    ("schema", Read),
    ("schemas", Read),
    ("template", Read),
    ("uri", Read),
];

const PARAMETERS: &Vocabulary = &[("headers", Read), ("paths", Read), ("querystrings", Read)];

const PARAMETER: &Vocabulary = &[("mappedValue", Read), ("required", Read)];

const SCHEMA: &Vocabulary = &[("description", Silent), ("name", Read), ("schema", Read)];

/// A parameter of a request.
#[derive(Debug)]
pub(super) struct Parameter {
    /// `method.request.querystring.page`
    pub(super) name: String,
    pub(super) required: bool,
    /// What the integration gets instead.
    mapped: Option<Node>,
    at: Node,
}

impl Parameter {
    /// What the method says of it.
    pub(super) fn declaration(&self) -> Node {
        make::text(&self.at, if self.required { "true" } else { "false" })
    }
}

/// The parameters that a method declares.
pub(super) fn parameters(reading: &mut Reading<'_>, request: &Map) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    let Some(node) = request.get("parameters").filter(|node| !node.says_no()) else { return parameters };
    let Some(map) = shape::map(&mut reading.findings, node) else { return parameters };
    keys::check(reading, map, ("`parameters`", PARAMETERS));
    for (key, place) in [("querystrings", "querystring"), ("paths", "path"), ("headers", "header")] {
        let Some(node) = map.get(key).filter(|node| !node.says_no()) else { continue };
        for (name, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
            let name = format!("method.request.{place}.{name}");
            parameters.extend(parameter(reading, name, &entry.node));
        }
    }
    parameters
}

fn parameter(reading: &mut Reading<'_>, name: String, node: &Node) -> Option<Parameter> {
    let at = node.with(Value::Null);
    let Some(map) = node.as_map() else {
        let required = shape::boolean(&mut reading.findings, node)?;
        return Some(Parameter { name, required, mapped: None, at });
    };
    keys::check(reading, map, ("a parameter", PARAMETER));
    let required = match map.get("required") {
        Some(node) => shape::boolean(&mut reading.findings, node)?,
        None => true,
    };
    Some(Parameter { name, required, mapped: map.get("mappedValue").cloned(), at })
}

/// `RequestParameters` of the integration.
pub(super) fn mapped(parameters: &[Parameter], http: &Http) -> Option<Node> {
    let mut mapped = Map::default();
    for parameter in parameters {
        let Some(rest) = parameter.name.strip_prefix("method.") else { continue };
        let node = parameter.mapped.clone().unwrap_or_else(|| make::text(&parameter.at, parameter.name.as_str()));
        mapped.entries.insert(format!("integration.{rest}"), Entry { key: parameter.at.spot, node });
    }
    if let Some(node) = http.keys.get("async").filter(|node| node.as_boolean() == Some(true)) {
        let entry = Entry { key: node.spot, node: make::text(node, "'Event'") };
        mapped.entries.insert("integration.request.header.X-Amz-Invocation-Type".to_owned(), entry);
    }
    (!mapped.entries.is_empty()).then(|| http.at.with(Value::Map(mapped)))
}

/// `RequestTemplates` of the integration: those of Serverless, with the event's own over them.
pub(super) fn templates(reading: &mut Reading<'_>, http: &Http, request: &Map) -> Option<Node> {
    let at = &http.at;
    let mut templates = Map::default();
    if http.kind == Kind::Aws {
        let claims = http.authorizer.as_ref().map(|authorizer| authorizer.claims.as_slice()).unwrap_or_default();
        for (media_type, template) in template::defaults(claims) {
            let entry = Entry { key: at.spot, node: make::text(at, template) };
            templates.entries.insert(media_type.to_owned(), entry);
        }
    }
    let own = request.get("template").filter(|node| !matches!(node.value, Value::Null));
    let own = own.and_then(|node| shape::map(&mut reading.findings, node));
    for (media_type, entry) in own.into_iter().flat_map(Map::iter) {
        if matches!(entry.node.value, Value::Null) {
            templates.entries.shift_remove(media_type);
        } else {
            templates.entries.insert(media_type.to_owned(), entry.clone());
        }
    }
    (!templates.entries.is_empty()).then(|| at.with(Value::Map(templates)))
}

/// `RequestModels` of the method; the models that they name are made.
pub(super) fn models(
    reading: &mut Reading<'_>,
    (http, request): (&Http, &Map),
    (around, method): (&Surroundings<'_>, &str),
    resources: &mut Map,
) -> Option<Node> {
    // The first version called them `schema`.
    let node = request.get("schemas").or_else(|| request.get("schema")).filter(|node| !node.says_no())?;
    let mut models = Map::default();
    for (media_type, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let node = &entry.node;
        let shared = node.as_text().and_then(|name| Some((name, around.schemas?.get(name)?)));
        let (id, schema, media_type_of_model) = match shared {
            Some((name, schema)) => (naming::model(name), schema, "application/json"),
            None => (naming::method_model(method, media_type), node, media_type),
        };
        let model = model(reading, schema, (around.api, media_type_of_model));
        resources.entries.insert(id.clone(), Entry { key: entry.key, node: model });
        let reference = make::reference(node, &id);
        models.entries.insert(media_type.to_owned(), Entry { key: entry.key, node: reference });
    }
    Some(http.at.with(Value::Map(models)))
}

/// A schema by itself, or with a name.
fn model(reading: &mut Reading<'_>, node: &Node, (api, media_type): (&Node, &str)) -> Node {
    let named = node.as_map().filter(|map| map.get("schema").is_some());
    if let Some(map) = named {
        keys::check(reading, map, ("a schema", SCHEMA));
    }
    let get = |key: &str| named.and_then(|map| map.get(key)).cloned();
    let properties = [
        ("ContentType", Some(make::text(node, media_type))),
        ("Name", get("name")),
        ("RestApiId", Some(api.clone())),
        ("Schema", Some(get("schema").unwrap_or_else(|| node.clone()))),
    ];
    make::resource(node, "AWS::ApiGateway::Model", properties)
}
