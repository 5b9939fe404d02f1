//! `method.request.body.X` and `integration.response.body.X`: a member of a JSON body as a parameter.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html>

use fanlight_vtl::{Input, Parameters, Scope, Template};
use serde_json::Value;

/// A `JSONPath`, compiled. It is the one of templates, so it is compiled as one.
#[derive(Debug, Clone)]
pub struct BodyMember {
    path: String,
    template: Template,
}

impl PartialEq for BodyMember {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Eq for BodyMember {}

impl BodyMember {
    /// Reads a path without its `$.`.
    ///
    /// # Errors
    /// What is wrong with it, for a diagnostic.
    pub fn parse(path: &str) -> Result<Self, String> {
        if path.contains('\'') {
            return Err(format!("the path `{path}` has a quote; write members without"));
        }
        let template =
            Template::parse(&format!("$input.json('$.{path}')")).map_err(|_| format!("`{path}` is no JSON path"))?;
        let member = Self { path: path.to_owned(), template };
        // A path that is none fails with any document.
        member.rendered("{}").map(|_| member.clone()).ok_or_else(|| format!("`{path}` is no JSON path"))
    }

    fn rendered(&self, body: &str) -> Option<String> {
        let parameters = Parameters::default();
        let mut scope = Scope::new();
        scope.object("input", Input::new(body, &parameters));
        self.template.render(scope).ok()
    }

    /// The member as text: a string as it is, anything else as JSON. Without such a member, or without JSON, none.
    #[must_use]
    pub fn value(&self, body: &[u8]) -> Option<String> {
        let body = String::from_utf8_lossy(body);
        // What the template's lenient reader takes and no JSON is, is not there for mappings.
        serde_json::from_str::<serde::de::IgnoredAny>(&body).ok()?;
        let json = self.rendered(&body)?;
        match serde_json::from_str(&json).ok()? {
            Value::Null => None,
            // What is not there is the empty text for templates.
            Value::String(text) => Some(text).filter(|text| !text.is_empty()),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(json),
        }
    }
}

/// Whether a body that should be a JSON object is broken; AWS refuses only what begins like one.
#[must_use]
pub fn is_broken(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members() {
        let body = r#"{"a": {"b": [1, "two"], "c": null, "d": true}, "e": "é\n"}"#;
        let rows = [
            ("a.b[1]", Some("two")),
            ("a.b[0]", Some("1")),
            ("a.b", Some(r#"[1,"two"]"#)),
            ("a.c", None),
            ("a.d", Some("true")),
            ("a.x", None),
            ("e", Some("é\n")),
        ];
        for (path, expected) in rows {
            assert_eq!(BodyMember::parse(path).unwrap().value(body.as_bytes()).as_deref(), expected, "{path}");
        }
        assert_eq!(BodyMember::parse("a").unwrap().value(b"no json"), None);
        assert_eq!(BodyMember::parse("a").unwrap().value(b""), None);
    }

    #[test]
    fn paths_that_are_none() {
        for path in ["a[", "a'b", "a..", "[?("] {
            assert!(BodyMember::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn only_a_broken_object_is_broken() {
        let rows = [("{", true), (" {\"a\":}", true), ("{}", false), ("[", false), ("text", false), ("", false)];
        for (body, expected) in rows {
            assert_eq!(is_broken(body.as_bytes()), expected, "{body}");
        }
    }
}
