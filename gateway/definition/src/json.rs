//! Values of a document as JSON, where AWS takes JSON: schemas of models, policies.

use crate::document::{Map, Node, Value as NodeValue};
use serde_json::{Number, Value};

/// A value as JSON. A plain scalar is a number or a boolean where YAML 1.1 says so, everything else is text.
pub(crate) fn value(node: &Node) -> Value {
    match &node.value {
        NodeValue::Null | NodeValue::Unresolved => Value::Null,
        NodeValue::Scalar { text, plain } => scalar(node, text, *plain),
        NodeValue::List(items) => Value::Array(items.iter().map(value).collect()),
        NodeValue::Map(map) => Value::Object(object(map)),
    }
}

fn object(map: &Map) -> serde_json::Map<String, Value> {
    map.iter().map(|(key, entry)| (key.to_owned(), value(&entry.node))).collect()
}

fn scalar(node: &Node, text: &str, plain: bool) -> Value {
    if !plain {
        return Value::String(text.to_owned());
    }
    match node.as_boolean() {
        Some(boolean) => Value::Bool(boolean),
        None => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

/// A number as JSON or YAML writes it: `1`, `-0.5`, `1e3`, `+2`, `.5`, `0x1f`.
fn number(text: &str) -> Option<Number> {
    if let Ok(number) = text.parse::<Number>() {
        return Some(number);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(Number::from);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let decimal = unsigned.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.')
        && unsigned.contains(|letter: char| letter.is_ascii_digit());
    if !decimal {
        return None;
    }
    text.parse::<i64>().ok().map(Number::from).or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn knows_the_numbers_of_json_and_yaml() {
        for (text, expected) in
            [("1", "1"), ("-0.5", "-0.5"), ("1e3", "1e3"), ("+2", "2"), (".5", "0.5"), ("0x1f", "31"), ("007", "7")]
        {
            let found = number(text).map(|number| number.to_string());
            let same = found.as_deref().and_then(|found| found.parse::<f64>().ok()) == expected.parse::<f64>().ok();
            assert!(same, "{text}: {found:?}");
        }
        for text in ["", "-", ".", "2012-10-17", "1.2.3", "inf", "NaN", "nan", "1 2", "0xzz", "e5", "12px"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
