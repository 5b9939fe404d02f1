//! `responses` of an integration: pattern to integration response.

use super::integration::{content_handling, read_templates};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node},
    read::Reading,
    resources::{IntegrationKind, IntegrationResponse, MethodResponse, TemplateText},
    shape,
    vocabulary::{self, Treatment::Read, Vocabulary},
};
use indexmap::IndexMap;

/// The keys of an integration response.
const RESPONSE: &Vocabulary =
    &[("statusCode", Read), ("responseParameters", Read), ("responseTemplates", Read), ("contentHandling", Read)];

/// Reads the responses of an integration; `declared` are those of its method.
pub(super) fn read(
    reading: &mut Reading<'_>,
    (kind, declared): (&IntegrationKind, &[MethodResponse]),
    node: &Node,
) -> Vec<IntegrationResponse> {
    let mut responses: Vec<IntegrationResponse> = Vec::new();
    for (pattern, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        if let Some(response) = read_one(reading, (pattern, entry)) {
            check_status(reading, &response, &responses);
            match kind {
                IntegrationKind::Mock
                | IntegrationKind::Lambda { .. }
                | IntegrationKind::Http { .. }
                | IntegrationKind::AwsService { .. } => check_declared(reading, &response, declared, entry),
                // Proxies pass their answer on as it is; AWS keeps these responses and uses none.
                IntegrationKind::LambdaProxy { .. } | IntegrationKind::HttpProxy { .. } => {}
            }
            responses.push(response);
        }
    }
    responses
}

fn read_one(reading: &mut Reading<'_>, (pattern, entry): (&str, &Entry)) -> Option<IntegrationResponse> {
    let map = shape::map(&mut reading.findings, &entry.node)?;
    vocabulary::check_extensible(&mut reading.findings, map, "an integration response", RESPONSE);
    let Some(status) = map.get("statusCode") else {
        reading.findings.error(&entry.key_place(), "the integration response has no `statusCode`");
        return None;
    };
    let text = shape::text(&mut reading.findings, status)?;
    let Some(status_code) = super::operation::status_code(&text) else {
        shape::mismatch(&mut reading.findings, status, "a status such as `200`");
        return None;
    };
    Some(IntegrationResponse {
        status_code,
        selection_pattern: (pattern != "default").then(|| pattern.to_owned()),
        response_parameters: read_parameters(reading, map),
        response_templates: read_templates(reading, map.get("responseTemplates")),
        content_handling: content_handling(reading, map.get("contentHandling")),
        place: entry.key_place(),
    })
}

fn read_parameters(reading: &mut Reading<'_>, map: &Map) -> IndexMap<String, TemplateText> {
    let mut parameters = IndexMap::new();
    let Some(node) = map.get("responseParameters") else { return parameters };
    for (key, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        if key.strip_prefix(HEADER).is_none_or(str::is_empty) {
            let message = format!("`{}` is no parameter of a method response", shape::brief(key));
            reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(format!("write `{HEADER}X`")));
        } else if let Some(text) = shape::text(&mut reading.findings, &entry.node) {
            parameters.insert(key.to_owned(), TemplateText { text, place: entry.node.place() });
        }
    }
    parameters
}

/// AWS names an integration response by its status, so that a second one takes the place of the first.
fn check_status(reading: &mut Reading<'_>, response: &IntegrationResponse, others: &[IntegrationResponse]) {
    let status = response.status_code;
    if let Some(first) = others.iter().find(|other| other.status_code == status) {
        let message =
            format!("AWS keeps one integration response for each status, and this is the second for `{status}`");
        let help = format!("the first is in line {}; one pattern such as `a|b` selects for both", first.place.line);
        reading.findings.push(Diagnostic::warning(&response.place, message).help(help));
    }
}

const HEADER: &str = "method.response.header.";

/// AWS refuses a header that the method does not declare, which is set here all the same, and answers 500 for a status
/// that it does not declare.
fn check_declared(
    reading: &mut Reading<'_>,
    response: &IntegrationResponse,
    declared: &[MethodResponse],
    entry: &Entry,
) {
    let status = response.status_code;
    let Some(method_response) = declared.iter().find(|declared| declared.status_code == status) else {
        let message = format!("the method declares no response `{status}`");
        let help = format!("add `\"{status}\": {{description: ..}}` to its `responses`");
        let finding = if response.response_parameters.is_empty() {
            Diagnostic::warning(&entry.key_place(), format!("{message}, so AWS answers 500"))
        } else {
            Diagnostic::error(&entry.key_place(), message)
        };
        reading.findings.push(finding.help(help));
        return;
    };
    for (key, text) in &response.response_parameters {
        let name = key.strip_prefix(HEADER).unwrap_or(key);
        if !method_response.headers.iter().any(|header| header == name) {
            let message =
                format!("AWS refuses to set the header `{name}`, which the method's `{status}` does not declare");
            let help = format!("add `headers: {{{name}: {{schema: {{type: string}}}}}}` to it");
            reading.findings.push(Diagnostic::warning(&text.place, message).help(help));
        }
    }
}
