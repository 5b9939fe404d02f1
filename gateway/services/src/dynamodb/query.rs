//! `Query`: items of one partition, in the order of the sort key.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.html>

use super::{
    DynamoDb,
    error::{Answer, invalid, no_such_table, validation},
    expression::key_condition::{KeyCondition, Test},
    given,
    input::Input,
    key::Key,
    page::{self, Bounds, Page},
    table::{Index, KeySchema, Table},
    value::{Attribute, Item, Kind},
};
use crate::Call;
use fanlight_store::table::Order;
use serde_json::Value;
use std::cmp::Ordering;

pub(crate) async fn run(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let mut page = Page::read(&mut input)?;
    let descending = input.boolean("ScanIndexForward")? == Some(false);
    input.finish()?;
    let mut given = given::read(&input, given::OF_QUERY)?;
    let conditions = given.key_condition.take().ok_or_else(|| {
        validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    })?;
    page.with(&input, given)?;
    let order = if descending { Order::Descending } else { Order::Ascending };
    let now_ms = call.now_ms;
    db.read(move |rows, catalog| {
        let table = catalog.find(rows, &page.table)?.ok_or_else(no_such_table)?;
        let index = page.index(&table)?;
        let schema = index.map_or(&table.key, |index| &index.key);
        filters_no_key(&page, schema)?;
        let (hash, range) = matched(&table, schema, &conditions)?;
        let mut bounds = bounds(hash, range, order);
        if let Some(start) = &page.start {
            let key = started(&table, index, start, (schema, hash, range))?;
            match order {
                Order::Ascending => bounds.start = bounds.start.max(key.next()),
                Order::Descending => bounds.end = Some(key),
            }
        }
        page::run(rows, &table, &page, &bounds, now_ms)
    })
    .await
}

fn filters_no_key(page: &Page, schema: &KeySchema) -> Answer<()> {
    let mut heads = Vec::new();
    if let Some(filter) = &page.filter {
        filter.each_path(&mut |path| heads.push(path.head.as_str()));
    }
    match schema.names().find(|name| heads.contains(name)) {
        Some(name) => Err(validation(format!(
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}"
        ))),
        None => Ok(()),
    }
}

/// The value of the partition's key, and the test of the sort key.
fn matched<'a>(
    table: &Table,
    schema: &KeySchema,
    conditions: &'a [KeyCondition],
) -> Answer<(&'a Attribute, Option<&'a Test>)> {
    let of = |name: &str| conditions.iter().find(|condition| condition.attribute == name).map(|found| &found.test);
    let missed = |name: &str| validation(format!("Query condition missed key schema element: {name}"));
    let hash = of(&schema.hash).ok_or_else(|| missed(&schema.hash))?;
    let range = match &schema.range {
        Some(name) if conditions.len() > 1 => Some(of(name).ok_or_else(|| missed(name))?),
        Some(_) | None => None,
    };
    if schema.range.is_none() && conditions.len() > 1 {
        return Err(validation("Query key condition not supported"));
    }
    let names = std::iter::once((schema.hash.as_str(), hash)).chain(schema.range.as_deref().zip(range));
    for (name, test) in names {
        if test.values().iter().any(|value| value.kind() != table.kind(name)) {
            return Err(invalid("Condition parameter type does not match schema type"));
        }
        if matches!(test, Test::BeginsWith(value) if value.kind() == Kind::N) {
            return Err(validation(
                "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
            ));
        }
    }
    match hash {
        Test::Equal(value) => Ok((value, range)),
        _ => Err(validation("Query key condition not supported")),
    }
}

fn bounds(hash: &Attribute, range: Option<&Test>, order: Order) -> Bounds {
    let partition = || Key::partition(hash);
    let at = |value: &Attribute| partition().then(value);
    let (start, end) = match range {
        None => (partition(), partition().behind()),
        Some(Test::Equal(value)) => (at(value), at(value).behind()),
        Some(Test::Less(value)) => (partition(), at(value)),
        Some(Test::LessOrEqual(value)) => (partition(), at(value).behind()),
        Some(Test::Greater(value)) => (at(value).behind(), partition().behind()),
        Some(Test::GreaterOrEqual(value)) => (at(value), partition().behind()),
        Some(Test::Between(low, high)) => (at(low), at(high).behind()),
        Some(Test::BeginsWith(prefix)) => (partition().then_prefix(prefix), partition().then_prefix(prefix).behind()),
    };
    // Nothing is behind the last possible key.
    let end = Some(end).filter(|end| !end.0.is_empty());
    Bounds { start, end, order }
}

/// Where a page begins that goes on after another.
fn started(
    table: &Table,
    index: Option<&Index>,
    start: &Item,
    (schema, hash, range): (&KeySchema, &Attribute, Option<&Test>),
) -> Answer<Key> {
    let key = page::start_key(table, index, start)?;
    if let (Some(name), Some(test)) = (&schema.range, range)
        && !start.get(name).is_some_and(|value| passes(value, test))
    {
        return Err(validation("The provided starting key does not match the range key predicate"));
    }
    if !start.get(&schema.hash).is_some_and(|value| value.equals(hash)) {
        return Err(validation("The provided starting key is outside query boundaries based on provided conditions"));
    }
    Ok(key)
}

fn passes(value: &Attribute, test: &Test) -> bool {
    let is = |other: &Attribute, wanted: fn(Ordering) -> bool| value.order(other).is_some_and(wanted);
    match test {
        Test::Equal(other) => is(other, Ordering::is_eq),
        Test::Less(other) => is(other, Ordering::is_lt),
        Test::LessOrEqual(other) => is(other, Ordering::is_le),
        Test::Greater(other) => is(other, Ordering::is_gt),
        Test::GreaterOrEqual(other) => is(other, Ordering::is_ge),
        Test::Between(low, high) => is(low, Ordering::is_ge) && is(high, Ordering::is_le),
        Test::BeginsWith(prefix) => match (value, prefix) {
            (Attribute::S(text), Attribute::S(prefix)) => text.starts_with(prefix.as_str()),
            (Attribute::B(bytes), Attribute::B(prefix)) => bytes.starts_with(prefix),
            _ => false,
        },
    }
}
