//! Reading the input of an operation. The Query protocol has strings only, so numbers and booleans may be strings.

use crate::ServiceError;
use serde_json::{Map, Value};

/// A text.
pub(crate) fn text<'a>(input: &'a Value, name: &str) -> Result<Option<&'a str>, ServiceError> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(mistyped(name, "a string")),
    }
}

/// A text that must be there.
pub(crate) fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, ServiceError> {
    text(input, name)?.ok_or_else(|| missing(name))
}

/// A whole number.
pub(crate) fn whole(input: &Value, name: &str) -> Result<Option<i64>, ServiceError> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => number.as_i64().map(Some).ok_or_else(|| mistyped(name, "a whole number")),
        Some(Value::String(text)) => text.parse().map(Some).map_err(|_| mistyped(name, "a whole number")),
        Some(_) => Err(mistyped(name, "a whole number")),
    }
}

/// A list; absent is empty.
pub(crate) fn list<'a>(input: &'a Value, name: &str) -> Result<&'a [Value], ServiceError> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(mistyped(name, "a list")),
    }
}

/// The texts of a list.
pub(crate) fn texts<'a>(input: &'a Value, name: &str) -> Result<Vec<&'a str>, ServiceError> {
    list(input, name)?.iter().map(|item| item.as_str().ok_or_else(|| mistyped(name, "a list of strings"))).collect()
}

/// Yes or no; absent is no.
pub(crate) fn flag(input: &Value, name: &str) -> bool {
    match input.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text == "true",
        _ => false,
    }
}

/// A map, if it is there.
pub(crate) fn map<'a>(input: &'a Value, name: &str) -> Result<Option<&'a Map<String, Value>>, ServiceError> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(mistyped(name, "a map")),
    }
}

/// A map of texts; absent is empty.
pub(crate) fn text_map(input: &Value, name: &str) -> Result<Vec<(String, String)>, ServiceError> {
    let entries = map(input, name)?.into_iter().flatten();
    let pair = |(key, value): (&String, &Value)| match value {
        Value::String(text) => Ok((key.clone(), text.clone())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(mistyped(name, "a map of strings"))
        }
    };
    entries.map(pair).collect()
}

/// The error for what must be there.
pub(crate) fn missing(name: &str) -> ServiceError {
    ServiceError::sender("MissingParameter", format!("The request must contain the parameter {name}."))
}

fn mistyped(name: &str, expected: &str) -> ServiceError {
    ServiceError::sender("SerializationException", format!("`{name}` is not {expected}"))
}
