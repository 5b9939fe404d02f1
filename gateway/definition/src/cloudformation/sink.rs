//! `AWS::SQS::Queue`, `AWS::SNS::Topic`, `AWS::SNS::Subscription`, their policies, and `AWS::Lambda::EventSourceMapping`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sqs-queue.html>

use super::template::{Declared, Template};
use crate::{
    Diagnostic, Place,
    document::{Map, Node},
    intrinsics::{self, Scope, Target},
    json,
    read::Reading,
    resources::{
        Function,
        sink::{EventSourceMapping, Queue, Sinks, Subscription, Topic},
    },
    shape,
    vocabulary::{
        self,
        Treatment::{LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const QUEUE: &Vocabulary = &[
    ("ContentBasedDeduplication", Read),
    ("DeduplicationScope", Read),
    ("DelaySeconds", Read),
    ("FifoQueue", Read),
    ("FifoThroughputLimit", Read),
    ("KmsDataKeyReusePeriodSeconds", Silent),
    // What is kept here is not encrypted by keys of AWS.
    ("KmsMasterKeyId", LeftOut),
    ("MaximumMessageSize", Read),
    ("MessageRetentionPeriod", Read),
    ("QueueName", Read),
    ("ReceiveMessageWaitTimeSeconds", Read),
    ("RedriveAllowPolicy", LeftOut),
    ("RedrivePolicy", Read),
    ("SqsManagedSseEnabled", Silent),
    ("Tags", Read),
    ("VisibilityTimeout", Read),
];

const TOPIC: &Vocabulary = &[
    ("ArchivePolicy", LeftOut),
    ("ContentBasedDeduplication", Read),
    ("DataProtectionPolicy", Missing),
    ("DeliveryStatusLogging", Silent),
    ("DisplayName", Read),
    ("FifoThroughputScope", Silent),
    ("FifoTopic", Read),
    ("KmsMasterKeyId", LeftOut),
    ("SignatureVersion", Silent),
    ("Subscription", Read),
    ("Tags", Read),
    ("TopicName", Read),
    ("TracingConfig", Silent),
];

const SUBSCRIPTION: &Vocabulary = &[
    ("DeliveryPolicy", Read),
    ("Endpoint", Read),
    ("FilterPolicy", Read),
    ("FilterPolicyScope", Read),
    ("Protocol", Read),
    ("RawMessageDelivery", Read),
    ("RedrivePolicy", Read),
    ("Region", Silent),
    ("ReplayPolicy", Missing),
    ("SubscriptionRoleArn", Silent),
    ("TopicArn", Read),
];

const MAPPING: &Vocabulary = &[
    ("BatchSize", Read),
    ("Enabled", Read),
    ("EventSourceArn", Read),
    // It says which messages are dropped.
    ("FilterCriteria", Missing),
    ("FunctionName", Read),
    ("FunctionResponseTypes", Read),
    ("KmsKeyArn", Silent),
    ("MaximumBatchingWindowInSeconds", Read),
    ("MetricsConfig", Silent),
    ("ScalingConfig", Read),
    ("Tags", Silent),
];

const POLICY: &Vocabulary = &[("PolicyDocument", Read), ("Queues", Silent), ("Topics", Silent)];

/// A queue or a topic as others may refer to it.
pub(super) fn target(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) -> Option<Target> {
    let (name_key, fifo_key) = match declared.kind.as_str() {
        "AWS::SQS::Queue" => ("QueueName", "FifoQueue"),
        "AWS::SNS::Topic" => ("TopicName", "FifoTopic"),
        _ => return None,
    };
    let mut get = |key: &str| intrinsics::resolve(reading, scope, declared.properties.get(key)?);
    let (given, fifo) = (get(name_key), get(fifo_key));
    let given = given.and_then(|node| shape::text(&mut reading.findings, &node));
    let is_fifo = fifo.as_ref().and_then(Node::as_boolean).unwrap_or(false);
    let suffix = if is_fifo { ".fifo" } else { "" };
    let name = given.unwrap_or_else(|| format!("{}-{}{suffix}", scope.stack_name, declared.logical_id));
    let Scope { region, account_id, .. } = scope;
    let (reference, attributes) = if name_key == "QueueName" {
        let url = format!("https://sqs.{region}.amazonaws.com/{account_id}/{name}");
        let arn = format!("arn:aws:sqs:{region}:{account_id}:{name}");
        (url.clone(), vec![("Arn", arn), ("QueueName", name), ("QueueUrl", url)])
    } else {
        let arn = format!("arn:aws:sns:{region}:{account_id}:{name}");
        (arn.clone(), vec![("TopicArn", arn), ("TopicName", name)])
    };
    Some(Target::Known { kind: declared.kind.clone(), reference, attributes })
}

/// Reads the sinks of a template, beside those that events of functions have asked for.
pub(super) fn read(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    functions: &[Function],
    sinks: &mut Sinks,
) {
    for declared in template.of_type("AWS::SQS::Queue") {
        sinks.queues.extend(read_queue(reading, scope, declared));
    }
    for declared in template.of_type("AWS::SNS::Topic") {
        read_topic(reading, scope, declared, sinks);
    }
    for declared in template.of_type("AWS::SNS::Subscription") {
        let properties = declared.resolved(reading, scope, ("a subscription", SUBSCRIPTION));
        sinks.subscriptions.extend(read_subscription(reading, &properties, (None, &declared.place)));
    }
    for kind in ["AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"] {
        for declared in template.of_type(kind) {
            check_policy(reading, scope, declared);
        }
    }
    for declared in template.of_type("AWS::Lambda::EventSourceMapping") {
        let properties = declared.resolved(reading, scope, ("an event source mapping", MAPPING));
        let (Some(source), Some(function)) = (
            declared.required(reading, &properties, "EventSourceArn"),
            declared.required(reading, &properties, "FunctionName"),
        ) else {
            continue;
        };
        let function = shape::text(&mut reading.findings, function).map(|text| function_name(&text));
        let mapping = function.and_then(|name| read_mapping(reading, (source, &properties), &name, &declared.place));
        sinks.event_source_mappings.extend(mapping);
    }
    for mapping in &sinks.event_source_mappings {
        if !functions.iter().any(|function| function.name == mapping.function) {
            let message = format!("no function is called `{}`", shape::brief(&mapping.function));
            reading.findings.error(&mapping.place, message);
        }
    }
}

/// The name in an ARN of a function, or a name with an alias.
fn function_name(text: &str) -> String {
    let skipped = if text.starts_with("arn:") { 6 } else { 0 };
    text.split(':').nth(skipped).unwrap_or(text).to_owned()
}

/// What `Ref` or an attribute of a target is.
fn attribute(scope: &Scope, declared: &Declared, wanted: &str) -> Option<String> {
    let Some(Target::Known { attributes, .. }) = scope.targets.get(&declared.logical_id) else { return None };
    attributes.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone())
}

/// Properties as attributes of the service: scalars as text, everything else as JSON.
fn attributes(map: &Map, names: &[&str]) -> IndexMap<String, String> {
    let text = |node: &Node| node.as_text().map_or_else(|| json::value(node).to_string(), str::to_owned);
    names.iter().filter_map(|name| Some(((*name).to_owned(), text(map.get(name)?)))).collect()
}

fn tags(reading: &mut Reading<'_>, map: &Map) -> IndexMap<String, String> {
    let mut tags = IndexMap::new();
    let Some(node) = map.get("Tags") else { return tags };
    for tag in shape::list(&mut reading.findings, node).unwrap_or_default() {
        let Some(tag) = shape::map(&mut reading.findings, tag) else { continue };
        let mut get = |key: &str| shape::text_of(&mut reading.findings, tag, key);
        if let (Some(key), Some(value)) = (get("Key"), get("Value")) {
            tags.insert(key, value);
        }
    }
    tags
}

fn read_queue(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) -> Option<Queue> {
    const NAMES: [&str; 10] = [
        "ContentBasedDeduplication",
        "DeduplicationScope",
        "DelaySeconds",
        "FifoQueue",
        "FifoThroughputLimit",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds",
        "RedrivePolicy",
        "VisibilityTimeout",
    ];
    let properties = declared.resolved(reading, scope, ("a queue", QUEUE));
    let mut attributes = attributes(&properties, &NAMES);
    // A template may say so; the service only knows queues that are.
    attributes.retain(|name, value| name != "FifoQueue" || value == "true");
    let (name, place) = (attribute(scope, declared, "QueueName")?, declared.place.clone());
    Some(Queue { name, attributes, tags: tags(reading, &properties), place })
}

fn read_topic(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, sinks: &mut Sinks) {
    let properties = declared.resolved(reading, scope, ("a topic", TOPIC));
    let Some(arn) = attribute(scope, declared, "TopicArn") else { return };
    for node in properties.get("Subscription").and_then(Node::as_list).unwrap_or_default() {
        let Some(map) = shape::map(&mut reading.findings, node) else { continue };
        sinks.subscriptions.extend(read_subscription(reading, map, (Some(&arn), &node.place())));
    }
    let attributes = attributes(&properties, &["ContentBasedDeduplication", "DisplayName", "FifoTopic"]);
    sinks.topics.push(Topic { arn, attributes, tags: tags(reading, &properties), place: declared.place.clone() });
}

/// Reads a subscription; `topic` is known where it stands in one.
pub(crate) fn read_subscription(
    reading: &mut Reading<'_>,
    map: &Map,
    (topic, place): (Option<&str>, &Place),
) -> Option<Subscription> {
    const NAMES: [&str; 5] =
        ["DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"];
    let mut required = |key: &str| {
        let text = shape::text_of(&mut reading.findings, map, key);
        if map.get(key).is_none() {
            reading.findings.error(place, format!("a subscription needs `{key}`"));
        }
        text
    };
    let topic_arn = topic.map_or_else(|| required("TopicArn"), |arn| Some(arn.to_owned()));
    let (protocol, endpoint) = (required("Protocol"), required("Endpoint"));
    let (topic_arn, protocol, endpoint) = (topic_arn?, protocol?, endpoint?);
    if !["http", "https", "lambda", "sqs"].contains(&protocol.as_str()) {
        let message = format!("a subscription by `{}` is not served yet, and gets nothing", shape::brief(&protocol));
        reading.findings.warn(place, message);
        return None;
    }
    Some(Subscription { topic_arn, protocol, endpoint, attributes: attributes(map, &NAMES), place: place.clone() })
}

/// Who may use a queue or a topic is not asked here: it is this machine alone. What is denied would not be.
fn check_policy(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) {
    let properties = declared.resolved(reading, scope, ("a policy", POLICY));
    let document = properties.get("PolicyDocument").map(json::value).unwrap_or_default();
    let denies =
        |statement: &serde_json::Value| statement.get("Effect").and_then(|effect| effect.as_str()) == Some("Deny");
    let found = match document.get("Statement") {
        Some(serde_json::Value::Array(statements)) => statements.iter().any(denies),
        Some(statement) => denies(statement),
        None => false,
    };
    if found {
        let message = format!("what `{}` denies is not denied here", declared.kind);
        let help = "its service answers the methods of this definition, and programs on this machine";
        reading.findings.push(Diagnostic::warning(&declared.place, message).help(help));
    }
}

/// Reads what feeds a function from a queue; other sources are named as not served.
pub(crate) fn read_mapping(
    reading: &mut Reading<'_>,
    (source, map): (&Node, &Map),
    function: &str,
    place: &Place,
) -> Option<EventSourceMapping> {
    let queue_arn = shape::text(&mut reading.findings, source)?;
    if !queue_arn.starts_with("arn:aws:sqs:") {
        let message = format!("events of `{}` are not served yet", shape::brief(&queue_arn));
        reading.findings.warn(&source.place(), message);
        return None;
    }
    if map.get("Enabled").and_then(Node::as_boolean) == Some(false) {
        return None;
    }
    let is_fifo = queue_arn.ends_with(".fifo");
    let mut number = |map: &Map, key: &str, default: u64, (lowest, highest): (u64, u64)| {
        let node = map.get(key);
        let given = node.map(|node| shape::integer(&mut reading.findings, node, &(lowest..=highest)));
        u32::try_from(given.flatten().unwrap_or(default)).unwrap_or(u32::MAX)
    };
    let window_s = number(map, "MaximumBatchingWindowInSeconds", 0, (0, 300));
    let highest = if is_fifo || window_s == 0 { 10 } else { 10_000 };
    let batch_size = number(map, "BatchSize", 10, (1, highest));
    let scaling = map.get("ScalingConfig").and_then(Node::as_map);
    let concurrency = scaling
        .filter(|scaling| scaling.get("MaximumConcurrency").is_some())
        .map(|scaling| number(scaling, "MaximumConcurrency", 2, (2, 1_000)));
    let kinds = map.get("FunctionResponseTypes").map(|node| shape::texts(&mut reading.findings, node));
    let reports_failures = kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "ReportBatchItemFailures"));
    let (function, place) = (function.to_owned(), place.clone());
    Some(EventSourceMapping { queue_arn, function, batch_size, window_s, concurrency, reports_failures, place })
}

/// Reads the properties of an `SQS` or `SNS` event of a function.
pub(crate) fn read_event(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (kind, properties, place): (&str, &Map, &Place),
    function: &str,
) -> Sinks {
    const SQS: &Vocabulary = &[
        ("BatchSize", Read),
        ("Enabled", Read),
        ("FilterCriteria", Missing),
        ("FunctionResponseTypes", Read),
        ("KmsKeyArn", Silent),
        ("MaximumBatchingWindowInSeconds", Read),
        ("MetricsConfig", Silent),
        ("Queue", Read),
        ("ScalingConfig", Read),
    ];
    const SNS: &Vocabulary = &[
        ("FilterPolicy", Read),
        ("FilterPolicyScope", Read),
        ("RedrivePolicy", Read),
        ("Region", Silent),
        ("SqsSubscription", Missing),
        ("Topic", Read),
    ];
    let (vocabulary, source_key) = if kind == "SQS" { (SQS, "Queue") } else { (SNS, "Topic") };
    vocabulary::check(&mut reading.findings, properties, &format!("an `{kind}` event"), vocabulary);
    let properties = intrinsics::resolve_map(reading, scope, properties);
    let mut sinks = Sinks::default();
    let Some(source) = properties.get(source_key) else {
        reading.findings.error(place, format!("an `{kind}` event needs `{source_key}`"));
        return sinks;
    };
    if kind == "SQS" {
        sinks.event_source_mappings.extend(read_mapping(reading, (source, &properties), function, place));
    } else if let Some(topic_arn) = shape::text(&mut reading.findings, source) {
        sinks.subscriptions.push(Subscription {
            topic_arn,
            protocol: "lambda".to_owned(),
            endpoint: crate::identifier::function_arn(&scope.region, &scope.account_id, function),
            attributes: attributes(&properties, &["FilterPolicy", "FilterPolicyScope", "RedrivePolicy"]),
            place: place.clone(),
        });
    }
    sinks
}
