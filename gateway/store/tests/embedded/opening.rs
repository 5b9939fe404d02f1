//! Files that are there already.

use crate::{counter, store};
use fanlight_store::{ApiKeys, Error, Part, Quotas, quota::Wanted};
use rusqlite::Connection;
use std::os::unix::fs::PermissionsExt;

const ONE: Wanted = Wanted { amount: 1, limit: 10 };

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(folder.path());
    first.keep_api_key("k", "value").await.unwrap();
    first.take(counter("p", "k", 1), ONE).await.unwrap();
    drop(first);
    let second = store(folder.path());
    assert_eq!(second.keep_api_key("k", "another").await.as_deref(), Ok("value"));
    assert_eq!(second.take(counter("p", "k", 1), Wanted { amount: 10, limit: 10 }).await, Ok(9));
}

#[tokio::test]
async fn a_file_is_made_when_it_is_needed_and_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("below/.fanlight");
    let store = store(&data);
    assert!(!data.exists());
    store.keep_api_key("k", "value").await.unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&store.file(Part::Control))), (0o700, 0o600));
    assert_eq!(mode(&data.join("control.db-wal")), 0o600);
    assert!(!store.file(Part::Data).exists());
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = store(folder.path()).file(Part::Data);
    store(folder.path()).open(Part::Data).await.unwrap();
    let connection = Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 1000).unwrap();
    drop(connection);
    let error = store(folder.path()).take(counter("p", "k", 1), ONE).await.unwrap_err();
    assert!(matches!(error, Error::NewerSchema { found: 1000, .. }), "{error:?}");
    assert!(error.to_string().contains("data.db has schema version 1000"), "{error}");
    let version: u32 = Connection::open(&file).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 1000);
}

#[tokio::test]
async fn a_file_of_somebody_else_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.db");
    for content in [b"certainly not a database, but long enough to have a header of one ............".to_vec(), {
        let other = folder.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
        std::fs::read(other).unwrap()
    }] {
        std::fs::write(&file, &content).unwrap();
        let error = store(folder.path()).open(Part::Data).await.unwrap_err();
        assert!(matches!(error, Error::Foreign { .. }), "{error:?}");
        assert_eq!(std::fs::read(&file).unwrap(), content);
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = store(&folder.path().join("file/below")).open(Part::Control).await.unwrap_err();
    assert!(error.to_string().contains("file/below/control.db cannot be opened"), "{error}");
}
