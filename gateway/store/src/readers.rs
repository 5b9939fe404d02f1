//! A few connections that can only read.

use crate::{Error, limits};
use rusqlite::{Connection, OpenFlags};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// The readers of a file. A connection is made when it is needed first, and kept.
#[derive(Debug, Clone)]
pub(crate) struct Readers(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    free: Semaphore,
}

impl Readers {
    pub(crate) fn new(file: &Path) -> Self {
        let (idle, free) = (Mutex::new(Vec::new()), Semaphore::new(limits::READERS));
        Self(Arc::new(Pool { file: file.to_owned(), idle, free }))
    }

    /// Reads what has been committed.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let pool = Arc::clone(&self.0);
        let _place = self.0.free.acquire().await.map_err(|_| Error::Closed)?;
        let read = spawn_blocking(move || {
            let idle = pool.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = idle.map_or_else(|| open(&pool.file), Ok)?;
            let outcome = work(&connection)?;
            pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            Ok(outcome)
        });
        match read.await.map_err(|_| Error::Closed)? {
            Err(Error::Poisoned(reason)) => Err(Error::Unreadable(reason)),
            outcome => outcome,
        }
    }
}

fn open(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(limits::BUSY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}
