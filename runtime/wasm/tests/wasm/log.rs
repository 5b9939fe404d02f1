//! Standard error becomes log lines.

use crate::harness::{REQUEST_ID, command, function, writes};

#[tokio::test]
async fn standard_error_arrives_by_line() {
    let mut loaded = function(&writes(2, "one\ntwo\r\n\nlast", "")).await;
    assert_eq!(loaded.payload("{}").await, "null");
    for expected in ["one", "two", "", "last"] {
        let line = loaded.lines.recv().await.expect("a line");
        assert_eq!((line.text.as_str(), &*line.function), (expected, "test"));
        assert_eq!(line.request_id.as_deref(), Some(REQUEST_ID));
    }
    assert!(loaded.lines.try_recv().is_err(), "no more");
}

#[tokio::test]
async fn what_a_failed_guest_said_is_kept() {
    let mut loaded = function(&writes(2, "before", "(call $proc_exit (i32.const 3))")).await;
    assert_eq!(loaded.failure().await.0, "Runtime.ExitError");
    assert_eq!(loaded.line().await, "before");
}

#[tokio::test]
async fn bytes_that_are_not_text_are_replaced() {
    let bytes = r#"(data (i32.const 1024) "a\ffb\n")
        (func (export "_start") (call $write (i32.const 2) (i32.const 1024) (i32.const 4)))"#;
    let mut loaded = function(&command(bytes)).await;
    assert_eq!(loaded.payload("{}").await, "null");
    assert_eq!(loaded.line().await, "a\u{fffd}b");
}

#[tokio::test]
async fn a_flood_is_cut_off() {
    // Lines of 1,000 bytes without an end to them, 2 MB in all.
    let flood = r#"(func (export "_start") (local $left i32)
        (memory.fill (i32.const 1024) (i32.const 120) (i32.const 1000000))
        (local.set $left (i32.const 2))
        (loop $more
          (call $write (i32.const 2) (i32.const 1024) (i32.const 1000000))
          (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (call $write (i32.const 1) (i32.const 1024) (i32.const 1)))"#;
    let mut loaded = function(&command(flood)).await;
    assert_eq!(loaded.payload("{}").await, "x", "the guest does not notice");
    let mut lines = Vec::new();
    while let Ok(line) = loaded.lines.try_recv() {
        lines.push(line.text);
    }
    let notice = lines.pop().expect("a notice");
    assert_eq!(notice, "the log of this invocation exceeds 1048576 bytes: the rest is dropped");
    assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [262_144; 4]);
}
