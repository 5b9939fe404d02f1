//! Compiles what tells the cached answers of a method apart.

use super::mapping;
use crate::{
    parameter_mapping::{Direction, Source},
    stage_cache::key::{CacheKey, KeyParameter},
};
use fanlight_definition::{
    Diagnostic,
    resources::{Method, Resource, TransferMode},
};

/// `None` for a method whose answers are streamed: those are never kept.
pub(super) fn compile(resource: &Resource, method: &Method, diagnostics: &mut Vec<Diagnostic>) -> Option<CacheKey> {
    let mut parameters = Vec::new();
    for expression in &method.integration.cache_key_parameters {
        match parameter(method, &expression.text) {
            Ok(parameter) => parameters.push(parameter),
            // Left out, it would hand one client's answer to another one.
            Err(message) => diagnostics.push(Diagnostic::error(&expression.place, message)),
        }
    }
    let namespace = method.integration.cache_namespace.clone().unwrap_or_else(|| resource.id.clone());
    match method.integration.response_transfer_mode {
        TransferMode::Buffered => Some(CacheKey { namespace, parameters }),
        TransferMode::Stream => None,
    }
}

fn parameter(method: &Method, expression: &str) -> Result<KeyParameter, String> {
    if expression.starts_with("integration.request.") {
        let mapped = method.integration.request_parameters.get(expression);
        let mapped = mapped.ok_or_else(|| format!("nothing is mapped to the cache key parameter `{expression}`"))?;
        return Source::parse(Direction::Request, &mapped.text).map(KeyParameter::Mapped);
    }
    if !method.request_parameters.contains_key(expression) {
        return Err(format!("the cache key parameter `{expression}` is no request parameter of the method"));
    }
    match expression.strip_prefix("method.request.").and_then(|rest| rest.split_once('.')) {
        Some(("header", name)) => mapping::header(name).map(KeyParameter::Header),
        Some(("path", name)) => Ok(KeyParameter::Path(name.to_owned())),
        Some(("querystring", name)) => Ok(KeyParameter::Query(name.to_owned())),
        Some(_) | None => Err(format!(
            "`{expression}` is no cache key parameter; write `method.request.header.X`, `.querystring.X` or `.path.X`"
        )),
    }
}
