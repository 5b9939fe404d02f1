//! `x-amazon-apigateway-gateway-responses`: the answers that API Gateway makes itself, as the API wants them.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html>

use super::integration::read_templates;
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    resources::{GatewayResponse, GatewayResponseType, TemplateText},
    shape, spelling,
    vocabulary::{self, Treatment::Read, Vocabulary},
};
use indexmap::IndexMap;

/// The keys of a gateway response.
const RESPONSE: &Vocabulary = &[("statusCode", Read), ("responseParameters", Read), ("responseTemplates", Read)];

const HEADER: &str = "gatewayresponse.header.";

/// Reads all gateway responses of a document.
pub(crate) fn read(reading: &mut Reading<'_>, node: &Node) -> Vec<GatewayResponse> {
    let responses = shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter);
    responses.filter_map(|response| read_one(reading, response)).collect()
}

fn read_one(reading: &mut Reading<'_>, (name, entry): (&str, &Entry)) -> Option<GatewayResponse> {
    let response_type = response_type(reading, (name, entry));
    let map = shape::map(&mut reading.findings, &entry.node)?;
    vocabulary::check_extensible(&mut reading.findings, map, "a gateway response", RESPONSE);
    Some(GatewayResponse {
        response_type: response_type?,
        status_code: map.get("statusCode").and_then(|node| status_code(reading, node)),
        response_parameters: match map.get("responseParameters") {
            Some(node) => parameters(reading, node),
            None => IndexMap::new(),
        },
        response_templates: read_templates(reading, map.get("responseTemplates")),
        place: entry.key_place(),
    })
}

fn response_type(reading: &mut Reading<'_>, (name, entry): (&str, &Entry)) -> Option<GatewayResponseType> {
    let found = GatewayResponseType::parse(name);
    if found.is_none() {
        let message = format!("unknown type of gateway response `{}`", shape::brief(name));
        let mut unknown = Diagnostic::error(&entry.key_place(), message);
        unknown.help = spelling::suggestion(name, GatewayResponseType::ALL.map(GatewayResponseType::as_str));
        reading.findings.push(unknown);
    }
    found
}

fn status_code(reading: &mut Reading<'_>, node: &Node) -> Option<u16> {
    // AWS writes `null` for the type's own status.
    if matches!(node.value, Value::Null) {
        return None;
    }
    let text = shape::text(&mut reading.findings, node)?;
    let status = super::operation::status_code(&text);
    if status.is_none() {
        shape::mismatch(&mut reading.findings, node, "a status such as `403`");
    }
    status
}

fn parameters(reading: &mut Reading<'_>, node: &Node) -> IndexMap<String, TemplateText> {
    let mut parameters = IndexMap::new();
    for (key, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        if key.strip_prefix(HEADER).is_none_or(str::is_empty) {
            let message = format!("`{}` is no parameter of a gateway response", shape::brief(key));
            reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(format!("write `{HEADER}X`")));
        } else if let Some(text) = shape::text(&mut reading.findings, &entry.node) {
            parameters.insert(key.to_owned(), TemplateText { text, place: entry.node.place() });
        }
    }
    parameters
}
