//! Finding interpreters: the right one, the nearest one, or a clear word.

use fanlight_runtime::interpreter::{self, Error};

#[tokio::test]
async fn the_real_path_and_the_version() {
    let node = interpreter::node("nodejs20.x").await.unwrap();
    assert!(node.path.is_absolute() && node.version.major >= 18);
    let python = interpreter::python("python3.11").await.unwrap();
    assert!(!python.path.to_string_lossy().contains("shims"), "{}", python.path.display());
    assert_eq!(python.version.major, 3);
}

#[tokio::test]
async fn another_version_is_told() {
    let node = interpreter::node("nodejs99.x").await.unwrap();
    let notice = format!("`nodejs99.x` runs on Node.js {}, the nearest on this machine", node.version);
    assert_eq!(node.notice, Some(notice));
    let python = interpreter::python("python3.99").await.unwrap();
    assert!(python.notice.is_some());
    assert!(python.version >= interpreter::python("python3.9").await.unwrap().version);
}

#[tokio::test]
async fn what_is_no_runtime() {
    for name in ["ruby3.3", "nodejs", "nodejs20", "python2.7", "python", ""] {
        assert_eq!(interpreter::node(name).await, Err(Error::Unknown(name.to_owned())));
        assert_eq!(interpreter::python(name).await, Err(Error::Unknown(name.to_owned())));
    }
}
