//! `BatchWriteItem`: puts and deletes of many items, in one commit.

use super::{
    DynamoDb,
    capacity::Wanted,
    catalog::Catalog,
    change::{self, Change, Write},
    error::{Answer, no_such_table, validation},
    input::{self, Input},
    write_item,
};
use crate::Call;
use fanlight_store::table::Rows;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The most items of a batch.
const MAX_ITEMS: usize = 25;

pub(crate) async fn run(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    input.required("RequestItems");
    let requests = input.map("RequestItems")?;
    let capacity = Wanted::read(&mut input)?;
    let metrics = input.one_of("ReturnItemCollectionMetrics", &["SIZE", "NONE"])? == Some("SIZE");
    if let Some(requests) = requests {
        input.between("RequestItems", requests.len(), (1, MAX_ITEMS));
    }
    input.finish()?;
    let wants_old = metrics || capacity != Wanted::None;
    let mut changes = Vec::new();
    for (table, writes) in requests.into_iter().flatten() {
        let writes = writes.as_array().map(Vec::as_slice).unwrap_or_default();
        if writes.is_empty() {
            return Err(validation(
                "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
            ));
        }
        for write in writes {
            changes.push(read(input::table_of(table), write, wants_old)?);
        }
    }
    if changes.len() > MAX_ITEMS {
        return Err(validation("Too many items requested for the BatchWriteItem call"));
    }
    let now_ms = call.now_ms;
    db.transact(move |rows, catalog| {
        all_apart(rows, catalog, &changes)?;
        let mut done = Vec::new();
        for change in &changes {
            let prepared = change::prepare(rows, catalog, change, now_ms)?;
            change::commit(rows, &prepared, now_ms)?;
            done.push(prepared);
        }
        let mut answer = write_item::answer_of_many(&done, capacity, metrics, 1.0);
        answer.insert("UnprocessedItems".to_owned(), json!({}));
        Ok(Value::Object(answer))
    })
    .await
}

/// Refuses a batch that has an item twice.
fn all_apart(rows: &dyn Rows, catalog: &Catalog, changes: &[Change]) -> Answer<()> {
    let mut seen = BTreeSet::new();
    for change in changes {
        let table = catalog.find(rows, &change.table)?.ok_or_else(no_such_table)?;
        let key = match &change.write {
            Write::Put(item) => table.key_of_item(item)?,
            Write::Update(key, _) | Write::Delete(key) | Write::Check(key) => table.key_of(key)?,
        };
        if !seen.insert((table.space, key)) {
            return Err(validation("Provided list of item keys contains duplicates"));
        }
    }
    Ok(())
}

fn read(table: &str, request: &Value, wants_old: bool) -> Answer<Change> {
    let input = Input::of(request)?;
    let write = match (input.structure("PutRequest")?, input.structure("DeleteRequest")?) {
        (Some(mut put), None) => {
            let item = put.attributes("Item")?;
            put.finish()?;
            let item = input::item(&item)?;
            change::may_be_kept(&item)?;
            Write::Put(item)
        }
        (None, Some(mut delete)) => {
            let key = delete.attributes("Key")?;
            delete.finish()?;
            Write::Delete(input::item(&key)?)
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(validation(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
            ));
        }
    };
    Ok(Change { table: table.to_owned(), write, condition: None, shows_item: false, wants_old })
}
