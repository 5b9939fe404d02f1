//! The official tests of JSON Schema draft 4, in upstream's format: groups of one schema and its tests.

use crate::report::{Report, Verdict, print};
use fanlight_execute::model::{Model, schemas::Schemas};
use serde::Deserialize;
use serde_json::Value as Json;
use std::sync::Arc;

/// A schema and what must be said of some values.
#[derive(Debug, Deserialize)]
struct Group {
    description: String,
    schema: Json,
    tests: Vec<Test>,
}

#[derive(Debug, Deserialize)]
struct Test {
    description: String,
    data: Json,
    valid: bool,
}

/// Runs the groups of a file and prints what did not pass.
pub(crate) fn check(file: &str, text: &str) -> Report {
    let mut report = Report::default();
    let groups: Vec<Group> = match serde_json::from_str(text) {
        Ok(groups) => groups,
        Err(error) => {
            let verdict = Verdict::of(false, "groups of tests", error);
            print(file, None, &verdict);
            report.count(&verdict);
            return report;
        }
    };
    for group in groups {
        let mut schemas = Schemas::new("conformance");
        schemas.insert("Model".to_owned(), group.schema);
        let model = Model::compile(&Arc::new(schemas), "Model");
        for test in group.tests {
            let verdict = verdict(&model, &test);
            print(&format!("{file}: {}: {}", group.description, test.description), None, &verdict);
            report.count(&verdict);
        }
    }
    report
}

fn verdict(model: &Result<Model, String>, test: &Test) -> Verdict {
    match model {
        Ok(model) => {
            let found = model.check(test.data.to_string().as_bytes());
            let said = |valid: bool| if valid { "valid" } else { "not valid" };
            Verdict::of(found.is_ok() == test.valid, said(test.valid), format!("{}: {found:?}", said(found.is_ok())))
        }
        Err(error) if error.contains("is no model of this API") => {
            Verdict::Skipped("it refers to a schema elsewhere, which is never read")
        }
        Err(error) => Verdict::of(false, "a schema that can be used", error),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn verdicts() {
        let group = |schema: &str, data: &str, valid: bool| {
            let test = format!(r#"{{"description": "test", "data": {data}, "valid": {valid}}}"#);
            format!(r#"{{"description": "group", "schema": {schema}, "tests": [{test}]}}"#)
        };
        let groups = [
            group(r#"{"type": "string"}"#, "1", false),
            group(r#"{"type": "string"}"#, "1", true),
            group(r#"{"type": "nothing"}"#, "1", true),
            group(r#"{"$ref": "http://localhost/"}"#, "1", true),
        ];
        let text = format!("[{}]", groups.join(","));
        assert_eq!(check("any", &text).to_string(), "1 passed, 2 failed, 1 skipped");
        assert_eq!(check("any", "{}").to_string(), "0 passed, 1 failed, 0 skipped");
    }
}
