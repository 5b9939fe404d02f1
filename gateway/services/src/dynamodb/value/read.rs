//! Attribute values out of JSON. What is no value is refused in AWS's words.

use super::{Attribute, Item};
use crate::dynamodb::number::Number;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

/// How deep lists and maps may be nested.
const DEPTH: usize = 32;

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Invalid {
    /// It is none of the JSON model's: a `SerializationException`.
    Shape(String),
    /// It is none that DynamoDB takes: a `ValidationException`.
    Value(String),
}

type Read<T> = Result<T, Invalid>;

/// Reads a map of attributes.
pub(crate) fn item(members: &Map<String, Value>) -> Read<Item> {
    nested_item(members, 0)
}

/// Reads one value.
pub(crate) fn attribute(value: &Value) -> Read<Attribute> {
    nested(value, 0)
}

fn nested_item(members: &Map<String, Value>, depth: usize) -> Read<Item> {
    members.iter().map(|(name, value)| Ok((name.clone(), nested(value, depth)?))).collect()
}

fn nested(value: &Value, depth: usize) -> Read<Attribute> {
    if depth > DEPTH {
        return refused("Nesting Levels have exceeded supported limits");
    }
    let types = object(value)?;
    // A type that is null is as good as none.
    let mut set = types.iter().filter(|(_, value)| !value.is_null());
    let Some((kind, value)) = set.next() else {
        return refused("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
    };
    let read = typed(kind, value, depth)?;
    if set.next().is_some() {
        return refused(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        );
    }
    Ok(read)
}

fn typed(kind: &str, value: &Value, depth: usize) -> Read<Attribute> {
    Ok(match kind {
        "S" => Attribute::S(text(value)?.to_owned()),
        "N" => Attribute::N(number(text(value)?)?),
        "B" => Attribute::B(blob(value)?),
        "BOOL" => Attribute::Bool(boolean(value)?),
        "NULL" if boolean(value)? => Attribute::Null,
        "NULL" => return invalid("Null attribute value types must have the value of true"),
        "SS" => Attribute::Ss(strings(list(value)?)?),
        "NS" => Attribute::Ns(numbers(list(value)?)?),
        "BS" => Attribute::Bs(blobs(list(value)?)?),
        "L" => Attribute::L(list(value)?.iter().map(|value| nested(value, depth + 1)).collect::<Read<_>>()?),
        "M" => Attribute::M(nested_item(object(value)?, depth + 1)?),
        _ => return refused("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    })
}

fn number(text: &str) -> Read<Number> {
    Number::parse(text).map_err(|error| Invalid::Value(error.to_string()))
}

fn strings(values: &[Value]) -> Read<Vec<String>> {
    if values.is_empty() {
        return invalid("An string set  may not be empty");
    }
    let texts: Vec<String> = values.iter().map(|value| Ok(text(value)?.to_owned())).collect::<Read<_>>()?;
    if repeats(&texts) {
        return invalid(&format!("Input collection [{}] contains duplicates.", texts.join(", ")));
    }
    Ok(texts)
}

fn numbers(values: &[Value]) -> Read<Vec<Number>> {
    if values.is_empty() {
        return invalid("An number set  may not be empty");
    }
    let numbers: Vec<Number> = values.iter().map(|value| number(text(value)?)).collect::<Read<_>>()?;
    if repeats(&numbers) { refused("Input collection contains duplicates") } else { Ok(numbers) }
}

fn blobs(values: &[Value]) -> Read<Vec<Vec<u8>>> {
    if values.is_empty() {
        return invalid("Binary sets should not be empty");
    }
    let all: Vec<Vec<u8>> = values.iter().map(blob).collect::<Read<_>>()?;
    if repeats(&all) {
        let shown: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        return invalid(&format!("Input collection [{}]of type BS contains duplicates.", shown.join(", ")));
    }
    Ok(all)
}

fn repeats<T: std::hash::Hash + Eq>(members: &[T]) -> bool {
    let mut seen = std::collections::HashSet::with_capacity(members.len());
    !members.iter().all(|member| seen.insert(member))
}

fn refused<T>(message: &str) -> Read<T> {
    Err(Invalid::Value(message.to_owned()))
}

fn invalid<T>(message: &str) -> Read<T> {
    Err(Invalid::Value(format!("One or more parameter values were invalid: {message}")))
}

fn shape<T>(message: impl Into<String>) -> Read<T> {
    Err(Invalid::Shape(message.into()))
}

/// The name of what stands where something else should.
fn token(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    }
}

/// What AWS says of a value that is none of the wanted type.
pub(crate) fn mismatch(value: &Value, wanted: &str) -> String {
    match value {
        Value::Array(_) => "Unrecognized collection type class java.util.ArrayList".to_owned(),
        Value::Object(_) => "Start of structure or map found where not expected".to_owned(),
        scalar => format!("{} cannot be converted to {wanted}", token(scalar)),
    }
}

fn text(value: &Value) -> Read<&str> {
    value.as_str().map_or_else(|| shape(mismatch(value, "String")), Ok)
}

fn boolean(value: &Value) -> Read<bool> {
    value.as_bool().map_or_else(|| shape(mismatch(value, "Boolean")), Ok)
}

fn blob(value: &Value) -> Read<Vec<u8>> {
    let Some(text) = value.as_str() else { return shape(mismatch(value, "Blob")) };
    STANDARD.decode(text).map_or_else(|_| shape(format!("'{text}' can not be converted to a Blob: Invalid Base64")), Ok)
}

fn list(value: &Value) -> Read<&[Value]> {
    match value {
        Value::Array(values) => Ok(values),
        Value::Object(_) => shape("Start of structure or map found where not expected"),
        _ => shape("Unexpected field type"),
    }
}

fn object(value: &Value) -> Read<&Map<String, Value>> {
    match value {
        Value::Object(members) => Ok(members),
        Value::Array(_) => shape("Unrecognized collection type class java.util.ArrayList"),
        _ => shape("Unexpected value type in payload"),
    }
}
