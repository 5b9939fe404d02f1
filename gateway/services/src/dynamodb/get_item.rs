//! `GetItem`, `BatchGetItem` and `TransactGetItems`.

use super::{
    DynamoDb,
    capacity::{self, Consumed, Reading, Wanted},
    catalog::Catalog,
    error::{Answer, no_such_table, validation},
    expression::{Path, projection::project},
    given,
    input::{self, Input, table_of},
    record,
    value::{self, Item},
};
use crate::Call;
use fanlight_store::table::Rows;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most items of a batch or a transaction.
const MAX_ITEMS: usize = 100;
/// The most bytes of a batch's answer.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// What is read of one table.
struct Wish {
    table: String,
    keys: Vec<Item>,
    projection: Option<Vec<Path>>,
    reading: Reading,
    /// As it was asked for, to be asked for again.
    given: Value,
}

pub(crate) async fn run(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let table = input.table_name()?;
    let key = input.attributes("Key")?;
    let capacity = Wanted::read(&mut input)?;
    let reading = reading(&input)?;
    input.finish()?;
    let key = input::item(&key)?;
    let projection = given::read(&input, given::OF_GET)?.projection;
    let now_ms = call.now_ms;
    db.read(move |rows, catalog| {
        let wish = Wish { table, keys: Vec::new(), projection, reading, given: Value::Null };
        let mut consumed = Consumed::default();
        let found = one(rows, catalog, &wish, &key, (now_ms, &mut consumed))?;
        let mut members = Map::new();
        if let Some((_, item)) = found {
            members.insert("Item".to_owned(), item);
        }
        if capacity != Wanted::None {
            members.insert("ConsumedCapacity".to_owned(), consumed.to_json(&wish.table, capacity));
        }
        Ok(Value::Object(members))
    })
    .await
}

fn reading(input: &Input<'_>) -> Answer<Reading> {
    Ok(if input.boolean("ConsistentRead")? == Some(true) { Reading::Consistent } else { Reading::Eventual })
}

/// The size of an item and what is wanted of it.
fn one(
    rows: &dyn Rows,
    catalog: &Catalog,
    wish: &Wish,
    key: &Item,
    (now_ms, consumed): (i64, &mut Consumed),
) -> Answer<Option<(usize, Value)>> {
    let table = catalog.find(rows, &wish.table)?.ok_or_else(no_such_table)?;
    let key = table.key_of(key)?;
    if let Some(paths) = &wish.projection {
        table.keys_are_scalars(paths.iter())?;
    }
    let item = record::load(rows, &table, &key)?.filter(|item| !table.has_expired(item, now_ms));
    let size = item.as_ref().map_or(0, value::size);
    consumed.read(size, wish.reading, None);
    Ok(item.map(|item| match &wish.projection {
        None => (size, value::to_json(&item)),
        Some(paths) => (size, value::to_json(&project(&item, paths))),
    }))
}

pub(crate) async fn batch(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    input.required("RequestItems");
    let requests = input.map("RequestItems")?;
    let capacity = Wanted::read(&mut input)?;
    if let Some(requests) = requests {
        input.between("RequestItems", requests.len(), (1, MAX_ITEMS));
    }
    input.finish()?;
    let mut wishes = Vec::new();
    for (table, request) in requests.into_iter().flatten() {
        wishes.push(wish(table, request)?);
    }
    if wishes.iter().map(|wish| wish.keys.len()).sum::<usize>() > MAX_ITEMS {
        return Err(validation("Too many items requested for the BatchGetItem call"));
    }
    let now_ms = call.now_ms;
    db.read(move |rows, catalog| all(rows, catalog, &wishes, (now_ms, capacity))).await
}

fn wish(table: &str, request: &Value) -> Answer<Wish> {
    let mut input = Input::within(request, format!("requestItems.{table}.member."))?;
    input.required("Keys");
    let keys = input.list("Keys")?.unwrap_or_default();
    if input.has("Keys") {
        input.between("Keys", keys.len(), (1, MAX_ITEMS));
    }
    let reading = reading(&input)?;
    input.finish()?;
    let projection = given::read(&input, given::OF_GET)?.projection;
    let mut read = Vec::new();
    for key in keys {
        let members = key.as_object().cloned().unwrap_or_default();
        read.push(input::item(&members)?);
    }
    Ok(Wish { table: table_of(table).to_owned(), keys: read, projection, reading, given: request.clone() })
}

fn all(rows: &dyn Rows, catalog: &Catalog, wishes: &[Wish], (now_ms, wanted): (i64, Wanted)) -> Answer<Value> {
    let (mut responses, mut unprocessed) = (Map::new(), Map::new());
    let mut consumed: BTreeMap<String, Consumed> = BTreeMap::new();
    let mut bytes = 0;
    for wish in wishes {
        let table = catalog.find(rows, &wish.table)?.ok_or_else(no_such_table)?;
        let mut seen = BTreeSet::new();
        for key in &wish.keys {
            if !seen.insert(table.key_of(key)?) {
                return Err(validation("Provided list of item keys contains duplicates"));
            }
        }
        let units = consumed.entry(wish.table.clone()).or_default();
        let (mut found, mut left) = (Vec::new(), Vec::new());
        for key in &wish.keys {
            if bytes > MAX_BYTES {
                left.push(value::to_json(key));
            } else if let Some((size, item)) = one(rows, catalog, wish, key, (now_ms, units))? {
                bytes += size;
                found.push(item);
            }
        }
        responses.insert(wish.table.clone(), Value::Array(found));
        if !left.is_empty() {
            let mut again = wish.given.clone();
            if let Value::Object(members) = &mut again {
                members.insert("Keys".to_owned(), Value::Array(left));
            }
            unprocessed.insert(wish.table.clone(), again);
        }
    }
    let mut answer = json!({ "Responses": responses, "UnprocessedKeys": unprocessed });
    if let (Some(consumed), Value::Object(members)) = (capacity::list(&consumed, wanted), &mut answer) {
        members.insert("ConsumedCapacity".to_owned(), consumed);
    }
    Ok(answer)
}

pub(crate) async fn transaction(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    input.required("TransactItems");
    let items = input.structures("TransactItems")?.unwrap_or_default();
    if input.has("TransactItems") {
        input.between("TransactItems", items.len(), (1, MAX_ITEMS));
    }
    let wanted = Wanted::read(&mut input)?;
    let mut wishes = Vec::new();
    for mut item in items {
        item.required("Get");
        let Some(mut get) = item.structure("Get")? else {
            input.take_over(item);
            continue;
        };
        let table = get.table_name()?;
        let key = get.attributes("Key")?;
        get.finish()?;
        let projection = given::read(&get, given::OF_GET)?.projection;
        let (reading, keys) = (Reading::Transaction, vec![input::item(&key)?]);
        wishes.push(Wish { table, keys, projection, reading, given: Value::Null });
    }
    input.finish()?;
    let now_ms = call.now_ms;
    db.read(move |rows, catalog| {
        let mut responses = Vec::new();
        let mut consumed: BTreeMap<String, Consumed> = BTreeMap::new();
        for wish in &wishes {
            let units = consumed.entry(wish.table.clone()).or_default();
            for key in &wish.keys {
                let found = one(rows, catalog, wish, key, (now_ms, &mut *units))?;
                responses.push(found.map_or_else(|| json!({}), |(_, item)| json!({ "Item": item })));
            }
        }
        let mut answer = json!({ "Responses": responses });
        if let (Some(consumed), Value::Object(members)) = (capacity::list(&consumed, wanted), &mut answer) {
            members.insert("ConsumedCapacity".to_owned(), consumed);
        }
        Ok(answer)
    })
    .await
}
