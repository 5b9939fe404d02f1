//! What is done beside the calls, in steps that leave room for them: items that have ended are removed, new indexes filled,
//! and records of what was deleted dropped. Whatever is left undone when the host stops is found again.

use super::{
    DynamoDb,
    catalog::{self, Catalog, GARBAGE, TOKENS, TOKENS_BY_TIME},
    error::{Answer, failed},
    key::Key,
    record::{self, Cause, Moment},
    table::{Table, TimeToLive},
};
use fanlight_store::table::{Order, Range, Rows};
use serde_json::Value;
use std::{ops::ControlFlow, sync::Arc};

/// Records of one step.
const STEP: usize = 500;
/// How long a token is kept, and then some.
const TOKEN_MS: i64 = 11 * 60 * 1_000;

/// Whether there was something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Done,
    Nothing,
}

/// Keys and values.
type Records = Vec<(Vec<u8>, Vec<u8>)>;

/// Does all there is to do.
pub(super) async fn run(db: &DynamoDb, now_ms: i64) -> Answer<()> {
    while db.transact(move |rows, _| drop_garbage(rows)).await? == Step::Done {}
    let tables = db.read(|rows, catalog| kept(rows, catalog)).await?;
    for table in tables {
        fill(db, &table).await?;
        for step in [expire, trim] {
            repeat(db, &table, now_ms, step).await?;
        }
    }
    while db.transact(move |rows, _| forget_tokens(rows, now_ms)).await? == Step::Done {}
    Ok(())
}

type Task = fn(&dyn Rows, &Catalog, &str, i64) -> Answer<Step>;

async fn repeat(db: &DynamoDb, table: &str, now_ms: i64, step: Task) -> Answer<()> {
    loop {
        let name = table.to_owned();
        if db.transact(move |rows, catalog| step(rows, catalog, &name, now_ms)).await? == Step::Nothing {
            return Ok(());
        }
    }
}

fn records(rows: &dyn Rows, space: i64, (start, end): (&[u8], Option<&[u8]>)) -> Answer<Records> {
    let mut found = Vec::new();
    let range = Range { space, start, end, order: Order::Ascending };
    let mut take = |key: &[u8], value: &[u8]| {
        found.push((key.to_vec(), value.to_vec()));
        if found.len() < STEP { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    rows.visit(range, &mut take).map_err(|error| failed(&error))?;
    Ok(found)
}

fn drop_garbage(rows: &dyn Rows) -> Answer<Step> {
    let Some((space, _)) = records(rows, GARBAGE, (&[], None))?.into_iter().next() else { return Ok(Step::Nothing) };
    let number = space.first_chunk::<8>().map_or(-1, |bytes| i64::from_be_bytes(*bytes));
    let dropped = records(rows, number, (&[], None))?;
    for (key, _) in &dropped {
        record::delete(rows, number, key)?;
    }
    if dropped.len() < STEP {
        record::delete(rows, GARBAGE, &space)?;
    }
    Ok(Step::Done)
}

/// Tables that have something to be done at some time.
fn kept(rows: &dyn Rows, catalog: &Catalog) -> Answer<Vec<String>> {
    let mut names = Vec::new();
    for name in catalog::names(rows, None, usize::MAX)? {
        let table = catalog.find(rows, &name)?;
        let ends = |table: &Table| table.time_to_live.is_some() || table.stream.is_some();
        if table.is_some_and(|table| ends(&table) || !unfilled(&table).is_empty()) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Fills what is new with the items that are older. Items that are written meanwhile enter by themselves.
async fn fill(db: &DynamoDb, name: &str) -> Answer<()> {
    let (mut spaces, mut from) = (Vec::new(), Vec::new());
    loop {
        let (name, start, filled) = (name.to_owned(), from.clone(), spaces.clone());
        let step = move |rows: &dyn Rows, catalog: &Catalog| fill_step(rows, catalog, &name, (filled, &start));
        match db.transact(step).await? {
            Some((filled, next)) => (spaces, from) = (filled, next),
            None => return Ok(()),
        }
    }
}

/// One step from a key on, for the spaces that were new at the first step. The key that the next step begins with, if
/// there is more to do.
fn fill_step(
    rows: &dyn Rows,
    catalog: &Catalog,
    name: &str,
    (mut spaces, start): (Vec<i64>, &[u8]),
) -> Answer<Option<(Vec<i64>, Vec<u8>)>> {
    let Some(table) = catalog.find(rows, name)? else { return Ok(None) };
    if spaces.is_empty() {
        spaces = unfilled(&table);
    }
    if spaces.is_empty() {
        return Ok(None);
    }
    let found = records(rows, table.space, (start, None))?;
    for (key, value) in &found {
        let (key, item) = (Key(key.clone()), record::decode(value)?);
        for index in table.indexes.iter().filter(|index| spaces.contains(&index.space)) {
            // An item whose attribute is of another type is not in the index.
            let fits = |name: &str| item.get(name).is_some_and(|value| value.kind() == table.kind(name));
            if index.key.names().all(fits) {
                record::enter(rows, &table, index, &item, &key)?;
            }
        }
        if let Some(ttl) = table.time_to_live.as_ref().filter(|ttl| spaces.contains(&ttl.space)) {
            record::enter_end(rows, ttl, &item, &key)?;
        }
    }
    if found.len() == STEP
        && let Some((last, _)) = found.into_iter().next_back()
    {
        return Ok(Some((spaces, Key(last).next().0)));
    }
    let mut table = Arc::unwrap_or_clone(table);
    table.indexes.iter_mut().for_each(|index| index.complete |= spaces.contains(&index.space));
    table.time_to_live.iter_mut().for_each(|ttl| ttl.complete |= spaces.contains(&ttl.space));
    catalog::save(rows, &table)?;
    // Something may have been added meanwhile.
    Ok((!unfilled(&table).is_empty()).then(|| (Vec::new(), Vec::new())))
}

/// The spaces that do not have all items yet.
fn unfilled(table: &Table) -> Vec<i64> {
    let indexes = table.indexes.iter().filter(|index| !index.complete).map(|index| index.space);
    let ends = table.time_to_live.iter().filter(|ttl| !ttl.complete).map(|ttl| ttl.space);
    indexes.chain(ends).collect()
}

/// Removes items that have ended.
fn expire(rows: &dyn Rows, catalog: &Catalog, name: &str, now_ms: i64) -> Answer<Step> {
    let Some(table) = catalog.find(rows, name)? else { return Ok(Step::Nothing) };
    let Some(TimeToLive { space, .. }) = &table.time_to_live else { return Ok(Step::Nothing) };
    const FIVE_YEARS: u64 = 5 * 365 * 24 * 60 * 60;
    let now = now_ms.div_euclid(1_000).unsigned_abs();
    let (start, end) = ((now.saturating_sub(FIVE_YEARS) + 1).to_be_bytes(), now.to_be_bytes());
    let ended = records(rows, *space, (&start, Some(&end)))?;
    for (_, key) in &ended {
        let key = Key(key.clone());
        let item = record::load(rows, &table, &key)?;
        record::change(rows, &table, &key, (item.as_ref(), None), Moment { now_ms, cause: Cause::Expiry })?;
    }
    Ok(if ended.len() == STEP { Step::Done } else { Step::Nothing })
}

/// Drops records of a stream that are older than a day, as AWS does.
fn trim(rows: &dyn Rows, catalog: &Catalog, name: &str, now_ms: i64) -> Answer<Step> {
    const DAY: i64 = 24 * 60 * 60;
    let Some(table) = catalog.find(rows, name)? else { return Ok(Step::Nothing) };
    let Some(stream) = &table.stream else { return Ok(Step::Nothing) };
    let found = records(rows, stream.space, (&[], None))?;
    let made = |record: &[u8]| {
        let record: Value = serde_json::from_slice(record).unwrap_or_default();
        record.pointer("/dynamodb/ApproximateCreationDateTime").and_then(Value::as_i64)
    };
    let old = found.iter().take_while(|(_, record)| made(record).is_none_or(|made| made < now_ms / 1_000 - DAY));
    let mut dropped = 0;
    for (key, _) in old {
        record::delete(rows, stream.space, key)?;
        dropped += 1;
    }
    Ok(if dropped == STEP { Step::Done } else { Step::Nothing })
}

/// Drops tokens of transactions that are too old to be repeated.
fn forget_tokens(rows: &dyn Rows, now_ms: i64) -> Answer<Step> {
    let end = (now_ms - TOKEN_MS).max(0).to_be_bytes();
    let old = records(rows, TOKENS_BY_TIME, (&[], Some(&end)))?;
    for (key, token) in &old {
        record::delete(rows, TOKENS, token)?;
        record::delete(rows, TOKENS_BY_TIME, key)?;
    }
    Ok(if old.len() == STEP { Step::Done } else { Step::Nothing })
}
