//! Probes of the language: variables, a template, and what the model of AWS gives. Null is a template that must fail.

use super::row::{Row, describe};
use crate::report::Verdict;
use fanlight_vtl::{Scope, Template};

pub(crate) fn check(row: &Row) -> Verdict {
    let output = Template::parse(row.text("template").unwrap_or_default()).and_then(|template| {
        let mut scope = Scope::new();
        for (name, value) in row.entries("context") {
            scope.json(name, value);
        }
        template.render(scope)
    });
    let expected = row.text("expected_aws");
    Verdict::of(output.as_deref().ok() == expected, row.member("expected_aws"), describe(&output))
}
