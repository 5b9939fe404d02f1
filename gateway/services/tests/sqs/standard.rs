use crate::host::Host;
use fanlight_services::Clock;
use serde_json::json;

#[tokio::test]
async fn a_message_is_hidden_while_somebody_has_it_and_gone_when_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let url = host.queue("orders", json!({ "VisibilityTimeout": "10" })).await;
    assert_eq!(url, "http://localhost:4566/000000000000/orders");
    let sent = host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "hello" })).await;
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    let first = host.good("ReceiveMessage", json!({ "QueueUrl": url, "AttributeNames": ["All"] })).await;
    let message = &first["Messages"][0];
    assert_eq!(message["MessageId"], sent["MessageId"]);
    assert_eq!(message["Attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(message["Attributes"]["SentTimestamp"], "1795344266000");
    assert_eq!(host.good("ReceiveMessage", json!({ "QueueUrl": url })).await, json!({}), "somebody has it");
    host.pass(10_000);
    let again = host.good("ReceiveMessage", json!({ "QueueUrl": url, "AttributeNames": ["All"] })).await;
    assert_eq!(again["Messages"][0]["Attributes"]["ApproximateReceiveCount"], "2");
    assert_ne!(again["Messages"][0]["ReceiptHandle"], message["ReceiptHandle"]);
    let handle = &again["Messages"][0]["ReceiptHandle"];
    host.good("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": handle })).await;
    host.good("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": handle })).await;
    host.pass(10_000);
    assert_eq!(host.bodies(&url).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let url = {
        let host = Host::new(folder.path());
        let url = host.queue("orders", json!({ "DelaySeconds": "1" })).await;
        host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "kept" })).await;
        url
    };
    let host = Host::new(folder.path());
    assert_eq!(host.bodies(&url).await, Vec::<String>::new(), "delayed");
    host.pass(1_000);
    assert_eq!(host.bodies(&url).await, ["kept"]);
}

#[tokio::test]
async fn attributes_have_the_digests_that_sdks_check() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let url = host.queue("orders", json!({})).await;
    let attributes = json!({
        "test_attribute_name_2": { "DataType": "Number", "StringValue": "1" },
        "test_attribute_name_1": { "DataType": "String", "StringValue": "test_attribute_value_1" },
        "b": { "DataType": "Binary.png", "BinaryValue": "AAE=" }
    });
    let sent =
        host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "x", "MessageAttributes": attributes })).await;
    let received = host.good("ReceiveMessage", json!({ "QueueUrl": url, "MessageAttributeNames": ["All"] })).await;
    let message = &received["Messages"][0];
    assert_eq!(message["MessageAttributes"], attributes);
    assert_eq!(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    host.pass(30_000);
    let names = json!(["test_attribute_name_*", "test_.*"]);
    let some = host.good("ReceiveMessage", json!({ "QueueUrl": url, "MessageAttributeNames": names })).await;
    assert_eq!(some["Messages"][0]["MessageAttributes"].as_object().unwrap().len(), 2, "those with the prefix");
    let known = json!({ "timestamp": { "DataType": "Number", "StringValue": "1493147359900" } });
    let input = json!({ "QueueUrl": url, "MessageBody": "x", "MessageAttributes": known });
    let digest = &host.good("SendMessage", input).await["MD5OfMessageAttributes"];
    assert_eq!(digest, "235c5c510d26fb653d073faed50ae77c", "recorded on AWS");
    let bad = [
        json!({ "AWS.x": { "DataType": "String", "StringValue": "v" } }),
        json!({ "x": { "DataType": "Text", "StringValue": "v" } }),
        json!({ "x": { "DataType": "String", "StringValue": "" } }),
        json!({ "x": { "DataType": "Number", "StringValue": "one" } }),
    ];
    for attributes in bad {
        let input = json!({ "QueueUrl": url, "MessageBody": "x", "MessageAttributes": attributes });
        assert_eq!(host.code("SendMessage", input).await, "InvalidParameterValue", "{attributes}");
    }
}

#[tokio::test]
async fn a_receiver_waits_for_what_comes() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let url = host.queue("orders", json!({})).await;
    let started = host.clock.now_ms();
    let wait = json!({ "QueueUrl": url, "WaitTimeSeconds": 20 });
    assert_eq!(host.good("ReceiveMessage", wait.clone()).await, json!({}));
    assert_eq!(host.clock.now_ms() - started, 20_000, "nothing came");
    host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "late", "DelaySeconds": 5 })).await;
    let started = host.clock.now_ms();
    assert_eq!(host.good("ReceiveMessage", wait.clone()).await["Messages"][0]["Body"], "late");
    assert_eq!(host.clock.now_ms() - started, 5_000, "as soon as it is visible");
    let send = host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "now" }));
    let (received, _) = tokio::join!(host.good("ReceiveMessage", wait), send);
    assert_eq!(received["Messages"][0]["Body"], "now", "sent while somebody waits");
}

#[tokio::test]
async fn a_message_that_nobody_can_handle_goes_to_the_dead_letter_queue() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let dead = host.queue("dead", json!({})).await;
    let policy = json!({ "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead", "maxReceiveCount": 2 });
    let url = host.queue("orders", json!({ "VisibilityTimeout": "1", "RedrivePolicy": policy.to_string() })).await;
    host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "poison" })).await;
    for _ in 0..2 {
        assert_eq!(host.bodies(&url).await, ["poison"]);
        host.pass(1_000);
    }
    assert_eq!(host.bodies(&url).await, Vec::<String>::new());
    let received = host.good("ReceiveMessage", json!({ "QueueUrl": dead, "AttributeNames": ["All"] })).await;
    let attributes = &received["Messages"][0]["Attributes"];
    assert_eq!(attributes["ApproximateReceiveCount"], "3", "in all queues");
    assert_eq!(attributes["DeadLetterQueueSourceArn"], "arn:aws:sqs:us-east-1:000000000000:orders");
    let sources = host.good("ListDeadLetterSourceQueues", json!({ "QueueUrl": dead })).await;
    assert_eq!(sources, json!({ "queueUrls": [url] }));
}

#[tokio::test]
async fn visibility_can_be_changed_while_a_message_is_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let url = host.queue("orders", json!({})).await;
    host.good("SendMessage", json!({ "QueueUrl": url, "MessageBody": "m" })).await;
    let received = host.good("ReceiveMessage", json!({ "QueueUrl": url })).await;
    let handle = &received["Messages"][0]["ReceiptHandle"];
    let change = |seconds: i64| json!({ "QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": seconds });
    host.good("ChangeMessageVisibility", change(100)).await;
    host.pass(99_000);
    assert_eq!(host.bodies(&url).await, Vec::<String>::new());
    host.good("ChangeMessageVisibility", change(0)).await;
    assert_eq!(host.code("ChangeMessageVisibility", change(5)).await, "MessageNotInflight");
    assert_eq!(host.code("ChangeMessageVisibility", change(43_201)).await, "InvalidParameterValue");
    assert_eq!(host.bodies(&url).await, ["m"]);
    let garbage = json!({ "QueueUrl": url, "ReceiptHandle": "garbage", "VisibilityTimeout": 1 });
    assert_eq!(host.code("ChangeMessageVisibility", garbage).await, "ReceiptHandleIsInvalid");
}

#[tokio::test]
async fn each_entry_of_a_batch_has_an_outcome_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let url = host.queue("orders", json!({})).await;
    let entries = json!([{ "Id": "a", "MessageBody": "one" }, { "Id": "b", "MessageBody": "bad \u{1}" }]);
    let sent = host.good("SendMessageBatch", json!({ "QueueUrl": url, "Entries": entries })).await;
    assert_eq!(sent["Successful"][0]["Id"], "a");
    assert_eq!(sent["Failed"][0]["Code"], "InvalidMessageContents");
    let received = host.good("ReceiveMessage", json!({ "QueueUrl": url })).await;
    let handle = &received["Messages"][0]["ReceiptHandle"];
    let entries = json!([{ "Id": "a", "ReceiptHandle": handle }, { "Id": "b", "ReceiptHandle": "x" }]);
    let deleted = host.good("DeleteMessageBatch", json!({ "QueueUrl": url, "Entries": entries })).await;
    assert_eq!((&deleted["Successful"][0]["Id"], &deleted["Failed"][0]["Id"]), (&json!("a"), &json!("b")));
    let many: Vec<_> = (0..11).map(|id| json!({ "Id": id.to_string(), "MessageBody": "m" })).collect();
    let twice = json!([{ "Id": "a", "MessageBody": "m" }, { "Id": "a", "MessageBody": "m" }]);
    let rows = [
        (json!([]), "EmptyBatchRequest"),
        (json!(many), "TooManyEntriesInBatchRequest"),
        (twice, "BatchEntryIdsNotDistinct"),
        (json!([{ "Id": "a b", "MessageBody": "m" }]), "InvalidBatchEntryId"),
    ];
    for (entries, code) in rows {
        assert_eq!(host.code("SendMessageBatch", json!({ "QueueUrl": url, "Entries": entries })).await, code);
    }
}
