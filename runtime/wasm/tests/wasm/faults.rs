//! Functions that fail: the caller gets Lambda's error document, the next caller a fresh instance.

use crate::harness::{Loaded, REQUEST_ID, command, config, function, function_with, writes};
use std::time::Duration;

fn exit_error(reason: &str) -> (String, String) {
    ("Runtime.ExitError".to_owned(), format!("RequestId: {REQUEST_ID} Error: Runtime exited with error: {reason}"))
}

async fn body(body: &str) -> Loaded {
    function(&command(&format!(r#"(func (export "_start") {body})"#))).await
}

#[tokio::test]
async fn an_exit_status() {
    let loaded = body("(call $proc_exit (i32.const 7))").await;
    assert_eq!(loaded.failure().await, exit_error("exit status 7"));
}

#[tokio::test]
async fn output_before_a_failure_is_no_response() {
    let loaded = function(&writes(1, "{}", "(call $proc_exit (i32.const 1))")).await;
    assert_eq!(loaded.failure().await, exit_error("exit status 1"));
}

#[tokio::test]
async fn a_trap_and_its_backtrace_in_the_log() {
    let mut loaded = function(&command(r#"(func $broken unreachable) (func (export "_start") (call $broken))"#)).await;
    assert_eq!(loaded.failure().await, exit_error("wasm trap: wasm `unreachable` instruction executed"));
    let mut logged = Vec::new();
    while let Ok(line) = loaded.lines.try_recv() {
        assert_eq!(line.request_id.as_deref(), Some(REQUEST_ID));
        logged.push(line.text);
    }
    assert!(logged.iter().any(|line| line.contains("broken")), "{logged:?}");
}

#[tokio::test]
async fn endless_recursion() {
    let loaded = function(&command(r#"(func $again (export "_start") (call $again))"#)).await;
    assert_eq!(loaded.failure().await, exit_error("wasm trap: call stack exhausted"));
}

#[tokio::test]
async fn a_pointer_out_of_bounds_handed_to_the_host() {
    let write = "(drop (call $fd_write (i32.const 1) (i32.const 0x7fffffff) (i32.const 100) (i32.const 0)))";
    let (error_type, message) = body(write).await.failure().await;
    assert_eq!(error_type, "Runtime.ExitError");
    assert!(message.contains("out of bounds"), "{message}");
}

fn timed_out() -> (String, String) {
    let message = format!("RequestId: {REQUEST_ID} Error: Task timed out after 0.10 seconds");
    ("Sandbox.Timedout".to_owned(), message)
}

#[tokio::test]
async fn an_endless_loop_is_ended_at_its_timeout() {
    let mut config = config("loop");
    config.timeout = Duration::from_millis(100);
    let mut loaded = function_with(&command(r#"(func (export "_start") (loop br 0))"#), config).await;
    assert_eq!(loaded.failure().await, timed_out());
    assert_eq!(loaded.line().await, "Task timed out after 0.10 seconds");
    assert_eq!(loaded.failure().await, timed_out());
}

#[tokio::test]
async fn waiting_in_the_host_is_ended_at_the_timeout() {
    let mut config = config("wait");
    config.timeout = Duration::from_millis(100);
    let wait = r#"(func (export "_start") (call $wait (i64.const 3600000)))"#;
    let loaded = function_with(&command(wait), config).await;
    assert_eq!(loaded.failure().await, timed_out());
}

#[tokio::test]
async fn others_run_while_one_loops() {
    let engine = fanlight_runtime_wasm::Engine::new(crate::harness::settings()).expect("an engine");
    let endless = command(r#"(func (export "_start") (loop br 0))"#);
    let mut endless = crate::harness::load_text(&engine, &endless, config("loop")).await.expect("it loads");
    endless.lines.close();
    let echo = command(crate::harness::ECHO);
    let echo = crate::harness::load_text(&engine, &echo, config("echo")).await.expect("it loads");
    tokio::select! {
        biased;
        completed = endless.invoke("{}") => panic!("it loops: {completed:?}"),
        payload = echo.payload("1") => assert_eq!(payload, "1"),
    }
}

const OUT_OF_MEMORY: &str = "Runtime.OutOfMemory";

#[tokio::test]
async fn memory_beyond_the_limit_is_out_of_memory() {
    let grow = "(if (i32.eq (memory.grow (i32.const 3000)) (i32.const -1)) (then unreachable))";
    let mut loaded = body(grow).await;
    let (error_type, message) = loaded.failure().await;
    assert_eq!(error_type, OUT_OF_MEMORY);
    assert_eq!(message, format!("RequestId: {REQUEST_ID} Error: Runtime exited with error: signal: killed"));
    let mut last = String::new();
    while let Ok(line) = loaded.lines.try_recv() {
        last = line.text;
    }
    assert_eq!(last, "the memory limit of 128 MB was reached");
}

#[tokio::test]
async fn giving_up_after_refused_memory_is_out_of_memory() {
    let grow = "(if (i32.eq (memory.grow (i32.const 3000)) (i32.const -1)) (then (call $proc_exit (i32.const 1))))";
    assert_eq!(body(grow).await.failure().await.0, OUT_OF_MEMORY);
}

#[tokio::test]
async fn doing_without_refused_memory_is_success() {
    let grow = "(if (i32.ne (memory.grow (i32.const 3000)) (i32.const -1)) (then unreachable))";
    assert_eq!(body(grow).await.payload("{}").await, "null");
}

#[tokio::test]
async fn memory_within_the_limit_is_granted() {
    let mut config = config("large");
    config.memory_mb = 1024;
    let grow = r#"(func (export "_start")
        (if (i32.eq (memory.grow (i32.const 12000)) (i32.const -1)) (then unreachable))
        (i32.store (i32.const 700000000) (i32.const 1)))"#;
    assert_eq!(function_with(&command(grow), config).await.payload("{}").await, "null");
}

#[tokio::test]
async fn a_response_that_is_too_large() {
    let flood = "(loop $more (call $write (i32.const 1) (i32.const 0) (i32.const 65536)) (br $more))";
    let (error_type, message) = body(flood).await.failure().await;
    assert_eq!(error_type, "Function.ResponseSizeTooLarge");
    assert_eq!(message, "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
}

#[tokio::test]
async fn the_largest_response_is_allowed() {
    let loaded = body("(call $write (i32.const 1) (i32.const 4096) (i32.const 6291556))").await;
    assert_eq!(loaded.payload("{}").await.len(), 6_291_556);
}
