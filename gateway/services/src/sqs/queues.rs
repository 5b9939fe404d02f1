//! Queues themselves: making, finding, describing, emptying and deleting them.

use super::{Definition, Name, Queue, Sqs, failed, invalid, nothing};
use crate::{Call, ServiceError, input};
use fanlight_store::queue::{Counts, NewQueue};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const PURGE_EVERY_MS: i64 = 60_000;
const MAX_RESULTS: i64 = 1_000;

/// A queue that a definition declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredQueue {
    /// Where it stands.
    pub region: String,
    /// Whose it is.
    pub account_id: String,
    /// Its name.
    pub name: String,
    /// Its attributes, as `SetQueueAttributes` takes them.
    pub attributes: Vec<(String, String)>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

impl Sqs {
    /// Makes a queue as a definition declares it, or changes the one there is; what is in it stays.
    ///
    /// # Errors
    /// The declaration is wrong, or the store cannot be written.
    pub async fn declare(&self, declared: DeclaredQueue, now_ms: i64) -> Result<(), ServiceError> {
        let DeclaredQueue { region, account_id, name, attributes, tags } = declared;
        let name = Name { region, account_id, name };
        let mut wanted = defined(&name, &attributes, now_ms)?;
        wanted.tags = tags.into_iter().collect();
        let existing = self.lock().await?.get(&name).cloned();
        match existing {
            None => make(self, name, wanted).await.map(|_| ()),
            Some(queue) if queue.is_fifo() != wanted.is_fifo() => {
                Err(invalid(format!("the queue `{}` cannot change between standard and FIFO", queue.name.name)))
            }
            Some(queue) => {
                wanted.created_ms = queue.definition.created_ms;
                wanted.purged_ms = queue.definition.purged_ms;
                redefine(self, &queue, wanted).await
            }
        }
    }
}

pub(super) async fn create(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let name = Name {
        region: call.owner.region.clone(),
        account_id: call.owner.account_id.clone(),
        name: input::required(&call.input, "QueueName")?.to_owned(),
    };
    let attributes = input::text_map(&call.input, "Attributes")?;
    let mut wanted = defined(&name, &attributes, call.now_ms)?;
    wanted.tags = input::text_map(&call.input, "tags")?.into_iter().collect();
    let existing = sqs.lock().await?.get(&name).cloned();
    let queue = match existing {
        Some(queue) => queue,
        None => make(sqs, name, wanted).await?,
    };
    let shown = queue.definition.shown();
    let differs = |(attribute, value): &&(String, String)| shown.get(attribute).and_then(Value::as_str) != Some(value);
    if let Some((attribute, _)) = attributes.iter().find(differs) {
        let message =
            format!("A queue already exists with the same name and a different value for attribute {attribute}");
        return Err(ServiceError::sender("QueueNameExists", message));
    }
    Ok(json!({ "QueueUrl": sqs.url(&queue.name) }))
}

fn defined(name: &Name, attributes: &[(String, String)], now_ms: i64) -> Result<Definition, ServiceError> {
    let is_fifo = attributes.iter().any(|(name, value)| name == "FifoQueue" && value == "true");
    let stem = if is_fifo { name.name.strip_suffix(".fifo") } else { Some(name.name.as_str()) };
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.name.len() > 80 || stem.is_none_or(|stem| stem.is_empty() || !stem.bytes().all(good)) {
        return Err(invalid(if is_fifo {
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with \
             .fifo suffix and be 1 to 80 in length"
        } else {
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        }));
    }
    let mut definition = Definition::default();
    // What others may be set depends on it.
    let (fifo, others): (Vec<_>, Vec<_>) = attributes.iter().cloned().partition(|(name, _)| name == "FifoQueue");
    definition.set(&fifo)?;
    definition.set(&others)?;
    definition.created_ms = now_ms;
    definition.modified_ms = now_ms;
    Ok(definition)
}

async fn make(sqs: &Sqs, name: Name, definition: Definition) -> Result<Arc<Queue>, ServiceError> {
    let Name { region, account_id, name: own } = name.clone();
    let new = NewQueue { region, account_id, name: own, definition: definition.write() };
    let stored = sqs.store.create_queue(new).await.map_err(failed)?;
    let definition = Definition::read(&stored.definition);
    let queue = Arc::new(Queue { id: stored.id, name: name.clone(), definition, arrived: Arc::default() });
    // Somebody else may have been faster.
    Ok(Arc::clone(sqs.lock().await?.entry(name).or_insert(queue)))
}

async fn redefine(sqs: &Sqs, queue: &Queue, definition: Definition) -> Result<(), ServiceError> {
    if definition == queue.definition {
        return Ok(());
    }
    sqs.store.define_queue(queue.id, definition.write()).await.map_err(failed)?;
    let (id, name, arrived) = (queue.id, queue.name.clone(), Arc::clone(&queue.arrived));
    let changed = Arc::new(Queue { id, name: name.clone(), definition, arrived });
    if let Some(known) = sqs.lock().await?.get_mut(&name).filter(|known| known.id == id) {
        *known = changed;
    }
    Ok(())
}

pub(super) async fn delete(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    sqs.store.delete_queue(queue.id).await.map_err(failed)?;
    sqs.lock().await?.remove(&queue.name);
    queue.arrived.notify_waiters();
    Ok(nothing())
}

pub(super) async fn url(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let account = input::text(&call.input, "QueueOwnerAWSAccountId")?.unwrap_or(&call.owner.account_id);
    let name = Name {
        region: call.owner.region.clone(),
        account_id: account.to_owned(),
        name: input::required(&call.input, "QueueName")?.to_owned(),
    };
    let queue = sqs.named(&name).await?;
    Ok(json!({ "QueueUrl": sqs.url(&queue.name) }))
}

pub(super) async fn list(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let prefix = input::text(&call.input, "QueueNamePrefix")?.unwrap_or_default();
    let mut names: Vec<Name> = sqs.lock().await?.keys().cloned().collect();
    names.retain(|name| {
        name.region == call.owner.region && name.account_id == call.owner.account_id && name.name.starts_with(prefix)
    });
    pages(sqs, call, names, "QueueUrls")
}

pub(super) async fn dead_letter_sources(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let arn = sqs.queue(call).await?.arn();
    let sends_to = |queue: &Queue| queue.definition.redrive_policy().is_some_and(|policy| policy.target_arn == arn);
    let queues = sqs.lock().await?;
    let names = queues.values().filter(|queue| sends_to(queue)).map(|queue| queue.name.clone()).collect();
    drop(queues);
    pages(sqs, call, names, "queueUrls")
}

/// As many URLs as are asked for, with a token for the rest.
fn pages(sqs: &Sqs, call: &Call<'_>, mut names: Vec<Name>, member: &str) -> Result<Value, ServiceError> {
    let at_most = input::whole(&call.input, "MaxResults")?;
    if let Some(wrong) = at_most.filter(|number| !(1..=MAX_RESULTS).contains(number)) {
        return Err(invalid(format!(
            "Value {wrong} for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and \
             {MAX_RESULTS}."
        )));
    }
    let after = input::text(&call.input, "NextToken")?.unwrap_or_default();
    names.sort();
    names.retain(|name| name.name.as_str() > after);
    let limit = usize::try_from(at_most.unwrap_or(MAX_RESULTS)).unwrap_or(usize::MAX);
    let mut shown = Map::new();
    if let (true, Some(last)) = (at_most.is_some() && names.len() > limit, names.get(limit.saturating_sub(1))) {
        shown.insert("NextToken".to_owned(), last.name.clone().into());
    }
    names.truncate(limit);
    if !names.is_empty() {
        let urls: Vec<String> = names.iter().map(|name| sqs.url(name)).collect();
        shown.insert(member.to_owned(), urls.into());
    }
    Ok(Value::Object(shown))
}

pub(super) async fn purge(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let before = queue.definition.purged_ms;
    if before != 0 && call.now_ms - before < PURGE_EVERY_MS {
        let message = format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue.name.name);
        return Err(ServiceError::sender("PurgeQueueInProgress", message));
    }
    sqs.store.purge_queue(queue.id).await.map_err(failed)?;
    redefine(sqs, &queue, Definition { purged_ms: call.now_ms, ..queue.definition.clone() }).await?;
    Ok(nothing())
}

pub(super) async fn attributes(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let names = input::texts(&call.input, "AttributeNames")?;
    let counts = sqs.store.count_messages(queue.id, queue.definition.now(call.now_ms)).await.map_err(failed)?;
    let known = all_attributes(&queue, counts);
    if let Some(unknown) = names.iter().find(|name| **name != "All" && !is_attribute(name)) {
        return Err(ServiceError::sender("InvalidAttributeName", format!("Unknown Attribute {unknown}.")));
    }
    let wanted = |name: &String| names.iter().any(|wanted| *wanted == "All" || *wanted == name);
    let shown: Map<String, Value> = known.into_iter().filter(|(name, _)| wanted(name)).collect();
    Ok(if shown.is_empty() { nothing() } else { json!({ "Attributes": shown }) })
}

fn all_attributes(queue: &Queue, Counts { visible, in_flight, delayed }: Counts) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("QueueArn".to_owned(), queue.arn().into());
    for (name, count) in [
        ("ApproximateNumberOfMessages", visible),
        ("ApproximateNumberOfMessagesNotVisible", in_flight),
        ("ApproximateNumberOfMessagesDelayed", delayed),
    ] {
        shown.insert(name.to_owned(), count.to_string().into());
    }
    shown.extend(queue.definition.shown());
    shown
}

/// Whether AWS knows the attribute, set or not.
fn is_attribute(name: &str) -> bool {
    const OTHERS: [&str; 16] = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesDelayed",
        "ApproximateNumberOfMessagesNotVisible",
        "ContentBasedDeduplication",
        "CreatedTimestamp",
        "DeduplicationScope",
        "FifoQueue",
        "FifoThroughputLimit",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "LastModifiedTimestamp",
        "Policy",
        "QueueArn",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "SqsManagedSseEnabled",
    ];
    OTHERS.contains(&name) || Definition::default().shown().contains_key(name)
}

pub(super) async fn set_attributes(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let mut definition = queue.definition.clone();
    definition.set(&input::text_map(&call.input, "Attributes")?)?;
    definition.modified_ms = call.now_ms;
    redefine(sqs, &queue, definition).await?;
    queue.arrived.notify_waiters();
    Ok(nothing())
}

pub(super) async fn tag(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let mut definition = queue.definition.clone();
    definition.tags.extend(input::text_map(&call.input, "Tags")?);
    for key in input::texts(&call.input, "TagKeys")? {
        definition.tags.remove(key);
    }
    redefine(sqs, &queue, definition).await?;
    Ok(nothing())
}

pub(super) async fn tags(sqs: &Sqs, call: &Call<'_>) -> Result<Value, ServiceError> {
    let queue = sqs.queue(call).await?;
    let tags = &queue.definition.tags;
    Ok(if tags.is_empty() { nothing() } else { json!({ "Tags": tags }) })
}
