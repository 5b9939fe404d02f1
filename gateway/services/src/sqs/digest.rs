//! The MD5 digests that SDKs check.
//!
//! AWS: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use serde_json::{Map, Value};

/// The digest of a body.
pub(super) fn of_text(text: &str) -> String {
    hex(Md5::digest(text.as_bytes()).as_slice())
}

/// The digest of attributes: names, types and values in the order of the names, each after its length.
pub(super) fn of_attributes(attributes: &Map<String, Value>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut entries: Vec<(&String, &Value)> = attributes.iter().collect();
    entries.sort_by_key(|(name, _)| *name);
    let mut digest = Md5::new();
    for (name, attribute) in entries {
        let text = |member: &str| attribute.get(member).and_then(Value::as_str);
        add(&mut digest, name.as_bytes());
        add(&mut digest, text("DataType").unwrap_or_default().as_bytes());
        // One byte says which kind of value follows.
        match (text("StringValue"), text("BinaryValue")) {
            (Some(value), _) => {
                digest.update([1]);
                add(&mut digest, value.as_bytes());
            }
            (None, value) => {
                digest.update([2]);
                add(&mut digest, &STANDARD.decode(value.unwrap_or_default()).unwrap_or_default());
            }
        }
    }
    Some(hex(digest.finalize().as_slice()))
}

fn add(digest: &mut Md5, bytes: &[u8]) {
    digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    digest.update(bytes);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
