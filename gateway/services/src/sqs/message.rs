//! Sending.
//!
//! AWS: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>

use super::{Name, Queue, Sqs, attribute, digest, failed, invalid};
use crate::{Call, ServiceError, input, sns::QueueMessage, uuid};
use fanlight_store::queue::{Deduplication, NewMessage, Sent};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// How long a second message of the same is known.
const DEDUPLICATION_MS: i64 = 300_000;

/// A message that is good to be sent, and what its sender is told.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) message: NewMessage,
    pub(super) size: usize,
    answer: Map<String, Value>,
}

pub(super) async fn send(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let prepared = prepare(&queue, call.now_ms, &call.input)?;
    let mut answers = put(sqs, &queue, vec![prepared]).await?;
    Ok(answers.pop().map_or(Value::Null, Value::Object))
}

impl Sqs {
    /// Puts a message of another service into a queue.
    pub(crate) async fn send_to(&self, queue_arn: &str, message: QueueMessage) -> Result<(), ServiceError> {
        let name = Name::of_arn(queue_arn).ok_or_else(super::no_such_queue)?;
        let queue = self.named(&name).await?;
        let mut entry = Map::from_iter([
            ("MessageBody".to_owned(), message.body.into()),
            ("MessageAttributes".to_owned(), message.attributes.into()),
        ]);
        // What is in order there needs no order here.
        let order = [("MessageGroupId", message.group), ("MessageDeduplicationId", message.deduplication_id)];
        for (member, value) in order.into_iter().filter(|_| queue.is_fifo()) {
            entry.insert(member.to_owned(), value.into());
        }
        let prepared = prepare(&queue, self.clock.now_ms(), &Value::Object(entry))?;
        put(self, &queue, vec![prepared]).await.map(|_| ())
    }
}

/// Puts messages into a queue. Returns what the senders are told.
pub(super) async fn put(
    sqs: &Sqs,
    queue: &Queue,
    prepared: Vec<Prepared>,
) -> Result<Vec<Map<String, Value>>, ServiceError> {
    let (messages, answers): (Vec<_>, Vec<_>) =
        prepared.into_iter().map(|prepared| (prepared.message, prepared.answer)).unzip();
    let sent = sqs.store.send(queue.id, messages).await.map_err(failed)?;
    queue.arrived.notify_waiters();
    let answered = answers.into_iter().zip(sent).map(|(mut answer, Sent { message_id, sequence })| {
        answer.insert("MessageId".to_owned(), message_id.into());
        if queue.is_fifo() {
            answer.insert("SequenceNumber".to_owned(), sequence_number(sequence).into());
        }
        answer
    });
    Ok(answered.collect())
}

/// Twenty digits, as AWS's.
pub(super) fn sequence_number(sequence: i64) -> String {
    format!("188{sequence:017}")
}

/// Checks a message.
pub(super) fn prepare(queue: &Queue, now_ms: i64, entry: &Value) -> Result<Prepared, ServiceError> {
    let body = input::required(entry, "MessageBody")?;
    if body.is_empty() {
        return Err(input::missing("MessageBody"));
    }
    if !body.chars().all(is_allowed) {
        let message = "Message body contains characters that are not allowed.";
        return Err(ServiceError::sender("InvalidMessageContents", message));
    }
    let (attributes, attributes_size) = attribute::sent(entry)?;
    let system = input::map(entry, "MessageSystemAttributes")?.cloned().unwrap_or_default();
    if let Some(name) = system.keys().find(|name| *name != "AWSTraceHeader") {
        return Err(invalid(format!("Message system attribute name '{name}' is invalid.")));
    }
    let (size, limit) = (body.len() + attributes_size, queue.definition.number("MaximumMessageSize"));
    if i64::try_from(size).unwrap_or(i64::MAX) > limit {
        return Err(invalid(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
        )));
    }
    let mut answer = Map::new();
    answer.insert("MD5OfMessageBody".to_owned(), digest::of_text(body).into());
    for (name, attributes) in [("MD5OfMessageAttributes", &attributes), ("MD5OfMessageSystemAttributes", &system)] {
        if let Some(digest) = digest::of_attributes(attributes) {
            answer.insert(name.to_owned(), digest.into());
        }
    }
    let group = input::text(entry, "MessageGroupId")?.map(str::to_owned);
    let message = NewMessage {
        message_id: uuid(),
        deduplication: deduplication(queue, (entry, body, group.as_deref()), now_ms)?,
        body: body.to_owned(),
        attributes: json!({ "user": attributes, "system": system }).to_string(),
        sent_ms: now_ms,
        visible_ms: now_ms + delay(queue, entry)? * 1_000,
        group,
    };
    Ok(Prepared { message, size, answer })
}

/// Characters of XML 1.0.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn delay(queue: &Queue, entry: &Value) -> Result<i64, ServiceError> {
    let Some(seconds) = input::whole(entry, "DelaySeconds")? else {
        return Ok(queue.definition.number("DelaySeconds"));
    };
    if !(0..=900).contains(&seconds) {
        return Err(invalid(format!(
            "Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
        )));
    }
    if queue.is_fifo() && seconds > 0 {
        return Err(invalid(format!(
            "Value {seconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not \
             valid for this queue type."
        )));
    }
    Ok(seconds)
}

fn deduplication(
    queue: &Queue,
    (entry, body, group): (&Value, &str, Option<&str>),
    now_ms: i64,
) -> Result<Option<Deduplication>, ServiceError> {
    let given = input::text(entry, "MessageDeduplicationId")?;
    for (name, value) in [("MessageDeduplicationId", given), ("MessageGroupId", group)] {
        if let Some(value) = value.filter(|value| !is_id(value)) {
            return Err(invalid(format!(
                "Value {value} for parameter {name} is invalid. Reason: {name} can only include alphanumeric and \
                 punctuation characters. 1 to 128 in length."
            )));
        }
    }
    if !queue.is_fifo() {
        return match given {
            None => Ok(None),
            Some(id) => Err(invalid(format!(
                "Value {id} for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter \
                 that is not valid for this queue type."
            ))),
        };
    }
    let group = group.ok_or_else(|| input::missing("MessageGroupId"))?;
    let by_content = || {
        let digest = Sha256::digest(body.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let id = match given {
        Some(id) => id.to_owned(),
        None if queue.definition.deduplicates_by_content() => by_content(),
        None => {
            return Err(invalid(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly",
            ));
        }
    };
    let scope = if queue.definition.deduplicates_within_groups() { group } else { "" };
    Ok(Some(Deduplication { scope: scope.to_owned(), id, until_ms: now_ms + DEDUPLICATION_MS }))
}

fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
