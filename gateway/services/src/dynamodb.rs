//! Amazon DynamoDB: tables of items with their secondary indexes, embedded and durable. Its operations, and what of them is
//! supported: `dynamodb/README.md`.
//!
//! A call is parsed whole before anything is read. What it reads it reads in one transaction, and what it writes is on disk
//! when it answers; a condition is looked at in the transaction that writes.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html>

mod batch_write;
mod capacity;
mod catalog;
mod change;
mod create_table;
mod describe;
mod error;
mod expression;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod get_item;
mod given;
mod input;
mod key;
mod number;
mod operation;
mod page;
mod query;
mod record;
mod scan;
mod stream;
mod table;
mod tags;
mod time_to_live;
mod transact_write;
mod update_table;
mod upkeep;
mod value;
mod write_item;

#[cfg(test)]
mod tests;

pub use stream::StreamRecord;

use crate::{BoxFuture, Call, Owner, Service, ServiceError};
use catalog::Catalog;
use error::{Answer, failed};
use fanlight_store::{
    self as store, Store,
    table::{Rows, Work},
};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// The service.
#[derive(Debug, Clone)]
pub struct DynamoDb {
    store: Arc<dyn Store>,
    catalog: Arc<Catalog>,
}

impl DynamoDb {
    /// The tables of a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, catalog: Arc::default() }
    }

    /// Removes items whose time to live is over, fills new indexes, and drops what was deleted. To be called now and then,
    /// and once when the host has started.
    ///
    /// # Errors
    /// The store failed.
    pub async fn upkeep(&self, now_ms: i64) -> Result<(), ServiceError> {
        upkeep::run(self, now_ms).await
    }

    /// Changes of a table since a position, the oldest first; none where the table has no stream.
    ///
    /// # Errors
    /// There is no such table, or the store failed.
    pub async fn stream_records(
        &self,
        table: &str,
        after: u64,
        limit: usize,
        owner: &Owner,
    ) -> Result<Vec<StreamRecord>, ServiceError> {
        stream::records(self, table, (after, limit), owner).await
    }

    /// Works on one state of the store.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Rows, &Catalog) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let (work, found) = self.job(work);
        let done = self.store.read(work).await;
        outcome(&found, done)
    }

    /// Works alone on the store, and answers when everything is on disk; an error leaves nothing behind.
    async fn transact<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Rows, &Catalog) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let (work, found) = self.job(work);
        let done = self.store.transact(work).await;
        outcome(&found, done)
    }

    fn job<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Rows, &Catalog) -> Answer<T> + Send + 'static,
    ) -> (Work, Found<T>) {
        let found = Found::<T>::default();
        let (place, catalog) = (Arc::clone(&found), Arc::clone(&self.catalog));
        let work = move |rows: &dyn Rows| {
            let answer = work(rows, &catalog);
            let done = answer.as_ref().map(|_| ()).map_err(|error| store::Error::Refused(error.message.clone()));
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
            done
        };
        (Box::new(work), found)
    }
}

/// Where work leaves its answer.
type Found<T> = Arc<Mutex<Option<Answer<T>>>>;

/// The answer, if it holds: what the work refused, or what has been committed.
fn outcome<T>(found: &Found<T>, done: Result<(), store::Error>) -> Answer<T> {
    let answer = found.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (answer, done) {
        (Some(Err(refused)), Err(store::Error::Refused(_))) => Err(refused),
        (_, Err(error)) => Err(failed(&error)),
        (Some(answer), Ok(())) => answer,
        (None, Ok(())) => Err(failed(&store::Error::Closed)),
    }
}

impl Service for DynamoDb {
    fn handle<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Value, ServiceError>> {
        Box::pin(async move { operation::run(self, &call).await })
    }
}
