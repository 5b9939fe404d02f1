//! The command contract: standard input to standard output.

use crate::harness::{ECHO, REQUEST_ID, command, config, function, function_with, load_text, settings, writes};
use fanlight_runtime_wasm::{Allocation, Engine, Pooling, Settings};
use std::collections::BTreeMap;

#[tokio::test]
async fn the_event_is_read_and_the_response_written() {
    let echo = function(&command(ECHO)).await;
    assert_eq!(echo.payload(r#"{"path":"/pets"}"#).await, r#"{"path":"/pets"}"#);
    assert_eq!(echo.payload(r#"{"path":"/"}"#).await, r#"{"path":"/"}"#);
}

#[tokio::test]
async fn large_payloads_pass_unharmed() {
    let echo = function(&command(ECHO)).await;
    let event: Vec<u8> = (0..3_000_000_u32).flat_map(|number| number.to_le_bytes().into_iter().take(1)).collect();
    assert_eq!(echo.payload(event.clone()).await, event);
}

#[tokio::test]
async fn text_that_is_not_json_is_passed_on() {
    assert_eq!(function(&writes(1, "hello, \u{1f426}", "")).await.payload("{}").await, "hello, \u{1f426}");
}

#[tokio::test]
async fn writing_nothing_is_null() {
    assert_eq!(function(&command(r#"(func (export "_start"))"#)).await.payload("{}").await, "null");
}

#[tokio::test]
async fn exit_0_is_success() {
    assert_eq!(function(&writes(1, "{}", "(call $proc_exit (i32.const 0))")).await.payload("{}").await, "{}");
}

#[tokio::test]
async fn nothing_survives_an_invocation() {
    let counter = r#"
        (global $count (mut i32) (i32.const 48))
        (func (export "_start")
          (global.set $count (i32.add (global.get $count) (i32.const 1)))
          (i32.store8 (i32.const 2048) (i32.add (i32.load8_u (i32.const 2048)) (global.get $count)))
          (call $write (i32.const 1) (i32.const 2048) (i32.const 1)))"#;
    let counter = function(&command(counter)).await;
    for _ in 0..20 {
        assert_eq!(counter.payload("{}").await, "1");
    }
}

#[tokio::test]
async fn the_environment_is_the_definitions_and_lambdas() {
    let environment = r#"(func (export "_start")
        (if (call $environ_sizes_get (i32.const 16) (i32.const 20)) (then unreachable))
        (if (call $environ_get (i32.const 4096) (i32.const 65536)) (then unreachable))
        (call $write (i32.const 1) (i32.const 65536) (i32.load (i32.const 20))))"#;
    let mut config = config("hello");
    config.environment = [("TABLE", "pets"), ("AWS_REGION", "forged"), ("EMPTY", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let printed = function_with(&command(environment), config).await.payload("{}").await;
    let printed = String::from_utf8(printed.to_vec()).expect("text");
    let variables: Vec<_> = printed.split_terminator('\0').map(|it| it.split_once('=').expect("a variable")).collect();
    let expected = BTreeMap::from([
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_NAME", "hello"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_REGION", "us-east-1"),
        ("EMPTY", ""),
        ("LAMBDA_RUNTIME_AWS_REQUEST_ID", REQUEST_ID),
        ("LAMBDA_RUNTIME_INVOKED_FUNCTION_ARN", "arn:aws:lambda:us-east-1:000000000000:function:hello"),
        ("TABLE", "pets"),
        ("TZ", ":UTC"),
        ("_HANDLER", "function.wat"),
    ]);
    assert_eq!(variables.len(), expected.len(), "each once");
    assert_eq!(variables.into_iter().collect::<BTreeMap<_, _>>(), expected);
}

#[tokio::test]
async fn without_a_pool_all_is_the_same() {
    let engine = Engine::new(Settings { pooling: Pooling::Never, ..settings() }).expect("an engine");
    assert_eq!(engine.allocation(), Allocation::OnDemand);
    let echo = load_text(&engine, &command(ECHO), config("echo")).await.expect("it loads");
    assert_eq!(echo.payload("[1]").await, "[1]");
    let grows =
        r#"(func (export "_start") (if (i32.eq (memory.grow (i32.const 10000)) (i32.const -1)) (then unreachable)))"#;
    let grows = load_text(&engine, &command(grows), config("grows")).await.expect("it loads");
    assert_eq!(grows.failure().await.0, "Runtime.OutOfMemory");
}
