//! Publishing.
//!
//! AWS: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>

use super::{Sns, envelope::Notification, failed, invalid, required, subscription::Subscription, topic::Topic};
use crate::{Call, Fault, ServiceError, input, uuid};
use base64::{Engine, engine::general_purpose::STANDARD};
use fanlight_store::{
    queue::Deduplication,
    topic::{Publication, Published},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::{collections::HashSet, sync::Arc};

const MAX_BYTES: usize = 262_144;
const MAX_ENTRIES: usize = 10;
const DEDUPLICATION_MS: i64 = 300_000;

/// A message that is good to be published.
#[derive(Debug)]
struct Message {
    notification: Notification,
    /// Texts by protocol, of `MessageStructure: json`.
    texts: Map<String, Value>,
    deduplication: Option<Deduplication>,
    size: usize,
}

pub(super) async fn publish(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    if input::text(&call.input, "PhoneNumber")?.is_some() {
        return Err(invalid("PhoneNumber Reason: messages to telephones are not served here"));
    }
    let arn = match input::text(&call.input, "TopicArn")? {
        Some(arn) => arn,
        None => input::text(&call.input, "TargetArn")?
            .ok_or_else(|| invalid("TopicArn or TargetArn Reason: no value for required parameter"))?,
    };
    let topic = sns.topic(arn).await?;
    let message = check(&topic, &call.input, call.now_ms)?;
    let mut published = keep(sns, &topic, vec![message]).await?;
    Ok(published.pop().map(|published| answer(&topic, &published)).unwrap_or_default())
}

fn answer(topic: &Topic, Published { message_id, sequence }: &Published) -> Value {
    if topic.is_fifo() {
        json!({ "MessageId": message_id, "SequenceNumber": format!("1{sequence:019}") })
    } else {
        json!({ "MessageId": message_id })
    }
}

pub(super) async fn batch(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let topic = sns.topic(required(&call.input, "TopicArn")?).await?;
    let entries = input::list(&call.input, "PublishBatchRequestEntries")?;
    let refuse = |code, message: &str| Err(ServiceError::sender(code, message));
    if entries.is_empty() {
        return refuse("EmptyBatchRequest", "The batch request doesn't contain any entries.");
    }
    if entries.len() > MAX_ENTRIES {
        return refuse("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
    }
    let (mut ids, mut messages, mut size, mut seen) = (Vec::new(), Vec::new(), 0, HashSet::new());
    let mut failed = Vec::new();
    for entry in entries {
        let id = required(entry, "Id")?;
        if !seen.insert(id) {
            return refuse("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
        }
        match check(&topic, entry, call.now_ms) {
            Ok(message) => {
                size += message.size;
                ids.push(id);
                messages.push(message);
            }
            Err(error) => failed.push(json!({
                "Id": id, "Code": error.code, "Message": error.message, "SenderFault": error.fault == Fault::Sender
            })),
        }
    }
    if size > MAX_BYTES {
        return refuse(
            "BatchRequestTooLong",
            "The length of all the batch messages put together is more than the limit.",
        );
    }
    let published = keep(sns, &topic, messages).await?;
    let successful = ids.iter().zip(&published).map(|(id, published)| {
        let mut shown = answer(&topic, published);
        if let Value::Object(members) = &mut shown {
            members.insert("Id".to_owned(), (*id).into());
        }
        shown
    });
    Ok(json!({ "Successful": successful.collect::<Vec<_>>(), "Failed": failed }))
}

/// Keeps what each subscription is to get. Who has not confirmed, or filters the message out, gets nothing.
async fn keep(sns: &Sns, topic: &Topic, messages: Vec<Message>) -> Result<Vec<Published>, ServiceError> {
    let subscriptions: Vec<Arc<Subscription>> = {
        let known = sns.known().await?;
        let all = known.subscriptions.values();
        all.filter(|known| known.topic_arn == topic.arn && !known.is_pending()).cloned().collect()
    };
    let publication = |Message { notification, texts, deduplication, .. }: Message| {
        let wants = |subscription: &&Arc<Subscription>| {
            subscription
                .policy
                .as_ref()
                .is_none_or(|policy| policy.accepts(&notification.message, &notification.attributes))
        };
        let deliveries = subscriptions.iter().filter(wants).map(|subscription| {
            let text = texts.get(subscription.protocol.as_str()).and_then(Value::as_str);
            let payload = match text {
                Some(text) => Notification { message: text.to_owned(), ..notification.clone() }.write(),
                None => notification.write(),
            };
            (subscription.arn.clone(), payload)
        });
        Publication {
            topic_arn: topic.arn.clone(),
            message_id: notification.message_id.clone(),
            published_ms: notification.published_ms,
            deduplication,
            ordered: topic.is_fifo(),
            deliveries: deliveries.collect(),
        }
    };
    let published = sns.store.publish(messages.into_iter().map(publication).collect()).await.map_err(failed)?;
    sns.published.notify_one();
    Ok(published)
}

fn check(topic: &Topic, entry: &Value, now_ms: i64) -> Result<Message, ServiceError> {
    let given = required(entry, "Message")?;
    if given.is_empty() {
        return Err(invalid("Empty message"));
    }
    let subject = input::text(entry, "Subject")?;
    if let Some(subject) = subject
        && (subject.is_empty() || subject.chars().count() > 100 || subject.contains(char::is_control))
    {
        return Err(invalid("Subject"));
    }
    let texts = match input::text(entry, "MessageStructure")? {
        None => Map::new(),
        Some("json") => structured(given)?,
        Some(other) => return Err(invalid(format!("MessageStructure Reason: {other}"))),
    };
    let message = texts.get("default").and_then(Value::as_str).unwrap_or(given).to_owned();
    let (attributes, attributes_size) = attributes(entry)?;
    let size = given.len() + attributes_size;
    if size > MAX_BYTES {
        return Err(invalid("Message too long"));
    }
    let group = input::text(entry, "MessageGroupId")?;
    let deduplication = deduplication(topic, (entry, given, group), now_ms)?;
    let notification = Notification {
        message_id: uuid(),
        subject: subject.map(str::to_owned),
        message,
        attributes,
        published_ms: now_ms,
        group: group.map(str::to_owned),
        deduplication_id: deduplication.as_ref().map(|deduplication| deduplication.id.clone()),
    };
    Ok(Message { notification, texts, deduplication, size })
}

/// `MessageStructure: json`: a text for each protocol.
fn structured(message: &str) -> Result<Map<String, Value>, ServiceError> {
    let Ok(Value::Object(texts)) = serde_json::from_str(message) else {
        return Err(invalid("Message Structure - JSON message body failed to parse"));
    };
    match texts.get("default") {
        Some(Value::String(_)) => Ok(texts),
        Some(_) | None => Err(invalid("Message Structure - No default entry in JSON message body")),
    }
}

/// The attributes of a message, and what they count for its size.
fn attributes(entry: &Value) -> Result<(Map<String, Value>, usize), ServiceError> {
    let attributes = input::map(entry, "MessageAttributes")?.cloned().unwrap_or_default();
    let mut size = 0;
    for (name, attribute) in &attributes {
        let wrong = |reason: &str| {
            ServiceError::sender("ParameterValueInvalid", format!("The message attribute '{name}' {reason}"))
        };
        let kind = input::text(attribute, "DataType")?.unwrap_or_default();
        let text = input::text(attribute, "StringValue")?;
        let length = match kind {
            "String" => text.map(str::len),
            "String.Array" => {
                let parsed = text.map(serde_json::from_str::<Vec<Value>>).transpose();
                parsed.map_err(|_| wrong("is no JSON array"))?;
                text.map(str::len)
            }
            "Number" => {
                let parsed = text.map(str::parse::<f64>).transpose();
                parsed.map_err(|_| wrong("is no number"))?;
                text.map(str::len)
            }
            "Binary" => {
                let value = input::text(attribute, "BinaryValue")?;
                let decoded = value.map(|value| STANDARD.decode(value)).transpose();
                decoded.map_err(|_| wrong("is no base64"))?.map(|bytes| bytes.len())
            }
            _ => {
                return Err(wrong(
                    "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and \
                     String.",
                ));
            }
        };
        let length = length.filter(|length| *length > 0);
        size +=
            name.len() + kind.len() + length.ok_or_else(|| wrong("must contain non-empty message attribute value."))?;
    }
    Ok((attributes, size))
}

fn deduplication(
    topic: &Topic,
    (entry, message, group): (&Value, &str, Option<&str>),
    now_ms: i64,
) -> Result<Option<Deduplication>, ServiceError> {
    let given = input::text(entry, "MessageDeduplicationId")?;
    if !topic.is_fifo() {
        return match given {
            None => Ok(None),
            Some(_) => Err(invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that \
                             is not valid for this topic type",
            )),
        };
    }
    if group.is_none() {
        return Err(invalid("The MessageGroupId parameter is required for FIFO topics"));
    }
    let id = match given {
        Some(id) => id.to_owned(),
        None if topic.deduplicates_by_content() => {
            Sha256::digest(message.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
        }
        None => {
            return Err(invalid(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly",
            ));
        }
    };
    Ok(Some(Deduplication { scope: String::new(), id, until_ms: now_ms + DEDUPLICATION_MS }))
}
