//! A case as its file writes it.

use serde_json::{Map, Value};

/// A line of a case file.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) class: String,
    pub(super) title: String,
    pub(super) kind: String,
    /// The name of the set-up.
    pub(super) fixture: String,
    /// What must come of it.
    pub(super) expect: Map<String, Value>,
    /// All of the line.
    pub(super) line: Value,
}

impl Case {
    /// Reads a line.
    ///
    /// # Errors
    /// When it is no case.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let line: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let field = |name: &str| {
            let value = line.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
            value.ok_or_else(|| format!("the case has no `{name}`"))
        };
        let (id, class, title) = (field("id")?, field("class")?, field("title")?);
        let (kind, fixture) = (field("kind")?, field("fixture")?);
        let expect = line.get("expect").and_then(Value::as_object).cloned().ok_or("the case expects nothing")?;
        Ok(Self { id, class, title, kind, fixture, expect, line })
    }

    /// A member of the line.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.line.get(name)
    }

    /// A number that is expected.
    pub(super) fn expected_number(&self, name: &str) -> Option<u64> {
        self.expect.get(name).and_then(Value::as_u64)
    }
}
