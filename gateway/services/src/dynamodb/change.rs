//! One item's change: put, update, delete, or only a condition that has to hold. Everything is known before the first
//! record is written.

use super::{
    catalog::Catalog,
    error::{Answer, condition_failed, invalid, no_such_table, validation},
    expression::{
        apply::apply,
        condition::Condition,
        evaluate::meets,
        update::{Action, Update},
    },
    key::Key,
    record::{self, Cause, MAX_ITEM, Moment},
    table::Table,
    value::{self, Item},
};
use fanlight_store::table::Rows;
use std::{collections::BTreeSet, sync::Arc};

/// What is to be done.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) table: String,
    pub(crate) write: Write,
    pub(crate) condition: Option<Condition>,
    /// Whether the error shows the item that did not meet the condition.
    pub(crate) shows_item: bool,
    /// Whether somebody asks for the item as it was.
    pub(crate) wants_old: bool,
}

#[derive(Debug)]
pub(crate) enum Write {
    Put(Item),
    /// Of the item with this key.
    Update(Item, Option<Update>),
    Delete(Item),
    Check(Item),
}

/// A change that can be made.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) table: Arc<Table>,
    pub(crate) key: Key,
    /// What calls see.
    pub(crate) old: Option<Item>,
    pub(crate) new: Option<Item>,
    /// An item that has ended, and that nobody has removed yet.
    expired: Option<Item>,
    writes: bool,
}

/// Finds out what the change makes of the item that is there.
pub(crate) fn prepare(rows: &dyn Rows, catalog: &Catalog, change: &Change, now_ms: i64) -> Answer<Prepared> {
    let table = catalog.find(rows, &change.table)?.ok_or_else(no_such_table)?;
    let key = match &change.write {
        Write::Put(item) => table.key_of_item(item)?,
        Write::Update(key, update) => {
            let bytes = table.key_of(key)?;
            update.as_ref().map_or(Ok(()), |update| may_update(&table, update))?;
            bytes
        }
        Write::Delete(key) | Write::Check(key) => table.key_of(key)?,
    };
    if let Some(condition) = &change.condition {
        let mut paths = Vec::new();
        condition.each_path(&mut |path| paths.push(path));
        table.keys_are_scalars(paths.into_iter())?;
    }
    let blind = matches!(change.write, Write::Put(_) | Write::Delete(_))
        && change.condition.is_none()
        && !change.wants_old
        && table.indexes.is_empty()
        && table.stream.is_none()
        && table.time_to_live.is_none();
    let found = if blind { None } else { record::load(rows, &table, &key)? };
    let (expired, old) = match found {
        Some(item) if table.has_expired(&item, now_ms) => (Some(item), None),
        found => (None, found),
    };
    if let Some(condition) = &change.condition
        && !meets(old.as_ref().unwrap_or(&Item::new()), condition)
    {
        return Err(condition_failed(old.as_ref().filter(|_| change.shows_item)));
    }
    let new = match &change.write {
        Write::Put(item) => Some(item.clone()),
        Write::Update(key, update) => Some(updated(&table, old.as_ref().unwrap_or(key), update.as_ref())?),
        Write::Delete(_) => None,
        Write::Check(_) => old.clone(),
    };
    let writes = !matches!(change.write, Write::Check(_));
    // Nobody has looked whether there is something to delete.
    let old = if blind && new.is_none() { Some(Item::new()) } else { old };
    Ok(Prepared { table, key, old, new, expired, writes })
}

/// Makes the change.
pub(crate) fn commit(rows: &dyn Rows, prepared: &Prepared, now_ms: i64) -> Answer<()> {
    let Prepared { table, key, old, new, expired, writes } = prepared;
    if !writes {
        return Ok(());
    }
    if let Some(expired) = expired {
        record::change(rows, table, key, (Some(expired), None), Moment { now_ms, cause: Cause::Expiry })?;
    }
    record::change(rows, table, key, (old.as_ref(), new.as_ref()), Moment { now_ms, cause: Cause::Call })
}

/// Refuses an item that is too large.
pub(crate) fn may_be_kept(item: &Item) -> Answer<()> {
    if value::size(item) > MAX_ITEM {
        return Err(validation("Item size has exceeded the maximum allowed size"));
    }
    Ok(())
}

fn may_update(table: &Table, update: &Update) -> Answer<()> {
    for name in table.key.names() {
        if update.paths.iter().any(|path| path.head == name) {
            return Err(invalid(format!("Cannot update attribute {name}. This attribute is part of the key")));
        }
    }
    let whole = update.actions.iter().filter(|action| action.path().tail.is_empty());
    for (name, actual) in whole.filter_map(|action: &Action| Some((&action.path().head, action.kind()?))) {
        for index in table.indexes.iter().filter(|index| index.key.names().any(|key| key == name)) {
            let expected = table.kind(name);
            if actual != expected {
                let (expected, actual, index) = (expected.name(), actual.name(), &index.name);
                return Err(invalid(format!(
                    "Type mismatch for Index Key {name} Expected: {expected} Actual: {actual} IndexName: {index}"
                )));
            }
        }
    }
    table.keys_are_scalars(update.paths.iter())
}

fn updated(table: &Table, before: &Item, update: Option<&Update>) -> Answer<Item> {
    let Some(update) = update else { return Ok(before.clone()) };
    let after = apply(update, before).map_err(validation)?;
    let index_keys: BTreeSet<&str> = table.indexes.iter().flat_map(|index| index.key.names()).collect();
    for name in index_keys {
        if after.get(name).is_some_and(|value| value.kind() != table.kind(name)) {
            return Err(validation(
                "The update expression attempted to update the secondary index key to unsupported type",
            ));
        }
    }
    table.index_keys_fit(&after)?;
    if value::size(&after) > MAX_ITEM {
        return Err(validation("Item size to update has exceeded the maximum allowed size"));
    }
    Ok(after)
}
