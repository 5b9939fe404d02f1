//! Logs with torn ends, and files with wrong bytes.

use crate::{counter, store};
use fanlight_store::{Part, Quotas, quota::Wanted};
use std::{error::Error, fs, path::Path};

type Outcome<T> = Result<T, Box<dyn Error>>;

const WRITES: i32 = 40;
const WANTED: Wanted = Wanted { amount: 1, limit: 1 };

/// Writes one counter per day, and notes how long the log was when each was acknowledged. Then takes the files as a crash
/// would leave them.
async fn crash(folder: &Path, wreck: &Path) -> Outcome<Vec<u64>> {
    let store = store(folder);
    let mut ends = Vec::new();
    for day in 0..WRITES {
        store.take(counter("p", "k", day), WANTED).await?;
        ends.push(folder.join("data.db-wal").metadata()?.len());
    }
    for file in ["data.db", "data.db-wal"] {
        fs::copy(folder.join(file), wreck.join(file))?;
    }
    Ok(ends)
}

/// The days that are there, after a look for damage.
async fn recovered(wreck: &Path) -> Outcome<Vec<i32>> {
    let store = store(wreck);
    let days = store.usage("p", 0).await?.into_iter().map(|usage| usage.day).collect();
    assert_eq!(store.quick_check(Part::Data).await, Ok(vec![]));
    // It is written to again.
    assert_eq!(store.take(counter("p", "k", WRITES), WANTED).await, Ok(1));
    Ok(days)
}

/// Every write whose part of the log is whole must be there, and what is there must be the first writes without a gap.
fn check(days: &[i32], ends: &[u64], whole: u64, what: &str) {
    let acknowledged = ends.iter().filter(|end| **end <= whole).count();
    assert!(days.len() >= acknowledged, "{what}: {} of {acknowledged} writes before the damage", days.len());
    let first: Vec<i32> = (0..WRITES).take(days.len()).collect();
    assert_eq!(days, first, "{what}: a gap");
}

#[tokio::test]
async fn a_log_that_ends_too_early_loses_its_torn_end_only() {
    let (folder, wreck) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ends = crash(folder.path(), wreck.path()).await.unwrap();
    let (file, log) =
        (fs::read(wreck.path().join("data.db")).unwrap(), fs::read(wreck.path().join("data.db-wal")).unwrap());
    for length in (0..log.len()).step_by(1499).chain(ends.iter().map(|end| usize::try_from(*end).unwrap())) {
        fs::write(wreck.path().join("data.db"), &file).unwrap();
        fs::write(wreck.path().join("data.db-wal"), &log[..length]).unwrap();
        let days = recovered_or_new(wreck.path(), ends[0], length as u64).await.unwrap();
        check(&days, &ends, length as u64, &format!("cut off at {length}"));
    }
}

#[tokio::test]
async fn a_wrong_byte_in_the_log_loses_what_comes_from_there_on_only() {
    let (folder, wreck) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ends = crash(folder.path(), wreck.path()).await.unwrap();
    let (file, log) =
        (fs::read(wreck.path().join("data.db")).unwrap(), fs::read(wreck.path().join("data.db-wal")).unwrap());
    for at in (0..log.len()).step_by(1733) {
        let mut damaged = log.clone();
        damaged[at] ^= 0x40;
        fs::write(wreck.path().join("data.db"), &file).unwrap();
        fs::write(wreck.path().join("data.db-wal"), &damaged).unwrap();
        let days = recovered_or_new(wreck.path(), ends[0], at as u64).await.unwrap();
        check(&days, &ends, at as u64, &format!("wrong byte at {at}"));
    }
}

/// Where the damage comes before the first acknowledged write, even the tables may be gone.
async fn recovered_or_new(wreck: &Path, first_end: u64, whole: u64) -> Outcome<Vec<i32>> {
    let days = recovered(wreck).await?;
    assert!(whole >= first_end || days.is_empty() || i32::try_from(days.len()) == Ok(WRITES), "{days:?}");
    Ok(days)
}

#[tokio::test]
async fn damage_in_the_file_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(folder.path());
    for key in 0..300 {
        first.take(counter("p", &format!("key-{key:060}"), 1), WANTED).await.unwrap();
    }
    assert_eq!(first.quick_check(Part::Data).await, Ok(vec![]));
    drop(first);
    let file = folder.path().join("data.db");
    let mut bytes = fs::read(&file).unwrap();
    let page = 4096;
    for at in (5 * page..bytes.len()).step_by(page) {
        bytes[at..at + 200].fill(0xa5);
    }
    fs::write(&file, bytes).unwrap();
    let damaged = store(folder.path());
    damaged.open(Part::Data).await.unwrap();
    let found = damaged.quick_check(Part::Data).await.unwrap();
    assert!(!found.is_empty());
}
