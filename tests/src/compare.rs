//! Expected against actual: JSON by structure, text by line, with masks in both.

use crate::{Outcome, mask};
use serde_json::{Map, Value};

/// `"…": "…"` in an object, `"…"` at the end of a list: there may be more.
const MORE: &str = "…";

/// The first difference between two JSON values, as a path and what stands there.
pub fn json(expected: &Value, actual: &Value) -> Outcome<Option<String>> {
    difference(expected, actual, "$")
}

fn difference(expected: &Value, actual: &Value, path: &str) -> Outcome<Option<String>> {
    let differs = || Ok(Some(format!("{path}: expected {expected}, found {actual}")));
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => objects(expected, actual, path),
        (Value::Array(expected), Value::Array(actual)) => lists(expected, actual, path),
        (Value::String(text), _) if text == "[ANY]" => Ok(None),
        (Value::String(expected), Value::String(actual)) => {
            if mask::matches(expected, actual)? {
                Ok(None)
            } else {
                differs()
            }
        }
        (Value::String(text), Value::Number(number)) if text.starts_with('[') => {
            if mask::matches(text, &number.to_string())? { Ok(None) } else { differs() }
        }
        (expected, actual) if expected == actual => Ok(None),
        _ => differs(),
    }
}

fn objects(expected: &Map<String, Value>, actual: &Map<String, Value>, path: &str) -> Outcome<Option<String>> {
    for (key, value) in expected.iter().filter(|(key, _)| *key != MORE) {
        let Some(found) = actual.get(key) else {
            return Ok(Some(format!("{path}.{key}: expected {value}, found nothing")));
        };
        if let Some(difference) = difference(value, found, &format!("{path}.{key}"))? {
            return Ok(Some(difference));
        }
    }
    let extra = actual.iter().find(|(key, _)| !expected.contains_key(*key));
    let closed = !expected.contains_key(MORE);
    Ok(extra.filter(|_| closed).map(|(key, value)| format!("{path}.{key}: found {value}, expected nothing")))
}

fn lists(expected: &[Value], actual: &[Value], path: &str) -> Outcome<Option<String>> {
    let (expected, open) = match expected.split_last() {
        Some((last, rest)) if last == MORE => (rest, true),
        _ => (expected, false),
    };
    if actual.len() < expected.len() || (actual.len() > expected.len() && !open) {
        return Ok(Some(format!("{path}: expected {} elements, found {}", expected.len(), actual.len())));
    }
    for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
        if let Some(difference) = difference(expected, actual, &format!("{path}[{index}]"))? {
            return Ok(Some(difference));
        }
    }
    Ok(None)
}

/// The first difference between two bodies: by structure when the expected one is JSON, else byte by byte.
pub fn bodies(expected: &str, actual: &str) -> Outcome<Option<String>> {
    if let (Ok(expected), Ok(actual)) = (serde_json::from_str(expected), serde_json::from_str(actual)) {
        return json(&expected, &actual);
    }
    if mask::matches(expected, actual)? {
        return Ok(None);
    }
    Ok(Some(format!("expected {}, found {}", shortened(expected), shortened(actual))))
}

/// The first difference between two texts; a line `…` stands for any number of lines.
pub fn lines(expected: &str, actual: &str) -> Outcome<Option<String>> {
    let actual: Vec<&str> = actual.lines().collect();
    let mut at = 0;
    let mut skipping = false;
    for expected in expected.lines() {
        if expected.trim() == MORE {
            skipping = true;
            continue;
        }
        let mut found = false;
        while let Some(line) = actual.get(at) {
            at += 1;
            found = mask::matches(expected, line)?;
            if found || !skipping {
                break;
            }
        }
        if !found {
            let line = actual.get(at.saturating_sub(1)).copied().unwrap_or("the end");
            return Ok(Some(format!("expected the line `{expected}`, found `{line}`")));
        }
        skipping = false;
    }
    Ok(actual.get(at).filter(|_| !skipping).map(|line| format!("found the line `{line}`, expected the end")))
}

/// Text for a message, whatever its size.
#[must_use]
pub fn shortened(text: &str) -> String {
    const SHOWN: usize = 2_000;
    if text.len() <= SHOWN {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(SHOWN).collect();
    format!("`{start}` .. ({} bytes)", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_compared_by_structure() {
        let rows = [
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), true),
            (json!({"a": 1}), json!({"a": 1, "b": 2}), false),
            (json!({"a": 1, "…": "…"}), json!({"a": 1, "b": 2}), true),
            (json!({"a": 1, "…": "…"}), json!({"b": 2}), false),
            (json!({"a": null}), json!({}), false),
            (json!([1, "…"]), json!([1, 2, 3]), true),
            (json!([1]), json!([1, 2]), false),
            (json!("[EPOCH]"), json!(1_795_344_266_000_u64), true),
            (json!("[ANY]"), json!({"a": []}), true),
            (json!("1"), json!(1), false),
        ];
        for (expected, actual, same) in rows {
            assert_eq!(json(&expected, &actual).map(|found| found.is_none()), Ok(same), "{expected} {actual}");
        }
    }

    #[test]
    fn lines_may_be_left_out_where_it_says_so() {
        let rows = [("a\nb", "a\nb", true), ("a", "a\nb", false), ("a\n…", "a\nb\nc", true), ("…\nc", "a\nb\nc", true)];
        for (expected, actual, same) in rows {
            assert_eq!(lines(expected, actual).map(|found| found.is_none()), Ok(same), "{expected} {actual}");
        }
        assert!(lines("…\nx", "a\nb").unwrap().is_some());
    }
}
