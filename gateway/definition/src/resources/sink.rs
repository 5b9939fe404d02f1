//! `AWS::SQS::Queue`, `AWS::SNS::Topic` and who gets what comes to them.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_SQS.html>

use crate::Place;
use indexmap::IndexMap;

/// What stands behind service proxies, and what it feeds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sinks {
    /// Queues in the order of the definition.
    pub queues: Vec<Queue>,
    /// Topics in the order of the definition.
    pub topics: Vec<Topic>,
    /// Subscriptions in the order of the definition.
    pub subscriptions: Vec<Subscription>,
    /// Functions that are fed from queues.
    pub event_source_mappings: Vec<EventSourceMapping>,
}

impl Sinks {
    /// Takes the resources of another stack too.
    pub(crate) fn extend(&mut self, other: Self) {
        self.queues.extend(other.queues);
        self.topics.extend(other.topics);
        self.subscriptions.extend(other.subscriptions);
        self.event_source_mappings.extend(other.event_source_mappings);
    }
}

/// `AWS::SQS::Queue`
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// `QueueName`, or one made of the stack's name and the logical id.
    pub name: String,
    /// As `SetQueueAttributes` takes them.
    pub attributes: IndexMap<String, String>,
    /// `Tags`
    pub tags: IndexMap<String, String>,
    /// Where the queue is defined.
    pub place: Place,
}

/// `AWS::SNS::Topic`
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// `arn:aws:sns:{region}:{account}:{name}`
    pub arn: String,
    /// As `CreateTopic` takes them.
    pub attributes: IndexMap<String, String>,
    /// `Tags`
    pub tags: IndexMap<String, String>,
    /// Where the topic is defined.
    pub place: Place,
}

/// `AWS::SNS::Subscription`, or one of a topic, or an event of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// The topic.
    pub topic_arn: String,
    /// `lambda`, `sqs`, `http` or `https`.
    pub protocol: String,
    /// An ARN or an address.
    pub endpoint: String,
    /// As `Subscribe` takes them.
    pub attributes: IndexMap<String, String>,
    /// Where the subscription is defined.
    pub place: Place,
}

/// `AWS::Lambda::EventSourceMapping` of a queue
#[derive(Debug, Clone, PartialEq)]
pub struct EventSourceMapping {
    /// The queue.
    pub queue_arn: String,
    /// The name of the function.
    pub function: String,
    /// `BatchSize`
    pub batch_size: u32,
    /// `MaximumBatchingWindowInSeconds`
    pub window_s: u32,
    /// `MaximumConcurrency`
    pub concurrency: Option<u32>,
    /// Whether the function says which messages of a batch have failed: `ReportBatchItemFailures`.
    pub reports_failures: bool,
    /// Where the mapping is defined.
    pub place: Place,
}
