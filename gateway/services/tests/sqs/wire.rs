use crate::host::Host;
use fanlight_aws_wire::Service as Which;
use fanlight_services::{Caller, Owner, Request, Sinks, journal};
use fanlight_store::{Embedded, Options, Store};
use http::HeaderMap;
use serde_json::{Value, json};
use std::{path::Path, sync::Arc};

struct Api {
    sinks: Sinks,
    store: Arc<dyn Store>,
}

impl Api {
    fn new(folder: &Path) -> Self {
        let Host { sqs, clock, .. } = Host::new(&folder.join("queues"));
        let store: Arc<dyn Store> = Arc::new(Embedded::new(folder, Options::default()));
        let sinks = Sinks::new(Arc::clone(&store), clock).with(Which::Sqs, Arc::new(sqs));
        Self { sinks, store }
    }

    /// Headers are lines of `name: value`.
    async fn send(&self, target: &str, headers: &str, body: &str) -> (u16, String) {
        let mut map = HeaderMap::new();
        for (name, value) in headers.lines().filter_map(|line| line.split_once(": ")) {
            map.append(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let owner = Owner { region: "us-east-1".to_owned(), account_id: "000000000000".to_owned() };
        let caller = Caller::Integration("exchange".to_owned());
        let request = Request { service: Which::Sqs, owner, target, headers: &map, body: body.as_bytes(), caller };
        let answer = self.sinks.answer(request).await;
        (answer.status().as_u16(), String::from_utf8(answer.into_body()).unwrap())
    }
}

const FORM: &str = "content-type: application/x-www-form-urlencoded";
const JSON: &str = "accept: application/json\ncontent-type: application/x-www-form-urlencoded";

#[tokio::test]
async fn the_query_protocol_in_both_formats() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::new(folder.path());
    let (status, made) = api.send("/", FORM, "Action=CreateQueue&QueueName=q&Version=2012-11-05").await;
    let url = "<CreateQueueResult><QueueUrl>http://localhost:4566/000000000000/q</QueueUrl></CreateQueueResult>";
    assert_eq!((status, made.contains(url)), (200, true), "{made}");
    let body = "Action=SendMessage&MessageBody=a%26b&MessageAttributes.1.Name=n&MessageAttributes.1.Value.DataType=String\
                &MessageAttributes.1.Value.StringValue=v";
    let (status, sent) = api.send("/000000000000/q", JSON, body).await;
    let sent: Value = serde_json::from_str(&sent).unwrap();
    let result = &sent["SendMessageResponse"]["SendMessageResult"];
    assert_eq!((status, &result["SequenceNumber"]), (200, &Value::Null), "{sent}");
    assert_eq!(result["MD5OfMessageBody"], "b96e7bda9c9feee3259b177bd456b0a5", "{sent}");
    assert_eq!(sent["SendMessageResponse"]["ResponseMetadata"], json!({ "RequestId": "exchange" }));
    let body = "Action=ReceiveMessage&AttributeName.1=All&MessageAttributeName.1=All";
    let (_, received) = api.send("/000000000000/q", FORM, body).await;
    for part in [
        "<Body>a&amp;b</Body>",
        "<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>",
        "<MessageAttribute><Name>n</Name><Value><DataType>String</DataType><StringValue>v</StringValue></Value></MessageAttribute>",
    ] {
        assert!(received.contains(part), "{received}");
    }
}

#[tokio::test]
async fn errors_have_the_codes_of_their_protocol() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::new(folder.path());
    let code = "AWS.SimpleQueueService.NonExistentQueue";
    let rows = [
        ("/000000000000/none", FORM, "Action=SendMessage&MessageBody=m", 400, code),
        ("/000000000000/none", JSON, "Action=SendMessage&MessageBody=m", 400, code),
        ("/", FORM, "Action=DrinkQueue", 400, "<Code>InvalidAction</Code>"),
        ("/000000000000/none", "content-type: application/json", "{}", 404, "<UnknownOperationException/>"),
        (
            "/",
            "x-amz-target: AmazonSQS.GetQueueUrl",
            r#"{"QueueName":"none"}"#,
            400,
            "com.amazonaws.sqs#QueueDoesNotExist",
        ),
        ("/", "x-amz-target: AmazonSQS.GetQueueUrl", "[]", 400, "SerializationException"),
    ];
    for (target, headers, body, status, part) in rows {
        let answer = api.send(target, headers, body).await;
        assert_eq!((answer.0, answer.1.contains(part)), (status, true), "{body}: {}", answer.1);
    }
}

#[tokio::test]
async fn what_came_is_in_the_journal_with_its_exchange() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::new(folder.path());
    api.send("/", "x-amz-target: AmazonSQS.CreateQueue", r#"{"QueueName":"q"}"#).await;
    api.send("/000000000000/q", FORM, "Action=SendMessage&MessageBody=m").await;
    let entries = api.store.recorded(0, Some("sqs".to_owned()), 10).await.unwrap();
    let lines: Vec<Value> = entries.iter().map(|entry| serde_json::from_str(&journal::line(entry)).unwrap()).collect();
    assert_eq!(lines[0]["operation"], "CreateQueue");
    let expected = json!({
        "number": 2, "time": "2026-11-22T10:44:26.000Z", "service": "sqs", "operation": "SendMessage",
        "requestId": "exchange", "input": { "MessageBody": "m", "QueueUrl": "/000000000000/q" }
    });
    assert_eq!(lines[1], expected);
    assert_eq!(api.store.recorded(1, None, 10).await.unwrap().len(), 1, "after a number");
    assert_eq!(api.store.recorded(0, Some("sns".to_owned()), 10).await.unwrap(), [], "of a service");
}
