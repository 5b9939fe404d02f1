//! What a function cannot do: outlive its time, leave children behind, confuse the host, see what is not its own.

use crate::harness::{PATIENCE, Setup, alive, gone, node, python};
use fanlight_runtime::interpreter;
use serde_json::{Value, json};
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixListener,
    time::timeout,
};

const HANGING: &str = "const { spawn } = require('child_process');
    exports.handler = async (event) => {
        if (!event.hang) return process.pid;
        const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
        console.log(`child ${child.pid}`);
        if (event.exit) { await new Promise((r) => child.once('spawn', r)); process.exit(1); }
        if (event.block) for (;;);
        await new Promise(() => setInterval(() => {}, 1000));
    };";

fn number(line: &str) -> u64 {
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_timeout_kills_the_whole_group() {
    for event in [r#"{"hang":true}"#, r#"{"hang":true,"block":true}"#] {
        let setup = Setup::default().timeout_ms(1000);
        let fixture = setup.node(&[("index.js", HANGING)], "index.handler").await;
        let process = fixture.ok("{}").await;
        let document = fixture.error(event).await;
        let message = "RequestId: ID Error: Task timed out after 1.00 seconds";
        assert_eq!(document, json!({"errorType": "Sandbox.Timedout", "errorMessage": message}));
        assert!(!alive(process.as_u64().unwrap()));
        gone(number(&fixture.logs.wait_for("child ").await)).await;
        assert!(fixture.logs.wait_for("Task timed out").await.ends_with(" Task timed out after 1.00 seconds"));
        assert_ne!(fixture.ok("{}").await, process);
    }
}

#[tokio::test]
async fn a_crash_takes_the_children_with_it() {
    let fixture = node(HANGING).await;
    assert_eq!(fixture.error(r#"{"hang":true,"exit":true}"#).await["errorType"], "Runtime.ExitError");
    gone(number(&fixture.logs.wait_for("child ").await)).await;
}

#[tokio::test]
async fn a_function_that_ignores_sigterm_ends_all_the_same() {
    let code = "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef handler(event, context):\n    return os.getpid()\n";
    let setup = Setup::default().limits(|limits| limits.stop_grace = Duration::from_millis(50));
    let fixture = setup.python(&[("app.py", code)], "app.handler").await;
    let process = fixture.ok("{}").await.as_u64().unwrap();
    fixture.shutdown().await;
    assert!(!alive(process));
}

/// Gets hold of the bootstrap's own connection.
const SOCKET: &str = "const net = require('net'), write = net.Socket.prototype.write; let runtime;
    net.Socket.prototype.write = function (...all) { if (all[0] === 'next\\n') runtime = this; return write.apply(this, all); };";

#[tokio::test]
async fn garbage_on_the_runtime_socket_ends_the_environment_only() {
    let code = "exports.handler = async (event) => {
        if (!event.garbage) return 'fine';
        runtime.write(Buffer.from(event.garbage, 'latin1'));
        await new Promise(() => setInterval(() => {}, 1000));
    };";
    let fixture = node(&format!("{SOCKET}{code}")).await;
    let flood = "next\n".repeat(5000);
    let endless = format!("response {}", "x".repeat(100_000));
    for garbage in [
        "\u{0}\u{1}\u{ff}\r\n\r\n",
        "no request at all\r\n\r\n",
        "GET /2018-06-01/ping HTTP/1.1\r\n\r\n",
        "\n",
        "next please\n",
        "response 1\n",
        "response 1 -1\n",
        "response 1 99999999999999999999999\n",
        "response 1 9999999999\n",
        "init-error\n",
        endless.as_str(),
        flood.as_str(),
    ] {
        let document = fixture.error(&json!({ "garbage": garbage }).to_string()).await;
        let message = "RequestId: ID Error: Runtime exited with error: signal: killed";
        assert_eq!(document, json!({"errorType": "Runtime.ExitError", "errorMessage": message}));
        assert_eq!(fixture.ok("{}").await, json!("fine"));
    }
}

#[tokio::test]
async fn a_closed_runtime_socket_ends_the_environment() {
    let code = "exports.handler = async (event) => {
        if (!event.close) return 'fine';
        runtime.destroy();
        await new Promise(() => setInterval(() => {}, 1000));
    };";
    let fixture = node(&format!("{SOCKET}{code}")).await;
    assert_eq!(fixture.error(r#"{"close":true}"#).await["errorType"], "Runtime.ExitError");
    assert_eq!(fixture.ok("{}").await, json!("fine"));
}

#[tokio::test]
async fn nobody_else_can_reach_the_runtime_socket() {
    let code = "const net = require('net');
    exports.handler = () => new Promise((resolve) => {
        net.connect(process.env.AWS_LAMBDA_RUNTIME_API.slice(5)).on('connect', () => resolve('connected')).on('error', (e) => resolve(e.code));
    });";
    assert_eq!(node(code).await.ok("{}").await, json!("ENOENT"));
}

#[tokio::test]
async fn responses_that_are_too_large() {
    let code = "let n = 0; exports.handler = async (size) => { n += 1; return size ? 'x'.repeat(size) : n; };";
    let fixture = node(code).await;
    let limit = 6_291_556;
    let document = fixture.error(&(limit - 1).to_string()).await;
    let message = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
    assert_eq!(document, json!({"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}));
    assert_eq!(fixture.ok(&(limit - 2).to_string()).await, json!("x".repeat(limit - 2)));
    fixture.error("20000000").await;
    assert_eq!(fixture.ok("0").await, json!(4));
}

#[tokio::test]
async fn open_files_are_limited() {
    let code = "import resource\ndef handler(event, context):\n    return [resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CORE)]\n";
    assert_eq!(python(code).await.ok("{}").await, json!([[1024, 1024], [0, 0]]));
}

#[tokio::test]
async fn standard_input_is_empty() {
    let code = "import sys\ndef handler(event, context):\n    return sys.stdin.read()\n";
    assert_eq!(python(code).await.ok("{}").await, json!(""));
}

/// The bootstraps end with their host, and take their children along: played here with a host that goes away.
async fn ends_with_the_host(interpreter: &Path, bootstrap: &str, handler: (&str, &str)) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(handler.0), handler.1).unwrap();
    let socket = folder.path().join("api");
    let listener = UnixListener::bind(&socket).unwrap();
    let mut child = tokio::process::Command::new(interpreter)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("bootstrap").join(bootstrap))
        .env("AWS_LAMBDA_RUNTIME_API", format!("unix:{}", socket.display()))
        .env("LAMBDA_TASK_ROOT", folder.path())
        .env("_HANDLER", "app.handler")
        .stdout(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = [0; 4096];
    let read = stream.read(&mut bytes).await.unwrap();
    assert_eq!(&bytes[..read], b"next\n");
    stream.write_all(b"1\t1\tarn\t\t\t2\n{}").await.unwrap();
    let read = stream.read(&mut bytes).await.unwrap();
    let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
    assert!(text.starts_with("response 1 "), "{text}");
    let grandchild = text.split("[[").nth(1).unwrap().split("]]").next().unwrap().parse().unwrap();
    assert!(alive(grandchild));
    drop(stream);
    timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    gone(grandchild).await;
}

#[tokio::test]
async fn bootstraps_end_with_their_host() {
    let node = interpreter::node("nodejs20.x").await.unwrap();
    let code =
        "exports.handler = async () => [[require('child_process').spawn('sleep', ['1000'], { stdio: 'ignore' }).pid]];";
    ends_with_the_host(&node.path, "node.cjs", ("app.js", code)).await;
    let python = interpreter::python("python3.11").await.unwrap();
    let code = "import subprocess\ndef handler(e, c):\n    return [[subprocess.Popen(['sleep', '1000'], stdout=subprocess.DEVNULL).pid]]\n";
    ends_with_the_host(&python.path, "python.py", ("app.py", code)).await;
}

#[tokio::test]
async fn a_response_and_an_exit_at_once_are_a_response() {
    let code = "exports.handler = (event, context) => { context.callbackWaitsForEmptyEventLoop = false; context.succeed(event); process.exit(1); };";
    let fixture = node(code).await;
    for number in 0..10 {
        let value: Value = fixture.ok(&number.to_string()).await;
        assert_eq!(value, json!(number));
    }
}
