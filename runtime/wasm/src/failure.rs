//! How a failed invocation looks to its caller: Lambda's error document.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html>

use crate::limits;
use bytes::Bytes;
use fanlight_runtime::FunctionError;
use std::time::Duration;

/// Why a guest gave no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It ran longer than its function may.
    TimedOut(Duration),
    /// It failed after it was refused memory.
    OutOfMemory,
    /// It ended with this status.
    Exited(i32),
    /// It did what WebAssembly forbids, or a host call refused it.
    Trapped(String),
    /// It wrote more than a response may have.
    ResponseTooLarge,
}

impl Failure {
    /// The error document and the error, letter by letter as Lambda has them.
    pub(crate) fn report(&self, request_id: &str) -> (Bytes, FunctionError) {
        let error_type = match self {
            Self::TimedOut(_) => "Sandbox.Timedout",
            Self::OutOfMemory => "Runtime.OutOfMemory",
            Self::Exited(_) | Self::Trapped(_) => "Runtime.ExitError",
            Self::ResponseTooLarge => "Function.ResponseSizeTooLarge",
        };
        let message = match self {
            Self::TimedOut(limit) => {
                format!("RequestId: {request_id} Error: Task timed out after {:.2} seconds", limit.as_secs_f64())
            }
            Self::OutOfMemory => {
                format!("RequestId: {request_id} Error: Runtime exited with error: signal: killed")
            }
            Self::Exited(status) => {
                format!("RequestId: {request_id} Error: Runtime exited with error: exit status {status}")
            }
            Self::Trapped(reason) => {
                format!("RequestId: {request_id} Error: Runtime exited with error: {reason}")
            }
            Self::ResponseTooLarge => format!(
                "Response payload size exceeded maximum allowed payload size ({} bytes).",
                limits::RESPONSE_BYTES
            ),
        };
        let document = serde_json::json!({ "errorType": error_type, "errorMessage": message });
        (Bytes::from(document.to_string()), FunctionError { error_type: error_type.to_owned(), message })
    }
}
