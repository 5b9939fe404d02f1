//! `cacheKeyParameters` and `cacheNamespace` of an integration.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html>

use crate::{Diagnostic, document::Node, read::Reading, resources::TemplateText, shape};
use indexmap::IndexMap;

/// Reads the parameters whose values tell cached answers apart; `declared` are those of the method.
pub(super) fn key_parameters(
    reading: &mut Reading<'_>,
    node: &Node,
    declared: &IndexMap<String, bool>,
) -> Vec<TemplateText> {
    let mut parameters = Vec::new();
    for item in shape::list(&mut reading.findings, node).unwrap_or_default() {
        let Some(text) = shape::text(&mut reading.findings, item) else { continue };
        let place = item.place();
        if !declared.contains_key(&text) {
            // Answers for different callers would be taken for the same.
            let message = format!("the method declares no parameter `{}`", shape::brief(&text));
            let help = "add it to the method's `parameters` and write `method.request.{path|querystring|header}.X`";
            reading.findings.push(Diagnostic::error(&place, message).help(help));
            continue;
        }
        parameters.push(TemplateText { text, place });
    }
    parameters
}

/// Reads the name of the entries that methods share.
pub(super) fn namespace(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    shape::text(&mut reading.findings, node).filter(|text| !text.is_empty())
}
