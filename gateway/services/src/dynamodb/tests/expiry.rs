use super::{Bench, NOW_MS, key};
use serde_json::{Value, json};

fn ending(s: &str, second: i64) -> Value {
    json!({ "p": { "S": "a" }, "s": { "N": s }, "end": { "N": second.to_string() } })
}

#[tokio::test]
async fn items_end_with_their_time_to_live() {
    let mut bench = Bench::with_table().await;
    bench.put(ending("1", NOW_MS / 1_000 + 60)).await;
    bench.put(ending("2", NOW_MS / 1_000 + 600)).await;
    // A mistake, such as a time of another unit, ends nothing.
    bench.put(ending("3", 12)).await;
    let enable = json!({ "TableName": "Tab", "TimeToLiveSpecification": { "AttributeName": "end", "Enabled": true } });
    bench.ok("UpdateTimeToLive", enable.clone()).await;
    bench.refused("UpdateTimeToLive", enable, "ValidationException", "TimeToLive is already enabled").await;
    bench.now_ms += 61_000;
    assert_eq!(bench.item("a", "1").await, Value::Null);
    let query = json!({ "TableName": "Tab", "KeyConditionExpression": "p = :p", "ExpressionAttributeValues": { ":p": { "S": "a" } } });
    assert_eq!(bench.ok("Query", query).await["ScannedCount"], 2);
    let put = json!({ "TableName": "Tab", "Item": key("a", "1"), "ConditionExpression": "attribute_not_exists(p)" });
    bench.ok("PutItem", put).await;
    assert_eq!(bench.item("a", "1").await, key("a", "1"));
    bench.now_ms += 600_000;
    bench.db.upkeep(bench.now_ms).await.unwrap();
    let shown = bench.ok("DescribeTable", json!({ "TableName": "Tab" })).await;
    assert_eq!(shown["Table"]["ItemCount"], 2, "one that ended is gone");
}
