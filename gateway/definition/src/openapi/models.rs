//! `components.schemas` and the schemas in bodies: the models of an API.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>

use super::{Api, follow, schema};
use crate::{
    Diagnostic,
    document::{Map, Node},
    identifier, limits,
    read::Reading,
    resources::{Model, TemplateText},
    shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

/// The keys of a request body.
const REQUEST_BODY: &Vocabulary = &[("description", Silent), ("content", Read), ("required", Silent)];

/// The keys of a media type.
const MEDIA_TYPE: &Vocabulary = &[("schema", Read), ("example", Silent), ("examples", Silent), ("encoding", Silent)];

/// The models of a document by their names: its named schemas, then those of bodies as they are met.
pub(super) type Models = IndexMap<String, Model>;

/// Reads the named schemas.
pub(super) fn read_named(reading: &mut Reading<'_>, api: &Api<'_>) -> Models {
    let mut models = Models::new();
    let components = api.root.get("components").and_then(Node::as_map);
    let Some(node) = components.and_then(|components| components.get("schemas")) else { return models };
    for (name, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
            let message = format!("AWS refuses the name `{}` of a model", shape::brief(name));
            reading.findings.push(Diagnostic::error(&entry.key_place(), message).help("letters and digits only"));
            continue;
        }
        if let Some(schema) = text(reading, api, &entry.node) {
            let (name, content_type) = (name.to_owned(), "application/json".to_owned());
            models.insert(name.clone(), Model { name, content_type, schema, place: entry.key_place() });
        }
    }
    models
}

/// `requestBody`: media type to the name of a model.
pub(super) fn of_request_body(
    reading: &mut Reading<'_>,
    api: &Api<'_>,
    models: &mut Models,
    node: &Node,
) -> IndexMap<String, String> {
    let Some(node) = follow(reading, api.root, node) else { return IndexMap::new() };
    let Some(map) = shape::map(&mut reading.findings, node) else { return IndexMap::new() };
    vocabulary::check_extensible(&mut reading.findings, map, "a request body", REQUEST_BODY);
    of_content(reading, api, models, map.get("content"))
}

/// `content`: media type to the name of a model; media types without a schema have none.
pub(super) fn of_content(
    reading: &mut Reading<'_>,
    api: &Api<'_>,
    models: &mut Models,
    node: Option<&Node>,
) -> IndexMap<String, String> {
    let mut names = IndexMap::new();
    let content = node.and_then(|node| shape::map(&mut reading.findings, node));
    for (media_type, entry) in content.into_iter().flat_map(Map::iter) {
        let Some(map) = shape::map(&mut reading.findings, &entry.node) else { continue };
        vocabulary::check_extensible(&mut reading.findings, map, "a media type", MEDIA_TYPE);
        let Some(node) = map.get("schema") else { continue };
        if let Some(name) = name(reading, api, models, (media_type, node)) {
            names.insert(media_type.to_owned(), name);
        }
    }
    names
}

/// The name of a schema's model; one that is written in place gets a name as AWS makes them.
fn name(
    reading: &mut Reading<'_>,
    api: &Api<'_>,
    models: &mut Models,
    (media_type, node): (&str, &Node),
) -> Option<String> {
    let reference = node.as_map().and_then(Map::single).filter(|(key, _)| *key == "$ref");
    let referred = reference.and_then(|(_, entry)| entry.node.as_text()?.strip_prefix(schema::NAMED));
    if let Some(name) = referred.filter(|name| models.contains_key(*name)) {
        return Some(name.to_owned());
    }
    let schema = text(reading, api, node)?;
    let mut attempt = 0;
    loop {
        let name = identifier::model(api.id, &schema.text, attempt);
        match models.get(&name) {
            // The same schema in two places is one model.
            Some(other) if other.schema.text == schema.text && other.content_type == media_type => return Some(name),
            Some(_) => attempt += 1,
            None => {
                let content_type = media_type.to_owned();
                let model = Model { name: name.clone(), content_type, schema, place: node.place() };
                models.insert(name.clone(), model);
                return Some(name);
            }
        }
    }
}

fn text(reading: &mut Reading<'_>, api: &Api<'_>, node: &Node) -> Option<TemplateText> {
    let text = schema::read(reading, api, node)?.to_string();
    if text.len() > limits::MODEL {
        let message = format!("the model has {} bytes; AWS takes {}", text.len(), limits::MODEL);
        reading.findings.error(&node.place(), message);
    }
    Some(TemplateText { text, place: node.place() })
}
