//! Mapping templates of public projects: what the model of AWS renders, byte for byte, and the overrides it leaves.

use super::row::{Row, describe};
use crate::report::Verdict;
use fanlight_vtl::Overrides;
use serde_json::{Map, Value as Json};

pub(crate) fn check(row: &Row) -> Verdict {
    let mut overrides = Overrides::default();
    let (template, body) = (row.text("template").unwrap_or_default(), row.text("body").unwrap_or_default());
    let output = row.render(template, body, &mut overrides);
    let expected = row.text("model_expected");
    Verdict::of(output.as_deref().ok() == expected, row.member("model_expected"), describe(&output))
        .and(|| written(row, "model_requestOverride", &overrides.request))
        .and(|| written(row, "model_responseOverride", &overrides.response))
}

/// The model tells only overrides that are not empty.
fn written(row: &Row, member: &str, overrides: &Json) -> Verdict {
    let expected = row.member(member);
    let mut written = overrides.clone();
    if let Some(places) = written.as_object_mut() {
        places.retain(|_, place| !place.as_object().is_some_and(Map::is_empty));
    }
    let same = !expected.is_object() || *expected == written;
    Verdict::of(same, format_args!("{member} {expected}"), written)
}
