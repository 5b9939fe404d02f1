//! Items as records: the item itself, its entries in indexes, its end, and the change in the table's stream.

use super::{
    catalog,
    error::{Answer, damaged, failed},
    key::Key,
    table::{Index, Stream, Table, TimeToLive, View, end},
    value::{self, Item},
};
use fanlight_store::table::Rows;
use serde_json::{Map, Value, json};

/// The largest item.
pub(crate) const MAX_ITEM: usize = 400 * 1024;

/// When something is changed, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now_ms: i64,
    pub(crate) cause: Cause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Call,
    /// The item's time to live.
    Expiry,
}

/// An item as bytes: its size, then its JSON.
pub(crate) fn encode(item: &Item) -> Vec<u8> {
    let size = u32::try_from(value::size(item)).unwrap_or(u32::MAX);
    [&size.to_be_bytes(), value::to_json(item).to_string().as_bytes()].concat()
}

/// The size and the JSON of a record.
pub(crate) fn parts(record: &[u8]) -> Answer<(usize, &[u8])> {
    let (size, json) = record.split_first_chunk::<4>().ok_or_else(damaged)?;
    Ok((u32::from_be_bytes(*size) as usize, json))
}

pub(crate) fn decode(record: &[u8]) -> Answer<Item> {
    let members: Map<String, Value> = serde_json::from_slice(parts(record)?.1).map_err(|_| damaged())?;
    value::item(&members).map_err(|_| damaged())
}

/// The item with a key, which may have ended.
pub(crate) fn load(rows: &dyn Rows, table: &Table, key: &Key) -> Answer<Option<Item>> {
    let record = rows.get(table.space, &key.0).map_err(|error| failed(&error))?;
    record.map(|record| decode(&record)).transpose()
}

/// Makes one item of another, or of none, or none of one, everywhere.
pub(crate) fn change(
    rows: &dyn Rows,
    table: &Table,
    key: &Key,
    (old, new): (Option<&Item>, Option<&Item>),
    moment: Moment,
) -> Answer<()> {
    if old.is_some() && old == new {
        return Ok(());
    }
    match new {
        Some(item) => put(rows, table.space, &key.0, &encode(item))?,
        None if old.is_none() => return Ok(()),
        None => delete(rows, table.space, &key.0)?,
    }
    for index in &table.indexes {
        let entry = |item: Option<&Item>| item.and_then(|item| table.entry(index, item));
        moved(rows, index.space, (entry(old), entry(new)), key)?;
    }
    if let Some(ttl) = &table.time_to_live {
        moved(rows, ttl.space, (ending(ttl, old, key), ending(ttl, new, key)), key)?;
    }
    match &table.stream {
        Some(stream) => report(rows, table, stream, (old, new), moment),
        None => Ok(()),
    }
}

/// Writes the entry of an item that an index did not have yet.
pub(crate) fn enter(rows: &dyn Rows, table: &Table, index: &Index, item: &Item, key: &Key) -> Answer<()> {
    moved(rows, index.space, (None, table.entry(index, item)), key)
}

/// Writes when an item ends.
pub(crate) fn enter_end(rows: &dyn Rows, ttl: &TimeToLive, item: &Item, key: &Key) -> Answer<()> {
    moved(rows, ttl.space, (None, ending(ttl, Some(item), key)), key)
}

/// Where an item stands among those that end.
fn ending(ttl: &TimeToLive, item: Option<&Item>, key: &Key) -> Option<Key> {
    let second = u64::try_from(end(ttl, item?)?).ok()?;
    Some(Key([&second.to_be_bytes(), key.0.as_slice()].concat()))
}

fn moved(rows: &dyn Rows, space: i64, (old, new): (Option<Key>, Option<Key>), key: &Key) -> Answer<()> {
    if old == new {
        return Ok(());
    }
    if let Some(old) = old {
        delete(rows, space, &old.0)?;
    }
    match new {
        Some(new) => put(rows, space, &new.0, &key.0),
        None => Ok(()),
    }
}

pub(crate) fn put(rows: &dyn Rows, space: i64, key: &[u8], value: &[u8]) -> Answer<()> {
    rows.put(space, key, value).map_err(|error| failed(&error))
}

pub(crate) fn delete(rows: &dyn Rows, space: i64, key: &[u8]) -> Answer<()> {
    rows.delete(space, key).map_err(|error| failed(&error))
}

/// Adds a change to the stream, as its records are delivered.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html>
fn report(
    rows: &dyn Rows,
    table: &Table,
    stream: &Stream,
    (old, new): (Option<&Item>, Option<&Item>),
    moment: Moment,
) -> Answer<()> {
    let sequence = catalog::next(rows, &[b"stream", stream.space.to_be_bytes().as_slice()].concat(), 1)?;
    let event = match (old, new) {
        (None, _) => "INSERT",
        (Some(_), Some(_)) => "MODIFY",
        (Some(_), None) => "REMOVE",
    };
    let keys = new.or(old).map(|item| table.key_attributes(item)).unwrap_or_default();
    let (shows_old, shows_new, view) = match stream.view {
        View::KeysOnly => (false, false, "KEYS_ONLY"),
        View::NewImage => (false, true, "NEW_IMAGE"),
        View::OldImage => (true, false, "OLD_IMAGE"),
        View::NewAndOldImages => (true, true, "NEW_AND_OLD_IMAGES"),
    };
    let mut size = value::size(&keys);
    let mut record = json!({
        "ApproximateCreationDateTime": moment.now_ms.div_euclid(1_000),
        "Keys": value::to_json(&keys),
        "SequenceNumber": format!("{sequence:021}"),
        "StreamViewType": view,
    });
    for (image, name) in [(new.filter(|_| shows_new), "NewImage"), (old.filter(|_| shows_old), "OldImage")] {
        if let (Some(image), Value::Object(members)) = (image, &mut record) {
            size += value::size(image);
            members.insert(name.to_owned(), value::to_json(image));
        }
    }
    if let Value::Object(members) = &mut record {
        members.insert("SizeBytes".to_owned(), json!(size));
    }
    let mut record = json!({
        "eventID": format!("{:08x}{sequence:024x}", stream.space),
        "eventName": event,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "dynamodb": record,
    });
    if let (Cause::Expiry, Value::Object(members)) = (moment.cause, &mut record) {
        let identity = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
        members.insert("userIdentity".to_owned(), identity);
    }
    put(rows, stream.space, &sequence.to_be_bytes(), record.to_string().as_bytes())
}
