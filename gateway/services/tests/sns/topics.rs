use crate::host::Host;
use serde_json::json;

#[tokio::test]
async fn topics_are_made_described_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let topic = host.topic("orders", json!({ "DisplayName": "Orders" })).await;
    assert_eq!(topic, "arn:aws:sns:us-east-1:000000000000:orders");
    assert_eq!(host.topic("orders", json!({})).await, topic);
    host.good("TagResource", json!({ "ResourceArn": topic, "Tags": [{ "Key": "team", "Value": "x" }] })).await;
    let tags = host.good("ListTagsForResource", json!({ "ResourceArn": topic })).await;
    assert_eq!(tags, json!({ "Tags": [{ "Key": "team", "Value": "x" }] }));
    host.subscribe(&topic, "http", "http://subscriber.test/", json!({})).await;
    let queue = host.queue("q", json!({})).await;
    let subscription = host.subscribe(&topic, "sqs", &queue, json!({})).await;
    let attributes = host.good("GetTopicAttributes", json!({ "TopicArn": topic })).await;
    assert_eq!(attributes["Attributes"]["DisplayName"], "Orders");
    assert_eq!(attributes["Attributes"]["SubscriptionsConfirmed"], "1");
    assert_eq!(attributes["Attributes"]["SubscriptionsPending"], "1");
    let listed = host.good("ListSubscriptionsByTopic", json!({ "TopicArn": topic })).await;
    assert_eq!(listed["Subscriptions"].as_array().unwrap().len(), 2);
    let set = json!({
        "SubscriptionArn": subscription, "AttributeName": "RawMessageDelivery", "AttributeValue": "true"
    });
    host.good("SetSubscriptionAttributes", set).await;
    let shown = host.good("GetSubscriptionAttributes", json!({ "SubscriptionArn": subscription })).await;
    assert_eq!(shown["Attributes"]["RawMessageDelivery"], "true");
    host.good("Unsubscribe", json!({ "SubscriptionArn": subscription })).await;
    host.good("DeleteTopic", json!({ "TopicArn": topic })).await;
    assert_eq!(host.good("ListTopics", json!({})).await, json!({ "Topics": [] }));
    assert_eq!(host.good("ListSubscriptions", json!({})).await, json!({ "Subscriptions": [] }));
    assert_eq!(host.message("Publish", json!({ "TopicArn": topic, "Message": "m" })).await, "Topic does not exist");
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_aws_s_words() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let topic = host.topic("orders", json!({})).await;
    let structure = |message: &str| json!({ "TopicArn": topic, "Message": message, "MessageStructure": "json" });
    let attribute = |attribute: serde_json::Value| json!({ "TopicArn": topic, "Message": "m", "MessageAttributes": { "a": attribute } });
    let subscribe =
        |protocol: &str, endpoint: &str| json!({ "TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint });
    let rows = [
        ("CreateTopic", json!({ "Name": "a b" }), "Invalid parameter: Topic Name"),
        ("Publish", json!({ "TopicArn": topic, "Message": "" }), "Invalid parameter: Empty message"),
        ("Publish", json!({ "TopicArn": topic, "Message": "m", "Subject": "a\nb" }), "Invalid parameter: Subject"),
        ("Publish", structure("x"), "Invalid parameter: Message Structure - JSON message body failed to parse"),
        ("Publish", structure("{}"), "Invalid parameter: Message Structure - No default entry in JSON message body"),
        (
            "Publish",
            json!({ "TopicArn": topic, "Message": "m".repeat(262_145) }),
            "Invalid parameter: Message too long",
        ),
        (
            "Publish",
            attribute(json!({ "DataType": "Number", "StringValue": "x" })),
            "The message attribute 'a' is no number",
        ),
        ("Subscribe", subscribe("sms", "+1"), "Invalid parameter: Does not support this protocol string: sms"),
        ("Subscribe", subscribe("sqs", "http://x"), "Invalid parameter: SQS endpoint ARN or URL: http://x"),
        ("PublishBatch", json!({ "TopicArn": topic }), "The batch request doesn't contain any entries."),
        ("CreatePlatformEndpoint", json!({}), "the operation `CreatePlatformEndpoint` is not known here"),
    ];
    for (operation, input, message) in rows {
        assert_eq!(host.message(operation, input).await, message);
    }
    let policy = json!({
        "TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:q",
        "Attributes": { "FilterPolicy": "{\"a\":\"b\"}" }
    });
    let refused = host.message("Subscribe", policy).await;
    assert_eq!(refused, "Invalid parameter: FilterPolicy: \"a\" must be an object or an array");
    let entries = json!([{ "Id": "1", "Message": "m" }, { "Id": "2", "Message": "" }]);
    let batch = host.good("PublishBatch", json!({ "TopicArn": topic, "PublishBatchRequestEntries": entries })).await;
    assert_eq!((&batch["Successful"][0]["Id"], &batch["Failed"][0]["Id"]), (&json!("1"), &json!("2")));
}
