use super::{Bench, key};
use serde_json::{Value, json};

#[expect(clippy::needless_pass_by_value, reason = "calls read better with literals")]
fn update(expression: &str, values: Value, more: Value) -> Value {
    let mut input = json!({ "TableName": "Tab", "Key": key("a", "1"), "UpdateExpression": expression });
    if values != json!({}) {
        input["ExpressionAttributeValues"] = values;
    }
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

#[tokio::test]
async fn return_values_show_before_and_after() {
    let bench = Bench::with_table().await;
    let check = async |values: &str, expected: Value| {
        bench.put(json!({ "p": { "S": "a" }, "s": { "N": "1" }, "n": { "N": "1" }, "m": { "M": { "x": { "N": "1" }, "y": { "N": "2" } } } })).await;
        let input = update(
            "SET n = n + :i, m.x = :i REMOVE m.y",
            json!({ ":i": { "N": "5" } }),
            json!({ "ReturnValues": values }),
        );
        assert_eq!(bench.ok("UpdateItem", input).await, expected, "{values}");
    };
    check("NONE", json!({})).await;
    check("UPDATED_NEW", json!({ "Attributes": { "n": { "N": "6" }, "m": { "M": { "x": { "N": "5" } } } } })).await;
    check(
        "UPDATED_OLD",
        json!({ "Attributes": { "n": { "N": "1" }, "m": { "M": { "x": { "N": "1" }, "y": { "N": "2" } } } } }),
    )
    .await;
    let all = |n: &str, m: Value| json!({ "Attributes": { "p": { "S": "a" }, "s": { "N": "1" }, "n": { "N": n }, "m": { "M": m } } });
    check("ALL_NEW", all("6", json!({ "x": { "N": "5" } }))).await;
    check("ALL_OLD", all("1", json!({ "x": { "N": "1" }, "y": { "N": "2" } }))).await;
    let put = json!({ "TableName": "Tab", "Item": key("a", "1"), "ReturnValues": "ALL_NEW" });
    bench.refused("PutItem", put, "ValidationException", "ReturnValues can only be ALL_OLD or NONE").await;
    let deleted =
        bench.ok("DeleteItem", json!({ "TableName": "Tab", "Key": key("a", "1"), "ReturnValues": "ALL_OLD" })).await;
    assert_eq!(deleted["Attributes"]["n"], json!({ "N": "6" }));
    assert_eq!(
        bench.ok("DeleteItem", json!({ "TableName": "Tab", "Key": key("a", "1"), "ReturnValues": "ALL_OLD" })).await,
        json!({})
    );
}

#[tokio::test]
async fn a_condition_that_is_not_met_changes_nothing() {
    let bench = Bench::with_table().await;
    let first = json!({ "TableName": "Tab", "Item": { "p": { "S": "a" }, "s": { "N": "1.0" }, "v": { "S": "first" } }, "ConditionExpression": "attribute_not_exists(p)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD" });
    bench.ok("PutItem", first.clone()).await;
    let failed =
        bench.refused("PutItem", first, "ConditionalCheckFailedException", "The conditional request failed").await;
    assert_eq!(failed.detail["Item"]["v"], json!({ "S": "first" }), "1.0 and 1 are one key");
    let delete = json!({ "TableName": "Tab", "Key": key("a", "1"), "ConditionExpression": "v = :v", "ExpressionAttributeValues": { ":v": { "S": "other" } } });
    bench.refused("DeleteItem", delete, "ConditionalCheckFailedException", "The conditional request failed").await;
    assert_eq!(bench.item("a", "1").await["v"], json!({ "S": "first" }));
}

#[tokio::test]
async fn concurrent_updates_lose_none() {
    let bench = Bench::with_table().await;
    let add = || bench.ok("UpdateItem", update("ADD n :i", json!({ ":i": { "N": "1" } }), json!({})));
    for _ in 0..8 {
        tokio::join!(add(), add(), add(), add());
    }
    assert_eq!(bench.item("a", "1").await["n"], json!({ "N": "32" }));
}

#[tokio::test]
async fn items_and_values_that_cannot_be_are_refused() {
    let bench = Bench::with_table().await;
    let put = async |item: Value, code: &str, message: &str| {
        bench.refused("PutItem", json!({ "TableName": "Tab", "Item": item }), code, message).await;
    };
    let invalid = "ValidationException";
    let with = |value: Value| json!({ "p": { "S": "a" }, "s": { "N": "1" }, "v": value });
    put(
        json!({ "p": { "S": "a" } }),
        invalid,
        "One or more parameter values were invalid: Missing the key s in the item",
    )
    .await;
    put(
        json!({ "p": { "S": "a" }, "s": { "S": "1" } }),
        invalid,
        "One or more parameter values were invalid: Type mismatch for key s expected: N actual: S",
    )
    .await;
    put(json!({ "p": { "S": "" }, "s": { "N": "1" } }), invalid, "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: p").await;
    put(
        json!({ "p": { "S": "x".repeat(2_049) }, "s": { "N": "1" } }),
        invalid,
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes",
    )
    .await;
    put(
        with(json!({})),
        invalid,
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
    )
    .await;
    put(
        with(json!({ "S": "a", "N": "1" })),
        invalid,
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    )
    .await;
    put(
        with(json!({ "SS": [] })),
        invalid,
        "One or more parameter values were invalid: An string set  may not be empty",
    )
    .await;
    put(
        with(json!({ "SS": ["a", "a"] })),
        invalid,
        "One or more parameter values were invalid: Input collection [a, a] contains duplicates.",
    )
    .await;
    put(with(json!({ "NS": ["1", "1.0"] })), invalid, "Input collection contains duplicates").await;
    put(
        with(json!({ "NULL": false })),
        invalid,
        "One or more parameter values were invalid: Null attribute value types must have the value of true",
    )
    .await;
    put(with(json!({ "N": 1 })), "SerializationException", "NUMBER_VALUE cannot be converted to String").await;
    put(with(json!({ "S": "x".repeat(410_000) })), invalid, "Item size has exceeded the maximum allowed size").await;
}

#[tokio::test]
async fn updates_leave_keys_and_sizes_alone() {
    let bench = Bench::with_table().await;
    let refused = async |expression: &str, values: Value, message: &str| {
        bench.refused("UpdateItem", update(expression, values, json!({})), "ValidationException", message).await;
    };
    refused(
        "SET p = :v",
        json!({ ":v": { "S": "b" } }),
        "One or more parameter values were invalid: Cannot update attribute p. This attribute is part of the key",
    )
    .await;
    refused(
        "SET v = :v",
        json!({ ":v": { "S": "x".repeat(409_600) } }),
        "Item size to update has exceeded the maximum allowed size",
    )
    .await;
    refused(
        "SET v = :v",
        json!({ ":v": { "S": "b" }, ":w": { "S": "c" } }),
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}",
    )
    .await;
    refused("SET v = :v", json!({ ":v": { "N": "dog" } }), "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: dog for key :v").await;
    refused(
        "SET v = :v",
        json!({ "v": { "N": "1" } }),
        "ExpressionAttributeValues contains invalid key: Syntax error; key: \"v\"",
    )
    .await;
    assert_eq!(bench.item("a", "1").await, Value::Null);
    bench.ok("UpdateItem", json!({ "TableName": "Tab", "Key": key("a", "1") })).await;
    assert_eq!(bench.item("a", "1").await, key("a", "1"), "an update makes the item");
}

#[tokio::test]
async fn capacity_and_collections_are_told_when_asked_for() {
    let bench = Bench::with_table().await;
    let put = json!({ "TableName": "Tab", "Item": { "p": { "S": "a" }, "s": { "N": "1" }, "v": { "S": "x".repeat(1_100) } }, "ReturnConsumedCapacity": "TOTAL", "ReturnItemCollectionMetrics": "SIZE" });
    assert_eq!(
        bench.ok("PutItem", put).await,
        json!({ "ConsumedCapacity": { "TableName": "Tab", "CapacityUnits": 2.0 } })
    );
    let get = json!({ "TableName": "Tab", "Key": key("a", "1"), "ReturnConsumedCapacity": "INDEXES", "ProjectionExpression": "s" });
    let expected = json!({ "Item": { "s": { "N": "1" } }, "ConsumedCapacity": { "TableName": "Tab", "CapacityUnits": 0.5, "Table": { "CapacityUnits": 0.5 } } });
    assert_eq!(bench.ok("GetItem", get).await, expected);
}

#[tokio::test]
async fn values_nest_up_to_a_limit_and_may_be_empty() {
    let bench = Bench::with_table().await;
    let with = |value: Value| json!({ "p": { "S": "a" }, "s": { "N": "1" }, "v": value });
    let nested = |depth: usize| (0..depth).fold(json!({ "S": "x" }), |inner, _| json!({ "L": [inner] }));
    let deep = json!({ "TableName": "Tab", "Item": with(nested(33)) });
    bench.refused("PutItem", deep, "ValidationException", "Nesting Levels have exceeded supported limits").await;
    bench.put(with(nested(32))).await;
    let empty = json!({ "M": { "empty": { "S": "" }, "bytes": { "B": "" }, "list": { "L": [] } } });
    bench.put(with(empty.clone())).await;
    assert_eq!(bench.item("a", "1").await["v"], empty);
}
