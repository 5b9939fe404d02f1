use super::{Bench, NOW_MS, key, owner, table};
use serde_json::json;

#[tokio::test]
async fn changes_are_recorded_in_their_order() {
    let mut bench = Bench::new();
    let stream = json!({ "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" });
    bench.ok("CreateTable", table(json!({ "StreamSpecification": stream }))).await;
    let item = |v: &str| json!({ "p": { "S": "a" }, "s": { "N": "1" }, "v": { "S": v } });
    bench.put(item("one")).await;
    bench.put(item("one")).await;
    bench.put(item("two")).await;
    bench.ok("DeleteItem", json!({ "TableName": "Tab", "Key": key("a", "1") })).await;
    let records = bench.db.stream_records("Tab", 0, 100, &owner()).await.unwrap();
    let shown: Vec<_> = records.iter().map(|found| (found.position, &found.record)).collect();
    let events: Vec<_> =
        shown.iter().map(|(position, record)| (*position, record["eventName"].as_str().unwrap())).collect();
    assert_eq!(events, [(1, "INSERT"), (2, "MODIFY"), (3, "REMOVE")], "what changes nothing is no change");
    let second = shown[1].1;
    assert_eq!((&second["dynamodb"]["OldImage"], &second["dynamodb"]["NewImage"]), (&item("one"), &item("two")));
    assert_eq!(second["dynamodb"]["Keys"], key("a", "1"));
    let arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/Tab/stream/2027-01-15T08:00:00.000";
    assert_eq!(second["eventSourceARN"], arn);
    let rest = bench.db.stream_records("Tab", 2, 100, &owner()).await.unwrap();
    assert_eq!((rest.len(), rest[0].position), (1, 3));
    bench.now_ms = NOW_MS + 25 * 3_600_000;
    bench.db.upkeep(bench.now_ms).await.unwrap();
    assert_eq!(bench.db.stream_records("Tab", 0, 100, &owner()).await.unwrap(), []);
}
