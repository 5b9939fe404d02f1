//! The payloads of functions that failed without saying so themselves, letter by letter as Lambda has them.

use super::limits::RESPONSE_BYTES;
use crate::FunctionError;
use bytes::Bytes;
use serde_json::{Value, json};
use std::{os::unix::process::ExitStatusExt, process::ExitStatus, time::Duration};

/// What an invocation that failed is answered with.
#[derive(Debug, Clone)]
pub(super) struct Failed {
    pub(super) payload: Bytes,
    pub(super) error: FunctionError,
}

/// The function ran out of time.
pub(super) fn timed_out(request_id: &str, timeout: Duration) -> Failed {
    let what = format!("Task timed out after {:.2} seconds", timeout.as_secs_f64());
    sandbox("Sandbox.Timedout", request_id, &what)
}

/// The process of the function is gone.
pub(super) fn exited(request_id: &str, how: &Exit) -> Failed {
    sandbox("Runtime.ExitError", request_id, &how.to_string())
}

/// There is no bootstrap to start.
pub(super) fn no_bootstrap(request_id: &str) -> Failed {
    let what = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
    sandbox("Runtime.InvalidEntrypoint", request_id, what)
}

/// `errorType` of a response that is too large.
pub(super) const TOO_LARGE: &str = "Function.ResponseSizeTooLarge";

/// The response is larger than Lambda lets through.
pub(super) fn too_large() -> Failed {
    let message = format!("Response payload size exceeded maximum allowed payload size ({RESPONSE_BYTES} bytes).");
    let payload = json!({ "errorMessage": message, "errorType": TOO_LARGE });
    Failed { payload: payload.to_string().into(), error: FunctionError { error_type: TOO_LARGE.to_owned(), message } }
}

/// The runtime reported an error; its document goes through as it is.
pub(super) fn reported(payload: Bytes, error_type: Option<String>) -> Failed {
    let document: Value = serde_json::from_slice(&payload).unwrap_or_default();
    let text = |name| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let error = FunctionError {
        error_type: text("errorType").or(error_type).unwrap_or_else(|| "Runtime.Unknown".to_owned()),
        message: text("errorMessage").unwrap_or_default(),
    };
    Failed { payload, error }
}

fn sandbox(error_type: &str, request_id: &str, what: &str) -> Failed {
    let message = format!("RequestId: {request_id} Error: {what}");
    let payload = json!({ "errorType": error_type, "errorMessage": message });
    Failed { payload: payload.to_string().into(), error: FunctionError { error_type: error_type.to_owned(), message } }
}

/// How a process ended, in the words of Lambda, which are those of Go's `os.ProcessState`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exit {
    Status(ExitStatus),
    /// The process was killed because it was of no more use; the reason is in the log.
    Killed,
}

impl std::fmt::Display for Exit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let signal = match self {
            Self::Status(status) => match (status.code(), status.signal()) {
                (Some(0), _) => return formatter.write_str("Runtime exited without providing a reason"),
                (Some(code), _) => return write!(formatter, "Runtime exited with error: exit status {code}"),
                (None, signal) => signal.unwrap_or_default(),
            },
            Self::Killed => 9,
        };
        match signal_name(signal) {
            Some(name) => write!(formatter, "Runtime exited with error: signal: {name}"),
            None => write!(formatter, "Runtime exited with error: signal: signal {signal}"),
        }
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        10 => "user defined signal 1",
        11 => "segmentation fault",
        12 => "user defined signal 2",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        24 => "CPU time limit exceeded",
        25 => "file size limit exceeded",
        31 => "bad system call",
        _ => return None,
    })
}
