//! Tables of items: spaces of records that are ordered by the bytes of their keys.
//!
//! What a record means is the service's business: its tables, secondary indexes, streams and its catalog are spaces. Work is
//! given as a closure over [`Rows`]: a read sees one state, a write is alone, sees what was written before it, and all of it
//! is committed or nothing.

use crate::{BoxFuture, Error, database::Database};
use rusqlite::{Connection, OptionalExtension, params};
use std::{cell::RefCell, ops::ControlFlow};

/// Tables.
pub trait Tables {
    /// Runs what only reads, on one state of the tables.
    ///
    /// # Errors
    /// They cannot be read, or the work failed.
    fn read(&self, work: Work) -> BoxFuture<'_, Result<(), Error>>;

    /// Runs what writes too, after all writers before it. Resolves when it is on disk; an error undoes all of it.
    ///
    /// # Errors
    /// It cannot be written, or the work failed.
    fn transact(&self, work: Work) -> BoxFuture<'_, Result<(), Error>>;
}

/// What is done in a transaction. It leaves what it found where its maker looks for it.
pub type Work = Box<dyn FnOnce(&dyn Rows) -> Result<(), Error> + Send>;

/// What a transaction can do.
pub trait Rows {
    /// The record with a key.
    ///
    /// # Errors
    /// It cannot be read.
    fn get(&self, space: i64, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// Visits records in the order of their keys until the visitor has enough.
    ///
    /// # Errors
    /// They cannot be read.
    fn visit(&self, range: Range<'_>, visitor: &mut Visitor<'_>) -> Result<(), Error>;

    /// Writes a record over one that may be there.
    ///
    /// # Errors
    /// It cannot be written.
    fn put(&self, space: i64, key: &[u8], value: &[u8]) -> Result<(), Error>;

    /// Deletes a record, if it is there.
    ///
    /// # Errors
    /// It cannot be written.
    fn delete(&self, space: i64, key: &[u8]) -> Result<(), Error>;
}

/// Looks at a key and its value.
pub type Visitor<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Records of a space from `start` on, up to and without `end`.
#[derive(Debug, Clone, Copy)]
pub struct Range<'a> {
    /// The space.
    pub space: i64,
    /// The first key.
    pub start: &'a [u8],
    /// The key after the last; without one, the space's end.
    pub end: Option<&'a [u8]>,
    /// Which comes first.
    pub order: Order,
}

/// The order of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By key.
    Ascending,
    /// The last key first.
    Descending,
}

pub(crate) async fn read(database: &Database, work: Work) -> Result<(), Error> {
    let snapshot = move |connection: &Connection| {
        let transaction = connection.unchecked_transaction()?;
        let outcome = work(&Sqlite { connection, failure: RefCell::default() });
        transaction.finish()?;
        Ok(outcome)
    };
    database.read(snapshot).await?
}

pub(crate) async fn transact(database: &Database, work: Work) -> Result<(), Error> {
    database
        .write(move |connection| {
            let rows = Sqlite { connection, failure: RefCell::default() };
            let outcome = work(&rows);
            // The engine's own error undoes the savepoint, and poisons the file if it has to.
            match rows.failure.into_inner() {
                Some(failure) => Err(failure),
                None => outcome.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error))),
            }
        })
        .await
}

struct Sqlite<'a> {
    connection: &'a Connection,
    /// What the engine said, because [`Error`] does not have all of it.
    failure: RefCell<Option<rusqlite::Error>>,
}

impl Sqlite<'_> {
    fn kept<T>(&self, outcome: rusqlite::Result<T>) -> Result<T, Error> {
        outcome.map_err(|error| {
            let shown = Error::Refused(error.to_string());
            self.failure.borrow_mut().get_or_insert(error);
            shown
        })
    }

    fn visited(&self, range: Range<'_>, visitor: &mut Visitor<'_>) -> rusqlite::Result<()> {
        const ASCENDING: &str = "SELECT key, value FROM record WHERE space = ?1 AND key >= ?2 ORDER BY key";
        const ASCENDING_UP_TO: &str =
            "SELECT key, value FROM record WHERE space = ?1 AND key >= ?2 AND key < ?3 ORDER BY key";
        const DESCENDING: &str = "SELECT key, value FROM record WHERE space = ?1 AND key >= ?2 ORDER BY key DESC";
        const DESCENDING_FROM: &str =
            "SELECT key, value FROM record WHERE space = ?1 AND key >= ?2 AND key < ?3 ORDER BY key DESC";
        let sql = match (range.order, range.end) {
            (Order::Ascending, None) => ASCENDING,
            (Order::Ascending, Some(_)) => ASCENDING_UP_TO,
            (Order::Descending, None) => DESCENDING,
            (Order::Descending, Some(_)) => DESCENDING_FROM,
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = match range.end {
            None => statement.query(params![range.space, range.start])?,
            Some(end) => statement.query(params![range.space, range.start, end])?,
        };
        while let Some(row) = rows.next()? {
            let (key, value) = (row.get_ref(0)?.as_blob()?, row.get_ref(1)?.as_blob()?);
            if visitor(key, value).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Rows for Sqlite<'_> {
    fn get(&self, space: i64, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        const SQL: &str = "SELECT value FROM record WHERE space = ?1 AND key = ?2";
        self.kept(
            self.connection
                .prepare_cached(SQL)
                .and_then(|mut statement| statement.query_row(params![space, key], |row| row.get(0)).optional()),
        )
    }

    fn visit(&self, range: Range<'_>, visitor: &mut Visitor<'_>) -> Result<(), Error> {
        self.kept(self.visited(range, visitor))
    }

    fn put(&self, space: i64, key: &[u8], value: &[u8]) -> Result<(), Error> {
        const SQL: &str = "INSERT INTO record (space, key, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (space, key) DO UPDATE SET value = excluded.value";
        let put = |connection: &Connection| connection.prepare_cached(SQL)?.execute(params![space, key, value]);
        self.kept(put(self.connection)).map(|_| ())
    }

    fn delete(&self, space: i64, key: &[u8]) -> Result<(), Error> {
        const SQL: &str = "DELETE FROM record WHERE space = ?1 AND key = ?2";
        let delete = |connection: &Connection| connection.prepare_cached(SQL)?.execute(params![space, key]);
        self.kept(delete(self.connection)).map(|_| ())
    }
}
