//! What services received, in order.

use crate::{BoxFuture, Error, database::Database, limits};
use rusqlite::params;

/// The journal. The oldest entries make room for new ones.
pub trait Journal {
    /// Adds an entry.
    ///
    /// # Errors
    /// It cannot be written.
    fn record(&self, entry: NewEntry) -> BoxFuture<'_, Result<(), Error>>;

    /// Entries after a number, in order, of one service or of all; not more than `at_most`.
    ///
    /// # Errors
    /// They cannot be read.
    fn recorded(&self, after: i64, service: Option<String>, at_most: usize)
    -> BoxFuture<'_, Result<Vec<Entry>, Error>>;
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// When, in milliseconds since 1970.
    pub received_ms: i64,
    /// `sqs`
    pub service: String,
    /// `SendMessage`
    pub operation: String,
    /// The id of the exchange that caused it, or of the call.
    pub request_id: String,
    /// The operation's input as JSON.
    pub input: String,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number; later ones have higher numbers.
    pub number: i64,
    /// What came.
    pub received: NewEntry,
}

pub(crate) async fn record(database: &Database, entry: NewEntry) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO journal (received_ms, service, operation, request_id, input)
        VALUES (?1, ?2, ?3, ?4, ?5) RETURNING number";
    database
        .write(move |connection| {
            let NewEntry { received_ms, service, operation, request_id, input } = entry;
            let new = params![received_ms, service, operation, request_id, input];
            let number: i64 = connection.prepare_cached(SQL)?.query_row(new, |row| row.get(0))?;
            connection
                .prepare_cached("DELETE FROM journal WHERE number <= ?1")?
                .execute([number - limits::JOURNAL_ENTRIES])?;
            Ok(())
        })
        .await
}

pub(crate) async fn recorded(
    database: &Database,
    after: i64,
    service: Option<String>,
    at_most: usize,
) -> Result<Vec<Entry>, Error> {
    const SQL: &str = "SELECT number, received_ms, service, operation, request_id, input FROM journal
        WHERE number > ?1 AND (?2 IS NULL OR service = ?2) ORDER BY number LIMIT ?3";
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    database
        .read(move |connection| {
            let mut statement = connection.prepare_cached(SQL)?;
            let rows = statement.query_map(params![after, service, at_most], |row| {
                let received = NewEntry {
                    received_ms: row.get(1)?,
                    service: row.get(2)?,
                    operation: row.get(3)?,
                    request_id: row.get(4)?,
                    input: row.get(5)?,
                };
                Ok(Entry { number: row.get(0)?, received })
            })?;
            rows.collect()
        })
        .await
}
