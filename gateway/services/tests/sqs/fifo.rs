use crate::host::Host;
use serde_json::{Value, json};

fn message(url: &Value, group: &str, body: &str) -> Value {
    json!({ "QueueUrl": url, "MessageBody": body, "MessageGroupId": group })
}

#[tokio::test]
async fn a_group_is_received_in_order_and_waits_for_what_is_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let url = host.queue("q.fifo", json!({ "FifoQueue": "true", "ContentBasedDeduplication": "true" })).await;
    for (group, body) in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("a", "a3")] {
        host.good("SendMessage", message(&url, group, body)).await;
    }
    let first = host.good("ReceiveMessage", json!({ "QueueUrl": url })).await;
    assert_eq!(first["Messages"][0]["Body"], "a1");
    assert_eq!(host.bodies(&url).await, ["b1"], "the group `a` waits");
    let handle = &first["Messages"][0]["ReceiptHandle"];
    host.good("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": handle })).await;
    assert_eq!(host.bodies(&url).await, ["a2", "a3"], "several of a group at once");
    host.pass(30_000);
    assert_eq!(host.bodies(&url).await, ["b1", "a2", "a3"], "in order after the timeout");
}

#[tokio::test]
async fn a_receipt_that_has_ended_deletes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let url = host.queue("q.fifo", json!({ "FifoQueue": "true", "ContentBasedDeduplication": "true" })).await;
    host.good("SendMessage", message(&url, "a", "m")).await;
    let received = host.good("ReceiveMessage", json!({ "QueueUrl": url })).await;
    host.pass(30_000);
    let delete = json!({ "QueueUrl": url, "ReceiptHandle": received["Messages"][0]["ReceiptHandle"] });
    assert_eq!(host.code("DeleteMessage", delete).await, "InvalidParameterValue");
    assert_eq!(host.bodies(&url).await, ["m"]);
}

#[tokio::test]
async fn a_message_that_comes_twice_within_five_minutes_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let url = host.queue("q.fifo", json!({ "FifoQueue": "true" })).await;
    let same = json!({ "QueueUrl": url, "MessageBody": "m", "MessageGroupId": "a", "MessageDeduplicationId": "d" });
    let first = host.good("SendMessage", same.clone()).await;
    host.pass(299_999);
    let second = host.good("SendMessage", same.clone()).await;
    assert_eq!(first["MessageId"], second["MessageId"]);
    assert_eq!(first["SequenceNumber"], second["SequenceNumber"]);
    assert_eq!(first["SequenceNumber"].as_str().map(str::len), Some(20));
    host.pass(1);
    let third = host.good("SendMessage", same).await;
    assert_ne!(first["MessageId"], third["MessageId"]);
    assert_eq!(host.bodies(&url).await, ["m", "m"]);
    let rows = [
        (json!({ "QueueUrl": url, "MessageBody": "m" }), "MissingParameter"),
        (message(&url, "a", "m"), "InvalidParameterValue"),
        (json!({ "QueueUrl": url, "MessageBody": "m", "MessageGroupId": "a b" }), "InvalidParameterValue"),
    ];
    for (input, code) in rows {
        assert_eq!(host.code("SendMessage", input.clone()).await, code, "{input}");
    }
}
