use crate::host::Host;
use serde_json::json;

#[tokio::test]
async fn a_queue_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let url = host.queue("orders", json!({ "VisibilityTimeout": "5" })).await;
    assert_eq!(host.queue("orders", json!({ "VisibilityTimeout": "5" })).await, url);
    assert_eq!(host.queue("orders", json!({})).await, url);
    let other = json!({ "QueueName": "orders", "Attributes": { "VisibilityTimeout": "6" } });
    assert_eq!(host.code("CreateQueue", other).await, "QueueNameExists");
    let rows = [
        (json!({ "QueueName": "a b" }), "InvalidParameterValue"),
        (json!({ "QueueName": "a.fifo" }), "InvalidParameterValue"),
        (json!({ "QueueName": "a", "Attributes": { "FifoQueue": "true" } }), "InvalidParameterValue"),
        (json!({ "QueueName": "a", "Attributes": { "DelaySeconds": "901" } }), "InvalidAttributeValue"),
        (json!({ "QueueName": "a", "Attributes": { "Colour": "red" } }), "InvalidAttributeName"),
        (json!({}), "MissingParameter"),
    ];
    for (input, code) in rows {
        assert_eq!(host.code("CreateQueue", input.clone()).await, code, "{input}");
    }
}

#[tokio::test]
async fn queues_are_found_described_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    for name in ["b", "a", "c"] {
        host.queue(name, json!({})).await;
    }
    let page = host.good("ListQueues", json!({ "MaxResults": 2 })).await;
    assert_eq!(page["QueueUrls"].as_array().unwrap().len(), 2);
    let rest = host.good("ListQueues", json!({ "MaxResults": 2, "NextToken": page["NextToken"] })).await;
    assert_eq!(rest, json!({ "QueueUrls": ["http://localhost:4566/000000000000/c"] }));
    let url = host.good("GetQueueUrl", json!({ "QueueName": "a" })).await["QueueUrl"].clone();
    host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "one" })).await;
    host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "two", "DelaySeconds": 9 })).await;
    host.good("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": { "VisibilityTimeout": "7" } })).await;
    let all = host.good("GetQueueAttributes", json!({ "QueueUrl": url, "AttributeNames": ["All"] })).await;
    let expected = [
        ("QueueArn", "arn:aws:sqs:us-east-1:000000000000:a"),
        ("ApproximateNumberOfMessages", "1"),
        ("ApproximateNumberOfMessagesDelayed", "1"),
        ("VisibilityTimeout", "7"),
        ("MessageRetentionPeriod", "345600"),
    ];
    for (name, value) in expected {
        assert_eq!(all["Attributes"][name], value, "{name}");
    }
    host.good("TagQueue", json!({ "QueueUrl": url, "Tags": { "team": "x", "stage": "y" } })).await;
    host.good("UntagQueue", json!({ "QueueUrl": url, "TagKeys": ["stage"] })).await;
    assert_eq!(host.good("ListQueueTags", json!({ "QueueUrl": url })).await, json!({ "Tags": { "team": "x" } }));
    host.good("PurgeQueue", json!({ "QueueUrl": url })).await;
    assert_eq!(host.code("PurgeQueue", json!({ "QueueUrl": url })).await, "PurgeQueueInProgress");
    assert_eq!(host.bodies(&url).await, Vec::<String>::new());
    host.good("DeleteQueue", json!({ "QueueUrl": url })).await;
    assert_eq!(host.code("SendMessage", json!({ "QueueUrl": url, "MessageBody": "m" })).await, "QueueDoesNotExist");
    assert_eq!(host.code("DrinkQueue", json!({})).await, "UnknownOperationException");
    assert_eq!(host.code("StartMessageMoveTask", json!({})).await, "UnsupportedOperation");
}

#[tokio::test]
async fn what_is_too_old_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let url = host.queue("orders", json!({ "MessageRetentionPeriod": "60" })).await;
    host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "old" })).await;
    host.pass(60_001);
    host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "new" })).await;
    assert_eq!(host.bodies(&url).await, ["new"]);
}
