//! Definitions for the host, in temporary folders.

use crate::{Result, server::BODY};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// The path of the MOCK method that answers as the bare server does.
pub(crate) const MOCK: &str = "/mock";

/// Writes an OpenAPI file with these paths.
pub(crate) fn write(folder: &Path, paths: &Map<String, Value>) -> Result<PathBuf> {
    let file = folder.join("openapi.json");
    let document = json!({ "openapi": "3.0.1", "info": { "title": "bench", "version": "1" }, "paths": paths });
    std::fs::write(&file, serde_json::to_vec(&document)?)?;
    Ok(file)
}

/// A path with one integration behind GET.
pub(crate) fn get(integration: &Value) -> Value {
    json!({ "get": { "responses": { "200": { "description": "ok" } }, "x-amazon-apigateway-integration": integration } })
}

/// A path that answers `{"ok":true}` by itself.
pub(crate) fn mock() -> Value {
    get(&json!({
        "type": "mock",
        "requestTemplates": { "application/json": r#"{"statusCode": 200}"# },
        "responses": { "default": { "statusCode": "200", "responseTemplates": { "application/json": BODY } } },
    }))
}

/// The API that most rows need: one MOCK method.
pub(crate) fn one_mock(folder: &Path) -> Result<PathBuf> {
    write(folder, &[(MOCK.to_owned(), mock())].into_iter().collect())
}
