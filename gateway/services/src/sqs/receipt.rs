//! What a receiver does with what it received: delete it, or say when others may have it.
//!
//! AWS: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html>

use super::{Queue, Sqs, failed, invalid, nothing};
use crate::{Call, ServiceError, input};
use base64::{Engine, engine::general_purpose::STANDARD};
use fanlight_store::queue::{Found, Handle};
use serde_json::Value;

/// The handle of a receipt, for the wire.
pub(super) fn write(handle: Handle) -> String {
    let [queue, sequence, receipt] = handle.numbers();
    STANDARD.encode(format!("receipt {queue} {sequence} {receipt}"))
}

/// The handle of an entry.
pub(super) fn read(queue: &Queue, entry: &Value) -> Result<Handle, ServiceError> {
    let text = input::required(entry, "ReceiptHandle")?;
    let parse = || {
        let bytes = STANDARD.decode(text).ok()?;
        let mut numbers = std::str::from_utf8(&bytes).ok()?.strip_prefix("receipt ")?.split(' ').map(str::parse);
        Some(Handle::from_numbers([numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?]))
    };
    parse().filter(|handle| handle.queue == queue.id).ok_or_else(|| {
        ServiceError::sender("ReceiptHandleIsInvalid", format!("The input receipt handle \"{text}\" is not valid."))
    })
}

/// The new visibility timeout of an entry.
pub(super) fn visibility_ms(entry: &Value) -> Result<i64, ServiceError> {
    let seconds = input::whole(entry, "VisibilityTimeout")?.ok_or_else(|| input::missing("VisibilityTimeout"))?;
    if (0..=43_200).contains(&seconds) {
        return Ok(seconds * 1_000);
    }
    Err(invalid(format!(
        "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer \
         between 0 and 43200."
    )))
}

pub(super) async fn delete(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let handle = read(&queue, &call.input)?;
    let found = sqs.store.delete_messages(vec![handle], queue.definition.now(call.now_ms)).await.map_err(failed)?;
    found.into_iter().try_for_each(|found| deleted(&queue, &call.input, found))?;
    Ok(nothing())
}

/// A message that is gone is as good as deleted. In order, a receipt that has ended deletes nothing.
pub(super) fn deleted(queue: &Queue, entry: &Value, found: Found) -> Result<(), ServiceError> {
    match found {
        Found::Outdated if queue.is_fifo() => {
            let handle = input::text(entry, "ReceiptHandle")?.unwrap_or_default();
            Err(invalid(format!(
                "Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
            )))
        }
        Found::Current | Found::Outdated | Found::Gone => Ok(()),
    }
}

pub(super) async fn change_visibility(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let changed = (read(&queue, &call.input)?, call.now_ms + visibility_ms(&call.input)?);
    let now = queue.definition.now(call.now_ms);
    let found = sqs.store.change_visibility(vec![changed], now).await.map_err(failed)?;
    queue.arrived.notify_waiters();
    found.into_iter().try_for_each(self::changed)?;
    Ok(nothing())
}

/// Only what is hidden can be changed.
pub(super) fn changed(found: Found) -> Result<(), ServiceError> {
    match found {
        Found::Current => Ok(()),
        Found::Outdated | Found::Gone => {
            Err(ServiceError::sender("MessageNotInflight", "The specified message isn't in flight."))
        }
    }
}
