//! Values of API keys that the host made because the definition gives none.

use crate::{BoxFuture, Error, database::Database};
use rusqlite::params;

/// The values of keys.
pub trait ApiKeys {
    /// Keeps a value for a key, unless it has one already. Returns the one it has.
    ///
    /// # Errors
    /// It cannot be written.
    fn keep_api_key<'a>(&'a self, api_key_id: &'a str, value: &'a str) -> BoxFuture<'a, Result<String, Error>>;
}

pub(crate) async fn keep(database: &Database, api_key_id: String, value: String) -> Result<String, Error> {
    // An update of nothing, because `DO NOTHING` returns no row.
    const SQL: &str = "INSERT INTO made_api_key (api_key_id, value) VALUES (?1, ?2)
        ON CONFLICT (api_key_id) DO UPDATE SET value = made_api_key.value
        RETURNING value";
    database
        .write(move |connection| {
            connection.prepare_cached(SQL)?.query_row(params![api_key_id, value], |row| row.get(0))
        })
        .await
}
