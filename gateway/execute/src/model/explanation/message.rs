//! The messages of json-schema-validator, letter by letter.

use jsonschema::{
    JsonType,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The message; `None` for what draft 4 does not have.
pub(super) fn of(kind: &Kind, instance: &Value) -> Option<String> {
    Some(match kind {
        Kind::AdditionalProperties { unexpected } => {
            let mut unexpected = unexpected.clone();
            unexpected.sort_unstable();
            format!("object instance has properties which are not allowed by the schema: {}", json!(unexpected))
        }
        Kind::AnyOf { context } => {
            format!("instance failed to match at least one required schema among {}", context.len())
        }
        Kind::Enum { options } => {
            format!("instance value ({instance}) not found in enum (possible values: {options})")
        }
        Kind::ExclusiveMaximum { limit } => {
            format!("numeric instance is not strictly lower than the required maximum {limit}")
        }
        Kind::ExclusiveMinimum { limit } => {
            format!("numeric instance is not strictly greater than the required minimum {limit}")
        }
        Kind::Format { format } => wrong_format(format, instance)?,
        Kind::Maximum { limit } => {
            format!("numeric instance is greater than the required maximum (maximum: {limit}, found: {instance})")
        }
        Kind::Minimum { limit } => {
            format!("numeric instance is lower than the required minimum (minimum: {limit}, found: {instance})")
        }
        Kind::MultipleOf { multiple_of } => format!("remainder of division is not zero ({instance} / {multiple_of})"),
        Kind::Not { .. } => "instance matched a schema which it should not have".to_owned(),
        Kind::OneOfMultipleValid { context } => {
            let matched = context.iter().filter(|errors| errors.is_empty()).count();
            format!("instance failed to match exactly one schema (matched {matched} out of {})", context.len())
        }
        Kind::OneOfNotValid { context } => {
            format!("instance failed to match exactly one schema (matched 0 out of {})", context.len())
        }
        Kind::Pattern { pattern } => {
            format!("ECMA 262 regex {} does not match input string {instance}", json!(pattern))
        }
        Kind::Type { kind } => wrong_type(kind, instance),
        Kind::UniqueItems => "array must not contain duplicate elements".to_owned(),
        other => return size(other, instance),
    })
}

/// The message of a wrong length or count.
fn size(kind: &Kind, instance: &Value) -> Option<String> {
    let found = length(instance);
    Some(match kind {
        Kind::AdditionalItems { limit } => {
            format!("schema only allows {limit} elements in array but instance has {found} elements")
        }
        Kind::MaxItems { limit } => {
            format!("array is too long: must have at most {limit} elements but instance has {found} elements")
        }
        Kind::MaxLength { limit } => {
            format!("string {instance} is too long (length: {found}, maximum allowed: {limit})")
        }
        Kind::MaxProperties { limit } => {
            format!("object has too many properties (found {found} but schema requires at most {limit})")
        }
        Kind::MinItems { limit } => {
            format!("array is too short: must have at least {limit} elements but instance has {found} elements")
        }
        Kind::MinLength { limit } => {
            format!("string {instance} is too short (length: {found}, required minimum: {limit})")
        }
        Kind::MinProperties { limit } => {
            format!("object has too few properties (found {found} but schema requires at least {limit})")
        }
        _ => return None,
    })
}

fn length(instance: &Value) -> usize {
    match instance {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn wrong_type(kind: &TypeKind, instance: &Value) -> String {
    let name = |kind: JsonType| kind.as_str().to_owned();
    let mut allowed: BTreeSet<String> = match kind {
        TypeKind::Single(kind) => [name(*kind)].into(),
        TypeKind::Multiple(kinds) => kinds.iter().map(name).collect(),
    };
    if allowed.contains("number") {
        allowed.insert("integer".to_owned());
    }
    let found = match instance {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("instance type ({found}) does not match any allowed primitive type (allowed: {})", json!(allowed))
}

fn wrong_format(format: &str, instance: &Value) -> Option<String> {
    let what = match format {
        "date-time" => {
            return Some(format!(
                "string {instance} is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, \
                 yyyy-MM-dd'T'HH:mm:ss.[0-9]{{1,12}}Z]"
            ));
        }
        "email" => "email address",
        "hostname" => "hostname",
        "ipv4" => "IPv4 address",
        "ipv6" => "IPv6 address",
        "regex" => "ECMA 262 regular expression",
        "uri" => "URI",
        _ => return None,
    };
    Some(format!("string {instance} is not a valid {what}"))
}
