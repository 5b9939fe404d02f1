//! Renders recorded from AWS. `kind` says how a template ran there.

use super::{
    comparison,
    row::{Output, Row, describe},
};
use crate::report::Verdict;
use fanlight_vtl::{Overrides, Scope, Template};
use serde_json::{Value as Json, json};

pub(crate) fn check(row: &Row) -> Verdict {
    if let Some(reason) = no_render(row) {
        return Verdict::Skipped(reason);
    }
    let mut overrides = Overrides::default();
    let output = render(row, &mut overrides);
    compare(row, &output).and(|| status(row, &overrides)).and(|| headers(row, &overrides)).and(|| from_variables(row))
}

/// Why a row is no render.
fn no_render(row: &Row) -> Option<&'static str> {
    match (row.text("kind")?, row.text("template"), row.text("response_template")) {
        ("mock-request-template", _, _) => Some("recorded over HTTP: what a MOCK integration reads as its status"),
        ("request-template-http-level", _, _) => Some("recorded over HTTP: which headers of the client arrive"),
        (_, None, None) => Some("recorded over HTTP: there is no response template, so nothing renders the body"),
        _ => None,
    }
}

/// Runs the row's template, or its request template and then its response template with the same overrides.
fn render(row: &Row, overrides: &mut Overrides) -> Output {
    let body = row.text("body").unwrap_or_default();
    if let Some(full) = row.text("full_template") {
        let place =
            json!({"header": {}, "path": {"body": row.member("request_override_path_body")}, "querystring": {}});
        overrides.request = place;
        // The row's `context` is variables, which the full template reads from the override.
        return Row(json!({})).render(full, body, overrides);
    }
    if let Some(template) = row.text("template") {
        return row.render(template, body, overrides);
    }
    let request = row.render(row.text("request_template").unwrap_or_default(), body, overrides)?;
    // A MOCK integration has no body; the other backend sends the request's back.
    let body = if row.text("kind") == Some("mock-two-stage") { "" } else { &request };
    row.render(row.text("response_template").unwrap_or_default(), body, overrides)
}

fn compare(row: &Row, output: &Output) -> Verdict {
    let same = match (output, row.text("expected")) {
        // A Lambda function that is called with nothing receives `{}`.
        (Ok(output), Some("{}")) if row.text("kind") == Some("request-template+lambda-echo") && output.is_empty() => {
            true
        }
        (Ok(output), Some(expected)) => {
            let comparison = row.text("compare").unwrap_or("text");
            let Some(same) = comparison::same(comparison, expected, output) else {
                return Verdict::of(false, "a known `compare`", comparison);
            };
            same
        }
        (Err(error), None) => {
            row.text("error_body").is_none_or(|body| body.ends_with(&format!("{}\"}}", error.message())))
        }
        (Ok(_), None) | (Err(_), Some(_)) => false,
    };
    let expected = if row.text("expected").is_some() { row.member("expected") } else { row.member("error_body") };
    Verdict::of(same, expected, describe(output))
}

/// The status of a render that succeeds: what the template wrote, else 200.
fn status(row: &Row, overrides: &Overrides) -> Verdict {
    let (Some(expected), Some(_)) = (row.member("expected_status").as_i64(), row.text("expected")) else {
        return Verdict::Passed;
    };
    let written = overrides.response.get("status").and_then(Json::as_i64).unwrap_or(200);
    Verdict::of(written == expected, format_args!("status {expected}"), format_args!("status {written}"))
}

fn headers(row: &Row, overrides: &Overrides) -> Verdict {
    let written = overrides.response.get("header").unwrap_or(&Json::Null);
    let same = row.entries("expected_headers").all(|(name, value)| written.get(name) == Some(value));
    Verdict::of(same, format_args!("headers {}", row.member("expected_headers")), format_args!("headers {written}"))
}

/// Most templates were recorded with their variables read from an override; they render alike when the variables are set.
fn from_variables(row: &Row) -> Verdict {
    let (Some(_), Some(template)) = (row.text("full_template"), row.text("template")) else { return Verdict::Passed };
    let output = Template::parse(template).and_then(|template| {
        let mut scope = Scope::new();
        for (name, value) in row.entries("context") {
            scope.parsed_json(name, value);
        }
        template.render(scope)
    });
    compare(row, &output)
}
