//! Up to ten of the same at once, each with an outcome of its own.
//!
//! AWS: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html>

use super::{Queue, Sqs, failed, message, receipt};
use crate::{Call, Fault, ServiceError, input};
use fanlight_store::queue::{Found, Handle};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

const MAX_ENTRIES: usize = 10;
const MAX_BYTES: usize = 1_048_576;

pub(super) async fn send(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let mut outcome = Outcome::default();
    let (mut ids, mut prepared, mut size) = (Vec::new(), Vec::new(), 0);
    for (id, entry) in entries(call)? {
        match message::prepare(&queue, call.now_ms, entry) {
            Err(error) => outcome.fail(&id, &error),
            Ok(message) => {
                size += message.size;
                ids.push(id);
                prepared.push(message);
            }
        }
    }
    if size > MAX_BYTES {
        return Err(ServiceError::sender(
            "BatchRequestTooLong",
            format!("Batch requests cannot be longer than {MAX_BYTES} bytes. You have sent {size} bytes."),
        ));
    }
    let answers = if prepared.is_empty() { Vec::new() } else { message::put(sqs, &queue, prepared).await? };
    for (id, answer) in ids.into_iter().zip(answers) {
        outcome.succeed(&id, answer);
    }
    Ok(outcome.shown())
}

pub(super) async fn delete(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let mut outcome = Outcome::default();
    let wanted = read(&queue, call, &mut outcome, |_| Ok(()))?;
    let handles = wanted.iter().map(|(.., (handle, ()))| *handle).collect();
    let found = sqs.store.delete_messages(handles, queue.definition.now(call.now_ms)).await.map_err(failed)?;
    outcome.settle(wanted, found, |entry, found| receipt::deleted(&queue, entry, found));
    Ok(outcome.shown())
}

pub(super) async fn change_visibility(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let mut outcome = Outcome::default();
    let until = |entry: &Value| receipt::visibility_ms(entry).map(|hidden| call.now_ms + hidden);
    let wanted = read(&queue, call, &mut outcome, until)?;
    let changed = wanted.iter().map(|(.., changed)| *changed).collect();
    let now = queue.definition.now(call.now_ms);
    let found = sqs.store.change_visibility(changed, now).await.map_err(failed)?;
    queue.arrived.notify_waiters();
    outcome.settle(wanted, found, |_, found| receipt::changed(found));
    Ok(outcome.shown())
}

/// An entry, its id, its handle, and what else was read of it.
type Wanted<'a, T> = (String, &'a Value, (Handle, T));

fn read<'a, T>(
    queue: &Queue,
    call: &'a Call<'_>,
    outcome: &mut Outcome,
    more: impl Fn(&Value) -> Result<T, ServiceError>,
) -> Result<Vec<Wanted<'a, T>>, ServiceError> {
    let mut wanted = Vec::new();
    for (id, entry) in entries(call)? {
        match receipt::read(queue, entry).and_then(|handle| Ok((handle, more(entry)?))) {
            Ok(read) => wanted.push((id, entry, read)),
            Err(error) => outcome.fail(&id, &error),
        }
    }
    Ok(wanted)
}

/// The entries of a batch with their ids.
fn entries<'a>(call: &'a Call<'_>) -> Result<Vec<(String, &'a Value)>, ServiceError> {
    let entries = input::list(&call.input, "Entries")?;
    if entries.is_empty() {
        let message = format!("There should be at least one {}RequestEntry in the request.", call.operation);
        return Err(ServiceError::sender("EmptyBatchRequest", message));
    }
    if entries.len() > MAX_ENTRIES {
        let message =
            format!("Maximum number of entries per request are {MAX_ENTRIES}. You have sent {}.", entries.len());
        return Err(ServiceError::sender("TooManyEntriesInBatchRequest", message));
    }
    let mut seen = HashSet::new();
    let mut named = Vec::new();
    for entry in entries {
        let id = input::required(entry, "Id")?;
        let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !(1..=80).contains(&id.len()) || !id.bytes().all(good) {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be \
                           at most 80 letters long.";
            return Err(ServiceError::sender("InvalidBatchEntryId", message));
        }
        if !seen.insert(id) {
            return Err(ServiceError::sender("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
        }
        named.push((id.to_owned(), entry));
    }
    Ok(named)
}

#[derive(Debug, Default)]
struct Outcome {
    successful: Vec<Value>,
    failed: Vec<Value>,
}

impl Outcome {
    fn succeed(&mut self, id: &str, mut answer: Map<String, Value>) {
        answer.insert("Id".to_owned(), id.into());
        self.successful.push(Value::Object(answer));
    }

    fn fail(&mut self, id: &str, error: &ServiceError) {
        let sender = error.fault == Fault::Sender;
        self.failed.push(json!({ "Id": id, "SenderFault": sender, "Code": error.code, "Message": error.message }));
    }

    fn settle<T>(
        &mut self,
        wanted: Vec<Wanted<'_, T>>,
        found: Vec<Found>,
        judge: impl Fn(&Value, Found) -> Result<(), ServiceError>,
    ) {
        for ((id, entry, _), found) in wanted.into_iter().zip(found) {
            match judge(entry, found) {
                Ok(()) => self.succeed(&id, Map::new()),
                Err(error) => self.fail(&id, &error),
            }
        }
    }

    fn shown(self) -> Value {
        let mut shown = Map::new();
        for (name, entries) in [("Successful", self.successful), ("Failed", self.failed)] {
            if !entries.is_empty() {
                shown.insert(name.to_owned(), entries.into());
            }
        }
        Value::Object(shown)
    }
}
