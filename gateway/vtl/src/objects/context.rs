//! What templates write for the request and the response.

use serde_json::Value as Json;

/// `$context.requestOverride` and `$context.responseOverride`. What the request template writes,
/// whatever the key, the response template can read.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Overrides {
    /// `header`, `path` and `querystring`, and what templates add; null before any template ran.
    pub request: Json,
    /// `header`, `status` once it is set, and what templates add; null before any template ran.
    pub response: Json,
    /// Parameters that the last template wrote more than once. AWS documents that as an error of
    /// the gateway; whether it is one has not been seen.
    pub repeated: Vec<String>,
}

impl Overrides {
    pub(crate) fn new(request: Json, response: Json, repeated: Vec<String>) -> Self {
        Self { request, response, repeated }
    }
}
