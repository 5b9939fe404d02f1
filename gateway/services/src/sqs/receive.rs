//! Receiving, with a wait for what comes.
//!
//! AWS: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>

use super::{Name, Queue, Sqs, attribute, digest, failed, invalid, message::sequence_number, receipt};
use crate::{Call, ServiceError, input};
use fanlight_store::queue::{Message, Order, Receive, Received, Redrive};
use serde_json::{Map, Value, json};
use std::pin::pin;

/// What a receiver asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wish {
    at_most: usize,
    wait_ms: i64,
    hidden_ms: i64,
}

pub(super) async fn receive(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let mut system = input::texts(&call.input, "AttributeNames")?;
    system.extend(input::texts(&call.input, "MessageSystemAttributeNames")?);
    let user = input::texts(&call.input, "MessageAttributeNames")?;
    let messages = wait(sqs, &queue, wish(&queue, call)?).await?;
    if messages.is_empty() {
        return Ok(super::nothing());
    }
    let queues = sqs.lock().await?;
    let source = |message: &Message| {
        let from = message.source?;
        queues.values().find(|queue| queue.id == from).map(|queue| queue.arn())
    };
    let shown = messages
        .iter()
        .map(|message| shown(&queue, message, source(message), (&system, &user), &call.owner.account_id));
    Ok(json!({ "Messages": shown.collect::<Vec<_>>() }))
}

fn wish(queue: &Queue, call: &Call<'_>) -> Result<Wish, ServiceError> {
    let number = |name: &str, (lowest, highest): (i64, i64), default: i64| {
        let given = input::whole(&call.input, name)?.unwrap_or(default);
        if (lowest..=highest).contains(&given) {
            return Ok(given);
        }
        Err(invalid(format!(
            "Value {given} for parameter {name} is invalid. Reason: Must be between {lowest} and {highest}, if provided."
        )))
    };
    let definition = &queue.definition;
    Ok(Wish {
        at_most: usize::try_from(number("MaxNumberOfMessages", (1, 10), 1)?).unwrap_or(1),
        wait_ms: number("WaitTimeSeconds", (0, 20), definition.number("ReceiveMessageWaitTimeSeconds"))? * 1_000,
        hidden_ms: number("VisibilityTimeout", (0, 43_200), definition.number("VisibilityTimeout"))? * 1_000,
    })
}

/// Receives; when there is nothing, as soon as there is, or nothing after the wait.
async fn wait(sqs: &Sqs, queue: &Queue, wish: Wish) -> Result<Vec<Message>, ServiceError> {
    let deadline = sqs.clock.now_ms() + wish.wait_ms;
    loop {
        // Before the store is asked, so that nothing that comes in between is missed.
        let mut arrived = pin!(queue.arrived.notified());
        arrived.as_mut().enable();
        let now_ms = sqs.clock.now_ms();
        let received = take(sqs, queue, wish, now_ms).await?;
        if !received.messages.is_empty() || now_ms >= deadline {
            return Ok(received.messages);
        }
        let wake = received.next_visible_ms.map_or(deadline, |next| next.min(deadline));
        tokio::select! {
            () = arrived => {}
            () = sqs.clock.sleep_until(wake) => {}
        }
    }
}

async fn take(sqs: &Sqs, queue: &Queue, wish: Wish, now_ms: i64) -> Result<Received, ServiceError> {
    let policy = queue.definition.redrive_policy();
    let dead_letters = match policy.as_ref().and_then(|policy| Name::of_arn(&policy.target_arn)) {
        Some(name) => sqs.lock().await?.get(&name).cloned(),
        None => None,
    };
    let redrive = policy
        .zip(dead_letters.as_ref())
        .map(|(policy, queue)| Redrive { to: queue.id, max_receives: policy.max_receives });
    let received = sqs.store.receive(Receive {
        queue: queue.id,
        at_most: wish.at_most,
        hidden_until_ms: now_ms + wish.hidden_ms,
        now: queue.definition.now(now_ms),
        order: if queue.is_fifo() { Order::WithinGroups } else { Order::Loose },
        redrive,
    });
    let received = received.await.map_err(failed)?;
    if let (true, Some(dead_letters)) = (received.redriven, dead_letters) {
        dead_letters.arrived.notify_waiters();
    }
    Ok(received)
}

/// A message as its receiver sees it.
fn shown(
    queue: &Queue,
    message: &Message,
    source: Option<String>,
    (system, user): (&[&str], &[&str]),
    account_id: &str,
) -> Value {
    let document: Value = serde_json::from_str(&message.attributes).unwrap_or_default();
    let stored = |name: &str| document.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut shown = Map::from_iter([
        ("MessageId".to_owned(), message.message_id.as_str().into()),
        ("ReceiptHandle".to_owned(), receipt::write(message.handle).into()),
        ("MD5OfBody".to_owned(), digest::of_text(&message.body).into()),
        ("Body".to_owned(), message.body.as_str().into()),
    ]);
    let trace = stored("system").get("AWSTraceHeader").and_then(|header| header.get("StringValue")).cloned();
    let mut known: Map<String, Value> = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        let wanted = system.iter().any(|wanted| *wanted == "All" || *wanted == name);
        if let Some(value) = value.filter(|_| wanted) {
            known.insert(name.to_owned(), value);
        }
    };
    add("SenderId", Some(account_id.into()));
    add("SentTimestamp", Some(message.sent_ms.to_string().into()));
    add("ApproximateReceiveCount", Some(message.receives.to_string().into()));
    add("ApproximateFirstReceiveTimestamp", Some(message.first_received_ms.to_string().into()));
    let sequence = sequence_number(message.handle.sequence);
    add("SequenceNumber", queue.is_fifo().then(|| sequence.into()));
    add("MessageDeduplicationId", message.deduplication_id.clone().map(Value::from));
    add("MessageGroupId", message.group.clone().map(Value::from));
    add("AWSTraceHeader", trace);
    add("DeadLetterQueueSourceArn", source.map(Value::from));
    if !known.is_empty() {
        shown.insert("Attributes".to_owned(), known.into());
    }
    let attributes = attribute::wanted(&stored("user"), user);
    if let Some(digest) = digest::of_attributes(&attributes) {
        shown.insert("MD5OfMessageAttributes".to_owned(), digest.into());
        shown.insert("MessageAttributes".to_owned(), attributes.into());
    }
    Value::Object(shown)
}
