use super::{Bench, key, table};
use serde_json::{Value, json};

#[expect(clippy::needless_pass_by_value, reason = "calls read better with literals")]
fn index(name: &str, hash: &str, range: &str, projection: Value) -> Value {
    let schema = json!([{ "AttributeName": hash, "KeyType": "HASH" }, { "AttributeName": range, "KeyType": "RANGE" }]);
    json!({ "IndexName": name, "KeySchema": schema, "Projection": projection })
}

async fn bench() -> Bench {
    let bench = Bench::new();
    let global = index("by-g", "g", "s", json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"] }));
    let local = index("by-l", "p", "l", json!({ "ProjectionType": "KEYS_ONLY" }));
    let definitions =
        json!([{ "AttributeName": "g", "AttributeType": "S" }, { "AttributeName": "l", "AttributeType": "B" }]);
    let more = json!({ "GlobalSecondaryIndexes": [global], "LocalSecondaryIndexes": [local], "AttributeDefinitions": definitions });
    bench.ok("CreateTable", table(more)).await;
    bench
}

fn item(s: &str, g: &str, l: &str) -> Value {
    json!({ "p": { "S": "a" }, "s": { "N": s }, "g": { "S": g }, "l": { "B": l }, "x": { "N": s }, "y": { "S": "y" } })
}

async fn found(bench: &Bench, index: &str, condition: &str, value: &str) -> Vec<Value> {
    let query = json!({ "TableName": "Tab", "IndexName": index, "KeyConditionExpression": condition, "ExpressionAttributeValues": { ":v": { "S": value } } });
    bench.ok("Query", query).await["Items"].as_array().unwrap().clone()
}

fn sorts(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["s"]["N"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn indexes_follow_their_items() {
    let bench = bench().await;
    for (s, g, l) in [("1", "even", "Aw=="), ("2", "odd", "Ag=="), ("3", "even", "AQ==")] {
        bench.put(item(s, g, l)).await;
    }
    bench.put(key("a", "4")).await;
    let even = found(&bench, "by-g", "g = :v", "even").await;
    assert_eq!(even[0], json!({ "p": { "S": "a" }, "s": { "N": "1" }, "g": { "S": "even" }, "x": { "N": "1" } }));
    assert_eq!(sorts(&even), ["1", "3"]);
    assert_eq!(sorts(&found(&bench, "by-l", "p = :v", "a").await), ["3", "2", "1"]);
    bench.put(item("1", "odd", "Aw==")).await;
    bench.ok("DeleteItem", json!({ "TableName": "Tab", "Key": key("a", "3") })).await;
    assert_eq!(sorts(&found(&bench, "by-g", "g = :v", "even").await), Vec::<&str>::new());
    assert_eq!(sorts(&found(&bench, "by-g", "g = :v", "odd").await), ["1", "2"]);
    let scan = json!({ "TableName": "Tab", "IndexName": "by-l" });
    assert_eq!(bench.ok("Scan", scan).await["Count"], 2, "an item without the attribute is in no index");
}

#[tokio::test]
async fn what_an_index_cannot_show_is_refused_or_fetched() {
    let bench = bench().await;
    bench.put(item("1", "even", "AQ==")).await;
    let query = |index: &str, more: Value| {
        let mut query = json!({ "TableName": "Tab", "IndexName": index, "KeyConditionExpression": if index == "by-g" { "g = :v" } else { "p = :v" }, "ExpressionAttributeValues": { ":v": { "S": if index == "by-g" { "even" } else { "a" } } } });
        for (name, value) in more.as_object().unwrap() {
            query[name] = value.clone();
        }
        query
    };
    let refused = async |more: Value, message: &str| {
        bench.refused("Query", query("by-g", more), "ValidationException", message).await;
    };
    refused(json!({ "ConsistentRead": true }), "Consistent reads are not supported on global secondary indexes").await;
    refused(json!({ "Select": "ALL_ATTRIBUTES" }), "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index by-g because its projection type is not ALL").await;
    refused(
        json!({ "ProjectionExpression": "y" }),
        "One or more parameter values were invalid: Global secondary index by-g does not project [y]",
    )
    .await;
    let local = bench.ok("Query", query("by-l", json!({ "ProjectionExpression": "y" }))).await;
    assert_eq!(local["Items"], json!([{ "y": { "S": "y" } }]), "a local index fetches from the table");
    let put = json!({ "TableName": "Tab", "Item": { "p": { "S": "a" }, "s": { "N": "1" }, "g": { "N": "1" } } });
    bench.refused("PutItem", put, "ValidationException", "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g").await;
}

#[tokio::test]
async fn a_new_index_has_the_older_items() {
    let bench = bench().await;
    for s in 0..1_200 {
        bench.put(item(&s.to_string(), "even", "AQ==")).await;
    }
    let create = index("by-x", "y", "x", json!({ "ProjectionType": "ALL" }));
    let definitions =
        json!([{ "AttributeName": "x", "AttributeType": "N" }, { "AttributeName": "y", "AttributeType": "S" }]);
    bench.ok("UpdateTable", json!({ "TableName": "Tab", "AttributeDefinitions": definitions, "GlobalSecondaryIndexUpdates": [{ "Create": create }] })).await;
    assert_eq!(found(&bench, "by-x", "y = :v", "y").await.len(), 1_200);
    bench
        .ok(
            "UpdateTable",
            json!({ "TableName": "Tab", "GlobalSecondaryIndexUpdates": [{ "Delete": { "IndexName": "by-x" } }] }),
        )
        .await;
    let gone = json!({ "TableName": "Tab", "IndexName": "by-x", "KeyConditionExpression": "y = :v", "ExpressionAttributeValues": { ":v": { "S": "y" } } });
    bench.refused("Query", gone, "ValidationException", "The table does not have the specified index: by-x").await;
}
