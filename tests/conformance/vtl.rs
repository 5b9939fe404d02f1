//! Mapping templates: recorded from AWS, probed with a model of it, or found in public projects. What kind a row is shows
//! in its fields, so that a file may have any name.

mod comparison;
mod probe;
mod real_template;
mod recorded;
mod row;

use crate::report::{Report, Verdict, print};
use row::Row;
use serde_json::Value as Json;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The kinds of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Recorded,
    Probe,
    RealTemplate,
}

/// Runs the rows of a file and prints what did not pass.
pub(crate) fn check(file: &str, text: &str) -> Report {
    let mut report = Report::default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = format!("{file}:{}", number + 1);
        let (name, template, verdict) = match serde_json::from_str(line) {
            Ok(json) => {
                let row = Row(json);
                (row.name().unwrap_or(&place).to_owned(), row.templates(), guarded(&row))
            }
            Err(error) => (place, Json::Null, Verdict::of(false, "a JSON object in one line", error)),
        };
        print(&name, Some(&format_args!("template {template}")), &verdict);
        report.count(&verdict);
    }
    report
}

/// A row that panics fails, and the others still run.
fn guarded(row: &Row) -> Verdict {
    let verdict = catch_unwind(AssertUnwindSafe(|| verdict(row)));
    verdict.unwrap_or_else(|_| Verdict::of(false, "no panic", "a panic"))
}

fn verdict(row: &Row) -> Verdict {
    match kind(row) {
        Some(Kind::Recorded) => recorded::check(row),
        Some(Kind::Probe) => probe::check(row),
        Some(Kind::RealTemplate) => real_template::check(row),
        None => Verdict::of(false, "a row with `expected_aws`, `model_expected` or `kind`", "none of them"),
    }
}

fn kind(row: &Row) -> Option<Kind> {
    let by = [("expected_aws", Kind::Probe), ("model_expected", Kind::RealTemplate), ("kind", Kind::Recorded)];
    by.into_iter().find(|(field, _)| row.0.get(field).is_some()).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn rows_are_told_apart_by_their_fields() {
        let rows = [
            r#"{"kind": "response-template", "template": "$input.body", "body": "a", "expected": "a", "compare": "text"}"#,
            r#"{"template": "$a", "context": {"a": 1}, "expected_aws": "1"}"#,
            r#"{"template": " #if(", "context": {}, "expected_aws": null}"#,
            r#"{"kind": "request", "template": "$input.params('a')", "params": {"path": {"a": "b"}}, "model_expected": "b"}"#,
            r#"{"kind": "mock-request-template", "template": "{statusCode: 200}", "expected_status": 200}"#,
        ];
        assert_eq!(check("any", &rows.join("\n")).to_string(), "4 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn what_differs_or_cannot_be_read_fails() {
        let rows = [r#"{"template": "1", "context": {}, "expected_aws": "2"}"#, "{}", "no JSON", ""];
        assert_eq!(check("any", &rows.join("\n")).to_string(), "0 passed, 3 failed, 0 skipped");
    }
}
