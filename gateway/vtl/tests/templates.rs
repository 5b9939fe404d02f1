//! The crate's own cases: each file in `tests/templates` holds what a template sees (JSON), the
//! template and the expected output, with `---` lines between. An expected output of
//! `!error TEXT` is the message of a failure.

#![cfg(test)]

use fanlight_vtl::{Input, Overrides, Parameters, Scope, Template, Util};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

fn texts(json: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    json.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
}

fn render(seen: &Json, template: &str) -> Result<String, String> {
    let parameters = Parameters {
        path: texts(&seen["params"]["path"]),
        querystring: texts(&seen["params"]["querystring"]),
        header: texts(&seen["params"]["header"]),
    };
    let stage_variables = texts(&seen["stageVariables"]);
    let overrides = Overrides::default();
    let context = if seen["context"].is_object() { seen["context"].clone() } else { serde_json::json!({}) };
    let template = Template::parse(template).map_err(|error| error.to_string())?;
    let mut scope = Scope::new();
    scope.object("input", Input::new(seen["body"].as_str().unwrap_or(""), &parameters));
    scope.object("util", Util);
    scope.context("context", &context, &overrides);
    scope.texts("stageVariables", &stage_variables);
    for (name, value) in seen["vars"].as_object().into_iter().flatten() {
        scope.json(name, value);
    }
    template.render(scope).map_err(|error| error.to_string())
}

fn check(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let parts: Vec<&str> = text.split("\n---\n").collect();
    let [seen, template, expected] = parts.as_slice() else {
        return Err(format!("{} parts, not 3", parts.len()));
    };
    let seen: Json = serde_json::from_str(seen).map_err(|error| error.to_string())?;
    let output = match render(&seen, template) {
        Ok(output) => output,
        Err(message) => format!("!error {message}"),
    };
    if output == *expected { Ok(()) } else { Err(format!("expected {expected:?}\n     got {output:?}")) }
}

#[test]
fn every_case_renders_as_expected() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/templates");
    let mut failures = Vec::new();
    let mut n_cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        n_cases += 1;
        if let Err(difference) = check(&path) {
            failures.push(format!("{}: {difference}", path.display()));
        }
    }
    println!("{n_cases} cases");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(n_cases >= 40);
}
