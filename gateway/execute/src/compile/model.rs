//! Compiles models.

use crate::model::{Model, schemas::Schemas};
use fanlight_definition::{Diagnostic, resources::RestApi};
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};

/// The models that every API has, unless it defines others of that name.
const BUILT_IN: [(&str, &str); 2] = [
    ("Empty", r#"{"$schema":"http://json-schema.org/draft-04/schema#","title":"Empty Schema","type":"object"}"#),
    (
        "Error",
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","title":"Error Schema","type":"object","properties":{"message":{"type":"string"}}}"#,
    ),
];

/// Models by name; one that is broken is a diagnostic and has no compiled form.
#[derive(Debug, Default)]
pub(super) struct Models(HashMap<String, Option<Arc<Model>>>);

impl Models {
    /// The model of that name: `None` when there is none, `Some(None)` when it is broken.
    pub(super) fn get(&self, name: &str) -> Option<Option<Arc<Model>>> {
        self.0.get(name).cloned()
    }
}

pub(super) fn all(api: &RestApi, diagnostics: &mut Vec<Diagnostic>) -> Models {
    let mut schemas = Schemas::new(&api.id);
    for (name, schema) in BUILT_IN {
        if let Ok(schema) = serde_json::from_str(schema) {
            schemas.insert(name.to_owned(), schema);
        }
    }
    let mut models = Models::default();
    for model in &api.models {
        let broken = match serde_json::from_str::<Value>(&model.schema.text) {
            Ok(schema) if schema.is_object() => {
                schemas.insert(model.name.clone(), schema);
                continue;
            }
            Ok(_) => "it is no object".to_owned(),
            Err(error) => format!("it is no JSON: {error}"),
        };
        diagnostics.push(refused(&model.name, &broken, model));
        models.0.insert(model.name.clone(), None);
    }
    let schemas = Arc::new(schemas);
    for model in &api.models {
        if !models.0.contains_key(&model.name) {
            let compiled = Model::compile(&schemas, &model.name);
            let compiled = compiled.map_err(|reason| diagnostics.push(refused(&model.name, &reason, model)));
            models.0.insert(model.name.clone(), compiled.ok().map(Arc::new));
        }
    }
    for (name, _) in BUILT_IN {
        models.0.entry(name.to_owned()).or_insert_with(|| Model::compile(&schemas, name).ok().map(Arc::new));
    }
    models
}

fn refused(name: &str, reason: &str, model: &fanlight_definition::resources::Model) -> Diagnostic {
    Diagnostic::error(&model.schema.place, format!("the schema of the model `{name}` cannot be used: {reason}"))
}
