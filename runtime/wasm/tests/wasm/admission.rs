//! Who runs, who waits, who is turned away, and who goes on when nobody waits for the answer.

use crate::harness::{ECHO, Loaded, command, config, function, function_with, invocation, load_text, settings, writes};
use fanlight_runtime::InvokeError;
use fanlight_runtime_wasm::{Engine, Settings};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// Says `started`, then waits in the host for longer than any test.
fn waits() -> String {
    writes(2, "started\n", "(call $wait (i64.const 3600000))")
}

/// Starts an invocation and returns when the guest runs.
async fn begin(loaded: &mut Loaded, running: &mut JoinSet<Result<fanlight_runtime::Completed, InvokeError>>) {
    let function = Arc::clone(&loaded.function);
    running.spawn(async move { function.invoke(invocation("{}")).await });
    assert_eq!(loaded.line().await, "started");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_invocations_than_slots_wait_and_all_succeed() {
    let instances = settings().instances;
    let wait = r#"(func (export "_start") (call $wait (i64.const 2)) (call $write (i32.const 1) (i32.const 65536) (call $read)))"#;
    let loaded = function(&command(wait)).await;
    let mut running = JoinSet::new();
    for number in 0..instances * 8 {
        let function = Arc::clone(&loaded.function);
        running.spawn(async move { (number, function.invoke(invocation(number.to_string())).await) });
    }
    while let Some(joined) = running.join_next().await {
        let (number, completed) = joined.expect("no panic");
        let completed = completed.expect("none is refused");
        assert_eq!((completed.error, completed.payload), (None, number.to_string().into()));
    }
}

#[tokio::test]
async fn a_full_queue_is_throttled() {
    let engine = Engine::new(Settings { queue: 0, ..settings() }).expect("an engine");
    let mut config = config("busy");
    config.max_environments = 1;
    let mut loaded = load_text(&engine, &waits(), config).await.expect("it loads");
    let mut running = JoinSet::new();
    begin(&mut loaded, &mut running).await;
    let refused = loaded.invoke("{}").await.expect_err("it is refused");
    assert_eq!(refused, InvokeError::Throttled { function: "busy".to_owned(), limit: 1 });
}

#[tokio::test]
async fn waiting_in_the_queue_ends_too() {
    let mut config = config("busy");
    config.max_environments = 1;
    config.timeout = Duration::from_millis(100);
    let mut loaded = function_with(&waits(), config).await;
    let mut running = JoinSet::new();
    begin(&mut loaded, &mut running).await;
    let (first, second) = tokio::join!(loaded.invoke("{}"), running.join_next());
    // Whether the first one's timeout or the second one's patience is over first, nobody waits for ever.
    assert!(matches!(first, Ok(_) | Err(InvokeError::Throttled { .. })), "{first:?}");
    assert!(matches!(second, Some(Ok(Ok(_)))), "{second:?}");
}

#[tokio::test]
async fn no_concurrency_is_throttled() {
    let mut config = config("none");
    config.max_environments = 0;
    let refused = function_with(&command(ECHO), config).await.invoke("{}").await;
    assert_eq!(refused.expect_err("it is refused"), InvokeError::Throttled { function: "none".to_owned(), limit: 0 });
}

#[tokio::test]
async fn a_guest_goes_on_when_its_caller_has_gone() {
    let text = r#"(data (i32.const 1024) "started\n") (data (i32.const 2048) "finished\n")
        (func (export "_start")
          (call $write (i32.const 2) (i32.const 1024) (i32.const 8))
          (call $wait (i64.const 5))
          (call $write (i32.const 2) (i32.const 2048) (i32.const 9)))"#;
    let mut loaded = function(&command(text)).await;
    let function = Arc::clone(&loaded.function);
    tokio::select! {
        biased;
        line = async { tokio::join!(function.invoke(invocation("{}")), std::future::pending::<()>()) } => panic!("{line:?}"),
        line = loaded.line() => assert_eq!(line, "started"),
    }
    assert_eq!(loaded.line().await, "finished");
}

#[tokio::test]
async fn an_invocation_that_was_never_awaited_never_runs() {
    let mut loaded = function(&writes(2, "ran\n", "")).await;
    drop(loaded.function.invoke(invocation("{}")));
    assert_eq!(loaded.payload("{}").await, "null");
    assert_eq!(loaded.line().await, "ran");
    assert!(loaded.lines.try_recv().is_err(), "only once");
}

#[tokio::test]
async fn shutting_down_lets_running_ones_finish_and_ends_the_late() {
    let engine = Engine::new(Settings { shutdown_grace: Duration::from_millis(50), ..settings() }).expect("an engine");
    let mut loaded = load_text(&engine, &waits(), config("late")).await.expect("it loads");
    let mut running = JoinSet::new();
    begin(&mut loaded, &mut running).await;
    loaded.function.shutdown().await;
    let down = InvokeError::ShuttingDown("late".to_owned());
    let ended = running.join_next().await.expect("one").expect("no panic");
    assert_eq!(ended.expect_err("it is ended"), down);
    assert_eq!(loaded.invoke("{}").await.expect_err("it is refused"), down);
}
