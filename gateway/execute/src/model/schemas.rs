//! The schemas of an API's models, and what their references mean.

use crate::query;
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};

/// The schemas of an API.
#[derive(Debug, Default)]
pub struct Schemas {
    /// `https://apigateway.amazonaws.com/restapis/{api id}/models/`
    prefix: String,
    by_name: HashMap<String, Arc<Value>>,
}

/// A place in a schema.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The schema of a whole model.
    pub document: &'a Value,
    /// The place itself.
    pub node: &'a Value,
}

impl Schemas {
    /// No schemas yet.
    #[must_use]
    pub fn new(api_id: &str) -> Self {
        let prefix = format!("https://apigateway.amazonaws.com/restapis/{api_id}/models/");
        Self { prefix, by_name: HashMap::new() }
    }

    /// Adds a model's schema.
    pub fn insert(&mut self, name: String, schema: Value) {
        self.by_name.insert(name, Arc::new(schema));
    }

    /// The schema of a model.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Value>> {
        self.by_name.get(name).cloned()
    }

    /// The address by which models refer to a model.
    #[must_use]
    pub fn uri(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The schema with that address.
    #[must_use]
    pub fn by_uri(&self, uri: &str) -> Option<Arc<Value>> {
        self.get(uri.strip_prefix(&self.prefix)?)
    }

    /// What `$ref` means in `document`. `None`: a reference by `id` or to the meta-schema, or one that leads nowhere.
    #[must_use]
    pub fn resolve<'a>(&'a self, document: &'a Value, reference: &str) -> Option<Site<'a>> {
        let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let document = match base {
            "" => document,
            _ => self.by_name.get(base.strip_prefix(&self.prefix)?)?.as_ref(),
        };
        let pointer = String::from_utf8(query::percent_decode(fragment)).ok()?;
        Some(Site { document, node: document.pointer(&pointer)? })
    }
}
