//! The initialisation phase, and what happens when it does not succeed.

use crate::harness::{Setup, node, python};
use fanlight_runtime::{InvokeError, Program};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn the_first_invocation_reports_the_initialisation() {
    let fixture = node("exports.handler = async () => 1;").await;
    let first = fixture.outcome("{}").await.unwrap();
    assert!(first.init_duration.is_some_and(|init| init > Duration::from_millis(1)));
    assert_eq!(fixture.outcome("{}").await.unwrap().init_duration, None);
}

#[tokio::test]
async fn an_exit_while_loading_is_the_answer() {
    let fixture = node("console.error('about to go'); process.exit(3);").await;
    let message = "RequestId: ID Error: Runtime exited with error: exit status 3";
    assert_eq!(fixture.error("{}").await, json!({"errorType": "Runtime.ExitError", "errorMessage": message}));
    assert!(fixture.logs.wait_for("about to go").await.contains("\tERROR\t"));
    fixture.logs.wait_for("INIT_REPORT Init Duration: ").await;
    let fixture = python("import os, sys\nsys.stderr.write('words')\nos.kill(os.getpid(), 11)\n").await;
    let message = "RequestId: ID Error: Runtime exited with error: signal: segmentation fault";
    assert_eq!(fixture.error("{}").await, json!({"errorType": "Runtime.ExitError", "errorMessage": message}));
    fixture.logs.wait_for("words").await;
}

#[tokio::test]
async fn an_error_while_loading_is_the_answer_and_in_the_log() {
    let fixture = node("console.log('first'); throw new Error('no database');").await;
    let document = fixture.error("{}").await;
    assert_eq!((&document["errorType"], &document["errorMessage"]), (&json!("Error"), &json!("no database")));
    fixture.logs.wait_for("first").await;
    fixture.logs.wait_for("Uncaught Exception").await;
    let line = fixture.logs.wait_for("REPORT RequestId").await;
    assert!(line.ends_with("Status: error\tError Type: Error"), "{line}");
    let document = python("raise ValueError('no database')\n").await.error("{}").await;
    assert_eq!(document["requestId"], "");
    assert!(document["stackTrace"].as_array().unwrap().last().unwrap().as_str().unwrap().contains("app.py"));
}

#[tokio::test]
async fn an_endless_initialisation_is_bounded() {
    let setup = || Setup::default().timeout_ms(200).limits(|limits| limits.init = Duration::from_millis(200));
    let cases = [
        setup().node(&[("index.js", "for (;;);")], "index.handler").await,
        setup().node(&[("index.mjs", "await new Promise(() => setInterval(() => {}, 1000));")], "index.handler").await,
        setup().python(&[("app.py", "import time\ntime.sleep(1000)\n")], "app.handler").await,
    ];
    for fixture in cases {
        let message = "RequestId: ID Error: Task timed out after 0.20 seconds";
        assert_eq!(fixture.error("{}").await, json!({"errorType": "Sandbox.Timedout", "errorMessage": message}));
        assert!(fixture.logs.wait_for("INIT_REPORT").await.ends_with("\tPhase: init\tStatus: timeout"));
        fixture.shutdown().await;
    }
}

#[tokio::test]
async fn an_initialisation_that_takes_too_long_is_tried_again_within_the_invocation() {
    let code = "import os, time\nfirst = not os.path.exists('mark')\nopen('mark', 'w').close()\nif first:\n    time.sleep(1000)\ndef handler(event, context):\n    return context.get_remaining_time_in_millis()\n";
    let setup = Setup::default().limits(|limits| limits.init = Duration::from_secs(1));
    let fixture = setup.python(&[("app.py", code)], "app.handler").await;
    let completed = fixture.outcome("{}").await.unwrap();
    assert_eq!((completed.error, completed.init_duration), (None, None));
    let left = |payload: &[u8]| std::str::from_utf8(payload).unwrap().parse::<u64>().unwrap();
    // The start is on the invocation's time.
    assert!(left(&completed.payload) < 29_990);
    assert!(fixture.ok("{}").await.as_u64().unwrap() <= 30_000);
}

#[tokio::test]
async fn an_interpreter_that_is_not_there() {
    let fixture = Setup::default().start(&[("index.js", "exports.handler = 1;")], |_| Program::Nodejs {
        runtime: "nodejs20.x".into(),
        handler: "index.handler".into(),
        interpreter: "/nonexistent/node".into(),
    });
    let error = fixture.outcome("{}").await.unwrap_err();
    assert!(matches!(error, InvokeError::CannotStart { .. }), "{error}");
}

#[tokio::test]
async fn a_wrapper_starts_the_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let wrapper = folder.path().join("wrapper");
    std::fs::write(&wrapper, "#!/bin/sh\nexport WRAPPED=yes\nexec \"$@\"\n").unwrap();
    std::fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let setup = Setup::default().config(|config| {
        config.environment = vec![("AWS_LAMBDA_EXEC_WRAPPER".into(), wrapper.to_str().unwrap().into())];
    });
    let fixture =
        setup.node(&[("index.js", "exports.handler = async () => process.env.WRAPPED;")], "index.handler").await;
    assert_eq!(fixture.ok("{}").await, json!("yes"));
}
