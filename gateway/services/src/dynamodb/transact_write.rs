//! `TransactWriteItems`: all changes or none, and once for each token.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>

use super::{
    DynamoDb,
    capacity::{self, Consumed, Wanted},
    catalog::{Catalog, TOKENS, TOKENS_BY_TIME},
    change::{self, Change, Prepared, Write},
    error::{Answer, cancelled, failed, validation},
    given,
    input::{self, Input},
    record,
    write_item::{self, shows_item},
};
use crate::{Call, ServiceError};
use fanlight_store::table::Rows;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The most items of a transaction.
const MAX_ITEMS: usize = 100;
/// The most bytes of a transaction.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// How long a token stands for its transaction.
const TOKEN_MS: i64 = 10 * 60 * 1_000;

pub(crate) async fn run(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    input.required("TransactItems");
    let items = input.structures("TransactItems")?.unwrap_or_default();
    if input.has("TransactItems") {
        input.between("TransactItems", items.len(), (1, MAX_ITEMS));
    }
    let token = input.text("ClientRequestToken")?.map(str::to_owned);
    if let Some(token) = &token {
        input.between("ClientRequestToken", token.len(), (1, 36));
    }
    let capacity = Wanted::read(&mut input)?;
    let metrics = input.one_of("ReturnItemCollectionMetrics", &["SIZE", "NONE"])? == Some("SIZE");
    let mut changes = Vec::new();
    for mut item in items {
        let change = read(&mut item);
        item.finish()?;
        changes.push(change?);
    }
    input.finish()?;
    let fingerprint = fingerprint(&call.input);
    let now_ms = call.now_ms;
    db.transact(move |rows, catalog| {
        if let Some(token) = &token
            && let Some(known) = known(rows, token, now_ms)?
        {
            return repeated(&known, &fingerprint, &changes, capacity);
        }
        let prepared = prepare(rows, catalog, &changes, now_ms)?;
        for prepared in &prepared {
            change::commit(rows, prepared, now_ms)?;
        }
        if let Some(token) = &token {
            let mut value = now_ms.to_be_bytes().to_vec();
            value.extend_from_slice(fingerprint.as_bytes());
            record::put(rows, TOKENS, token.as_bytes(), &value)?;
            let by_time = [&now_ms.to_be_bytes(), token.as_bytes()].concat();
            record::put(rows, TOKENS_BY_TIME, &by_time, token.as_bytes())?;
        }
        Ok(Value::Object(write_item::answer_of_many(&prepared, capacity, metrics, 2.0)))
    })
    .await
}

fn read(input: &mut Input<'_>) -> Answer<Change> {
    const ACTIONS: [&str; 4] = ["Put", "Update", "Delete", "ConditionCheck"];
    let given: Vec<&str> = ACTIONS.into_iter().filter(|action| input.has(action)).collect();
    let [action] = given.as_slice() else {
        return Err(validation("TransactItems can only contain one of Check, Put, Update or Delete"));
    };
    let mut inner = input.structure(action)?.ok_or_else(|| validation("TransactItems"))?;
    let table = inner.table_name()?;
    let members = inner.attributes(if *action == "Put" { "Item" } else { "Key" })?;
    let shows_item = shows_item(&mut inner)?;
    match *action {
        "Update" => inner.required("UpdateExpression"),
        "ConditionCheck" => inner.required("ConditionExpression"),
        _ => {}
    }
    inner.finish()?;
    let item = input::item(&members)?;
    let mut given = given::read(&inner, if *action == "Update" { given::OF_UPDATE } else { given::OF_WRITE })?;
    let write = match *action {
        "Put" => {
            change::may_be_kept(&item)?;
            Write::Put(item)
        }
        "Update" => Write::Update(item, given.update.take()),
        "Delete" => Write::Delete(item),
        _ => Write::Check(item),
    };
    input.take_over(inner);
    Ok(Change { table, write, condition: given.condition, shows_item, wants_old: true })
}

/// What the transaction does, or why it does nothing.
fn prepare(rows: &dyn Rows, catalog: &Catalog, changes: &[Change], now_ms: i64) -> Answer<Vec<Prepared>> {
    let mut prepared: Vec<Prepared> = Vec::new();
    let mut reasons: Vec<Option<ServiceError>> = Vec::new();
    let mut seen = BTreeSet::new();
    for change in changes {
        match change::prepare(rows, catalog, change, now_ms) {
            Ok(one) => {
                if !seen.insert((one.table.space, one.key.clone())) {
                    return Err(same_item());
                }
                prepared.push(one);
                reasons.push(None);
            }
            Err(error) if is_reason(&error) => {
                reasons.push(Some(error));
            }
            Err(error) => return Err(error),
        }
    }
    if reasons.iter().any(Option::is_some) {
        return Err(cancelled(&reasons));
    }
    let size: usize = prepared.iter().filter_map(|one| one.new.as_ref()).map(super::value::size).sum();
    if size > MAX_BYTES {
        return Err(validation("Transaction payload size has exceeded the maximum allowed size"));
    }
    Ok(prepared)
}

fn same_item() -> ServiceError {
    validation("Transaction request cannot include multiple operations on one item")
}

/// Whether an error cancels the transaction; others are the request's own.
fn is_reason(error: &ServiceError) -> bool {
    error.code == "ConditionalCheckFailedException"
        || (error.code == "ValidationException" && !error.message.starts_with("Key attributes must be scalars"))
}

/// What is left of the transaction that a token stood for.
fn known(rows: &dyn Rows, token: &str, now_ms: i64) -> Answer<Option<String>> {
    let record = rows.get(TOKENS, token.as_bytes()).map_err(|error| failed(&error))?;
    let Some(record) = record else { return Ok(None) };
    let Some((made, fingerprint)) = record.split_first_chunk::<8>() else { return Ok(None) };
    let fresh = now_ms - i64::from_be_bytes(*made) < TOKEN_MS;
    Ok(fresh.then(|| String::from_utf8_lossy(fingerprint).into_owned()))
}

/// The request without what may differ.
fn fingerprint(input: &Value) -> String {
    let items = input.get("TransactItems").cloned().unwrap_or_default();
    // Whole, because a digest would have to be one that nobody can find a second text for.
    items.to_string()
}

fn repeated(known: &str, fingerprint: &str, changes: &[Change], capacity: Wanted) -> Answer<Value> {
    if known != fingerprint {
        return Err(ServiceError::sender(
            "IdempotentParameterMismatchException",
            "The provided ClientRequestToken is already in use with different request parameters",
        ));
    }
    let mut consumed: BTreeMap<String, Consumed> = BTreeMap::new();
    for change in changes {
        consumed.entry(change.table.clone()).or_default().read(0, capacity::Reading::Transaction, None);
    }
    let mut members = Map::new();
    if let Some(consumed) = capacity::list(&consumed, capacity) {
        members.insert("ConsumedCapacity".to_owned(), consumed);
    }
    Ok(Value::Object(members))
}
