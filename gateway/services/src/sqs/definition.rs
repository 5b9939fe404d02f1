//! What a queue is like: its attributes and tags.
//!
//! AWS: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>

use crate::ServiceError;
use fanlight_store::queue::Now;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The definition of a queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Definition {
    /// As they were set, and checked.
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) created_ms: i64,
    pub(super) modified_ms: i64,
    pub(super) purged_ms: i64,
}

/// `RedrivePolicy`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RedrivePolicy {
    pub(super) target_arn: String,
    pub(super) max_receives: i64,
}

/// Numbers: name, lowest, highest, default.
const NUMBERS: [(&str, i64, i64, i64); 5] = [
    ("DelaySeconds", 0, 900, 0),
    ("MaximumMessageSize", 1_024, 1_048_576, 1_048_576),
    ("MessageRetentionPeriod", 60, 1_209_600, 345_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20, 0),
    ("VisibilityTimeout", 0, 43_200, 30),
];

/// Kept as they are.
const TEXTS: [&str; 4] = ["KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "Policy", "RedriveAllowPolicy"];

const DEDUPLICATION_SCOPES: [&str; 2] = ["messageGroup", "queue"];
const THROUGHPUT_LIMITS: [&str; 2] = ["perQueue", "perMessageGroupId"];

impl Definition {
    pub(super) fn read(text: &str) -> Self {
        let document: Value = serde_json::from_str(text).unwrap_or_default();
        let texts = |name: &str| {
            let entries = document.get(name).and_then(Value::as_object).into_iter().flatten();
            entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        };
        let time = |name: &str| document.get(name).and_then(Value::as_i64).unwrap_or_default();
        Self {
            attributes: texts("attributes"),
            tags: texts("tags"),
            created_ms: time("createdMs"),
            modified_ms: time("modifiedMs"),
            purged_ms: time("purgedMs"),
        }
    }

    pub(super) fn write(&self) -> String {
        json!({
            "attributes": self.attributes, "tags": self.tags,
            "createdMs": self.created_ms, "modifiedMs": self.modified_ms, "purgedMs": self.purged_ms
        })
        .to_string()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// One of the numbers.
    pub(super) fn number(&self, name: &str) -> i64 {
        let default = NUMBERS.iter().find(|(known, ..)| *known == name).map_or(0, |(.., default)| *default);
        self.text(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.text("FifoQueue") == Some("true")
    }

    pub(super) fn deduplicates_by_content(&self) -> bool {
        self.text("ContentBasedDeduplication") == Some("true")
    }

    pub(super) fn deduplicates_within_groups(&self) -> bool {
        self.text("DeduplicationScope") == Some("messageGroup")
    }

    pub(super) fn redrive_policy(&self) -> Option<RedrivePolicy> {
        parse_redrive_policy(self.text("RedrivePolicy")?)
    }

    /// The time as the store wants it.
    pub(super) fn now(&self, ms: i64) -> Now {
        Now { ms, kept_since_ms: ms - self.number("MessageRetentionPeriod") * 1_000 }
    }

    /// Sets attributes; an empty value of a text takes it away.
    pub(super) fn set(&mut self, attributes: &[(String, String)]) -> Result<(), ServiceError> {
        for (name, value) in attributes {
            self.check(name, value)?;
            if value.is_empty() {
                self.attributes.remove(name);
            } else {
                self.attributes.insert(name.clone(), value.clone());
            }
        }
        Ok(())
    }

    fn check(&self, name: &str, value: &str) -> Result<(), ServiceError> {
        let wrong =
            || ServiceError::sender("InvalidAttributeValue", format!("Invalid value for the parameter {name}."));
        let known = |good: bool| if good { Ok(()) } else { Err(wrong()) };
        if let Some((_, lowest, highest, _)) = NUMBERS.iter().find(|(known, ..)| *known == name) {
            return known(value.parse().is_ok_and(|number: i64| (*lowest..=*highest).contains(&number)));
        }
        match name {
            "RedrivePolicy" => known(value.is_empty() || parse_redrive_policy(value).is_some()),
            "SqsManagedSseEnabled" => known(is_boolean(value)),
            // A FIFO queue is one from the beginning.
            "FifoQueue" => known(value == "true" && (self.created_ms == 0 || self.is_fifo())),
            "ContentBasedDeduplication" if self.is_fifo() => known(is_boolean(value)),
            "DeduplicationScope" if self.is_fifo() => known(DEDUPLICATION_SCOPES.contains(&value)),
            "FifoThroughputLimit" if self.is_fifo() => known(THROUGHPUT_LIMITS.contains(&value)),
            _ if TEXTS.contains(&name) => Ok(()),
            _ => Err(ServiceError::sender("InvalidAttributeName", format!("Unknown Attribute {name}."))),
        }
    }

    /// All attributes as AWS shows them, without those that are counted.
    pub(super) fn shown(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        for (name, ..) in NUMBERS {
            shown.insert(name.to_owned(), self.number(name).to_string().into());
        }
        for (name, time) in [("CreatedTimestamp", self.created_ms), ("LastModifiedTimestamp", self.modified_ms)] {
            shown.insert(name.to_owned(), (time / 1_000).to_string().into());
        }
        let defaults: &[(&str, &str)] = if self.is_fifo() {
            &[
                ("ContentBasedDeduplication", "false"),
                ("DeduplicationScope", "queue"),
                ("FifoThroughputLimit", "perQueue"),
                ("SqsManagedSseEnabled", "true"),
            ]
        } else {
            &[("SqsManagedSseEnabled", "true")]
        };
        for (name, value) in defaults {
            shown.insert((*name).to_owned(), (*value).into());
        }
        for (name, value) in &self.attributes {
            shown.insert(name.clone(), value.as_str().into());
        }
        shown
    }
}

fn is_boolean(value: &str) -> bool {
    value == "true" || value == "false"
}

fn parse_redrive_policy(text: &str) -> Option<RedrivePolicy> {
    let document: Value = serde_json::from_str(text).ok()?;
    let target_arn = document.get("deadLetterTargetArn")?.as_str()?.to_owned();
    // Both spellings are in use.
    let max_receives = match document.get("maxReceiveCount")? {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) => text.parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (1..=1_000).contains(&max_receives).then_some(RedrivePolicy { target_arn, max_receives })
}
