//! Who gets what is published to a topic.
//!
//! AWS: <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>

use super::{Sns, envelope, failed, filter::Policy, invalid, nothing, page, required, retry::Schedule};
use crate::{Call, ServiceError, input, uuid};
use fanlight_store::topic::{Defined, Publication};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// A subscription, with its attributes parsed.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) arn: String,
    pub(super) topic_arn: String,
    pub(super) protocol: Protocol,
    pub(super) endpoint: String,
    attributes: BTreeMap<String, String>,
    /// What confirms it, until it is.
    token: Option<String>,
    pub(super) policy: Option<Policy>,
    pub(super) schedule: Option<Schedule>,
    pub(super) dead_letter_arn: Option<String>,
}

/// How a subscriber is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Lambda,
    Sqs,
    Http,
    Https,
}

/// A subscription that a definition declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredSubscription {
    /// `arn:aws:sns:..`
    pub topic_arn: String,
    /// `lambda`, `sqs`, `http` or `https`.
    pub protocol: String,
    /// A function's ARN, a queue's ARN, or an address.
    pub endpoint: String,
    /// As `Subscribe` takes them.
    pub attributes: Vec<(String, String)>,
}

impl Protocol {
    const ALL: [Self; 4] = [Self::Lambda, Self::Sqs, Self::Http, Self::Https];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::Sqs => "sqs",
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn parse(text: &str) -> Result<Self, ServiceError> {
        let found = Self::ALL.into_iter().find(|protocol| protocol.as_str() == text);
        found.ok_or_else(|| invalid(format!("Does not support this protocol string: {text}")))
    }

    /// What an endpoint of that protocol begins with.
    const fn start(self) -> &'static str {
        match self {
            Self::Lambda => "arn:aws:lambda:",
            Self::Sqs => "arn:aws:sqs:",
            Self::Http => "http://",
            Self::Https => "https://",
        }
    }
}

impl Subscription {
    fn new(topic_arn: &str, (protocol, endpoint): (&str, &str)) -> Result<Self, ServiceError> {
        let protocol = Protocol::parse(protocol)?;
        if !endpoint.starts_with(protocol.start()) {
            let kind = protocol.as_str().to_ascii_uppercase();
            return Err(invalid(format!("{kind} endpoint ARN or URL: {endpoint}")));
        }
        let token = match protocol {
            Protocol::Lambda | Protocol::Sqs => None,
            Protocol::Http | Protocol::Https => Some(format!("{}{}", uuid(), uuid()).replace('-', "")),
        };
        Ok(Self {
            arn: format!("{topic_arn}:{}", uuid()),
            topic_arn: topic_arn.to_owned(),
            protocol,
            endpoint: endpoint.to_owned(),
            attributes: BTreeMap::new(),
            token,
            policy: None,
            schedule: None,
            dead_letter_arn: None,
        })
    }

    pub(super) fn read(arn: &str, topic_arn: &str, definition: &str) -> Self {
        let document: Value = serde_json::from_str(definition).unwrap_or_default();
        let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut subscription = Self {
            arn: arn.to_owned(),
            topic_arn: topic_arn.to_owned(),
            protocol: Protocol::parse(text("protocol")).unwrap_or(Protocol::Sqs),
            endpoint: text("endpoint").to_owned(),
            attributes: BTreeMap::new(),
            token: document.get("token").and_then(Value::as_str).map(str::to_owned),
            policy: None,
            schedule: None,
            dead_letter_arn: None,
        };
        // They were checked before they were written.
        let _good = subscription.set(&input::text_map(&document, "attributes").unwrap_or_default());
        subscription
    }

    fn write(&self) -> Defined {
        let definition = json!({
            "protocol": self.protocol.as_str(), "endpoint": self.endpoint,
            "attributes": self.attributes, "token": self.token
        });
        let (arn, topic_arn) = (self.arn.clone(), Some(self.topic_arn.clone()));
        Defined { arn, topic_arn, definition: definition.to_string() }
    }

    pub(super) const fn is_pending(&self) -> bool {
        self.token.is_some()
    }

    pub(super) fn is_raw(&self) -> bool {
        self.attributes.get("RawMessageDelivery").is_some_and(|value| value == "true")
    }

    /// Whether it is of a FIFO topic, and so served in order.
    pub(super) fn is_ordered(&self) -> bool {
        self.topic_arn.ends_with(".fifo")
    }

    /// Sets and parses attributes.
    fn set(&mut self, attributes: &[(String, String)]) -> Result<(), ServiceError> {
        for (name, value) in attributes {
            match name.as_str() {
                "FilterPolicy" | "DeliveryPolicy" | "RedrivePolicy" | "SubscriptionRoleArn" => {}
                "FilterPolicyScope" if value == "MessageAttributes" || value == "MessageBody" => {}
                "RawMessageDelivery" if value == "true" || value == "false" => {}
                _ => return Err(invalid(format!("Attributes Reason: {name}: {value}"))),
            }
            if value.is_empty() || value == "{}" {
                self.attributes.remove(name);
            } else {
                self.attributes.insert(name.clone(), value.clone());
            }
        }
        let text = |name: &str| self.attributes.get(name).map(String::as_str);
        let of_body = text("FilterPolicyScope") == Some("MessageBody");
        self.policy = text("FilterPolicy").map(|policy| Policy::parse(policy, of_body)).transpose().map_err(invalid)?;
        self.schedule = text("DeliveryPolicy").map(Schedule::parse).transpose().map_err(invalid)?;
        let dead_letter_arn = |policy: &str| {
            let document: Value = serde_json::from_str(policy).ok()?;
            let arn = document.get("deadLetterTargetArn")?.as_str()?;
            arn.starts_with("arn:aws:sqs:").then(|| arn.to_owned())
        };
        let redrive = text("RedrivePolicy");
        let parsed = redrive.map(|policy| dead_letter_arn(policy).ok_or_else(|| invalid("RedrivePolicy")));
        self.dead_letter_arn = parsed.transpose()?;
        Ok(())
    }

    fn shown(&self, account_id: &str) -> Value {
        let arn = if self.is_pending() { "PendingConfirmation" } else { &self.arn };
        json!({
            "SubscriptionArn": arn, "Owner": account_id, "Protocol": self.protocol.as_str(),
            "Endpoint": self.endpoint, "TopicArn": self.topic_arn
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.topic_arn, self.protocol, &self.endpoint) == (&other.topic_arn, other.protocol, &other.endpoint)
    }
}

async fn define(sns: &Sns, subscription: Subscription) -> Result<Arc<Subscription>, ServiceError> {
    sns.store.define_topic(subscription.write()).await.map_err(failed)?;
    let subscription = Arc::new(subscription);
    sns.known().await?.subscriptions.insert(subscription.arn.clone(), Arc::clone(&subscription));
    Ok(subscription)
}

impl Sns {
    /// Makes a subscription as a definition declares it, or changes the one there is.
    ///
    /// # Errors
    /// The declaration is wrong, or the store cannot be written.
    pub async fn declare_subscription(&self, declared: DeclaredSubscription, now_ms: i64) -> Result<(), ServiceError> {
        let DeclaredSubscription { topic_arn, protocol, endpoint, attributes } = declared;
        let mut wanted = Subscription::new(&topic_arn, (&protocol, &endpoint))?;
        wanted.set(&attributes)?;
        let existing = self.known().await?.subscriptions.values().find(|known| known.is_same(&wanted)).cloned();
        match existing {
            Some(known) if known.attributes == wanted.attributes => Ok(()),
            Some(known) => {
                wanted.arn.clone_from(&known.arn);
                wanted.token.clone_from(&known.token);
                define(self, wanted).await.map(|_| ())
            }
            None => add(self, wanted, now_ms).await.map(|_| ()),
        }
    }
}

/// Keeps a new subscription; a web server is asked to confirm it.
async fn add(sns: &Sns, subscription: Subscription, now_ms: i64) -> Result<Arc<Subscription>, ServiceError> {
    let subscription = define(sns, subscription).await?;
    if let Some(token) = &subscription.token {
        let confirmation = Publication {
            topic_arn: subscription.topic_arn.clone(),
            message_id: uuid(),
            published_ms: now_ms,
            deduplication: None,
            ordered: false,
            deliveries: vec![(subscription.arn.clone(), envelope::confirmation(token))],
        };
        sns.store.publish(vec![confirmation]).await.map_err(failed)?;
        sns.published.notify_one();
    }
    Ok(subscription)
}

pub(super) async fn subscribe(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let topic = sns.topic(required(&call.input, "TopicArn")?).await?;
    let endpoint = input::text(&call.input, "Endpoint")?.ok_or_else(|| invalid("Endpoint"))?;
    let mut wanted = Subscription::new(&topic.arn, (required(&call.input, "Protocol")?, endpoint))?;
    if topic.is_fifo() && wanted.protocol != Protocol::Sqs {
        return Err(invalid("Invalid protocol type: FIFO topics deliver to queues only"));
    }
    wanted.set(&input::text_map(&call.input, "Attributes")?)?;
    let existing = sns.known().await?.subscriptions.values().find(|known| known.is_same(&wanted)).cloned();
    let subscription = match existing {
        Some(known) if known.attributes == wanted.attributes => known,
        Some(_) => return Err(invalid("Attributes Reason: Subscription already exists with different attributes")),
        None => add(sns, wanted, call.now_ms).await?,
    };
    let hides = subscription.is_pending() && !input::flag(&call.input, "ReturnSubscriptionArn");
    let arn = if hides { "pending confirmation" } else { &subscription.arn };
    Ok(json!({ "SubscriptionArn": arn }))
}

pub(super) async fn confirm(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let topic = sns.topic(required(&call.input, "TopicArn")?).await?;
    let token = required(&call.input, "Token")?;
    let found = sns
        .known()
        .await?
        .subscriptions
        .values()
        .find(|known| known.topic_arn == topic.arn && known.token.as_deref() == Some(token))
        .cloned();
    let mut subscription = Subscription::clone(found.ok_or_else(|| invalid("Token"))?.as_ref());
    subscription.token = None;
    let arn = subscription.arn.clone();
    define(sns, subscription).await?;
    Ok(json!({ "SubscriptionArn": arn }))
}

pub(super) async fn unsubscribe(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let subscription = sns.subscription(required(&call.input, "SubscriptionArn")?).await?;
    sns.store.forget_topic(subscription.arn.clone()).await.map_err(failed)?;
    sns.known().await?.subscriptions.remove(&subscription.arn);
    Ok(nothing())
}

pub(super) async fn list(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let topic = match call.operation {
        "ListSubscriptionsByTopic" => Some(sns.topic(required(&call.input, "TopicArn")?).await?),
        _ => None,
    };
    let prefix = format!("arn:aws:sns:{}:{}:", call.owner.region, call.owner.account_id);
    let wanted = |known: &&Arc<Subscription>| match &topic {
        Some(topic) => known.topic_arn == topic.arn,
        None => known.arn.starts_with(&prefix),
    };
    let known = sns.known().await?;
    let shown = known.subscriptions.values().filter(wanted).map(|known| known.shown(&call.owner.account_id));
    page(call, shown.collect(), "Subscriptions")
}

pub(super) async fn attributes(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let subscription = sns.subscription(required(&call.input, "SubscriptionArn")?).await?;
    let mut shown = subscription.shown(&call.owner.account_id);
    if let Value::Object(members) = &mut shown {
        let own = [
            ("SubscriptionArn", subscription.arn.clone()),
            ("PendingConfirmation", subscription.is_pending().to_string()),
            ("ConfirmationWasAuthenticated", (!subscription.is_pending()).to_string()),
            ("RawMessageDelivery", subscription.is_raw().to_string()),
        ];
        members.extend(own.map(|(name, value)| (name.to_owned(), value.into())));
        members.extend(subscription.attributes.iter().map(|(name, value)| (name.clone(), value.as_str().into())));
    }
    Ok(json!({ "Attributes": shown }))
}

pub(super) async fn set_attribute(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let found = sns.subscription(required(&call.input, "SubscriptionArn")?).await?;
    let mut subscription = Subscription::clone(found.as_ref());
    let name = required(&call.input, "AttributeName")?.to_owned();
    let value = input::text(&call.input, "AttributeValue")?.unwrap_or_default().to_owned();
    subscription.set(&[(name, value)])?;
    define(sns, subscription).await?;
    Ok(nothing())
}
