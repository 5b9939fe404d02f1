//! A function in a folder of its own, its log, and short ways to call it.

use fanlight_runtime::{
    Completed, Function as _, FunctionConfig, Invocation, InvokeError, LogLine, LogSink, Program, interpreter,
    process::{Function, Limits, Settings},
};
use serde_json::Value;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{sync::OnceCell, sync::watch, time::timeout};

/// A guard against hanging, never a measure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Names and texts.
pub(crate) type Files = &'static [(&'static str, &'static str)];

/// A function under test.
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) function: Arc<Function>,
    pub(crate) logs: Arc<Logs>,
    pub(crate) folder: TempDir,
}

/// Collects lines and wakes who waits for one.
#[derive(Debug)]
pub(crate) struct Logs {
    lines: Mutex<Vec<LogLine>>,
    count: watch::Sender<usize>,
}

impl LogSink for Logs {
    fn line(&self, line: LogLine) {
        let mut lines = self.lines.lock().unwrap();
        lines.push(line);
        self.count.send_replace(lines.len());
    }
}

impl Logs {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { lines: Mutex::default(), count: watch::Sender::new(0) })
    }

    pub(crate) fn all(&self) -> Vec<LogLine> {
        self.lines.lock().unwrap().clone()
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.all().into_iter().map(|line| line.text).collect()
    }

    /// The first line that has this in it, as soon as it is there.
    pub(crate) async fn wait_for(&self, part: &str) -> String {
        let mut count = self.count.subscribe();
        let found = async {
            loop {
                count.borrow_and_update();
                if let Some(text) = self.texts().into_iter().find(|text| text.contains(part)) {
                    return text;
                }
                count.changed().await.unwrap();
            }
        };
        match timeout(PATIENCE, found).await {
            Ok(text) => text,
            Err(_) => panic!("no line with `{part}` in {:#?}", self.texts()),
        }
    }
}

/// What differs between tests.
pub(crate) struct Setup {
    pub(crate) config: FunctionConfig,
    pub(crate) settings: Settings,
}

impl Default for Setup {
    fn default() -> Self {
        let config = FunctionConfig {
            name: "subject".into(),
            arn: "arn:aws:lambda:eu-west-1:000000000000:function:subject".into(),
            region: "eu-west-1".into(),
            code: "".into(),
            build: None,
            layers: Vec::new(),
            timeout: Duration::from_secs(30),
            memory_mb: 256,
            environment: Vec::new(),
            max_environments: 1,
        };
        Self { config, settings: Settings::default() }
    }
}

impl Setup {
    pub(crate) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.settings.limits);
        self
    }

    pub(crate) fn config(mut self, change: impl FnOnce(&mut FunctionConfig)) -> Self {
        change(&mut self.config);
        self
    }

    pub(crate) fn timeout_ms(self, timeout: u64) -> Self {
        self.config(|config| config.timeout = Duration::from_millis(timeout))
    }

    pub(crate) fn environments(self, count: usize) -> Self {
        self.config(|config| config.max_environments = count)
    }

    /// A Node.js function of these files.
    pub(crate) async fn node(self, files: &[(&str, &str)], handler: &str) -> Fixture {
        static NODE: OnceCell<interpreter::Interpreter> = OnceCell::const_new();
        let node = NODE.get_or_init(|| async { interpreter::node("nodejs20.x").await.unwrap() }).await;
        let (runtime, handler) = ("nodejs20.x".to_owned(), handler.to_owned());
        self.start(files, |_| Program::Nodejs { runtime, handler, interpreter: node.path.clone() })
    }

    /// A Python function of these files.
    pub(crate) async fn python(self, files: &[(&str, &str)], handler: &str) -> Fixture {
        static PYTHON: OnceCell<interpreter::Interpreter> = OnceCell::const_new();
        let python = PYTHON.get_or_init(|| async { interpreter::python("python3.11").await.unwrap() }).await;
        self.python_at("python3.11", &python.path, files, handler)
    }

    /// A Python function that runs in a certain interpreter.
    pub(crate) fn python_at(self, runtime: &str, path: &Path, files: &[(&str, &str)], handler: &str) -> Fixture {
        let (runtime, handler, interpreter) = (runtime.to_owned(), handler.to_owned(), path.to_path_buf());
        self.start(files, |_| Program::Python { runtime, handler, interpreter })
    }

    /// A function with a `bootstrap` of its own.
    pub(crate) fn provided(self, bootstrap: &str) -> Fixture {
        self.start(&[("bootstrap", bootstrap)], |code| {
            let path = code.join("bootstrap");
            if path.exists() {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
            Program::Bootstrap { runtime: "provided.al2023".into(), path, handler: "some.handler".into() }
        })
    }

    pub(crate) fn start(self, files: &[(&str, &str)], program: impl FnOnce(&Path) -> Program) -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files.iter().filter(|(_, text)| !text.is_empty()) {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let program = program(folder.path());
        let mut config = self.config;
        config.code = folder.path().to_path_buf();
        let logs = Logs::new();
        let function = Function::with_settings(config, program, Arc::clone(&logs) as _, self.settings).unwrap();
        Fixture { function: Arc::new(function), logs, folder }
    }
}

/// A Node.js function with the usual settings, from the text of `index.js`.
pub(crate) async fn node(code: &str) -> Fixture {
    Setup::default().node(&[("index.js", code)], "index.handler").await
}

/// A Python function with the usual settings, from the text of `app.py`.
pub(crate) async fn python(code: &str) -> Fixture {
    Setup::default().python(&[("app.py", code)], "app.handler").await
}

impl Fixture {
    /// Invokes with an event and returns all of what came of it.
    pub(crate) async fn outcome(&self, event: &str) -> Result<Completed, InvokeError> {
        self.invoke(invocation(event)).await
    }

    pub(crate) async fn invoke(&self, invocation: Invocation) -> Result<Completed, InvokeError> {
        timeout(PATIENCE, self.function.invoke(invocation)).await.expect("an invocation hangs")
    }

    /// Invokes, and the function succeeds.
    pub(crate) async fn ok(&self, event: &str) -> Value {
        let completed = self.outcome(event).await.unwrap();
        let payload = String::from_utf8_lossy(&completed.payload).into_owned();
        assert_eq!(completed.error, None, "{payload}\n{:#?}", self.logs.texts());
        serde_json::from_str(&payload).unwrap_or_else(|error| panic!("{error}: {payload}"))
    }

    /// Invokes, and the function fails; the request id is `ID` in the answer.
    pub(crate) async fn error(&self, event: &str) -> Value {
        let invocation = invocation(event);
        let id = invocation.request_id.clone();
        let completed = self.invoke(invocation).await.unwrap();
        let payload = String::from_utf8_lossy(&completed.payload).replace(&id, "ID");
        let error = completed.error.unwrap_or_else(|| panic!("no error: {payload}"));
        let document: Value = serde_json::from_str(&payload).unwrap_or_else(|error| panic!("{error}: {payload}"));
        assert_eq!(document["errorType"], Value::String(error.error_type));
        document
    }

    pub(crate) async fn shutdown(&self) {
        timeout(PATIENCE, self.function.shutdown()).await.expect("a shutdown hangs");
    }
}

pub(crate) fn invocation(event: &str) -> Invocation {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Invocation {
        request_id: format!("8476a536-e9f4-11e8-9739-{number:012x}"),
        payload: event.to_owned().into(),
        trace_id: Some("Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0".into()),
        client_context: None,
    }
}

/// Whether a process exists and is no zombie.
pub(crate) fn alive(process: u64) -> bool {
    match fs::read_to_string(format!("/proc/{process}/stat")) {
        Ok(stat) => !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'),
        Err(_) => false,
    }
}

/// Resolves when a process is gone.
pub(crate) async fn gone(process: u64) {
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    let wait = async {
        while alive(process) {
            ticks.tick().await;
        }
    };
    assert!(timeout(PATIENCE, wait).await.is_ok(), "process {process} lives on");
}
