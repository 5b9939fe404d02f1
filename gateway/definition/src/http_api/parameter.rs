//! Parameter mappings: `overwrite:header.X` and their kin.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html>

use crate::{
    Diagnostic,
    document::{Entry, Map, Node},
    read::Reading,
    resources::TemplateText,
    shape,
};
use indexmap::IndexMap;

/// Reads `requestParameters`.
pub(super) fn request(reading: &mut Reading<'_>, node: &Node) -> IndexMap<String, TemplateText> {
    let mut mappings = IndexMap::new();
    for (key, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let known = |places: &[&str]| places.iter().any(|place| names(key, place));
        if key == "overwrite:path" || known(&["header.", "querystring."]) {
            mappings.extend(text(reading, &entry.node).map(|text| (key.to_owned(), text)));
        } else {
            let help = "write `append:header.X`, `overwrite:querystring.X`, `remove:header.X`, `overwrite:path`, ..";
            refuse(reading, (key, entry), help);
        }
    }
    mappings
}

/// Reads `responseParameters`, in OpenAPI's spelling or that of CloudFormation.
pub(super) fn response(reading: &mut Reading<'_>, node: &Node) -> IndexMap<u16, IndexMap<String, TemplateText>> {
    let mut statuses = IndexMap::new();
    for (key, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let Some(status) = key.parse::<u16>().ok().filter(|status| (100..600).contains(status)) else {
            let message = format!("`{}` is no status of a response", shape::brief(key));
            reading.findings.error(&entry.key_place(), message);
            continue;
        };
        let Some(map) = shape::map(&mut reading.findings, &entry.node) else { continue };
        let mappings = match map.get("ResponseParameters") {
            Some(list) => listed(reading, list),
            None => mapped(reading, map),
        };
        statuses.insert(status, mappings);
    }
    statuses
}

fn mapped(reading: &mut Reading<'_>, map: &Map) -> IndexMap<String, TemplateText> {
    let mut mappings = IndexMap::new();
    for (key, entry) in map.iter() {
        if is_response_target(key) {
            mappings.extend(text(reading, &entry.node).map(|text| (key.to_owned(), text)));
        } else {
            refuse(reading, (key, entry), RESPONSE_HELP);
        }
    }
    mappings
}

/// `[{Source, Destination}]`
fn listed(reading: &mut Reading<'_>, list: &Node) -> IndexMap<String, TemplateText> {
    let mut mappings = IndexMap::new();
    for item in shape::list(&mut reading.findings, list).unwrap_or_default() {
        let Some(map) = shape::map(&mut reading.findings, item) else { continue };
        let destination = shape::text_of(&mut reading.findings, map, "Destination");
        let source = map.get("Source").and_then(|node| text(reading, node));
        match (destination, source) {
            (Some(destination), Some(source)) if is_response_target(&destination) => {
                mappings.insert(destination, source);
            }
            (Some(destination), Some(_)) => {
                let message = format!("`{}` is no target of a parameter mapping", shape::brief(&destination));
                reading.findings.push(Diagnostic::error(&item.place(), message).help(RESPONSE_HELP));
            }
            (_, _) => reading.findings.error(&item.place(), "a parameter mapping needs `Source` and `Destination`"),
        }
    }
    mappings
}

const RESPONSE_HELP: &str =
    "write `append:header.X`, `overwrite:header.X`, `remove:header.X` or `overwrite:statuscode`";

fn is_response_target(key: &str) -> bool {
    key == "overwrite:statuscode" || names(key, "header.")
}

/// Whether a key changes something at a place.
fn names(key: &str, place: &str) -> bool {
    let operations = ["append:", "overwrite:", "remove:"];
    let rest = operations.iter().find_map(|operation| key.strip_prefix(operation));
    rest.and_then(|rest| rest.strip_prefix(place)).is_some_and(|name| !name.is_empty())
}

fn text(reading: &mut Reading<'_>, node: &Node) -> Option<TemplateText> {
    let text = shape::text(&mut reading.findings, node)?;
    Some(TemplateText { text, place: node.place() })
}

fn refuse(reading: &mut Reading<'_>, (key, entry): (&str, &Entry), help: &str) {
    let message = format!("`{}` is no target of a parameter mapping", shape::brief(key));
    reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
}
