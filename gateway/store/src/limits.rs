//! Every bound of the store.

use std::time::Duration;

/// Writers that may wait at once; the next one waits for a place.
pub(crate) const WAITING_WRITERS: usize = 4_096;

/// Writers that share a transaction: more would make the first one wait for too many.
pub(crate) const WRITERS_PER_COMMIT: usize = 512;

/// Connections that read at once, for each file.
pub(crate) const READERS: usize = 4;

/// How long another process may hold the file, such as somebody's `sqlite3`.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// Pages of the log before it is copied into the file: SQLite's own default, 4 MB.
pub(crate) const CHECKPOINT_PAGES: u32 = 1_000;

/// What is left of a log that has grown, once it has been copied.
pub(crate) const LOG_BYTES: i64 = 64 * 1024 * 1024;

/// Days for which usage is kept, as AWS shows it.
pub(crate) const USAGE_DAYS: i32 = 90;

/// Rounds in which messages that cannot be received make room for others, in one transaction.
pub(crate) const RECEIVE_ROUNDS: usize = 100;

/// Entries of the journal that are kept.
pub(crate) const JOURNAL_ENTRIES: i64 = 100_000;
