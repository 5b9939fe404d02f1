//! Amazon SNS: standard and FIFO topics, and delivery to functions, queues and web servers.
//!
//! AWS: <https://docs.aws.amazon.com/sns/latest/api/welcome.html>
//!
//! | operations | |
//! |---|---|
//! | `CreateTopic`, `DeleteTopic`, `ListTopics`, `GetTopicAttributes`, `SetTopicAttributes` | as on AWS; policies and keys are kept and have no effect |
//! | `Subscribe`, `ConfirmSubscription`, `Unsubscribe`, `ListSubscriptions`, `ListSubscriptionsByTopic`, `GetSubscriptionAttributes`, `SetSubscriptionAttributes` | as on AWS for the protocols `lambda`, `sqs`, `http` and `https`; others are refused |
//! | `Publish`, `PublishBatch` | as on AWS for topics; messages to telephones are refused; signatures of notifications are none |
//! | `TagResource`, `UntagResource`, `ListTagsForResource` | as on AWS |
//! | all others | refused with `InvalidAction` |
//!
//! A message is acknowledged when what is to be delivered is on disk; each subscription is then served for itself.

mod delivery;
mod envelope;
mod filter;
mod publish;
mod retry;
mod subscription;
mod topic;
pub mod wire;

pub use delivery::{Deliver, Invoke, Outside, Queue, QueueMessage, Undelivered};
pub use subscription::DeclaredSubscription;
pub use topic::DeclaredTopic;

use crate::{BoxFuture, Call, Clock, Service, ServiceError, input, store_failure};
use fanlight_store::Store;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use subscription::Subscription;
use tokio::sync::{Notify, OnceCell};
use topic::Topic;

/// The topics of a host.
#[derive(Debug)]
pub struct Sns {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    outside: Outside,
    /// Before the query in URLs that subscribers are given.
    endpoint: String,
    known: OnceCell<Mutex<Known>>,
    /// Told when there is something to deliver.
    published: Notify,
}

/// What is known of topics, by their ARNs. The store has it too; this spares the reading.
#[derive(Debug, Default)]
struct Known {
    topics: BTreeMap<String, Arc<Topic>>,
    subscriptions: BTreeMap<String, Arc<Subscription>>,
}

impl Service for Sns {
    fn handle<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Value, ServiceError>> {
        Box::pin(self.perform(call))
    }
}

impl Sns {
    /// The topics that the store has.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, outside: Outside, endpoint: &str) -> Self {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        Self { store, clock, outside, endpoint, known: OnceCell::new(), published: Notify::new() }
    }

    async fn perform(&self, call: Call<'_>) -> Result<Value, ServiceError> {
        match call.operation {
            "CreateTopic" => topic::create(self, &call).await,
            "DeleteTopic" => topic::delete(self, &call).await,
            "ListTopics" => topic::list(self, &call).await,
            "GetTopicAttributes" => topic::attributes(self, &call).await,
            "SetTopicAttributes" => topic::set_attribute(self, &call).await,
            "TagResource" | "UntagResource" => topic::tag(self, &call).await,
            "ListTagsForResource" => topic::tags(self, &call).await,
            "Subscribe" => subscription::subscribe(self, &call).await,
            "ConfirmSubscription" => subscription::confirm(self, &call).await,
            "Unsubscribe" => subscription::unsubscribe(self, &call).await,
            "ListSubscriptions" | "ListSubscriptionsByTopic" => subscription::list(self, &call).await,
            "GetSubscriptionAttributes" => subscription::attributes(self, &call).await,
            "SetSubscriptionAttributes" => subscription::set_attribute(self, &call).await,
            "Publish" => publish::publish(self, &call).await,
            "PublishBatch" => publish::batch(self, &call).await,
            _ => Err(call.unknown_operation()),
        }
    }

    async fn known(&self) -> Result<MutexGuard<'_, Known>, ServiceError> {
        let load = || async {
            let mut known = Known::default();
            for stored in self.store.topics().await.map_err(failed)? {
                match &stored.topic_arn {
                    None => {
                        let topic = Topic::read(&stored.arn, &stored.definition);
                        known.topics.insert(stored.arn, Arc::new(topic));
                    }
                    Some(topic_arn) => {
                        let subscription = Subscription::read(&stored.arn, topic_arn, &stored.definition);
                        known.subscriptions.insert(stored.arn, Arc::new(subscription));
                    }
                }
            }
            self.resume();
            Ok::<_, ServiceError>(Mutex::new(known))
        };
        let known = self.known.get_or_try_init(load).await?;
        Ok(known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn topic(&self, arn: &str) -> Result<Arc<Topic>, ServiceError> {
        let found = self.known().await?.topics.get(arn).cloned();
        found.ok_or_else(|| ServiceError::sender("NotFound", "Topic does not exist").with_status(404))
    }

    async fn subscription(&self, arn: &str) -> Result<Arc<Subscription>, ServiceError> {
        let found = self.known().await?.subscriptions.get(arn).cloned();
        found.ok_or_else(|| ServiceError::sender("NotFound", "Subscription does not exist").with_status(404))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn failed(error: fanlight_store::Error) -> ServiceError {
    store_failure("InternalError", &error)
}

/// In SNS's words.
fn invalid(what: impl std::fmt::Display) -> ServiceError {
    ServiceError::sender("InvalidParameter", format!("Invalid parameter: {what}"))
}

fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, ServiceError> {
    input::text(input, name)?.ok_or_else(|| invalid(name))
}

/// An operation that answers nothing.
fn nothing() -> Value {
    json!({})
}

/// One hundred of a list, and a token for the rest.
fn page(call: &Call<'_>, all: Vec<Value>, member: &str) -> Result<Value, ServiceError> {
    const PAGE: usize = 100;
    let from = match input::text(&call.input, "NextToken")? {
        None => 0,
        Some(token) => token.parse::<usize>().map_err(|_| invalid("NextToken"))?,
    };
    let rest = all.len().saturating_sub(from) > PAGE;
    let shown: Vec<Value> = all.into_iter().skip(from).take(PAGE).collect();
    Ok(if rest { json!({ member: shown, "NextToken": (from + PAGE).to_string() }) } else { json!({ member: shown }) })
}
