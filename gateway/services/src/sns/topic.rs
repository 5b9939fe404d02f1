//! Topics themselves.
//!
//! AWS: <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>

use super::{Sns, failed, invalid, nothing, page, required};
use crate::{Call, ServiceError, input};
use fanlight_store::topic::Defined;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Topic {
    pub(super) arn: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
}

/// A topic that a definition declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredTopic {
    /// `arn:aws:sns:..`
    pub arn: String,
    /// Its attributes, as `CreateTopic` takes them.
    pub attributes: Vec<(String, String)>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// What can be set; those of delivery status, such as `LambdaSuccessFeedbackRoleArn`, too.
const ATTRIBUTES: [&str; 9] = [
    "ContentBasedDeduplication",
    "DeliveryPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "FifoTopic",
    "KmsMasterKeyId",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
];

impl Topic {
    pub(super) fn read(arn: &str, definition: &str) -> Self {
        let document: Value = serde_json::from_str(definition).unwrap_or_default();
        let texts = |name: &str| input::text_map(&document, name).unwrap_or_default().into_iter().collect();
        Self { arn: arn.to_owned(), attributes: texts("attributes"), tags: texts("tags") }
    }

    fn is(&self, attribute: &str) -> bool {
        self.attributes.get(attribute).is_some_and(|value| value == "true")
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.is("FifoTopic")
    }

    pub(super) fn deduplicates_by_content(&self) -> bool {
        self.is("ContentBasedDeduplication")
    }

    fn name(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or_default()
    }

    fn check(&self) -> Result<(), ServiceError> {
        let name = self.name();
        let stem = if self.is_fifo() { name.strip_suffix(".fifo") } else { Some(name) };
        let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.len() > 256 || stem.is_none_or(|stem| stem.is_empty() || !stem.bytes().all(good)) {
            return Err(invalid("Topic Name"));
        }
        for (name, value) in &self.attributes {
            let known = ATTRIBUTES.contains(&name.as_str())
                || name.ends_with("FeedbackRoleArn")
                || name.ends_with("FeedbackSampleRate");
            let is_boolean = value == "true" || value == "false";
            if !known || (matches!(name.as_str(), "ContentBasedDeduplication" | "FifoTopic") && !is_boolean) {
                return Err(invalid(format!("Attributes Reason: Unknown attribute or value: {name}")));
            }
        }
        Ok(())
    }
}

async fn define(sns: &Sns, topic: Topic) -> Result<(), ServiceError> {
    topic.check()?;
    let definition = json!({ "attributes": topic.attributes, "tags": topic.tags }).to_string();
    let defined = Defined { arn: topic.arn.clone(), topic_arn: None, definition };
    sns.store.define_topic(defined).await.map_err(failed)?;
    sns.known().await?.topics.insert(topic.arn.clone(), Arc::new(topic));
    Ok(())
}

impl Sns {
    /// Makes a topic as a definition declares it, or changes the one there is.
    ///
    /// # Errors
    /// The declaration is wrong, or the store cannot be written.
    pub async fn declare_topic(&self, declared: DeclaredTopic) -> Result<(), ServiceError> {
        let DeclaredTopic { arn, attributes, tags } = declared;
        let topic = Topic { arn, attributes: attributes.into_iter().collect(), tags: tags.into_iter().collect() };
        let existing = self.known().await?.topics.get(&topic.arn).cloned();
        if existing.as_deref() == Some(&topic) { Ok(()) } else { define(self, topic).await }
    }
}

pub(super) async fn create(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let name = required(&call.input, "Name")?;
    let arn = format!("arn:aws:sns:{}:{}:{name}", call.owner.region, call.owner.account_id);
    let attributes: BTreeMap<String, String> = input::text_map(&call.input, "Attributes")?.into_iter().collect();
    let existing = sns.known().await?.topics.get(&arn).cloned();
    match existing {
        Some(topic) => {
            let differs = |(name, value): (&String, &String)| topic.attributes.get(name) != Some(value);
            if attributes.iter().any(differs) {
                return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
            }
        }
        None => define(sns, Topic { arn: arn.clone(), attributes, tags: given_tags(call)? }).await?,
    }
    Ok(json!({ "TopicArn": arn }))
}

fn given_tags(call: &Call<'_>) -> Result<BTreeMap<String, String>, ServiceError> {
    let tag = |tag: &Value| {
        let value = input::text(tag, "Value")?.unwrap_or_default();
        Ok((required(tag, "Key")?.to_owned(), value.to_owned()))
    };
    input::list(&call.input, "Tags")?.iter().map(tag).collect()
}

/// One that is not there is as good as deleted.
pub(super) async fn delete(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let arn = required(&call.input, "TopicArn")?;
    sns.store.forget_topic(arn.to_owned()).await.map_err(failed)?;
    let mut known = sns.known().await?;
    known.topics.remove(arn);
    known.subscriptions.retain(|_, subscription| subscription.topic_arn != arn);
    Ok(nothing())
}

pub(super) async fn list(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let prefix = format!("arn:aws:sns:{}:{}:", call.owner.region, call.owner.account_id);
    let known = sns.known().await?;
    let arns = known.topics.keys().filter(|arn| arn.starts_with(&prefix));
    let topics = arns.map(|arn| json!({ "TopicArn": arn })).collect();
    page(call, topics, "Topics")
}

pub(super) async fn attributes(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let topic = sns.topic(required(&call.input, "TopicArn")?).await?;
    let known = sns.known().await?;
    let mine = || known.subscriptions.values().filter(|subscription| subscription.topic_arn == topic.arn);
    let pending = mine().filter(|subscription| subscription.is_pending()).count();
    let mut shown = json!({
        "TopicArn": topic.arn,
        "Owner": call.owner.account_id,
        "DisplayName": "",
        "SubscriptionsConfirmed": (mine().count() - pending).to_string(),
        "SubscriptionsPending": pending.to_string(),
        "SubscriptionsDeleted": "0",
    });
    if let Value::Object(members) = &mut shown {
        members.extend(topic.attributes.iter().map(|(name, value)| (name.clone(), value.as_str().into())));
    }
    Ok(json!({ "Attributes": shown }))
}

pub(super) async fn set_attribute(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let mut topic = Topic::clone(sns.topic(required(&call.input, "TopicArn")?).await?.as_ref());
    let name = required(&call.input, "AttributeName")?;
    if name == "FifoTopic" {
        return Err(invalid("AttributeName"));
    }
    let value = input::text(&call.input, "AttributeValue")?.unwrap_or_default();
    topic.attributes.insert(name.to_owned(), value.to_owned());
    define(sns, topic).await?;
    Ok(nothing())
}

pub(super) async fn tag(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let mut topic = Topic::clone(sns.topic(required(&call.input, "ResourceArn")?).await?.as_ref());
    topic.tags.extend(given_tags(call)?);
    for key in input::texts(&call.input, "TagKeys")? {
        topic.tags.remove(key);
    }
    define(sns, topic).await?;
    Ok(nothing())
}

pub(super) async fn tags(sns: &Sns, call: &Call<'_>) -> Result<Value, ServiceError> {
    let topic = sns.topic(required(&call.input, "ResourceArn")?).await?;
    let tags = topic.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
    Ok(json!({ "Tags": tags.collect::<Vec<_>>() }))
}
