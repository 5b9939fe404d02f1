//! How an output is compared with the recorded text: the recording did not always keep it byte for byte.

use serde_json::Value as Json;

/// Whether the output is what was recorded; `None` where nobody knows this comparison.
pub(crate) fn same(comparison: &str, expected: &str, output: &str) -> Option<bool> {
    Some(match comparison {
        "text" => expected == output,
        "json" => read(expected).is_some_and(|json| read(output) == Some(json)),
        // serde_json keeps the order of the document.
        "json-keys-in-order" => {
            let ordered = |text| read(text).map(|json| json.to_string());
            ordered(expected).is_some_and(|expected| ordered(output) == Some(expected))
        }
        "ws-normalized" => expected.split_whitespace().eq(output.split_whitespace()),
        "empty-or-{}" => matches!(output, "" | "{}"),
        _ => return None,
    })
}

fn read(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn each_comparison_sees_what_it_should() {
        let table = [
            ("text", "a", "a", Some(true)),
            ("text", "a", "a ", Some(false)),
            ("json", r#"{"a":1,"b":2}"#, r#"{ "b": 2, "a": 1 }"#, Some(true)),
            ("json", "no JSON", "no JSON", Some(false)),
            ("json-keys-in-order", r#"{"a":1,"b":2}"#, r#"{"a": 1, "b": 2}"#, Some(true)),
            ("json-keys-in-order", r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, Some(false)),
            ("ws-normalized", "a b", " a\n\tb", Some(true)),
            ("ws-normalized", "a b", "ab", Some(false)),
            ("empty-or-{}", "{}", "", Some(true)),
            ("empty-or-{}", "{}", "x", Some(false)),
            ("by heart", "a", "a", None),
        ];
        for (comparison, expected, output, verdict) in table {
            assert_eq!(same(comparison, expected, output), verdict, "{comparison} {expected} {output}");
        }
    }
}
