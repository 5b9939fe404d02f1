//! Compiles integration responses.

use super::{mapping, template};
use crate::{
    integration,
    integration_response::{IntegrationResponse, IntegrationResponses, ResponseHeader},
    mapping_template::Body,
    parameter_mapping::{Direction, Source},
};
use fanlight_definition::{
    Diagnostic,
    resources::{self, Method},
};
use regex::Regex;

pub(super) fn compile(method: &Method, diagnostics: &mut Vec<Diagnostic>) -> IntegrationResponses {
    let mut compiled = IntegrationResponses::default();
    for definition in &method.integration.responses {
        let Some(response) = one(method, definition, diagnostics) else { continue };
        match definition.selection_pattern.as_deref().filter(|pattern| !pattern.is_empty()) {
            None if compiled.default.is_some() => {
                diagnostics.push(Diagnostic::error(&definition.place, "a second response without a selection pattern"));
            }
            None => compiled.default = Some(response),
            // Java matches the whole text.
            Some(pattern) => match Regex::new(&format!("^(?:{pattern})$")) {
                Ok(regex) => compiled.patterns.push((regex, response)),
                Err(error) => diagnostics.push(pattern_error(definition, pattern, &error)),
            },
        }
    }
    compiled.patterns.sort_by_key(|(_, response)| response.status);
    compiled
}

fn pattern_error(definition: &resources::IntegrationResponse, pattern: &str, error: &regex::Error) -> Diagnostic {
    // The last line of the library's picture says what is wrong.
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    Diagnostic::error(&definition.place, format!("`{pattern}` is no selection pattern: {reason}"))
}

fn one(
    method: &Method,
    definition: &resources::IntegrationResponse,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<IntegrationResponse> {
    let Some(status) = integration::status(definition.status_code) else {
        let message = format!("{} is no status of a response", definition.status_code);
        diagnostics.push(Diagnostic::error(&definition.place, message));
        return None;
    };
    let mut headers = Vec::new();
    for (target, expression) in &definition.response_parameters {
        match header(target, &expression.text) {
            Ok(header) => headers.push(header),
            Err(message) => diagnostics.push(Diagnostic::error(&expression.place, message)),
        }
    }
    let templates = template::all(&definition.response_templates, diagnostics);
    let templates = templates.into_iter().map(|(media_type, text)| (media_type, Body::new(text))).collect();
    let declared = method.method_responses.iter().any(|response| response.status_code == definition.status_code);
    let content_handling = definition.content_handling;
    Some(IntegrationResponse { status, declared, content_handling, headers, templates })
}

fn header(target: &str, expression: &str) -> Result<ResponseHeader, String> {
    let name = target
        .strip_prefix("method.response.header.")
        .ok_or_else(|| format!("`{target}` is no mapping target; write `method.response.header.X`"))?;
    Ok(ResponseHeader { name: mapping::header(name)?, source: Source::parse(Direction::Response, expression)? })
}
