//! Attributes of messages.
//!
//! AWS: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>

use super::invalid;
use crate::{ServiceError, input};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

const MAX_ATTRIBUTES: usize = 10;
const MAX_NAME: usize = 256;

/// The attributes of a message to be sent, checked, and what they count for its size.
pub(super) fn sent(entry: &Value) -> Result<(Map<String, Value>, usize), ServiceError> {
    let attributes = input::map(entry, "MessageAttributes")?.cloned().unwrap_or_default();
    if attributes.len() > MAX_ATTRIBUTES {
        let message = format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{MAX_ATTRIBUTES}].",
            attributes.len()
        );
        return Err(invalid(message));
    }
    let mut size = 0;
    for (name, attribute) in &attributes {
        size += name.len() + check(name, attribute)?;
    }
    Ok((attributes, size))
}

fn check(name: &str, attribute: &Value) -> Result<usize, ServiceError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let lower = name.to_ascii_lowercase();
    let reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(good) || reserved {
        return Err(invalid(format!(
            "The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), \
             hyphen (-), and period (.) characters, and does not start with AWS. or Amazon."
        )));
    }
    let kind = input::text(attribute, "DataType")?.unwrap_or_default();
    let value = match kind.split('.').next().unwrap_or_default() {
        "String" | "Number" => input::text(attribute, "StringValue")?.map(str::len),
        "Binary" => {
            let value = input::text(attribute, "BinaryValue")?;
            let decoded = value.map(|value| STANDARD.decode(value)).transpose();
            decoded
                .map_err(|_| invalid(format!("The binary value of '{name}' is not valid base64.")))?
                .map(|bytes| bytes.len())
        }
        _ => {
            return Err(invalid(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type \
                 prefixes is Binary, Number, and String."
            )));
        }
    };
    let is_number =
        || input::text(attribute, "StringValue").ok().flatten().is_some_and(|text| text.parse::<f64>().is_ok());
    match value.filter(|length| *length > 0) {
        None => Err(invalid(format!(
            "The message attribute '{name}' must contain a non-empty message attribute value for message attribute type \
             '{kind}'."
        ))),
        Some(_) if kind.starts_with("Number") && !is_number() => {
            Err(invalid(format!("Can't cast the value of message (user) attribute '{name}' to a number.")))
        }
        Some(length) => Ok(kind.len() + length),
    }
}

/// Those attributes that a receiver asks for by `All`, `.*`, a name, or `prefix.*`.
pub(super) fn wanted(attributes: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let is_wanted = |attribute: &str| {
        names.iter().any(|name| match name.strip_suffix(".*") {
            _ if *name == "All" || *name == attribute => true,
            Some(prefix) => attribute.starts_with(prefix),
            None => false,
        })
    };
    attributes.iter().filter(|(name, _)| is_wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}
