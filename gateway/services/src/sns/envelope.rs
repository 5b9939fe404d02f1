//! What subscribers get.
//!
//! AWS: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>

use super::subscription::Subscription;
use crate::time;
use serde_json::{Map, Value, json};

/// Nothing is signed: there is no certificate that anybody could check it with.
const SIGNATURE: &str = "EXAMPLE";

/// What is kept of a message until it is delivered.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Payload {
    Notification(Notification),
    /// A subscriber is asked to confirm.
    Confirmation {
        token: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Notification {
    pub(super) message_id: String,
    pub(super) subject: Option<String>,
    pub(super) message: String,
    pub(super) attributes: Map<String, Value>,
    pub(super) published_ms: i64,
    pub(super) group: Option<String>,
    pub(super) deduplication_id: Option<String>,
}

pub(super) fn confirmation(token: &str) -> String {
    json!({ "token": token }).to_string()
}

impl Notification {
    pub(super) fn write(&self) -> String {
        json!({
            "messageId": self.message_id, "subject": self.subject, "message": self.message,
            "attributes": self.attributes, "publishedMs": self.published_ms,
            "group": self.group, "deduplicationId": self.deduplication_id
        })
        .to_string()
    }
}

pub(super) fn read(text: &str) -> Payload {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(token) = text("token") {
        return Payload::Confirmation { token };
    }
    Payload::Notification(Notification {
        message_id: text("messageId").unwrap_or_default(),
        subject: text("subject"),
        message: text("message").unwrap_or_default(),
        attributes: document.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default(),
        published_ms: document.get("publishedMs").and_then(Value::as_i64).unwrap_or_default(),
        group: text("group"),
        deduplication_id: text("deduplicationId"),
    })
}

fn certificate(subscription: &Subscription) -> String {
    let region = subscription.topic_arn.split(':').nth(3).unwrap_or_default();
    format!("https://sns.{region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem")
}

fn unsubscribe(subscription: &Subscription, endpoint: &str) -> String {
    format!("{endpoint}/?Action=Unsubscribe&SubscriptionArn={}", subscription.arn)
}

/// `{ name: { Type, Value } }`
fn typed(attributes: &Map<String, Value>) -> Value {
    let shown = attributes.iter().map(|(name, attribute)| {
        let member = |name: &str| attribute.get(name).cloned();
        let value = member("StringValue").or_else(|| member("BinaryValue"));
        (name.clone(), json!({ "Type": member("DataType"), "Value": value }))
    });
    Value::Object(shown.collect())
}

/// What a queue or a web server gets.
pub(super) fn notification(subscription: &Subscription, endpoint: &str, notification: &Notification) -> Value {
    let mut envelope = Map::new();
    let mut add = |name: &str, value: Value| envelope.insert(name.to_owned(), value);
    add("Type", "Notification".into());
    add("MessageId", notification.message_id.as_str().into());
    add("TopicArn", subscription.topic_arn.as_str().into());
    if let Some(subject) = &notification.subject {
        add("Subject", subject.as_str().into());
    }
    add("Message", notification.message.as_str().into());
    add("Timestamp", time::iso(notification.published_ms).into());
    add("SignatureVersion", "1".into());
    add("Signature", SIGNATURE.into());
    add("SigningCertURL", certificate(subscription).into());
    add("UnsubscribeURL", unsubscribe(subscription, endpoint).into());
    if !notification.attributes.is_empty() {
        add("MessageAttributes", typed(&notification.attributes));
    }
    Value::Object(envelope)
}

/// What a function gets.
pub(super) fn event(subscription: &Subscription, endpoint: &str, notification: &Notification) -> Value {
    json!({ "Records": [{
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": {
            "Type": "Notification",
            "MessageId": notification.message_id,
            "TopicArn": subscription.topic_arn,
            "Subject": notification.subject,
            "Message": notification.message,
            "Timestamp": time::iso(notification.published_ms),
            "SignatureVersion": "1",
            "Signature": SIGNATURE,
            "SigningCertUrl": certificate(subscription),
            "UnsubscribeUrl": unsubscribe(subscription, endpoint),
            "MessageAttributes": typed(&notification.attributes),
        }
    }] })
}

/// What asks a web server to confirm.
pub(super) fn subscription_confirmation(
    subscription: &Subscription,
    endpoint: &str,
    token: &str,
    (message_id, now_ms): (&str, i64),
) -> Value {
    let arn = &subscription.topic_arn;
    json!({
        "Type": "SubscriptionConfirmation",
        "MessageId": message_id,
        "Token": token,
        "TopicArn": arn,
        "Message": format!(
            "You have chosen to subscribe to the topic {arn}.\nTo confirm the subscription, visit the SubscribeURL \
             included in this message."
        ),
        "SubscribeURL": format!("{endpoint}/?Action=ConfirmSubscription&TopicArn={arn}&Token={token}"),
        "Timestamp": time::iso(now_ms),
        "SignatureVersion": "1",
        "Signature": SIGNATURE,
        "SigningCertURL": certificate(subscription),
    })
}
