use super::{Bench, key};
use serde_json::{Value, json};

const NUMBERS: [&str; 9] = ["-1000", "-12.5", "-3", "-0.001", "0", "0.5", "2", "10", "99.9"];

async fn bench() -> Bench {
    let bench = Bench::with_table().await;
    for number in NUMBERS.iter().rev() {
        bench.put(key("a", number)).await;
    }
    bench.put(key("b", "1")).await;
    bench
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better with literals")]
fn query(condition: &str, values: Value, more: Value) -> Value {
    let mut query =
        json!({ "TableName": "Tab", "KeyConditionExpression": condition, "ExpressionAttributeValues": values });
    query["ExpressionAttributeValues"][":p"] = json!({ "S": "a" });
    for (name, value) in more.as_object().unwrap() {
        query[name] = value.clone();
    }
    query
}

fn sorts(page: &Value) -> Vec<String> {
    page["Items"].as_array().unwrap().iter().map(|item| item["s"]["N"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn key_conditions_choose_a_range_of_numbers() {
    let bench = bench().await;
    let check = async |condition: &str, values: Value, expected: &[&str]| {
        let condition = format!("p = :p AND {condition}");
        let found = bench.ok("Query", query(&condition, values.clone(), json!({}))).await;
        assert_eq!(sorts(&found), expected, "{condition}");
        let mut reverse =
            sorts(&bench.ok("Query", query(&condition, values, json!({ "ScanIndexForward": false }))).await);
        reverse.reverse();
        assert_eq!(reverse, expected, "{condition}");
    };
    let two = || json!({ ":v": { "N": "2.0" } });
    check("s = :v", two(), &["2"]).await;
    check("s < :v", two(), &NUMBERS[..6]).await;
    check("s <= :v", two(), &NUMBERS[..7]).await;
    check("s > :v", two(), &NUMBERS[7..]).await;
    check("s >= :v", two(), &NUMBERS[6..]).await;
    check(":v > s", two(), &NUMBERS[..6]).await;
    check("s BETWEEN :l AND :h", json!({ ":l": { "N": "-3" }, ":h": { "N": "0" } }), &NUMBERS[2..5]).await;
}

#[tokio::test]
async fn pages_follow_one_another_in_both_directions() {
    let bench = bench().await;
    for forward in [true, false] {
        let (mut all, mut start) = (Vec::new(), Value::Null);
        loop {
            let more = json!({ "Limit": 2, "ScanIndexForward": forward, "ExclusiveStartKey": start });
            let page = bench.ok("Query", query("p = :p", json!({}), more)).await;
            all.extend(sorts(&page));
            start = page["LastEvaluatedKey"].clone();
            if start.is_null() {
                break;
            }
        }
        if !forward {
            all.reverse();
        }
        assert_eq!(all, NUMBERS);
    }
}

#[tokio::test]
async fn a_page_ends_after_a_megabyte() {
    let bench = Bench::with_table().await;
    for s in 0..12 {
        bench.put(json!({ "p": { "S": "a" }, "s": { "N": s.to_string() }, "v": { "S": "x".repeat(100_000) } })).await;
    }
    let page = bench.ok("Query", query("p = :p", json!({}), json!({ "Select": "COUNT" }))).await;
    assert_eq!(page, json!({ "Count": 10, "ScannedCount": 10, "LastEvaluatedKey": key("a", "9") }));
}

#[tokio::test]
async fn filters_come_after_the_limit() {
    let bench = Bench::with_table().await;
    for s in 0..6 {
        bench.put(json!({ "p": { "S": "a" }, "s": { "N": s.to_string() }, "v": { "N": (s % 2).to_string() } })).await;
    }
    let more = json!({ "Limit": 4, "FilterExpression": "v = :one" });
    let page = bench.ok("Query", query("p = :p", json!({ ":one": { "N": "1" } }), more)).await;
    assert_eq!(
        (&page["Count"], &page["ScannedCount"], &page["LastEvaluatedKey"]),
        (&json!(2), &json!(4), &key("a", "3"))
    );
    let key_filter = query("p = :p", json!({ ":one": { "N": "1" } }), json!({ "FilterExpression": "s = :one" }));
    bench
        .refused(
            "Query",
            key_filter,
            "ValidationException",
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: s",
        )
        .await;
}

#[tokio::test]
async fn segments_of_a_scan_share_the_items_out() {
    let bench = Bench::with_table().await;
    for p in 0..40 {
        bench.put(key(&format!("partition {p}"), "1")).await;
    }
    for total in [1, 3, 100_000] {
        let mut count = 0;
        for segment in (0..total).step_by(if total > 1_000 { 20_000 } else { 1 }) {
            let page =
                bench.ok("Scan", json!({ "TableName": "Tab", "Segment": segment, "TotalSegments": total })).await;
            count += page["Count"].as_u64().unwrap();
        }
        assert!(total > 1_000 || count == 40, "{total}: {count}");
    }
    let wrong = json!({ "TableName": "Tab", "Segment": 3, "TotalSegments": 3 });
    bench.refused("Scan", wrong, "ValidationException", "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 3 is not less than TotalSegments: 3").await;
}

#[tokio::test]
async fn queries_that_cannot_be_are_refused() {
    let bench = bench().await;
    let check = async |condition: &str, values: Value, more: Value, message: &str| {
        bench.refused("Query", query(condition, values, more), "ValidationException", message).await;
    };
    check("s = :p", json!({}), json!({}), "Query condition missed key schema element: p").await;
    check("p > :p", json!({}), json!({}), "Query key condition not supported").await;
    check("p = :p AND q = :p", json!({}), json!({}), "Query condition missed key schema element: s").await;
    check(
        "p = :p AND s = :v",
        json!({ ":v": { "S": "x" } }),
        json!({}),
        "One or more parameter values were invalid: Condition parameter type does not match schema type",
    )
    .await;
    let start = |start: Value| json!({ "ExclusiveStartKey": start });
    check(
        "p = :p",
        json!({}),
        start(key("b", "1")),
        "The provided starting key is outside query boundaries based on provided conditions",
    )
    .await;
    check(
        "p = :p AND s > :v",
        json!({ ":v": { "N": "5" } }),
        start(key("a", "1")),
        "The provided starting key does not match the range key predicate",
    )
    .await;
    check("p = :p", json!({}), start(json!({ "p": { "S": "a" } })), "The provided starting key is invalid").await;
    check("p = :p", json!({}), json!({ "Select": "COUNT", "ProjectionExpression": "v" }), "One or more parameter values were invalid: Cannot specify the ProjectionExpression when choosing to get only the Count").await;
    check("p = :p", json!({}), json!({ "Limit": 0 }), "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1").await;
}
