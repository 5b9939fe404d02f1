//! The one thread that writes to a file.
//!
//! Whoever waits when a transaction begins, and whoever comes while it runs, is part of it: one commit, one fsync, however
//! many they are. Each one's statements stand in a savepoint of their own.

use crate::{Error, limits};
use rusqlite::Connection;
use std::{
    io,
    sync::{Arc, OnceLock},
    thread::JoinHandle,
};
use tokio::sync::{mpsc, oneshot};

/// The writer's handle. Dropping it ends the thread once everything that waits is written.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

/// Why the disk cannot be trusted any more, once it cannot.
type Poison = Arc<OnceLock<String>>;

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(connection: Connection, name: &str) -> io::Result<Self> {
        let (jobs, waiting) = mpsc::channel(limits::WAITING_WRITERS);
        let poison = Poison::default();
        let thread =
            std::thread::Builder::new().name(name.to_owned()).spawn(move || run(&connection, waiting, &poison))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Writes, and resolves when it is on disk. A caller that stops waiting does not take its write back.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, acknowledged) = oneshot::channel();
        let job = Box::new(Write { work: Some(work), outcome: Err(Error::Closed), reply });
        self.jobs.as_ref().ok_or(Error::Closed)?.send(job).await.map_err(|_| Error::Closed)?;
        acknowledged.await.map_err(|_| Error::Closed)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It ends by itself; a panic in it has been printed.
            let _ended = thread.join();
        }
    }
}

/// One writer's part of a transaction.
trait Job: Send {
    /// Executes the statements.
    fn run(&mut self, connection: &Connection) -> Result<(), Error>;

    /// Answers: with what [`Job::run`] found when the transaction is on disk, otherwise with why it is not.
    fn acknowledge(self: Box<Self>, committed: Result<(), Error>);
}

struct Write<F, T> {
    work: Option<F>,
    outcome: Result<T, Error>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T: Send, F: FnOnce(&Connection) -> rusqlite::Result<T> + Send> Job for Write<F, T> {
    fn run(&mut self, connection: &Connection) -> Result<(), Error> {
        let Some(work) = self.work.take() else { return Ok(()) };
        self.outcome = work(connection).map_err(Error::from);
        self.outcome.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    fn acknowledge(self: Box<Self>, committed: Result<(), Error>) {
        // Whoever does not wait any more does not want to know.
        let _nobody_waits = self.reply.send(committed.and(self.outcome));
    }
}

fn run(connection: &Connection, mut waiting: mpsc::Receiver<Box<dyn Job>>, poison: &Poison) {
    while let Some(first) = waiting.blocking_recv() {
        let mut batch = Vec::new();
        let committed = match poison.get() {
            Some(reason) => {
                batch.push(first);
                Err(Error::Poisoned(reason.clone()))
            }
            None => transaction(connection, first, &mut waiting, &mut batch),
        };
        if let Err(error) = &committed {
            if let Error::Poisoned(reason) = error {
                let _first_reason_stays = poison.set(reason.clone());
            }
            if !connection.is_autocommit() {
                let _undone_by_closing_otherwise = connection.execute_batch("ROLLBACK");
            }
        }
        for job in batch {
            job.acknowledge(committed.clone());
        }
    }
}

/// Runs everything that waits in one transaction. What fails for its own reasons is undone alone.
fn transaction(
    connection: &Connection,
    first: Box<dyn Job>,
    waiting: &mut mpsc::Receiver<Box<dyn Job>>,
    batch: &mut Vec<Box<dyn Job>>,
) -> Result<(), Error> {
    let mut next = Some(first);
    let begun = execute(connection, "BEGIN IMMEDIATE");
    while let Some(mut job) = next.take() {
        let outcome = begun.clone().and_then(|()| savepoint(connection, job.as_mut()));
        batch.push(job);
        outcome?;
        if batch.len() < limits::WRITERS_PER_COMMIT {
            next = waiting.try_recv().ok();
        }
    }
    execute(connection, "COMMIT")
}

/// Runs one writer's statements; an error is one that concerns all writers of the transaction.
fn savepoint(connection: &Connection, job: &mut dyn Job) -> Result<(), Error> {
    execute(connection, "SAVEPOINT writer")?;
    match job.run(connection) {
        Ok(()) => execute(connection, "RELEASE writer"),
        // SQLite ends the transaction by itself where undoing a statement alone is not possible.
        Err(error) if connection.is_autocommit() => Err(error),
        Err(error @ Error::Poisoned(_)) => Err(error),
        Err(_) => execute(connection, "ROLLBACK TO writer").and_then(|()| execute(connection, "RELEASE writer")),
    }
}

fn execute(connection: &Connection, sql: &str) -> Result<(), Error> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc as blocking;

    fn writer() -> (tempfile::TempDir, Writer) {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("data.db")).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT;").unwrap();
        (folder, Writer::start(connection, "data.db").unwrap())
    }

    fn insert(n: i64) -> impl FnOnce(&Connection) -> rusqlite::Result<usize> + Send {
        move |connection| connection.execute("INSERT INTO t VALUES (?1)", [n])
    }

    async fn all(writer: &Writer) -> Result<Vec<i64>, Error> {
        let read = |connection: &Connection| {
            connection.prepare("SELECT n FROM t ORDER BY n")?.query_map([], |row| row.get(0))?.collect()
        };
        writer.write(read).await
    }

    /// Everything that comes while the writer is held is one transaction.
    #[tokio::test]
    async fn who_fails_in_a_shared_transaction_is_undone_alone_and_as_a_whole() {
        let (_folder, writer) = writer();
        let (release, held) = blocking::channel::<()>();
        let first = writer.write(move |connection| {
            held.recv().unwrap();
            insert(1)(connection)
        });
        let failing = writer.write(|connection| {
            insert(10)(connection)?;
            insert(1)(connection)
        });
        let last = writer.write(insert(2));
        // Polled in this order: all wait before the first is let go.
        let (first, failed, last, ()) = tokio::join!(first, failing, last, async { release.send(()).unwrap() });
        assert_eq!((first, last), (Ok(1), Ok(1)));
        assert!(matches!(failed, Err(Error::Refused(_))), "{failed:?}");
        assert_eq!(all(&writer).await.unwrap(), [1, 2]);
    }

    #[tokio::test]
    async fn nobody_is_acknowledged_when_the_transaction_is_lost() {
        let (_folder, writer) = writer();
        // What SQLite does by itself when it cannot undo one statement alone.
        let lost = |connection: &Connection| {
            insert(1)(connection)?;
            connection.execute_batch("ROLLBACK")?;
            connection.execute("nonsense", [])
        };
        assert!(writer.write(lost).await.is_err());
        assert_eq!(writer.write(insert(2)).await, Ok(1), "the next transaction is a new one");
        assert_eq!(all(&writer).await.unwrap(), [2]);
    }

    #[tokio::test]
    async fn after_an_io_error_nothing_is_written_any_more() {
        let (_folder, writer) = writer();
        writer.write(insert(1)).await.unwrap();
        let broken = |_: &Connection| -> rusqlite::Result<usize> {
            let io_error = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
            Err(rusqlite::Error::SqliteFailure(io_error, None))
        };
        let first = writer.write(broken).await.unwrap_err();
        assert!(matches!(first, Error::Poisoned(_)), "{first:?}");
        assert_eq!(writer.write(insert(2)).await, Err(first), "with the first reason");
    }
}
