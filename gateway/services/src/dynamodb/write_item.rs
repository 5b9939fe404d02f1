//! `PutItem`, `UpdateItem` and `DeleteItem`.

use super::{
    DynamoDb,
    capacity::{Consumed, Wanted},
    change::{self, Change, Prepared, Write},
    error::{Answer, validation},
    expression::projection::project,
    given::{self, Given},
    input::{self, Input},
    table::{Scope, Table},
    value::{self, Item},
};
use crate::Call;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// `ReturnValues`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Return {
    None,
    AllOld,
    UpdatedOld,
    AllNew,
    UpdatedNew,
}

/// What a request asks for besides the change.
struct Asked {
    values: Return,
    capacity: Wanted,
    collection_metrics: bool,
    shows_item: bool,
}

impl Asked {
    fn read(input: &mut Input<'_>) -> Answer<Self> {
        let capacity = Wanted::read(input)?;
        let collection_metrics = input.one_of("ReturnItemCollectionMetrics", &["SIZE", "NONE"])? == Some("SIZE");
        let values = ["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"];
        let values = match input.one_of("ReturnValues", &values)? {
            Some("ALL_OLD") => Return::AllOld,
            Some("UPDATED_OLD") => Return::UpdatedOld,
            Some("ALL_NEW") => Return::AllNew,
            Some("UPDATED_NEW") => Return::UpdatedNew,
            _ => Return::None,
        };
        let shows_item = shows_item(input)?;
        Ok(Self { values, capacity, collection_metrics, shows_item })
    }

    fn change(&self, table: String, write: Write, given: Given) -> Change {
        let wants_old = self.values != Return::None || self.capacity != Wanted::None || self.collection_metrics;
        Change { table, write, condition: given.condition, shows_item: self.shows_item, wants_old }
    }

    fn only_old(&self) -> Answer<()> {
        match self.values {
            Return::None | Return::AllOld => Ok(()),
            Return::AllNew | Return::UpdatedOld | Return::UpdatedNew => {
                Err(validation("ReturnValues can only be ALL_OLD or NONE"))
            }
        }
    }
}

/// `ReturnValuesOnConditionCheckFailure`
pub(crate) fn shows_item(input: &mut Input<'_>) -> Answer<bool> {
    Ok(input.one_of("ReturnValuesOnConditionCheckFailure", &["ALL_OLD", "NONE"])? == Some("ALL_OLD"))
}

pub(crate) async fn put(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let table = input.table_name()?;
    let members = input.attributes("Item")?;
    let asked = Asked::read(&mut input)?;
    input.finish()?;
    asked.only_old()?;
    let item = input::item(&members)?;
    change::may_be_kept(&item)?;
    let given = given::read(&input, given::OF_WRITE)?;
    let change = asked.change(table, Write::Put(item), given);
    run(db, call.now_ms, change, asked).await
}

pub(crate) async fn delete(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let table = input.table_name()?;
    let members = input.attributes("Key")?;
    let asked = Asked::read(&mut input)?;
    input.finish()?;
    asked.only_old()?;
    let given = given::read(&input, given::OF_WRITE)?;
    let change = asked.change(table, Write::Delete(input::item(&members)?), given);
    run(db, call.now_ms, change, asked).await
}

pub(crate) async fn update(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let table = input.table_name()?;
    let members = input.attributes("Key")?;
    let asked = Asked::read(&mut input)?;
    input.finish()?;
    let mut given = given::read(&input, given::OF_UPDATE)?;
    let write = Write::Update(input::item(&members)?, given.update.take());
    let change = asked.change(table, write, given);
    run(db, call.now_ms, change, asked).await
}

async fn run(db: &DynamoDb, now_ms: i64, change: Change, asked: Asked) -> Answer<Value> {
    db.transact(move |rows, catalog| {
        let prepared = change::prepare(rows, catalog, &change, now_ms)?;
        change::commit(rows, &prepared, now_ms)?;
        Ok(answer(&change.write, &prepared, &asked))
    })
    .await
}

fn answer(write: &Write, prepared: &Prepared, asked: &Asked) -> Value {
    let Prepared { table, old, new, .. } = prepared;
    let mut members = Map::new();
    let updated = |item: Option<&Item>| match write {
        Write::Update(_, Some(update)) => item.map(|item| project(item, &update.paths)).filter(|part| !part.is_empty()),
        Write::Update(_, None) | Write::Put(_) | Write::Delete(_) | Write::Check(_) => None,
    };
    let attributes = match asked.values {
        Return::None => None,
        Return::AllOld => old.clone(),
        Return::AllNew => new.clone(),
        Return::UpdatedOld => updated(old.as_ref()),
        Return::UpdatedNew => updated(new.as_ref()),
    };
    if let Some(attributes) = attributes {
        members.insert("Attributes".to_owned(), value::to_json(&attributes));
    }
    if asked.capacity != Wanted::None {
        let mut consumed = Consumed::default();
        consumed.write(table, old.as_ref(), new.as_ref(), 1.0);
        members.insert("ConsumedCapacity".to_owned(), consumed.to_json(&table.name, asked.capacity));
    }
    if asked.collection_metrics
        && let Some(metrics) = new.as_ref().or(old.as_ref()).and_then(|item| collection_metrics(table, item))
    {
        members.insert("ItemCollectionMetrics".to_owned(), metrics);
    }
    Value::Object(members)
}

/// Of tables with local indexes, whose collections are limited on AWS; they are not here.
pub(crate) fn collection_metrics(table: &Table, item: &Item) -> Option<Value> {
    let local = table.indexes.iter().any(|index| index.scope == Scope::Local);
    let hash = item.get(&table.key.hash).filter(|_| local)?;
    Some(json!({ "ItemCollectionKey": { &table.key.hash: hash.to_json() }, "SizeEstimateRangeGB": [0.0, 1.0] }))
}

/// What is told about changes of many items; each unit counts `factor` times.
pub(crate) fn answer_of_many(
    prepared: &[Prepared],
    capacity: Wanted,
    metrics: bool,
    factor: f64,
) -> Map<String, Value> {
    let mut consumed: BTreeMap<String, Consumed> = BTreeMap::new();
    let mut collections = Map::new();
    for one in prepared {
        let (table, old, new) = (&one.table, one.old.as_ref(), one.new.as_ref());
        consumed.entry(table.name.clone()).or_default().write(table, old, new, factor);
        let shown = new.or(old).filter(|_| metrics).and_then(|item| collection_metrics(table, item));
        if let Some(shown) = shown
            && let Value::Array(list) = collections.entry(table.name.clone()).or_insert_with(|| json!([]))
        {
            list.push(shown);
        }
    }
    let mut members = Map::new();
    if let Some(consumed) = super::capacity::list(&consumed, capacity) {
        members.insert("ConsumedCapacity".to_owned(), consumed);
    }
    if metrics {
        members.insert("ItemCollectionMetrics".to_owned(), Value::Object(collections));
    }
    members
}
