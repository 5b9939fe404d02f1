//! Compiled code on disk. Compiling writes a new file, so that its inode tells whether the cache was used.

use crate::harness::{ECHO, command, config, load_text, settings};
use fanlight_runtime_wasm::{Engine, Settings};
use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Loads and runs a function as a newly started host would.
async fn start(cache: &Path) {
    let engine = Engine::new(Settings { cache: Some(cache.to_owned()), ..settings() }).expect("an engine");
    let echo = load_text(&engine, &command(ECHO), config("echo")).await.expect("it loads");
    assert_eq!(echo.payload("[1]").await, "[1]");
}

/// The one file in the cache, and its inode.
fn cached(cache: &Path) -> (PathBuf, u64) {
    let mut files = fs::read_dir(cache).expect("a folder").map(|entry| entry.expect("an entry").path());
    let file = files.next().expect("a file");
    assert_eq!(files.next(), None, "nothing temporary is left");
    let inode = fs::symlink_metadata(&file).expect("metadata").ino();
    (file, inode)
}

async fn filled() -> (TempDir, PathBuf, u64) {
    let folder = TempDir::new().expect("a folder");
    let cache = folder.path().join("deep/cache");
    start(&cache).await;
    let (file, inode) = cached(&cache);
    (folder, file, inode)
}

#[tokio::test]
async fn a_restart_compiles_nothing() {
    let (_folder, file, inode) = filled().await;
    let cache = file.parent().expect("a folder");
    assert_eq!(fs::metadata(cache).expect("metadata").mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&file).expect("metadata").mode() & 0o777, 0o600);
    start(cache).await;
    assert_eq!(cached(cache), (file.clone(), inode));
}

#[tokio::test]
async fn a_spoiled_file_is_replaced() {
    for spoil in [
        |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2),
        |bytes: &mut Vec<u8>| bytes.clear(),
        |bytes: &mut Vec<u8>| bytes.extend_from_slice(b"more"),
        |bytes: &mut Vec<u8>| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        },
    ] {
        let (_folder, file, inode) = filled().await;
        let mut bytes = fs::read(&file).expect("a file");
        let whole = bytes.clone();
        spoil(&mut bytes);
        fs::write(&file, bytes).expect("it is written");
        start(file.parent().expect("a folder")).await;
        assert_ne!(cached(file.parent().expect("a folder")), (file.clone(), inode));
        assert_eq!(fs::read(&file).expect("a file").len(), whole.len());
    }
}

#[tokio::test]
async fn a_file_that_others_can_read_or_write_is_replaced() {
    for mode in [0o644, 0o620, 0o602] {
        let (_folder, file, inode) = filled().await;
        fs::set_permissions(&file, Permissions::from_mode(mode)).expect("a mode");
        start(file.parent().expect("a folder")).await;
        assert_ne!(cached(file.parent().expect("a folder")).1, inode);
        assert_eq!(fs::metadata(&file).expect("metadata").mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_link_is_not_followed() {
    let (folder, file, _) = filled().await;
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).expect("it moves");
    symlink(&elsewhere, &file).expect("a link");
    start(file.parent().expect("a folder")).await;
    assert!(fs::symlink_metadata(&file).expect("metadata").is_file());
}

#[tokio::test]
async fn a_folder_that_others_can_enter_is_left_alone() {
    let folder = TempDir::new().expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("a mode");
    start(folder.path()).await;
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[tokio::test]
async fn another_engine_does_not_take_it() {
    let (_folder, file, _) = filled().await;
    let cache = file.parent().expect("a folder");
    let other =
        Settings { cache: Some(cache.to_owned()), pooling: fanlight_runtime_wasm::Pooling::Never, ..settings() };
    let engine = Engine::new(other).expect("an engine");
    let echo = load_text(&engine, &command(ECHO), config("echo")).await.expect("it loads");
    assert_eq!(echo.payload("[1]").await, "[1]");
    assert_eq!(fs::read_dir(cache).expect("a folder").count(), 2);
}
