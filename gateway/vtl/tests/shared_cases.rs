//! The recorded and probed cases that live outside of the repository: read from `FANLIGHT_CASES`,
//! or from `shared/cases` beside the repository. Without them this test says so and passes.

#![cfg(test)]

use fanlight_vtl::{Error, Inputs, Overrides, Parameters, Scope, Template};
use serde_json::Value as Json;
use std::path::PathBuf;

/// Cases that are left failing, with the reason.
const KNOWN_DIFFERENCES: [(&str, &str); 0] = [];

fn folder() -> PathBuf {
    std::env::var_os("FANLIGHT_CASES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases"), PathBuf::from)
}

/// The rows of a file with their names, or none where there is no such file.
fn rows(file: &str) -> Option<Vec<(String, Json)>> {
    let path = folder().join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("{} is absent: its cases were not run", path.display());
        return None;
    };
    let named = |(line, text): (usize, &str)| {
        let row: Json = serde_json::from_str(text).expect("a case is one line of JSON");
        let name = row["name"].as_str().map_or_else(|| format!("{file}:{}", line + 1), str::to_owned);
        (name, row)
    };
    Some(text.lines().enumerate().map(named).collect())
}

/// Runs all rows of a file; a check gives nothing for a row that is no render.
fn run(file: &str, check: impl Fn(&Json) -> Option<Result<(), String>>) {
    let Some(rows) = rows(file) else { return };
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (name, row) in &rows {
        match check(row) {
            Some(Ok(())) => passed += 1,
            None => {
                println!("{name}: skipped, it is no render");
                skipped += 1;
            }
            Some(Err(difference)) => {
                let known = KNOWN_DIFFERENCES.iter().find(|(known, _)| known == name);
                match known {
                    Some((_, reason)) => println!("{name}: fails as known, {reason}"),
                    None => {
                        println!("{name}: {difference}\n  template {}", row["template"]);
                        failed += 1;
                    }
                }
            }
        }
    }
    println!("{file}: {passed} passed, {failed} failed, {skipped} skipped");
    assert_eq!(failed, 0, "{file}");
}

fn pairs(json: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    json.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
}

fn parameters(row: &Json) -> Parameters {
    Parameters {
        path: pairs(&row["params"]["path"]),
        querystring: pairs(&row["params"]["querystring"]),
        header: pairs(&row["params"]["header"]),
    }
}

fn render(row: &Json, template: &str, body: &str, overrides: &mut Overrides) -> Result<String, Error> {
    let template = Template::parse(template)?;
    let context = if row["context"].is_object() { row["context"].clone() } else { serde_json::json!({}) };
    let stage_variables = pairs(&row["stageVariables"]);
    let parameters = parameters(row);
    Inputs { body, parameters: &parameters, context: &context, stage_variables: &stage_variables }
        .render(&template, overrides)
}

fn compare(how: &str, expected: &str, output: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Json>(text).map_err(|error| error.to_string());
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    match how {
        "json" => read(expected).is_ok() && read(expected) == read(output),
        "json-keys-in-order" => {
            read(expected).map(|json| json.to_string()) == read(output).map(|json| json.to_string())
        }
        "ws-normalized" => words(expected) == words(output),
        "empty-or-{}" => matches!(output, "" | "{}"),
        _ => expected == output,
    }
}

fn differs(expected: &Json, output: &Result<String, Error>) -> String {
    match output {
        Ok(output) => format!("expected {expected}, got {output:?}"),
        Err(error) => format!("expected {expected}, failed: {error}"),
    }
}

#[test]
fn recorded_renders_are_reproduced() {
    run("vtl-recorded.jsonl", |row| {
        let mut overrides = Overrides::default();
        let body = row["body"].as_str().unwrap_or("");
        let output = match (row["kind"].as_str().unwrap_or(""), row["template"].as_str()) {
            ("mock-request-template" | "request-template-http-level", _) => return None,
            ("two-stage" | "mock-two-stage", _) => {
                let request = render(row, row["request_template"].as_str().unwrap_or(""), body, &mut overrides);
                match (request, row["response_template"].as_str()) {
                    (Ok(_), None) => Ok(String::new()),
                    (Ok(request), Some(response)) => {
                        let mock = row["kind"] == "mock-two-stage";
                        render(row, response, if mock { "" } else { &request }, &mut overrides)
                    }
                    (failed, _) => failed,
                }
            }
            (_, Some(template)) => match row["full_template"].as_str() {
                Some(full) => {
                    let body = &row["request_override_path_body"];
                    overrides.request = serde_json::json!({"header": {}, "path": {"body": body}, "querystring": {}});
                    let row = serde_json::json!({});
                    render(&row, full, "", &mut overrides)
                }
                None => render(row, template, body, &mut overrides),
            },
            (_, None) => return None,
        };
        if let Some(status) = row["expected_status"].as_i64()
            && overrides.response["status"].as_i64().unwrap_or(200) != status
            && status < 600
            && row["expected"].is_string()
        {
            return Some(Err(format!("status {}", overrides.response["status"])));
        }
        let how = row["compare"].as_str().unwrap_or("text");
        let same = match (&output, row["expected"].as_str()) {
            (Ok(output), Some(expected)) => compare(how, expected, output),
            (Err(error), None) => {
                row["error_body"].as_str().is_none_or(|body| body.ends_with(&format!("{}\"}}", error.message())))
            }
            _ => false,
        };
        // A Lambda function that is called with nothing receives `{}`.
        let same = same || matches!((&output, row["expected"].as_str()), (Ok(output), Some("{}")) if output.is_empty());
        Some(if same { Ok(()) } else { Err(differs(&row["expected"], &output)) })
    });
}

#[test]
fn recorded_templates_render_alike_from_variables() {
    run("vtl-recorded.jsonl", |row| {
        row["full_template"].as_str()?;
        let template = row["template"].as_str()?;
        let output = Template::parse(template).and_then(|template| {
            let mut scope = Scope::new();
            for (name, value) in row["context"].as_object().into_iter().flatten() {
                scope.parsed_json(name, value);
            }
            template.render(scope)
        });
        let same = output.as_ref().is_ok_and(|output| {
            compare(row["compare"].as_str().unwrap_or("text"), row["expected"].as_str().unwrap_or(""), output)
        });
        Some(if same { Ok(()) } else { Err(differs(&row["expected"], &output)) })
    });
}

#[test]
fn probes_behave_as_the_model() {
    run("vtl-probes.jsonl", |row| {
        let output = Template::parse(row["template"].as_str()?).and_then(|template| {
            let mut scope = Scope::new();
            for (name, value) in row["context"].as_object().into_iter().flatten() {
                scope.json(name, value);
            }
            template.render(scope)
        });
        let same = output.as_deref().ok() == row["expected_aws"].as_str();
        Some(if same { Ok(()) } else { Err(differs(&row["expected_aws"], &output)) })
    });
}

#[test]
fn real_templates_render_byte_for_byte() {
    run("vtl-real-templates.jsonl", |row| {
        let mut overrides = Overrides::default();
        let body = row["body"].as_str().unwrap_or("");
        let output = render(row, row["template"].as_str()?, body, &mut overrides);
        if output.as_deref().ok() != row["model_expected"].as_str() {
            return Some(Err(differs(&row["model_expected"], &output)));
        }
        for (expected, written) in
            [(&row["model_requestOverride"], &overrides.request), (&row["model_responseOverride"], &overrides.response)]
        {
            // The model tells what is not empty.
            let empty = |value: &Json| value.as_object().is_some_and(serde_json::Map::is_empty);
            let mut written = written.clone();
            if let Some(members) = written.as_object_mut() {
                members.retain(|_, value| !empty(value));
            }
            if expected.is_object() && *expected != written {
                return Some(Err(format!("expected the overrides {expected}, got {written}")));
            }
        }
        Some(Ok(()))
    });
}
