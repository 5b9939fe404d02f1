//! What differs from run to run, as `[NAMES]` in expectations.

use crate::Outcome;
use regex::Regex;
use std::sync::LazyLock;

/// A mask and what it stands for.
const MASKS: [(&str, &str); 11] = [
    ("[REQUEST_ID]", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    ("[EXTENDED_ID]", "[A-Za-z0-9_-]{15}="),
    ("[TRACE_ID]", "1-[0-9a-f]{8}-[0-9a-f]{24}"),
    ("[SPAN_ID]", "[0-9a-f]{16}"),
    ("[EPOCH]", "[0-9]{13}"),
    (
        "[TIME]",
        "(?:[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT\
         |[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+]0000|[0-9]{2}:[0-9]{2}:[0-9]{2})",
    ),
    ("[MS]", "[0-9]+(?:[.][0-9]+)?"),
    ("[PORT]", "[0-9]{2,5}"),
    ("[HEX]", "[0-9a-f]+"),
    ("[NUMBER]", "[0-9]+"),
    ("[ANY]", "(?s:.*)"),
];

/// Those that an update may write: what they stand for is unmistakable.
const WRITTEN: usize = 6;

static WRITTEN_PATTERNS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let written = MASKS.iter().take(WRITTEN);
    written.filter_map(|(mask, pattern)| Some((*mask, Regex::new(&format!(r"\b{pattern}")).ok()?))).collect()
});

/// Whether `actual` is what `expected` says, masks and all.
pub fn matches(expected: &str, actual: &str) -> Outcome<bool> {
    if expected == actual {
        return Ok(true);
    }
    if !expected.contains('[') {
        return Ok(false);
    }
    let mut pattern = regex::escape(expected);
    for (mask, meaning) in MASKS {
        pattern = pattern.replace(&regex::escape(mask), meaning);
    }
    let pattern = Regex::new(&format!("^{pattern}$")).map_err(|error| format!("`{expected}`: {error}"))?;
    Ok(pattern.is_match(actual))
}

/// Writes masks over what will differ in the next run.
#[must_use]
pub fn cover(actual: &str) -> String {
    let mut covered = actual.to_owned();
    for (mask, pattern) in WRITTEN_PATTERNS.iter() {
        covered = pattern.replace_all(&covered, *mask).into_owned();
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_stand_for_what_varies() {
        let rows = [
            ("a", "a", true),
            ("a", "b", false),
            ("[1]", "[1]", true),
            ("id [REQUEST_ID]", "id 0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f", true),
            ("id [REQUEST_ID]", "id 0f0f0f0f-0f0f-0f0f-8f0f-0f0f0f0f0f0f", false),
            (
                "Root=[TRACE_ID];Parent=[SPAN_ID]",
                "Root=1-00000000-000000000000000000000000;Parent=0123456789abcdef",
                true,
            ),
            ("[TIME]", "22/Nov/2026:10:44:26 +0000", true),
            ("[TIME] GET", "10:44:26 GET", true),
            ("x.[MS]", "xy1", false),
        ];
        for (expected, actual, same) in rows {
            assert_eq!(matches(expected, actual), Ok(same), "{expected} {actual}");
        }
        assert_eq!(cover("a 0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f b"), "a [REQUEST_ID] b");
    }
}
