//! Every bound of the lifecycle in one place, with AWS's number.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>

/// Largest request or response payload: 10 MB.
pub const PAYLOAD_BYTES: u64 = 10 * 1024 * 1024;

/// Largest event or response of a synchronous Lambda invocation: 6 MB.
pub const LAMBDA_PAYLOAD_BYTES: usize = 6 * 1024 * 1024;

/// Default and greatest integration timeout: 29 s.
pub const INTEGRATION_TIMEOUT_MS: u32 = 29_000;

/// Bodies of unknown length up to this size are sent on with a `Content-Length`, as AWS always does. Larger ones are
/// streamed. Ours.
pub const GATHER_BYTES: usize = 64 * 1024;

/// Largest capture of one exchange while somebody looks. Ours.
pub const CAPTURE_BYTES: usize = 64 * 1024;

/// Longest value shown in a capture. Ours.
pub const CAPTURE_VALUE_BYTES: usize = 4 * 1024;

/// What may differ from AWS by the host's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// [`PAYLOAD_BYTES`] unless the host allows more.
    pub payload_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { payload_bytes: PAYLOAD_BYTES }
    }
}
