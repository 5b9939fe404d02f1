//! Event source mappings: functions that are fed from queues.
//!
//! A batch is deleted when its function has succeeded; what has failed becomes visible again after the queue's timeout,
//! and goes to its dead-letter queue in the end.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>

use super::outside;
use crate::{backends::Clock, limits, site::Site};
use arc_swap::ArcSwap;
use fanlight_definition::resources::sink::EventSourceMapping;
use fanlight_services::{Call, Owner, Service, ServiceError, sns::Undelivered, sqs::Sqs};
use serde_json::{Map, Value, json};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::{task::JoinSet, time::Instant};

/// The mappings that are at work, each with its tasks.
#[derive(Debug, Default)]
pub(super) struct EventSources(Mutex<Vec<(EventSourceMapping, JoinSet<()>)>>);

/// What a mapping works with.
#[derive(Debug, Clone)]
struct Feed {
    mapping: EventSourceMapping,
    owner: Owner,
    sqs: Arc<Sqs>,
    clock: Clock,
    site: Weak<ArcSwap<Site>>,
}

impl EventSources {
    /// Begins new mappings and ends those that are no more.
    pub(super) fn replace(
        &self,
        wanted: &[EventSourceMapping],
        (sqs, clock): (&Arc<Sqs>, Clock),
        site: &Weak<ArcSwap<Site>>,
    ) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|(mapping, _)| wanted.contains(mapping));
        for mapping in wanted {
            if running.iter().any(|(known, _)| known == mapping) {
                continue;
            }
            let mut parts = mapping.queue_arn.split(':').skip(3).map(str::to_owned);
            let (Some(region), Some(account_id)) = (parts.next(), parts.next()) else { continue };
            let feed = Feed {
                mapping: mapping.clone(),
                owner: Owner { region, account_id },
                sqs: Arc::clone(sqs),
                clock,
                site: Weak::clone(site),
            };
            let mut tasks = JoinSet::new();
            for _ in 0..mapping.concurrency.unwrap_or(limits::BATCHES_AT_ONCE).min(limits::BATCHES_AT_ONCE) {
                tasks.spawn(feed.clone().run());
            }
            running.push((mapping.clone(), tasks));
        }
    }

    /// Ends all of them; batches that are under way come again.
    pub(super) async fn stop(&self) {
        let running = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (_, mut tasks) in running {
            tasks.shutdown().await;
        }
    }
}

impl Feed {
    async fn run(self) {
        loop {
            let outcome = match self.gather().await {
                Ok(batch) if batch.is_empty() => Ok(()),
                Ok(batch) => self.feed(&batch).await,
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                tracing::warn!(queue = self.mapping.queue_arn, error = error.message, "a queue cannot be read");
                tokio::time::sleep(limits::EVENT_SOURCE_PAUSE).await;
            }
        }
    }

    async fn call(&self, operation: &str, mut input: Map<String, Value>) -> Result<Value, ServiceError> {
        let queue = self.mapping.queue_arn.rsplit(':').next().unwrap_or_default();
        input.insert("QueueUrl".to_owned(), queue.into());
        let now_ms = self.clock.now().unix_ms;
        let call = Call { operation, input: input.into(), owner: &self.owner, now_ms, request_id: "" };
        self.sqs.handle(call).await
    }

    /// A batch: what comes until it is full or its window is over.
    async fn gather(&self) -> Result<Vec<Value>, ServiceError> {
        let size = usize::try_from(self.mapping.batch_size).unwrap_or(usize::MAX);
        let mut batch = self.receive(size, limits::RECEIVE_WAIT_S).await?;
        let end = Instant::now() + std::time::Duration::from_secs(self.mapping.window_s.into());
        while !batch.is_empty() && batch.len() < size && Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now()).as_secs();
            let more = self.receive(size - batch.len(), left.min(limits::RECEIVE_WAIT_S)).await?;
            if more.is_empty() && left == 0 {
                break;
            }
            batch.extend(more);
        }
        Ok(batch)
    }

    async fn receive(&self, at_most: usize, wait_s: u64) -> Result<Vec<Value>, ServiceError> {
        let input = Map::from_iter([
            ("MaxNumberOfMessages".to_owned(), at_most.min(10).into()),
            ("WaitTimeSeconds".to_owned(), wait_s.into()),
            ("AttributeNames".to_owned(), json!(["All"])),
            ("MessageAttributeNames".to_owned(), json!(["All"])),
        ]);
        let mut received = self.call("ReceiveMessage", input).await?;
        match received.get_mut("Messages").map(Value::take) {
            Some(Value::Array(messages)) => Ok(messages),
            Some(_) | None => Ok(Vec::new()),
        }
    }

    async fn feed(&self, batch: &[Value]) -> Result<(), ServiceError> {
        let records: Vec<Value> = batch.iter().map(|message| self.record(message)).collect();
        let returned = outside::invoke(&self.site, &self.mapping.function, &json!({ "Records": records })).await;
        let failed = match &returned {
            Ok(payload) if self.mapping.reports_failures => failures(payload, batch),
            Ok(_) => Some(HashSet::new()),
            Err(Undelivered::ForNow(_) | Undelivered::Permanently(_) | Undelivered::FunctionFailed(_)) => None,
        };
        // Without an answer all have failed.
        let Some(failed) = failed else { return Ok(()) };
        let done = batch.iter().filter(|message| text(message, "MessageId").is_none_or(|id| !failed.contains(id)));
        let handles: Vec<&Value> = done.filter_map(|message| message.get("ReceiptHandle")).collect();
        for handles in handles.chunks(10) {
            let entry = |(id, handle): (usize, &&Value)| json!({ "Id": id.to_string(), "ReceiptHandle": handle });
            let entries: Vec<Value> = handles.iter().enumerate().map(entry).collect();
            self.call("DeleteMessageBatch", Map::from_iter([("Entries".to_owned(), entries.into())])).await?;
        }
        Ok(())
    }

    /// A message as functions see it.
    fn record(&self, message: &Value) -> Value {
        let member = |name: &str| message.get(name).cloned();
        let attributes = member("MessageAttributes").unwrap_or_default();
        let shown = attributes.as_object().into_iter().flatten().map(|(name, attribute)| {
            let text = |member: &str| attribute.get(member).cloned();
            let mut shown = Map::new();
            for (name, value) in [("stringValue", text("StringValue")), ("binaryValue", text("BinaryValue"))] {
                shown.extend(value.map(|value| (name.to_owned(), value)));
            }
            shown.insert("stringListValues".to_owned(), json!([]));
            shown.insert("binaryListValues".to_owned(), json!([]));
            shown.extend(text("DataType").map(|kind| ("dataType".to_owned(), kind)));
            (name.clone(), Value::Object(shown))
        });
        let mut record = json!({
            "messageId": member("MessageId"),
            "receiptHandle": member("ReceiptHandle"),
            "body": member("Body"),
            "attributes": member("Attributes").unwrap_or_else(|| json!({})),
            "messageAttributes": shown.collect::<Map<_, _>>(),
            "md5OfBody": member("MD5OfBody"),
            "eventSource": "aws:sqs",
            "eventSourceARN": self.mapping.queue_arn,
            "awsRegion": self.owner.region,
        });
        if let (Some(digest), Value::Object(members)) = (member("MD5OfMessageAttributes"), &mut record) {
            members.insert("md5OfMessageAttributes".to_owned(), digest);
        }
        record
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

/// The messages that a function names in `batchItemFailures`; `None` when it names something else, which fails all.
fn failures(payload: &[u8], batch: &[Value]) -> Option<HashSet<String>> {
    let answer: Value = serde_json::from_slice(payload).unwrap_or_default();
    let Some(listed) = answer.get("batchItemFailures").filter(|listed| !listed.is_null()) else {
        return Some(HashSet::new());
    };
    let known = |id: &&str| batch.iter().any(|message| text(message, "MessageId") == Some(*id));
    let id = |item: &Value| text(item, "itemIdentifier").filter(known).map(str::to_owned);
    listed.as_array()?.iter().map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_function_says_of_its_batch() {
        let batch = [json!({ "MessageId": "a" }), json!({ "MessageId": "b" })];
        let set = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect::<HashSet<_>>());
        let rows = [
            ("null", set(&[])),
            ("{}", set(&[])),
            (r#"{"batchItemFailures":[]}"#, set(&[])),
            (r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, set(&["b"])),
            (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, None),
            (r#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#, None),
            (r#"{"batchItemFailures":[{}]}"#, None),
            (r#"{"batchItemFailures":"b"}"#, None),
        ];
        for (payload, expected) in rows {
            assert_eq!(failures(payload.as_bytes(), &batch), expected, "{payload}");
        }
    }
}
