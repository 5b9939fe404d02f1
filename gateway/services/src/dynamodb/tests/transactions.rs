use super::{Bench, key};
use serde_json::{Value, json};

fn put(s: &str, condition: Option<&str>) -> Value {
    let mut put = json!({ "TableName": "Tab", "Item": key("a", s) });
    if let Some(condition) = condition {
        put["ConditionExpression"] = json!(condition);
    }
    json!({ "Put": put })
}

const CANCELLED: &str = "Transaction cancelled, please refer cancellation reasons for specific reasons";

#[tokio::test]
async fn all_of_a_transaction_is_done_or_nothing() {
    let bench = Bench::with_table().await;
    bench.put(key("a", "1")).await;
    let items = json!([put("2", None), put("1", Some("attribute_not_exists(p)"))]);
    let message = format!("{CANCELLED} [None, ConditionalCheckFailed]");
    let failed = bench
        .refused("TransactWriteItems", json!({ "TransactItems": items }), "TransactionCanceledException", &message)
        .await;
    let reasons =
        json!([{ "Code": "None" }, { "Code": "ConditionalCheckFailed", "Message": "The conditional request failed" }]);
    assert_eq!(failed.detail["CancellationReasons"], reasons);
    assert_eq!(bench.item("a", "2").await, Value::Null);
    let items = json!([
        put("2", None),
        { "Update": { "TableName": "Tab", "Key": key("a", "3"), "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": { ":v": { "N": "1" } } } },
        { "Delete": { "TableName": "Tab", "Key": key("a", "1") } },
        { "ConditionCheck": { "TableName": "Tab", "Key": key("a", "9"), "ConditionExpression": "attribute_not_exists(p)" } }
    ]);
    assert_eq!(bench.ok("TransactWriteItems", json!({ "TransactItems": items })).await, json!({}));
    let get = |s: &str| json!({ "Get": { "TableName": "Tab", "Key": key("a", s) } });
    let found =
        bench.ok("TransactGetItems", json!({ "TransactItems": [get("1"), get("2"), get("3"), get("9")] })).await;
    let three = json!({ "p": { "S": "a" }, "s": { "N": "3" }, "v": { "N": "1" } });
    assert_eq!(found["Responses"], json!([{}, { "Item": key("a", "2") }, { "Item": three }, {}]));
}

#[tokio::test]
async fn a_transaction_is_done_once_for_its_token() {
    let mut bench = Bench::with_table().await;
    let add = |token: &str, amount: &str| json!({ "ClientRequestToken": token, "TransactItems": [{ "Update": { "TableName": "Tab", "Key": key("a", "1"), "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": { ":n": { "N": amount } } } }] });
    bench.ok("TransactWriteItems", add("token", "1")).await;
    bench.ok("TransactWriteItems", add("token", "1")).await;
    let message = "The provided ClientRequestToken is already in use with different request parameters";
    bench.refused("TransactWriteItems", add("token", "2"), "IdempotentParameterMismatchException", message).await;
    assert_eq!(bench.item("a", "1").await["n"], json!({ "N": "1" }));
    bench.now_ms += 12 * 60 * 1_000;
    bench.db.upkeep(bench.now_ms).await.unwrap();
    bench.ok("TransactWriteItems", add("token", "2")).await;
    assert_eq!(bench.item("a", "1").await["n"], json!({ "N": "3" }));
}

#[tokio::test]
async fn transactions_that_cannot_be_are_refused() {
    let bench = Bench::with_table().await;
    let check = async |items: Value, code: &str, message: &str| {
        bench.refused("TransactWriteItems", json!({ "TransactItems": items }), code, message).await;
    };
    check(
        json!([put("1", None), put("1.0", None)]),
        "ValidationException",
        "Transaction request cannot include multiple operations on one item",
    )
    .await;
    check(json!([{}]), "ValidationException", "TransactItems can only contain one of Check, Put, Update or Delete")
        .await;
    check(json!([]), "ValidationException", "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1").await;
    let elsewhere = json!([{ "Delete": { "TableName": "nope", "Key": key("a", "1") } }]);
    check(elsewhere, "ResourceNotFoundException", "Requested resource not found").await;
    let wrong = json!([put("1", None), { "Update": { "TableName": "Tab", "Key": key("a", "2"), "UpdateExpression": "SET v = w" } }]);
    check(wrong, "TransactionCanceledException", &format!("{CANCELLED} [None, ValidationError]")).await;
    assert_eq!(bench.item("a", "1").await, Value::Null);
}
