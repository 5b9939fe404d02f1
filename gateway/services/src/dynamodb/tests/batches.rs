use super::{Bench, key};
use serde_json::{Value, json};

#[tokio::test]
async fn batches_write_and_read_many_items() {
    let bench = Bench::with_table().await;
    bench.put(key("a", "0")).await;
    let puts = (1..=24).map(|s| json!({ "PutRequest": { "Item": key("a", &s.to_string()) } }));
    let requests: Vec<Value> = puts.chain([json!({ "DeleteRequest": { "Key": key("a", "0") } })]).collect();
    let written = bench.ok("BatchWriteItem", json!({ "RequestItems": { "Tab": requests } })).await;
    assert_eq!(written, json!({ "UnprocessedItems": {} }));
    let keys: Vec<Value> = (0..=24).map(|s| key("a", &s.to_string())).collect();
    let read = bench
        .ok("BatchGetItem", json!({ "RequestItems": { "Tab": { "Keys": keys, "ProjectionExpression": "s" } } }))
        .await;
    assert_eq!(read["Responses"]["Tab"].as_array().unwrap().len(), 24);
    assert_eq!(read["Responses"]["Tab"][0], json!({ "s": { "N": "1" } }));
    assert_eq!(read["UnprocessedKeys"], json!({}));
}

#[tokio::test]
async fn batches_that_cannot_be_change_nothing() {
    let bench = Bench::with_table().await;
    let put = |s: &str| json!({ "PutRequest": { "Item": key("a", s) } });
    let check = async |requests: Value, code: &str, message: &str| {
        bench.refused("BatchWriteItem", json!({ "RequestItems": requests }), code, message).await;
    };
    check(
        json!({ "Tab": [put("1"), put("1.0")] }),
        "ValidationException",
        "Provided list of item keys contains duplicates",
    )
    .await;
    check(
        json!({ "Tab": [put("1")], "nope": [put("1")] }),
        "ResourceNotFoundException",
        "Requested resource not found",
    )
    .await;
    let many: Vec<Value> = (0..26).map(|s| put(&s.to_string())).collect();
    check(json!({ "Tab": many }), "ValidationException", "Too many items requested for the BatchWriteItem call").await;
    assert_eq!(bench.item("a", "1").await, Value::Null);
}
