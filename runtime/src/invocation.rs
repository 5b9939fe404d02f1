//! One invocation: what goes in, what comes out, and the trait that every kind of function implements.

use bytes::Bytes;
use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

/// A future that is boxed because it crosses a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Something that can be invoked: a pool of processes, a WebAssembly module.
pub trait Function: Send + Sync + fmt::Debug {
    /// Runs the function once. Dropping the future abandons the caller's interest, not the function: the environment
    /// finishes or times out on its own and is then reused or replaced, as on Lambda.
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'_, Result<Completed, InvokeError>>;

    /// Gets ready for a first invocation where that takes time, and tells what is wrong where that shows.
    fn warm(&self) -> BoxFuture<'_, Result<(), FunctionError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Ends all environments: no new invocations, SIGTERM, then SIGKILL. Resolves when no process is left.
    fn shutdown(&self) -> BoxFuture<'_, ()>;
}

/// What a function is called with.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// `Lambda-Runtime-Aws-Request-Id`: a UUID.
    pub request_id: String,
    /// The event, JSON.
    pub payload: Bytes,
    /// `Lambda-Runtime-Trace-Id`: `Root=..;Parent=..;Sampled=0`.
    pub trace_id: Option<String>,
    /// `Lambda-Runtime-Client-Context`: JSON.
    pub client_context: Option<String>,
}

/// A function that was run, whether or not it liked its event.
#[derive(Debug, Clone)]
pub struct Completed {
    /// The response payload; the error document when `error` is set.
    pub payload: Bytes,
    /// Set when the function failed (`X-Amz-Function-Error`).
    pub error: Option<FunctionError>,
    /// How long the function ran.
    pub duration: Duration,
    /// How long its environment took to start, when this invocation started one.
    pub init_duration: Option<Duration>,
}

/// A failed function, for the log and the trace; the payload is what AWS returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// `errorType`, such as `Sandbox.Timedout` or `Runtime.ExitError`.
    pub error_type: String,
    /// `errorMessage`.
    pub message: String,
}

/// Why a function was not run at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// All environments are busy and the queue is full, or the concurrency is 0.
    #[error("all {limit} environments of `{function}` are busy")]
    Throttled {
        /// The function.
        function: String,
        /// Its limit.
        limit: usize,
    },
    /// The function is being shut down.
    #[error("`{0}` is shutting down")]
    ShuttingDown(String),
    /// The host could not start a process at all.
    #[error("`{function}` cannot be started: {reason}")]
    CannotStart {
        /// The function.
        function: String,
        /// Why.
        reason: String,
    },
}

/// One line that a function printed, or that the host says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The function's name.
    pub function: Arc<str>,
    /// The invocation it belongs to, when there is exactly one.
    pub request_id: Option<String>,
    /// Who says it.
    pub kind: LineKind,
    /// The text without its line end.
    pub text: String,
}

/// Who says a line, so that what a function prints cannot pass for the host's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// The function printed it.
    Output,
    /// The host's routine: START, END, REPORT.
    Report,
    /// The host tells of something out of the ordinary: a timeout, an exit, a failed initialisation.
    Notice,
}

/// Where log lines go. Never blocks: a sink that cannot keep up drops and counts.
pub trait LogSink: Send + Sync + fmt::Debug {
    /// Takes one line.
    fn line(&self, line: LogLine);

    /// Whether lines of a kind are of any use; those that are not need not be written at all.
    fn wants(&self, _kind: LineKind) -> bool {
        true
    }
}
