//! One SQLite file: opened, checked, brought to the newest schema, then written by one thread and read by a few.

use crate::{Error, embedded::Options, limits, readers::Readers, schema::Schema, writer::Writer};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// `FNLT`: what `file` and SQLite itself tell a file of ours by.
const APPLICATION_ID: i32 = 0x464e_4c54;

/// An open file.
#[derive(Debug)]
pub(crate) struct Database {
    // Dropped first: whoever closes the file last copies the log into it, and a reader could not.
    readers: Readers,
    writer: Writer,
}

impl Database {
    /// Opens the file, or makes it. What a crash left in the log is recovered, or dropped if it was never acknowledged.
    pub(crate) fn open(file: &Path, schema: Schema, options: Options) -> Result<Self, Error> {
        let unopened = |reason: &dyn ToString| Error::Unopened { file: file.to_owned(), reason: reason.to_string() };
        create(file).map_err(|error| unopened(&error))?;
        let connection = connect(file, schema, options).map_err(|error| match error {
            error @ (Error::NewerSchema { .. } | Error::Foreign { .. }) => error,
            Error::Poisoned(reason) | Error::Refused(reason) => unopened(&reason),
            error @ (Error::Unopened { .. } | Error::Unreadable(_) | Error::Full | Error::Closed) => unopened(&error),
        })?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let writer = Writer::start(connection, &name).map_err(|error| unopened(&error))?;
        Ok(Self { readers: Readers::new(file), writer })
    }

    /// Writes, and resolves when it is on disk.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.write(work).await
    }

    /// Reads what has been committed.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        self.readers.read(work).await
    }

    /// What is damaged, if anything. Takes as long as reading the file does, beside everything else.
    pub(crate) async fn quick_check(&self) -> Result<Vec<String>, Error> {
        self.read(|connection| Ok(findings(connection).unwrap_or_else(|error| vec![error.to_string()]))).await
    }
}

/// An error on the way is a finding too.
fn findings(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA quick_check")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    Ok(rows.map(|row| row.unwrap_or_else(|error| error.to_string())).filter(|row| row != "ok").collect())
}

/// Makes file and folder, for this user only, and makes sure that they are still there after a power cut.
fn create(file: &Path) -> io::Result<()> {
    let Some(folder) = file.parent() else { return Ok(()) };
    if !folder.is_dir() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
            File::open(above)?.sync_all()?;
        }
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(made) => {
            made.sync_all()?;
            File::open(folder)?.sync_all()
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn connect(file: &Path, schema: Schema, options: Options) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(limits::BUSY)?;
    let foreign = |reason: String| Error::Foreign { file: file.to_owned(), reason };
    // Before anything is changed.
    let found: (i32, u32) = match (pragma(&connection, "application_id"), pragma(&connection, "user_version")) {
        (Ok(application), Ok(version)) => (application, version),
        (Err(error), _) | (_, Err(error)) => return Err(foreign(error.to_string())),
    };
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match found {
        (APPLICATION_ID, version) if version > schema.version() => {
            return Err(Error::NewerSchema { file: file.to_owned(), found: version, known: schema.version() });
        }
        (APPLICATION_ID, _) | (0, 0) if found.0 == APPLICATION_ID || tables == 0 => {}
        (application, _) => return Err(foreign(format!("its application id is {application}"))),
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", limits::CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", limits::LOG_BYTES)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    if let Some(pages) = options.max_pages {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    migrate(&mut connection, file, found.1, schema)?;
    Ok(connection)
}

fn pragma<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> rusqlite::Result<T> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// All missing steps at once or none.
fn migrate(connection: &mut Connection, file: &Path, found: u32, schema: Schema) -> Result<(), Error> {
    if found == schema.version() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let found: u32 = pragma(&transaction, "user_version")?;
    if found > schema.version() {
        return Err(Error::NewerSchema { file: file.to_owned(), found, known: schema.version() });
    }
    for step in schema.steps.iter().skip(usize::try_from(found).unwrap_or(usize::MAX)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", schema.version())?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Schema = Schema { steps: &["CREATE TABLE note (line TEXT NOT NULL) STRICT;"] };
    const NEW: Schema = Schema {
        steps: &[
            "CREATE TABLE note (line TEXT NOT NULL) STRICT;",
            "ALTER TABLE note ADD COLUMN author TEXT NOT NULL DEFAULT 'nobody';",
            "CREATE TABLE author (name TEXT NOT NULL PRIMARY KEY) STRICT;",
        ],
    };

    fn open(file: &Path, schema: Schema) -> Result<Connection, Error> {
        create(file).unwrap();
        connect(file, schema, Options::default())
    }

    #[test]
    fn a_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder.path().join("data.db"), OLD).unwrap();
        assert_eq!(pragma::<u32>(&connection, "synchronous"), Ok(2), "FULL");
        assert_eq!(pragma::<String>(&connection, "journal_mode").as_deref(), Ok("wal"));
    }

    #[test]
    fn an_older_schema_is_brought_up_to_date_with_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data.db");
        open(&file, OLD).unwrap().execute("INSERT INTO note (line) VALUES ('kept')", []).unwrap();
        let connection = open(&file, NEW).unwrap();
        let note = connection.query_row("SELECT line || ' by ' || author FROM note", [], |row| row.get::<_, String>(0));
        assert_eq!(note.as_deref(), Ok("kept by nobody"));
        assert_eq!(pragma::<u32>(&connection, "user_version"), Ok(3));
        assert!(matches!(open(&file, OLD), Err(Error::NewerSchema { found: 3, known: 1, .. })));
    }

    #[test]
    fn a_step_that_fails_leaves_the_older_schema() {
        const BROKEN: Schema =
            Schema { steps: &["CREATE TABLE note (line TEXT NOT NULL) STRICT;", "CREATE TABLE more (a);", "nonsense"] };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data.db");
        drop(open(&file, OLD).unwrap());
        assert!(open(&file, BROKEN).is_err());
        let connection = open(&file, OLD).unwrap();
        let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 1);
    }
}
