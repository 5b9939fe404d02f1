//! What is rendered: templates and bodies from outside of the repository, a little different in each run, so that no
//! side can know them.

use crate::{Result, process};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, iter, path::PathBuf};

/// Variants of each template and body, rendered in turn.
pub(crate) const VARIANTS: usize = 4;

/// A template with what it is rendered with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) template: String,
    pub(crate) body: String,
    pub(crate) params: BTreeMap<String, BTreeMap<String, String>>,
    /// What distinguishes a variant.
    #[serde(default)]
    pub(crate) mark: String,
}

/// Reads the inputs.
pub(crate) fn read() -> Result<Vec<Input>> {
    let place = std::env::var_os("FANLIGHT_VTL_INPUTS");
    let path = place.map_or_else(|| process::repository().join("../shared/bench/vtl.json"), PathBuf::from);
    let text = fs::read_to_string(&path).map_err(|error| {
        format!("the inputs, `{}` (or FANLIGHT_VTL_INPUTS), are not there: {error}", path.display())
    })?;
    Ok(serde_json::from_str(&text)?)
}

impl Input {
    /// Variants with marks of their own. Each side gets the same.
    pub(crate) fn variants(&self) -> Vec<Self> {
        iter::repeat_with(|| self.marked(iter::repeat_with(fastrand::lowercase).take(6).collect()))
            .take(VARIANTS)
            .collect()
    }

    fn marked(&self, mark: String) -> Self {
        let mut params = self.params.clone();
        for value in params.values_mut().flat_map(BTreeMap::values_mut) {
            value.push_str(&mark);
        }
        let (template, body) = (marked_template(&self.template, &mark), marked_strings(&self.body, &mark));
        Self { name: self.name.clone(), template, body, params, mark }
    }
}

/// A mark behind each JSON key and at the end of a template. A tilde ends a reference, so that it stays literal text.
pub(crate) fn marked_template(template: &str, mark: &str) -> String {
    format!("{}~{mark}", template.replace("\":", &format!("~{mark}\":")))
}

/// A mark at the end of each string value, not of keys.
fn marked_strings(json: &str, mark: &str) -> String {
    let mut marked = String::with_capacity(json.len() * 2);
    let mut chars = json.chars();
    let mut inside = false;
    while let Some(char) = chars.next() {
        if char == '"' {
            let is_key = chars.as_str().trim_start().starts_with(':');
            if inside && !is_key {
                marked.push_str(mark);
            }
            inside = !inside;
        }
        marked.push(char);
        if char == '\\' {
            marked.extend(chars.next());
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::{marked_strings, marked_template};

    #[test]
    fn values_are_marked_and_keys_are_not() {
        let json = r#"{"a": "b\"c", "d" : [1, "e", ""]}"#;
        assert_eq!(marked_strings(json, "xx"), r#"{"a": "b\"cxx", "d" : [1, "exx", "xx"]}"#);
    }

    #[test]
    fn literal_text_is_marked_and_references_are_not() {
        assert_eq!(marked_template(r#"{"a": "$b", "$c": 1}"#, "xx"), r#"{"a~xx": "$b", "$c~xx": 1}~xx"#);
    }
}
