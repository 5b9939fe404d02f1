//! Compiles parameter mappings.

use crate::parameter_mapping::{Direction, ReadsBody, Source};
use fanlight_definition::{Diagnostic, resources::TemplateText};
use http::HeaderName;
use indexmap::IndexMap;
use std::collections::HashMap;

/// Mappings by target.
#[derive(Debug, Default)]
pub(super) struct RequestMappings {
    pub(super) headers: Vec<(HeaderName, Source)>,
    pub(super) query: Vec<(String, Source)>,
    pub(super) path: HashMap<String, Source>,
}

impl RequestMappings {
    /// What they read of the client's body.
    pub(super) fn reads_body(&self) -> ReadsBody {
        let headers = self.headers.iter().map(|(_, source)| source);
        let query = self.query.iter().map(|(_, source)| source);
        headers.chain(query).chain(self.path.values()).map(Source::reads_body).max().unwrap_or(ReadsBody::No)
    }
}

pub(super) fn request(
    parameters: &IndexMap<String, TemplateText>,
    diagnostics: &mut Vec<Diagnostic>,
) -> RequestMappings {
    let mut mappings = RequestMappings::default();
    for (target, expression) in parameters {
        let entered = enter(&mut mappings, target, &expression.text);
        if let Err(message) = entered {
            diagnostics.push(Diagnostic::error(&expression.place, message));
        }
    }
    mappings
}

fn enter(mappings: &mut RequestMappings, target: &str, expression: &str) -> Result<(), String> {
    let source = Source::parse(Direction::Request, expression)?;
    let (location, name) =
        target.strip_prefix("integration.request.").and_then(|target| target.split_once('.')).ok_or_else(|| {
            format!(
                "`{target}` is no mapping target; write `integration.request.header.X`, `.querystring.X` or `.path.X`"
            )
        })?;
    match location {
        "header" => mappings.headers.push((header(name)?, source)),
        "querystring" => mappings.query.push((name.to_owned(), source)),
        "path" => {
            mappings.path.insert(name.to_owned(), source);
        }
        other => return Err(format!("`{other}` is no part of a request; use `header`, `querystring` or `path`")),
    }
    Ok(())
}

pub(super) fn header(name: &str) -> Result<HeaderName, String> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))
}
