//! The catalog: tables by name, the numbers of spaces, and what is left to be deleted.
//!
//! A definition is read in the transaction that uses it, so no call sees a table that is gone; what has been parsed of it is
//! kept and used as long as the bytes are the same.

use super::{
    error::{Answer, damaged, failed},
    table::Table,
};
use fanlight_store::table::{Order, Range, Rows};
use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
};

/// Tables by name.
const TABLES: i64 = 0;
/// Numbers that go up.
const COUNTERS: i64 = 1;
/// Tokens of transactions.
pub(crate) const TOKENS: i64 = 2;
/// Spaces whose records nobody needs any more.
pub(crate) const GARBAGE: i64 = 3;
/// Tokens of transactions by the moment of their transaction.
pub(crate) const TOKENS_BY_TIME: i64 = 4;
/// Where spaces of tables begin.
const FIRST_SPACE: u64 = 16;

/// What has been parsed, beside the bytes it was parsed from.
#[derive(Debug, Default)]
pub(crate) struct Catalog(Mutex<HashMap<String, Parsed>>);

/// The bytes of a definition, and what they mean.
type Parsed = (Vec<u8>, Arc<Table>);

impl Catalog {
    /// The table of that name.
    pub(crate) fn find(&self, rows: &dyn Rows, name: &str) -> Answer<Option<Arc<Table>>> {
        let Some(bytes) = rows.get(TABLES, name.as_bytes()).map_err(|error| failed(&error))? else { return Ok(None) };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((same, table)) = known.get(name)
            && *same == bytes
        {
            return Ok(Some(Arc::clone(table)));
        }
        let table: Arc<Table> = Arc::new(serde_json::from_slice(&bytes).map_err(|_| damaged())?);
        known.insert(name.to_owned(), (bytes, Arc::clone(&table)));
        Ok(Some(table))
    }

    /// Forgets what was parsed of a table.
    pub(crate) fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

/// Writes a definition.
pub(crate) fn save(rows: &dyn Rows, table: &Table) -> Answer<()> {
    let bytes = serde_json::to_vec(table).map_err(|_| damaged())?;
    rows.put(TABLES, table.name.as_bytes(), &bytes).map_err(|error| failed(&error))
}

pub(crate) fn remove(rows: &dyn Rows, name: &str) -> Answer<()> {
    rows.delete(TABLES, name.as_bytes()).map_err(|error| failed(&error))
}

/// Names of tables, from the one after `start`.
pub(crate) fn names(rows: &dyn Rows, start: Option<&str>, limit: usize) -> Answer<Vec<String>> {
    let mut names = Vec::new();
    let start = start.map(|name| [name.as_bytes(), &[0]].concat()).unwrap_or_default();
    let range = Range { space: TABLES, start: &start, end: None, order: Order::Ascending };
    let mut visit = |key: &[u8], _: &[u8]| {
        names.push(String::from_utf8_lossy(key).into_owned());
        if names.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    rows.visit(range, &mut visit).map_err(|error| failed(&error))?;
    Ok(names)
}

/// The next number of a counter, from `first` on. Numbers are never given twice.
pub(crate) fn next(rows: &dyn Rows, counter: &[u8], first: u64) -> Answer<u64> {
    let found = rows.get(COUNTERS, counter).map_err(|error| failed(&error))?;
    let number = found.and_then(|bytes| bytes.first_chunk::<8>().copied()).map_or(first, u64::from_be_bytes);
    rows.put(COUNTERS, counter, &(number + 1).to_be_bytes()).map_err(|error| failed(&error))?;
    Ok(number)
}

/// A space that nobody has.
pub(crate) fn new_space(rows: &dyn Rows) -> Answer<i64> {
    i64::try_from(next(rows, b"space", FIRST_SPACE)?).map_err(|_| damaged())
}

/// Leaves a space to be deleted.
pub(crate) fn discard(rows: &dyn Rows, space: i64) -> Answer<()> {
    rows.put(GARBAGE, &space.to_be_bytes(), &[]).map_err(|error| failed(&error))
}
