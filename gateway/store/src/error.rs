//! Why the store did not do what it was asked.

use rusqlite::ErrorCode;
use std::path::PathBuf;

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file was written by a newer Fanlight.
    #[error(
        "{} has schema version {found}, and this version of fanlight knows {known}: use a newer fanlight or another data directory",
        file.display()
    )]
    NewerSchema {
        /// Which file.
        file: PathBuf,
        /// What it has.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// The file is something else.
    #[error("{} is no database of fanlight: {reason}", file.display())]
    Foreign {
        /// Which file.
        file: PathBuf,
        /// How that shows.
        reason: String,
    },
    /// The file cannot be opened or made.
    #[error("{} cannot be opened: {reason}", file.display())]
    Unopened {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// There is no room. Nothing was written; a later write may succeed.
    #[error("the disk is full")]
    Full,
    /// The disk failed, now or earlier: no write is taken until the file is opened again.
    #[error("the store takes no writes since the disk failed: {0}")]
    Poisoned(String),
    /// The disk failed while it was read, or holds what is no database.
    #[error("the store cannot be read: {0}")]
    Unreadable(String),
    /// The engine refused the statement, or was kept from it for too long. Nothing was written.
    #[error("the store refused: {0}")]
    Refused(String),
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Poisoned(error.to_string()),
            Some(_) | None => Self::Refused(error.to_string()),
        }
    }
}
