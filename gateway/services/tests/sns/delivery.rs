use crate::host::Host;
use serde_json::{Value, json};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:pets";
const SERVER: &str = "http://subscriber.test/";

#[tokio::test]
async fn a_function_gets_the_event() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let topic = host.topic("orders", json!({})).await;
    let subscription = host.subscribe(&topic, "lambda", FUNCTION, json!({})).await;
    let attributes = json!({ "kind": { "DataType": "String", "StringValue": "tea" } });
    let input = json!({ "TopicArn": topic, "Message": "m", "Subject": "s", "MessageAttributes": attributes });
    let published = host.good("Publish", input).await;
    let got = host.delivering(host.got(1)).await;
    let record = &got[0].what["Records"][0];
    assert_eq!(record["EventSource"], "aws:sns");
    assert_eq!(record["EventSubscriptionArn"], subscription.as_str());
    let sns = &record["Sns"];
    assert_eq!((&sns["Message"], &sns["Subject"]), (&json!("m"), &json!("s")));
    assert_eq!(sns["MessageId"], published["MessageId"]);
    assert_eq!(sns["Timestamp"], "2026-11-22T10:44:26.000Z");
    assert_eq!(sns["MessageAttributes"], json!({ "kind": { "Type": "String", "Value": "tea" } }));
}

#[tokio::test]
async fn queues_get_an_envelope_or_the_message_itself() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let topic = host.topic("orders", json!({})).await;
    let (wrapped, raw) = (host.queue("wrapped", json!({})).await, host.queue("raw", json!({})).await);
    host.subscribe(&topic, "sqs", &wrapped, json!({})).await;
    host.subscribe(&topic, "sqs", &raw, json!({ "RawMessageDelivery": "true" })).await;
    let attributes = json!({ "kind": { "DataType": "String", "StringValue": "tea" } });
    let message = json!({ "default": "for all", "sqs": "for queues" }).to_string();
    let input = json!({
        "TopicArn": topic, "Message": message, "MessageStructure": "json", "MessageAttributes": attributes
    });
    host.good("Publish", input).await;
    let (first, second) = host.delivering(async { (host.received("wrapped").await, host.received("raw").await) }).await;
    let envelope: Value = serde_json::from_str(first["Body"].as_str().unwrap()).unwrap();
    assert_eq!((&envelope["Type"], &envelope["Message"]), (&json!("Notification"), &json!("for queues")));
    assert_eq!(envelope["MessageAttributes"]["kind"], json!({ "Type": "String", "Value": "tea" }));
    assert_eq!(second["Body"], "for queues");
    assert_eq!(second["MessageAttributes"]["kind"]["StringValue"], "tea");
}

#[tokio::test]
async fn a_web_server_confirms_before_it_gets_anything() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let topic = host.topic("orders", json!({})).await;
    let input = json!({ "TopicArn": topic, "Protocol": "http", "Endpoint": SERVER });
    assert_eq!(host.good("Subscribe", input).await, json!({ "SubscriptionArn": "pending confirmation" }));
    host.good("Publish", json!({ "TopicArn": topic, "Message": "too early" })).await;
    let asked = host.delivering(host.got(1)).await;
    assert_eq!(asked[0].kind, "SubscriptionConfirmation");
    let token = &asked[0].what["Token"];
    let url = asked[0].what["SubscribeURL"].as_str().unwrap();
    assert!(url.contains("Action=ConfirmSubscription") && url.contains(token.as_str().unwrap()), "{url}");
    assert_eq!(
        host.message("ConfirmSubscription", json!({ "TopicArn": topic, "Token": "x" })).await,
        "Invalid parameter: Token"
    );
    host.good("ConfirmSubscription", json!({ "TopicArn": topic, "Token": token })).await;
    host.good("Publish", json!({ "TopicArn": topic, "Message": "in time" })).await;
    let got = host.delivering(host.got(2)).await;
    assert_eq!((got[1].kind.as_str(), &got[1].what["Message"]), ("Notification", &json!("in time")));
}

async fn confirmed(host: &Host, topic: &str, attributes: Value) -> String {
    let arn = host.subscribe(topic, "http", SERVER, attributes).await;
    let asked = host.delivering(host.got(1)).await;
    host.good("ConfirmSubscription", json!({ "TopicArn": topic, "Token": asked[0].what["Token"] })).await;
    arn
}

#[tokio::test]
async fn a_web_server_that_fails_gets_the_message_again() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let topic = host.topic("orders", json!({})).await;
    confirmed(&host, &topic, json!({})).await;
    host.answers(SERVER, &[500, 429, 200]);
    host.good("Publish", json!({ "TopicArn": topic, "Message": "m" })).await;
    let got = host.delivering(host.got(4)).await;
    let delays: Vec<i64> = got[1..].windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms).collect();
    assert_eq!(delays, [20_000, 20_000]);
    assert!(got[1..].iter().all(|got| got.what["Message"] == "m"));
}

#[tokio::test]
async fn what_is_given_up_goes_to_the_dead_letter_queue_or_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let topic = host.topic("orders", json!({})).await;
    let dead = host.queue("dead", json!({})).await;
    let policy = json!({ "deadLetterTargetArn": dead }).to_string();
    confirmed(&host, &topic, json!({ "RedrivePolicy": policy })).await;
    host.subscribe(&topic, "lambda", FUNCTION, json!({})).await;
    host.answers(SERVER, &[403]);
    host.answers(FUNCTION, &[500, 500, 500]);
    host.good("Publish", json!({ "TopicArn": topic, "Message": "m" })).await;
    let letter = host
        .delivering(async {
            host.discarded(1).await;
            host.received("dead").await
        })
        .await;
    let envelope: Value = serde_json::from_str(letter["Body"].as_str().unwrap()).unwrap();
    assert_eq!(envelope["Message"], "m", "after a permanent error, without a retry");
    let got = host.got(0).await;
    let of_function: Vec<i64> = got.iter().filter(|got| got.who == FUNCTION).map(|got| got.at_ms).collect();
    let delays: Vec<i64> = of_function.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(delays, [60_000, 120_000], "two retries, then it is reported");
}

#[tokio::test]
async fn a_subscriber_that_hangs_delays_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let topic = host.topic("orders", json!({})).await;
    confirmed(&host, &topic, json!({})).await;
    let queue = host.queue("q", json!({})).await;
    host.subscribe(&topic, "sqs", &queue, json!({ "RawMessageDelivery": "true" })).await;
    host.answers(SERVER, &[0; 40]);
    for number in 0..40 {
        host.good("Publish", json!({ "TopicArn": topic, "Message": number.to_string() })).await;
    }
    let bodies = host
        .delivering(async {
            let mut bodies = Vec::new();
            for _ in 0..40 {
                bodies.push(host.received("q").await["Body"].as_str().unwrap().parse::<u32>().unwrap());
            }
            bodies
        })
        .await;
    assert_eq!(bodies.iter().sum::<u32>(), 780);
}

#[tokio::test]
async fn what_was_acknowledged_is_delivered_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    {
        let host = Host::new(folder.path());
        let topic = host.topic("orders", json!({})).await;
        host.subscribe(&topic, "lambda", FUNCTION, json!({ "FilterPolicy": "{\"kind\":[\"tea\"]}" })).await;
        let attributes = json!({ "kind": { "DataType": "String", "StringValue": "milk" } });
        host.good("Publish", json!({ "TopicArn": topic, "Message": "no", "MessageAttributes": attributes })).await;
        let attributes = json!({ "kind": { "DataType": "String", "StringValue": "tea" } });
        host.good("Publish", json!({ "TopicArn": topic, "Message": "yes", "MessageAttributes": attributes })).await;
    }
    let host = Host::new(folder.path());
    let got = host.delivering(host.got(1)).await;
    assert_eq!(got[0].what["Records"][0]["Sns"]["Message"], "yes");
}

#[tokio::test]
async fn a_fifo_topic_feeds_a_fifo_queue_in_order_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let topic = host.topic("t.fifo", json!({ "FifoTopic": "true", "ContentBasedDeduplication": "true" })).await;
    let queue = host.queue("q.fifo", json!({ "FifoQueue": "true" })).await;
    host.subscribe(&topic, "sqs", &queue, json!({ "RawMessageDelivery": "true" })).await;
    let publish = |body: &str, group: &str| json!({ "TopicArn": topic, "Message": body, "MessageGroupId": group });
    let first = host.good("Publish", publish("a", "1")).await;
    assert_eq!(host.good("Publish", publish("a", "1")).await, first, "the same within five minutes");
    host.good("Publish", publish("b", "2")).await;
    let (one, two) = host.delivering(async { (host.received("q.fifo").await, host.received("q.fifo").await) }).await;
    assert_eq!((&one["Body"], &two["Body"]), (&json!("a"), &json!("b")));
    assert_eq!(one["Attributes"]["MessageGroupId"], "1");
    let refused = host.message("Publish", json!({ "TopicArn": topic, "Message": "m" })).await;
    assert_eq!(refused, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics");
}
