//! Delivery: each subscription for itself, at least once, again after a failure, and to the dead-letter queue in the end.
//!
//! AWS: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use super::{
    Sns,
    envelope::{self, Notification, Payload},
    retry::{self, Schedule},
    subscription::{Protocol, Subscription},
};
use crate::{BoxFuture, ServiceError, uuid};
use fanlight_store::topic::Delivery;
use serde_json::{Map, Value};
use std::{
    collections::{HashMap, HashSet},
    fmt,
    pin::pin,
    sync::Arc,
};
use tokio::task::JoinSet;

/// Deliveries to one subscription at once.
const AT_ONCE: usize = 16;

/// Between two looks at a store that cannot be read.
const PAUSE_MS: i64 = 1_000;

/// What subscribers are reached by.
#[derive(Debug, Clone)]
pub struct Outside {
    /// Functions.
    pub functions: Arc<dyn Invoke>,
    /// Web servers.
    pub servers: Arc<dyn Deliver>,
    /// Queues.
    pub queues: Arc<dyn Queue>,
}

/// Functions.
pub trait Invoke: fmt::Debug + Send + Sync {
    /// Runs a function with an event, until it has succeeded or failed.
    fn invoke<'a>(&'a self, function_arn: &'a str, event: Value) -> BoxFuture<'a, Result<(), Undelivered>>;
}

/// Web servers.
pub trait Deliver: fmt::Debug + Send + Sync {
    /// Posts a text, within a deadline of its own. Gives the status, or why there is none.
    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> BoxFuture<'a, Result<u16, String>>;

    /// Is told of a message that is given up, and not kept anywhere else.
    fn discarded(&self, subscription_arn: &str, reason: &str);
}

/// Queues.
pub trait Queue: fmt::Debug + Send + Sync {
    /// Puts a message into a queue.
    fn send<'a>(&'a self, queue_arn: &'a str, message: QueueMessage) -> BoxFuture<'a, Result<(), Undelivered>>;
}

/// A message for a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueMessage {
    /// What it says.
    pub body: String,
    /// Its attributes, as SQS takes them.
    pub attributes: Map<String, Value>,
    /// Its group, for FIFO queues.
    pub group: Option<String>,
    /// What tells it from others, for FIFO queues.
    pub deduplication_id: Option<String>,
}

/// Why something was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// It never will be.
    Permanently(String),
    /// It may be later.
    ForNow(String),
    /// A function was run, and failed.
    FunctionFailed(String),
}

impl Sns {
    /// Delivers what an earlier process has left.
    pub fn resume(&self) {
        self.published.notify_one();
    }

    /// Delivers, for ever; from the first use of a topic on, because before there may not even be a file.
    pub async fn run(self: Arc<Self>) {
        self.published.notified().await;
        let mut lanes = JoinSet::new();
        let mut busy: HashSet<String> = HashSet::new();
        loop {
            // Before the store is asked, so that nothing that is published meanwhile is missed.
            let mut published = pin!(self.published.notified());
            published.as_mut().enable();
            let now_ms = self.clock.now_ms();
            let wake_ms = match self.store.due(now_ms, AT_ONCE).await {
                Ok(due) => {
                    let mut queues: HashMap<String, Vec<Delivery>> = HashMap::new();
                    for delivery in due.now.into_iter().filter(|due| !busy.contains(&due.subscription_arn)) {
                        queues.entry(delivery.subscription_arn.clone()).or_default().push(delivery);
                    }
                    for (arn, deliveries) in queues {
                        busy.insert(arn.clone());
                        lanes.spawn(lane(Arc::clone(&self), arn, deliveries));
                    }
                    due.next_ms
                }
                Err(_) => Some(now_ms + PAUSE_MS),
            };
            let sleep = async {
                match wake_ms {
                    Some(wake_ms) => self.clock.sleep_until(wake_ms).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(done) = lanes.join_next() => {
                    if let Ok(arn) = done {
                        busy.remove(&arn);
                    }
                }
                () = published => {}
                () = sleep => {}
            }
        }
    }
}

/// Serves one subscription. What is in order stops at the first failure.
async fn lane(sns: Arc<Sns>, arn: String, deliveries: Vec<Delivery>) -> String {
    let subscription = sns.subscription(&arn).await.ok();
    if subscription.as_ref().is_some_and(|subscription| subscription.is_ordered()) {
        for delivery in deliveries {
            if !settle(&sns, subscription.as_deref(), delivery).await {
                break;
            }
        }
    } else {
        let mut attempts = JoinSet::new();
        for delivery in deliveries {
            let (sns, subscription) = (Arc::clone(&sns), subscription.clone());
            attempts.spawn(async move { settle(&sns, subscription.as_deref(), delivery).await });
        }
        while attempts.join_next().await.is_some() {}
    }
    arn
}

/// Tries a delivery and notes what came of it. Whether it is over.
async fn settle(sns: &Sns, subscription: Option<&Subscription>, delivery: Delivery) -> bool {
    let outcome = match subscription {
        Some(subscription) => attempt(sns, subscription, &delivery).await,
        // It is gone.
        None => Ok(()),
    };
    let next_ms = match (&outcome, subscription) {
        (Err(failure), Some(subscription)) => schedule(subscription, failure)
            .and_then(|schedule| schedule.delay_ms(delivery.attempts + 1))
            .map(|delay_ms| sns.clock.now_ms() + delay_ms),
        (Ok(()) | Err(_), _) => None,
    };
    if let Some(next_ms) = next_ms {
        // What cannot be noted is due again at once.
        let _again = sns.store.put_off(delivery.number, next_ms).await;
        return false;
    }
    if let (Err(failure), Some(subscription)) = (outcome, subscription)
        && let Err(retried) = give_up(sns, subscription, &delivery, &failure).await
    {
        let _again = sns.store.put_off(delivery.number, sns.clock.now_ms() + retried).await;
        return false;
    }
    let _again = sns.store.delivered(delivery.number).await;
    true
}

fn schedule(subscription: &Subscription, failure: &Undelivered) -> Option<Schedule> {
    match (failure, subscription.protocol) {
        (Undelivered::Permanently(_), _) => None,
        (Undelivered::FunctionFailed(_), _) => Some(retry::FUNCTION),
        (Undelivered::ForNow(_), Protocol::Lambda | Protocol::Sqs) => Some(retry::MANAGED),
        (Undelivered::ForNow(_), Protocol::Http | Protocol::Https) => {
            Some(subscription.schedule.unwrap_or(retry::HTTP))
        }
    }
}

async fn attempt(sns: &Sns, subscription: &Subscription, delivery: &Delivery) -> Result<(), Undelivered> {
    let notification = match envelope::read(&delivery.payload) {
        Payload::Notification(notification) => notification,
        Payload::Confirmation { token } => {
            let id = (uuid(), sns.clock.now_ms());
            let sent = (id.0.as_str(), id.1);
            let body = envelope::subscription_confirmation(subscription, &sns.endpoint, &token, sent);
            let kind = "SubscriptionConfirmation";
            return post(sns, subscription, (kind, &id.0), body.to_string()).await;
        }
    };
    match subscription.protocol {
        Protocol::Lambda => {
            let event = envelope::event(subscription, &sns.endpoint, &notification);
            sns.outside.functions.invoke(&subscription.endpoint, event).await
        }
        Protocol::Sqs => {
            let message = queue_message(sns, subscription, &notification);
            sns.outside.queues.send(&subscription.endpoint, message).await
        }
        Protocol::Http | Protocol::Https => {
            let body = if subscription.is_raw() {
                notification.message.clone()
            } else {
                envelope::notification(subscription, &sns.endpoint, &notification).to_string()
            };
            post(sns, subscription, ("Notification", &notification.message_id), body).await
        }
    }
}

fn queue_message(sns: &Sns, subscription: &Subscription, notification: &Notification) -> QueueMessage {
    let (body, attributes) = if subscription.is_raw() {
        (notification.message.clone(), notification.attributes.clone())
    } else {
        (envelope::notification(subscription, &sns.endpoint, notification).to_string(), Map::new())
    };
    let (group, deduplication_id) = (notification.group.clone(), notification.deduplication_id.clone());
    QueueMessage { body, attributes, group, deduplication_id }
}

async fn post(
    sns: &Sns,
    subscription: &Subscription,
    (kind, message_id): (&str, &str),
    body: String,
) -> Result<(), Undelivered> {
    let mut headers = vec![
        ("x-amz-sns-message-type", kind.to_owned()),
        ("x-amz-sns-message-id", message_id.to_owned()),
        ("x-amz-sns-topic-arn", subscription.topic_arn.clone()),
        ("content-type", "text/plain; charset=UTF-8".to_owned()),
        ("user-agent", "Amazon Simple Notification Service Agent".to_owned()),
    ];
    if kind == "Notification" {
        headers.push(("x-amz-sns-subscription-arn", subscription.arn.clone()));
        if subscription.is_raw() {
            headers.push(("x-amz-sns-rawdelivery", "true".to_owned()));
        }
    }
    match sns.outside.servers.post(&subscription.endpoint, headers, body).await {
        Ok(200..=299) => Ok(()),
        Ok(status @ (400..=428 | 430..=499)) => Err(Undelivered::Permanently(format!("the status {status}"))),
        Ok(status) => Err(Undelivered::ForNow(format!("the status {status}"))),
        Err(reason) => Err(Undelivered::ForNow(reason)),
    }
}

/// Puts a message that was not delivered into the dead-letter queue, or tells that it is lost. An error says after how long
/// to try that again.
async fn give_up(
    sns: &Sns,
    subscription: &Subscription,
    delivery: &Delivery,
    failure: &Undelivered,
) -> Result<(), i64> {
    let (Undelivered::Permanently(reason) | Undelivered::ForNow(reason) | Undelivered::FunctionFailed(reason)) =
        failure;
    let payload = envelope::read(&delivery.payload);
    if let (Some(arn), Payload::Notification(notification)) = (&subscription.dead_letter_arn, payload) {
        let message = queue_message(sns, subscription, &notification);
        match sns.outside.queues.send(arn, message).await {
            Ok(()) => return Ok(()),
            Err(Undelivered::ForNow(_) | Undelivered::FunctionFailed(_)) => return Err(PAUSE_MS),
            Err(Undelivered::Permanently(_)) => {}
        }
    }
    sns.outside.servers.discarded(&subscription.arn, reason);
    Ok(())
}

impl Queue for crate::sqs::Sqs {
    fn send<'a>(&'a self, queue_arn: &'a str, message: QueueMessage) -> BoxFuture<'a, Result<(), Undelivered>> {
        Box::pin(async move {
            let sent = self.send_to(queue_arn, message).await;
            sent.map_err(|error: ServiceError| match error.fault {
                crate::Fault::Sender => Undelivered::Permanently(error.message),
                crate::Fault::Receiver => Undelivered::ForNow(error.message),
            })
        })
    }
}
