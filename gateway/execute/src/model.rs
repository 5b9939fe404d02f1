//! Models: what a request body must look like.
//!
//! Invariants: nothing outside the API's own models is ever read; what a check may cost is bounded by the schema and the
//! body, because schemas that fan out without going into the value are refused at load; patterns run in linear time, or
//! with a bound on their steps where they look around.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>

mod explanation;
pub mod fan_out;
pub mod schemas;

use crate::limits;
use fan_out::FanOut;
use jsonschema::{Draft, PatternOptions, Retrieve, Uri, ValidationError, Validator, error::ValidationErrorKind};
use schemas::Schemas;
use serde_json::Value;
use std::{error::Error, sync::Arc};

/// A compiled model.
#[derive(Debug)]
pub struct Model {
    schema: Arc<Value>,
    schemas: Arc<Schemas>,
    validator: Validator,
    fan_out: FanOut,
}

impl Model {
    /// Compiles the model of that name.
    ///
    /// # Errors
    /// What is wrong with its schema, for a diagnostic.
    pub fn compile(schemas: &Arc<Schemas>, name: &str) -> Result<Self, String> {
        let schema = schemas.get(name).ok_or_else(|| format!("there is no model `{name}`"))?;
        let fan_out = FanOut::measure(schemas, &schema)?;
        let options = || {
            let options = jsonschema::options().with_draft(Draft::Draft4).with_base_uri(schemas.uri(name));
            // Draft 4 has no such formats.
            let options = options.with_format("date", |_: &str| true).with_format("time", |_: &str| true);
            options.with_retriever(OwnModels(Arc::clone(schemas)))
        };
        let linear = PatternOptions::regex().size_limit(limits::PATTERN_BYTES);
        let validator = options().with_pattern_options(linear).build(&schema).or_else(|_| {
            // Only an engine that steps back can look around.
            let bounded = PatternOptions::fancy_regex();
            let bounded = bounded.size_limit(limits::PATTERN_BYTES).backtrack_limit(limits::PATTERN_STEPS);
            options().with_pattern_options(bounded).build(&schema)
        });
        let validator = validator.map_err(|error| fault(&error))?;
        Ok(Self { schema, schemas: Arc::clone(schemas), validator, fan_out })
    }

    /// Checks a body. An empty one counts as `{}`, as recorded on AWS.
    ///
    /// # Errors
    /// `$context.error.validationErrorString`: what is wrong with it, in brackets.
    pub fn check(&self, body: &[u8]) -> Result<(), String> {
        let body: &[u8] = if body.is_empty() { b"{}" } else { body };
        let Ok(instance) = serde_json::from_slice::<Value>(body) else {
            return Err("[Unknown error parsing request body]".to_owned());
        };
        if self.validator.is_valid(&instance) {
            return Ok(());
        }
        if self.fan_out.explains(&instance) {
            Err(explanation::explain(self, &instance))
        } else {
            Err("[the body does not match the schema]".to_owned())
        }
    }
}

/// The library's words without the schema, which may be long.
fn fault(error: &ValidationError<'_>) -> String {
    let place = match error.instance_path().as_str() {
        "" => "at its top".to_owned(),
        path => format!("at `{path}`"),
    };
    match error.kind() {
        ValidationErrorKind::Referencing(error) => format!("a reference leads nowhere: {error}"),
        ValidationErrorKind::Format { format } if format == "regex" => format!("the pattern {place} cannot be used"),
        _ => format!("{place}: {}", error.masked()),
    }
}

/// Knows the API's models and nothing else.
struct OwnModels(Arc<Schemas>);

impl Retrieve for OwnModels {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let found = self.0.by_uri(uri.as_str()).map(|schema| Value::clone(&schema));
        found.ok_or_else(|| format!("`{uri}` is no model of this API, and nothing else is read").into())
    }
}
