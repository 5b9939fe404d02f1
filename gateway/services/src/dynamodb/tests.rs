use super::*;
use fanlight_store::{Embedded, Options};
use serde_json::json;

mod batches;
mod expiry;
mod indexes;
mod pages;
mod streams;
mod transactions;
mod writes;

/// A service in a folder of its own, with a clock that stands.
struct Bench {
    folder: tempfile::TempDir,
    db: DynamoDb,
    now_ms: i64,
}

const NOW_MS: i64 = 1_800_000_000_000;

fn owner() -> Owner {
    Owner { region: "eu-central-1".to_owned(), account_id: "123456789012".to_owned() }
}

fn open(folder: &tempfile::TempDir) -> DynamoDb {
    DynamoDb::new(Arc::new(Embedded::new(folder.path(), Options::default())))
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&folder);
        Self { folder, db, now_ms: NOW_MS }
    }

    /// With the table `Tab` of keys `p` (S) and `s` (N).
    async fn with_table() -> Self {
        let bench = Self::new();
        bench.ok("CreateTable", table(json!({}))).await;
        bench
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        let owner = owner();
        self.db.handle(Call { operation, input, owner: &owner, now_ms: self.now_ms, request_id: "id" }).await
    }

    async fn ok(&self, operation: &str, input: Value) -> Value {
        let shown = input.to_string();
        self.call(operation, input).await.unwrap_or_else(|error| panic!("{operation} {shown}: {error:?}"))
    }

    async fn put(&self, item: Value) {
        self.ok("PutItem", json!({ "TableName": "Tab", "Item": item })).await;
    }

    async fn item(&self, p: &str, s: &str) -> Value {
        let found = self.ok("GetItem", json!({ "TableName": "Tab", "Key": key(p, s) })).await;
        found.get("Item").cloned().unwrap_or_default()
    }

    async fn refused(&self, operation: &str, input: Value, code: &str, message: &str) -> ServiceError {
        let shown = input.to_string();
        let error = self.call(operation, input).await.expect_err(&shown);
        assert_eq!((error.code, error.message.as_str()), (code, message), "{shown}");
        error
    }
}

fn key(p: &str, s: &str) -> Value {
    json!({ "p": { "S": p }, "s": { "N": s } })
}

/// `CreateTable` of `Tab`, with more members.
#[expect(clippy::needless_pass_by_value, reason = "calls read better with literals")]
fn table(more: Value) -> Value {
    let mut table = json!({
        "TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "p", "KeyType": "HASH" }, { "AttributeName": "s", "KeyType": "RANGE" }],
        "AttributeDefinitions": [
            { "AttributeName": "p", "AttributeType": "S" }, { "AttributeName": "s", "AttributeType": "N" }
        ],
    });
    for (name, value) in more.as_object().unwrap() {
        match (table.get_mut(name), value) {
            (Some(Value::Array(old)), Value::Array(new)) => old.extend(new.clone()),
            _ => table[name] = value.clone(),
        }
    }
    table
}

#[tokio::test]
async fn tables_are_created_described_listed_and_deleted() {
    let bench = Bench::new();
    let made = bench.ok("CreateTable", table(json!({}))).await;
    assert_eq!(made["TableDescription"]["TableArn"], "arn:aws:dynamodb:eu-central-1:123456789012:table/Tab");
    bench.refused("CreateTable", table(json!({})), "ResourceInUseException", "Table already exists: Tab").await;
    bench.put(json!({ "p": { "S": "a" }, "s": { "N": "1" } })).await;
    let shown = bench.ok("DescribeTable", json!({ "TableName": "Tab" })).await;
    assert_eq!((&shown["Table"]["TableStatus"], &shown["Table"]["ItemCount"]), (&json!("ACTIVE"), &json!(1)));
    assert_eq!(bench.ok("ListTables", json!({})).await, json!({ "TableNames": ["Tab"] }));
    bench.ok("DeleteTable", json!({ "TableName": "Tab" })).await;
    let missing = "Requested resource not found: Table: Tab not found";
    bench.refused("DescribeTable", json!({ "TableName": "Tab" }), "ResourceNotFoundException", missing).await;
    // A table of the same name has none of the items.
    bench.ok("CreateTable", table(json!({}))).await;
    assert_eq!(bench.item("a", "1").await, Value::Null);
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_the_next_start() {
    let bench = Bench::with_table().await;
    bench.put(json!({ "p": { "S": "a" }, "s": { "N": "1" }, "v": { "S": "kept" } })).await;
    let Bench { folder, db, now_ms } = bench;
    drop(db);
    let again = Bench { db: open(&folder), folder, now_ms };
    assert_eq!(again.item("a", "1").await["v"], json!({ "S": "kept" }));
}

#[tokio::test]
async fn tables_that_cannot_be_are_refused() {
    let bench = Bench::new();
    let check = async |more: Value, message: &str| {
        bench.refused("CreateTable", table(more), "ValidationException", message).await;
    };
    let start = "One or more parameter values were invalid: ";
    check(
        json!({ "BillingMode": "PROVISIONED" }),
        &format!(
            "{start}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
        ),
    )
    .await;
    check(json!({ "AttributeDefinitions": [{ "AttributeName": "x", "AttributeType": "S" }] }), &format!("{start}Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")).await;
    let local = |hash: &str| json!([{ "IndexName": "by-x", "KeySchema": [{ "AttributeName": hash, "KeyType": "HASH" }, { "AttributeName": "p", "KeyType": "RANGE" }], "Projection": { "ProjectionType": "ALL" } }]);
    check(json!({ "LocalSecondaryIndexes": local("s") }), &format!("{start}Index KeySchema does not have the same leading hash key as table KeySchema for index: by-x. index hash key: s, table hash key: p")).await;
    check(json!({ "LocalSecondaryIndexes": local("q") }), &format!("{start}Some index key attributes are not defined in AttributeDefinitions. Keys: [q, p], AttributeDefinitions: [p, s]")).await;
    let bad = json!({ "TableName": "a$", "AttributeDefinitions": [{ "AttributeName": "a", "AttributeType": "X" }] });
    let message = "5 validation errors detected: Value 'a$' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'a$' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3; Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]; Value null at 'keySchema' failed to satisfy constraint: Member must not be null; Value 'X' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]";
    let mut bad = bad;
    bad["BillingMode"] = json!("X");
    bench.refused("CreateTable", bad, "ValidationException", message).await;
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_name() {
    let bench = Bench::with_table().await;
    bench
        .refused(
            "ExecuteStatement",
            json!({}),
            "ValidationException",
            "PartiQL is not supported here, and so ExecuteStatement is not",
        )
        .await;
    bench
        .refused(
            "CreateBackup",
            json!({}),
            "UnknownOperationException",
            "CreateBackup is an operation of DynamoDB that is not supported here",
        )
        .await;
    bench.refused("Nonsense", json!({}), "UnknownOperationException", "Nonsense is no operation of DynamoDB").await;
    let query = json!({ "TableName": "Tab", "KeyConditions": {} });
    bench
        .refused(
            "Query",
            query,
            "ValidationException",
            "The legacy parameter KeyConditions is not supported: use KeyConditionExpression",
        )
        .await;
    let put = json!({ "TableName": "Tab", "Item": key("a", "1"), "Expected": {} });
    bench
        .refused(
            "PutItem",
            put,
            "ValidationException",
            "The legacy parameter Expected is not supported: use ConditionExpression",
        )
        .await;
    assert_eq!(bench.item("a", "1").await, Value::Null);
}
