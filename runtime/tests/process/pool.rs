//! The pool: reuse, growth, limits, order, replacement, and what becomes of callers who go away.

use crate::harness::{Fixture, Setup, alive, gone, invocation, node};
use fanlight_runtime::{Function as _, InvokeError};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Waits for a file named by the event, and says first that it has begun.
const WAITING: &str = "const fs = require('fs'); let order = 0;
    exports.handler = async (event) => {
        order += 1;
        const mine = order;
        console.log('begun ' + event.name);
        while (event.name && !fs.existsSync(event.name)) await new Promise((resolve) => setTimeout(resolve, 2));
        return { pid: process.pid, order: mine };
    };";

async fn waiting(setup: Setup) -> Fixture {
    setup.node(&[("index.js", WAITING)], "index.handler").await
}

fn release(fixture: &Fixture, name: &str) {
    std::fs::write(fixture.folder.path().join(name), "").unwrap();
}

/// An invocation on its way, by its own task.
fn begin(fixture: &Fixture, event: &str) -> tokio::task::JoinHandle<Result<Value, InvokeError>> {
    let (function, invocation) = (Arc::clone(&fixture.function), invocation(event));
    tokio::spawn(async move {
        let completed = function.invoke(invocation).await?;
        Ok(serde_json::from_slice(&completed.payload).unwrap())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_invocations_reuse_one_environment() {
    let setup = Setup::default().environments(4);
    let code = "let n = 0; exports.handler = async () => [process.pid, ++n];";
    let fixture = setup.node(&[("index.js", code)], "index.handler").await;
    let process = fixture.ok("{}").await[0].clone();
    for number in 2..=1000 {
        assert_eq!(fixture.ok("{}").await, json!([process, number]));
    }
}

#[tokio::test]
async fn the_pool_grows_to_its_limit_then_queues_then_throttles() {
    let fixture = waiting(Setup::default().environments(2).limits(|limits| limits.queue_length = 1)).await;
    let first = begin(&fixture, r#"{"name":"a"}"#);
    let line = fixture.logs.wait_for("begun a").await;
    assert!(line.ends_with("begun a"));
    let second = begin(&fixture, r#"{"name":"b"}"#);
    fixture.logs.wait_for("begun b").await;
    let mut queued = Box::pin(fixture.function.invoke(invocation("{}")));
    assert!(tokio::select! { biased; _ = &mut queued => false, () = std::future::ready(()) => true });
    let refused = fixture.outcome("{}").await.unwrap_err();
    assert_eq!(refused, InvokeError::Throttled { function: "subject".into(), limit: 2 });
    release(&fixture, "a");
    release(&fixture, "b");
    let (first, second) = (first.await.unwrap().unwrap(), second.await.unwrap().unwrap());
    assert_ne!(first["pid"], second["pid"]);
    assert_eq!(queued.await.unwrap().error, None);
}

#[tokio::test]
async fn waiting_has_an_end() {
    let setup = Setup::default().limits(|limits| limits.queue_wait = Duration::from_millis(20));
    let code = "await new Promise(() => setInterval(() => {}, 1000));";
    let fixture = setup.node(&[("index.mjs", code)], "index.handler").await;
    let refused = fixture.outcome("{}").await.unwrap_err();
    assert_eq!(refused, InvokeError::Throttled { function: "subject".into(), limit: 1 });
}

#[tokio::test]
async fn a_limit_of_zero_throttles_everything() {
    let fixture = waiting(Setup::default().environments(0)).await;
    assert!(matches!(fixture.outcome("{}").await, Err(InvokeError::Throttled { limit: 0, .. })));
}

#[tokio::test]
async fn the_queue_is_first_in_first_out() {
    let fixture = waiting(Setup::default()).await;
    let first = begin(&fixture, r#"{"name":"a"}"#);
    fixture.logs.wait_for("begun a").await;
    let mut rest = Vec::new();
    for number in 2..10 {
        let mut queued = Box::pin(fixture.function.invoke(invocation("{}")));
        assert!(tokio::select! { biased; _ = &mut queued => false, () = std::future::ready(()) => true });
        rest.push((number, queued));
    }
    release(&fixture, "a");
    assert_eq!(first.await.unwrap().unwrap()["order"], 1);
    for (number, queued) in rest {
        let completed = queued.await.unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&completed.payload).unwrap()["order"], number);
    }
}

#[tokio::test]
async fn the_environment_used_last_is_used_first() {
    let fixture = waiting(Setup::default().environments(2)).await;
    let first = begin(&fixture, r#"{"name":"a"}"#);
    fixture.logs.wait_for("begun a").await;
    let second = begin(&fixture, r#"{"name":"b"}"#);
    fixture.logs.wait_for("begun b").await;
    release(&fixture, "a");
    first.await.unwrap().unwrap();
    release(&fixture, "b");
    let last = second.await.unwrap().unwrap();
    for _ in 0..5 {
        assert_eq!(fixture.ok("{}").await["pid"], last["pid"]);
    }
}

#[tokio::test]
async fn crashed_environments_are_replaced() {
    let code = "exports.handler = async (event) => { if (event.exit !== undefined) process.exit(event.exit);
        if (event.signal) { process.kill(process.pid, event.signal); await new Promise(() => setInterval(() => {}, 1000)); } return process.pid; };";
    let fixture = node(code).await;
    let mut last = fixture.ok("{}").await;
    for (event, how) in [
        (r#"{"exit":1}"#, "Runtime exited with error: exit status 1"),
        (r#"{"exit":0}"#, "Runtime exited without providing a reason"),
        (r#"{"signal":"SIGKILL"}"#, "Runtime exited with error: signal: killed"),
        (r#"{"signal":"SIGSEGV"}"#, "Runtime exited with error: signal: segmentation fault"),
        (r#"{"signal":"SIGTERM"}"#, "Runtime exited with error: signal: terminated"),
    ] {
        let document = fixture.error(event).await;
        let message = format!("RequestId: ID Error: {how}");
        assert_eq!(document, json!({"errorType": "Runtime.ExitError", "errorMessage": message}));
        let next = fixture.ok("{}").await;
        assert_ne!(next, last);
        last = next;
    }
}

#[tokio::test]
async fn no_slot_is_lost_by_crashes() {
    let code = "def handler(event, context):\n    import os\n    os.kill(os.getpid(), 9)\n";
    let fixture = Setup::default().environments(2).python(&[("app.py", code)], "app.handler").await;
    for _ in 0..30 {
        assert_eq!(fixture.error("{}").await["errorType"], "Runtime.ExitError");
    }
}

#[tokio::test]
async fn an_idle_environment_that_is_killed_fails_nobody() {
    let fixture = node("exports.handler = async () => process.pid;").await;
    for _ in 0..10 {
        let process = fixture.ok("{}").await.as_u64().unwrap();
        let id = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
        kill_process(id, Signal::KILL).unwrap();
        gone(process).await;
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_the_environment_in_order() {
    let fixture = waiting(Setup::default()).await;
    let process = fixture.ok("{}").await["pid"].clone();
    let caller = begin(&fixture, r#"{"name":"a"}"#);
    fixture.logs.wait_for("begun a").await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    release(&fixture, "a");
    assert_eq!(fixture.ok("{}").await, json!({"pid": process, "order": 3}));
}

#[tokio::test]
async fn a_caller_who_goes_away_while_waiting_is_forgotten() {
    let fixture = waiting(Setup::default()).await;
    let first = begin(&fixture, r#"{"name":"a"}"#);
    fixture.logs.wait_for("begun a").await;
    let mut queued = Box::pin(fixture.function.invoke(invocation("{}")));
    assert!(tokio::select! { biased; _ = &mut queued => false, () = std::future::ready(()) => true });
    drop(queued);
    release(&fixture, "a");
    first.await.unwrap().unwrap();
    assert_eq!(fixture.ok("{}").await["order"], 2);
}

#[tokio::test]
async fn idle_environments_end_but_for_one() {
    let setup = Setup::default().environments(2).limits(|limits| limits.idle = Duration::from_millis(50));
    let fixture = waiting(setup).await;
    let first = begin(&fixture, r#"{"name":"a"}"#);
    fixture.logs.wait_for("begun a").await;
    let second = begin(&fixture, r#"{"name":"b"}"#);
    fixture.logs.wait_for("begun b").await;
    release(&fixture, "a");
    let first = first.await.unwrap().unwrap()["pid"].as_u64().unwrap();
    release(&fixture, "b");
    let second = second.await.unwrap().unwrap()["pid"].as_u64().unwrap();
    tokio::select! {
        () = gone(first) => assert!(alive(second)),
        () = gone(second) => assert!(alive(first)),
    }
    let left = fixture.ok("{}").await["pid"].as_u64().unwrap();
    assert!(left == first || left == second);
}

#[tokio::test]
async fn after_a_failed_start_the_next_one_waits() {
    let code = "require('fs').appendFileSync('starts', 'x'); throw new Error('never starts');";
    let long = Duration::from_secs(3600);
    let setup = Setup::default().limits(|limits| limits.backoff = (long, long));
    let fixture = setup.node(&[("index.js", code)], "index.handler").await;
    for _ in 0..3 {
        assert_eq!(fixture.error("{}").await["errorMessage"], "never starts");
    }
    assert_eq!(std::fs::read_to_string(fixture.folder.path().join("starts")).unwrap(), "x");
    let brief = Duration::ZERO;
    let setup = Setup::default().limits(|limits| limits.backoff = (brief, brief));
    let fixture = setup.node(&[("index.js", code)], "index.handler").await;
    for _ in 0..3 {
        assert_eq!(fixture.error("{}").await["errorMessage"], "never starts");
    }
    assert_eq!(std::fs::read_to_string(fixture.folder.path().join("starts")).unwrap(), "xxx");
}

#[tokio::test]
async fn shutdown_lets_callers_finish_and_leaves_no_process() {
    let fixture = waiting(Setup::default().environments(2)).await;
    let idle = fixture.ok("{}").await["pid"].as_u64().unwrap();
    let busy = begin(&fixture, r#"{"name":"a"}"#);
    fixture.logs.wait_for("begun a").await;
    let other = begin(&fixture, r#"{"name":"b"}"#);
    fixture.logs.wait_for("begun b").await;
    let mut queued = Box::pin(fixture.function.invoke(invocation("{}")));
    assert!(tokio::select! { biased; _ = &mut queued => false, () = std::future::ready(()) => true });
    let mut shutdown = Box::pin(fixture.shutdown());
    assert!(tokio::select! { biased; () = &mut shutdown => false, () = std::future::ready(()) => true });
    assert_eq!(queued.await.unwrap_err(), InvokeError::ShuttingDown("subject".into()));
    release(&fixture, "a");
    release(&fixture, "b");
    let pids = [busy.await.unwrap().unwrap(), other.await.unwrap().unwrap()];
    shutdown.await;
    assert!(!alive(idle));
    assert!(pids.iter().all(|answer| !alive(answer["pid"].as_u64().unwrap())));
    assert_eq!(fixture.outcome("{}").await.unwrap_err(), InvokeError::ShuttingDown("subject".into()));
}

#[tokio::test]
async fn shutdown_does_not_wait_for_an_invocation_nobody_waits_for() {
    let fixture = waiting(Setup::default()).await;
    let process = fixture.ok("{}").await["pid"].as_u64().unwrap();
    let caller = begin(&fixture, r#"{"name":"never"}"#);
    fixture.logs.wait_for("begun never").await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    fixture.shutdown().await;
    assert!(!alive(process));
}

#[tokio::test]
async fn shutdown_has_an_end() {
    let fixture = waiting(Setup::default().limits(|limits| limits.drain = Duration::from_millis(20))).await;
    let caller = begin(&fixture, r#"{"name":"never"}"#);
    fixture.logs.wait_for("begun never").await;
    fixture.shutdown().await;
    assert_eq!(caller.await.unwrap().unwrap_err(), InvokeError::ShuttingDown("subject".into()));
}

#[tokio::test]
async fn a_dropped_function_kills_its_processes() {
    let fixture = waiting(Setup::default()).await;
    let process = fixture.ok("{}").await["pid"].as_u64().unwrap();
    drop(fixture);
    gone(process).await;
}
