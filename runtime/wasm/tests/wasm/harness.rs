//! A folder, an engine, and functions in it.

use bytes::Bytes;
use fanlight_runtime::{Completed, Function, FunctionConfig, Invocation, InvokeError, LogLine, LogSink};
use fanlight_runtime_wasm::{Engine, LoadError, Pooling, Settings};
use std::{path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

pub(crate) const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// The imports and helpers that the guests of these tests share. Memory below 1024 is scratch; events are read to 65536.
const PRELUDE: &str = r#"
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 100)

  ;; Writes all bytes, a part at a time: one call need not take them all.
  (func $write (param $fd i32) (param $from i32) (param $length i32)
    (loop $more
      (if (i32.eqz (local.get $length)) (then (return)))
      (i32.store (i32.const 0) (local.get $from))
      (i32.store (i32.const 4) (local.get $length))
      (if (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (local.set $from (i32.add (local.get $from) (i32.load (i32.const 8))))
      (local.set $length (i32.sub (local.get $length) (i32.load (i32.const 8))))
      (br $more)))

  ;; Reads all of standard input to 65536 and returns its length.
  (func $read (result i32) (local $length i32)
    (loop $more
      (i32.store (i32.const 0) (i32.add (i32.const 65536) (local.get $length)))
      (i32.store (i32.const 4) (i32.const 65536))
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (local.set $length (i32.add (local.get $length) (i32.load (i32.const 8))))
      (br_if $more (i32.load (i32.const 8))))
    (local.get $length))

  ;; Waits in the host for some milliseconds.
  (func $wait (param $milliseconds i64)
    (i32.store (i32.const 120) (i32.const 1))
    (i64.store (i32.const 128) (i64.mul (local.get $milliseconds) (i64.const 1000000)))
    (if (call $poll_oneoff (i32.const 104) (i32.const 200) (i32.const 1) (i32.const 8)) (then unreachable)))
"#;

/// The text of a command with the shared helpers and these fields, `_start` among them.
pub(crate) fn command(fields: &str) -> String {
    format!("(module {PRELUDE} {fields})")
}

/// A command that writes `text` to `fd` and then runs `rest`.
pub(crate) fn writes(fd: u32, text: &str, rest: &str) -> String {
    let length = text.len();
    let text: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    command(&format!(
        r#"(data (i32.const 1024) "{text}")
           (func (export "_start") (call $write (i32.const {fd}) (i32.const 1024) (i32.const {length})) {rest})"#
    ))
}

pub(crate) const ECHO: &str = r#"(func (export "_start") (local $length i32)
    (local.set $length (call $read))
    (call $write (i32.const 1) (i32.const 65536) (local.get $length)))"#;

#[derive(Debug)]
pub(crate) struct Lines(UnboundedSender<LogLine>);

impl LogSink for Lines {
    fn line(&self, line: LogLine) {
        self.0.send(line).expect("the test still listens");
    }
}

/// A small pool and no cache.
pub(crate) fn settings() -> Settings {
    Settings { instances: 4, pooling: Pooling::WhenPossible, cache: None, ..Settings::default() }
}

pub(crate) fn config(name: &str) -> FunctionConfig {
    FunctionConfig {
        name: name.to_owned(),
        arn: format!("arn:aws:lambda:us-east-1:000000000000:function:{name}"),
        region: "us-east-1".to_owned(),
        code: "/nowhere".into(),
        build: None,
        layers: Vec::new(),
        timeout: Duration::from_secs(30),
        memory_mb: 128,
        environment: Vec::new(),
        max_environments: 100,
    }
}

pub(crate) fn invocation(payload: impl Into<Bytes>) -> Invocation {
    Invocation { request_id: REQUEST_ID.to_owned(), payload: payload.into(), trace_id: None, client_context: None }
}

/// A loaded function and what it logs.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) function: Arc<dyn Function>,
    pub(crate) lines: UnboundedReceiver<LogLine>,
}

impl Loaded {
    pub(crate) async fn invoke(&self, payload: impl Into<Bytes>) -> Result<Completed, InvokeError> {
        self.function.invoke(invocation(payload)).await
    }

    /// The payload of a successful invocation.
    pub(crate) async fn payload(&self, payload: impl Into<Bytes>) -> Bytes {
        let completed = self.invoke(payload).await.expect("it runs");
        assert_eq!(completed.error, None);
        completed.payload
    }

    /// Error type and message of a failed invocation, whose payload must say the same.
    pub(crate) async fn failure(&self) -> (String, String) {
        let completed = self.invoke("{}").await.expect("it runs");
        let error = completed.error.expect("it fails");
        let document: serde_json::Value = serde_json::from_slice(&completed.payload).expect("JSON");
        assert_eq!(document, serde_json::json!({ "errorType": error.error_type, "errorMessage": error.message }));
        (error.error_type, error.message)
    }

    pub(crate) async fn line(&mut self) -> String {
        let line = tokio::time::timeout(Duration::from_secs(30), self.lines.recv()).await;
        line.expect("a line in time").expect("a line").text
    }
}

/// Loads a file of any kind.
pub(crate) async fn load_file(engine: &Engine, path: &Path, config: FunctionConfig) -> Result<Loaded, LoadError> {
    let (sender, lines) = mpsc::unbounded_channel();
    let function = fanlight_runtime_wasm::load(engine, config, path, Arc::new(Lines(sender))).await?;
    Ok(Loaded { function, lines })
}

/// Loads a module from its text.
pub(crate) async fn load_text(engine: &Engine, text: &str, config: FunctionConfig) -> Result<Loaded, LoadError> {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("function.wat");
    std::fs::write(&path, text).expect("a file");
    load_file(engine, &path, config).await
}

/// A function of this text in an engine of its own.
pub(crate) async fn function(text: &str) -> Loaded {
    function_with(text, config("test")).await
}

pub(crate) async fn function_with(text: &str, config: FunctionConfig) -> Loaded {
    let engine = Engine::new(settings()).expect("an engine");
    load_text(&engine, text, config).await.expect("it loads")
}
