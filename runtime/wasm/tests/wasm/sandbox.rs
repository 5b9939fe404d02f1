//! What a guest cannot reach.

use crate::harness::{command, function};

/// `EBADF` of WASI: there is no such descriptor.
const BAD_DESCRIPTOR: u32 = 8;

async fn succeeds(body: &str) {
    assert_eq!(function(&command(body)).await.payload("{}").await, "null");
}

#[tokio::test]
async fn no_folder_is_open() {
    succeeds(&format!(
        r#"(func (export "_start") (local $fd i32)
            (local.set $fd (i32.const 3))
            (loop $next
              (if (i32.ne (call $fd_prestat_get (local.get $fd) (i32.const 16)) (i32.const {BAD_DESCRIPTOR}))
                (then unreachable))
              (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
              (br_if $next (i32.lt_u (local.get $fd) (i32.const 100)))))"#
    ))
    .await;
}

#[tokio::test]
async fn no_file_can_be_opened() {
    succeeds(
        r#"(data (i32.const 1024) "/etc/passwd")
        (func $open (param $fd i32)
          (if (i32.eqz (call $path_open (local.get $fd) (i32.const 1) (i32.const 1024) (i32.const 11) (i32.const 0)
                (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 16)))
            (then unreachable)))
        (func (export "_start")
          (call $open (i32.const 0)) (call $open (i32.const 1)) (call $open (i32.const 2))
          (call $open (i32.const 3)) (call $open (i32.const 4)))"#,
    )
    .await;
}
