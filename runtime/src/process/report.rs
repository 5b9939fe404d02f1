//! The lines that Lambda writes about an invocation: START, END, REPORT, and those of a failed initialisation.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html>

use crate::FunctionError;
use std::time::Duration;

/// How an invocation went.
#[derive(Debug)]
pub(super) struct Report<'a> {
    pub(super) request_id: &'a str,
    pub(super) duration: Duration,
    pub(super) init: Option<Duration>,
    pub(super) memory_mb: u32,
    pub(super) peak_mb: u64,
    pub(super) error: Option<&'a FunctionError>,
}

/// `START`.
pub(super) fn start(request_id: &str) -> String {
    format!("START RequestId: {request_id} Version: $LATEST")
}

/// `END`.
pub(super) fn end(request_id: &str) -> String {
    format!("END RequestId: {request_id}")
}

impl Report<'_> {
    /// `REPORT`.
    pub(super) fn line(&self) -> String {
        let Self { request_id, duration, memory_mb, peak_mb, .. } = self;
        let milliseconds = duration.as_secs_f64() * 1000.0;
        let billed = duration.as_nanos().div_ceil(1_000_000);
        let init = self.init.map(|init| format!("Init Duration: {:.2} ms\t", init.as_secs_f64() * 1000.0));
        let status = self.error.map(|error| match error.error_type.as_str() {
            "Sandbox.Timedout" => "Status: timeout".to_owned(),
            other => format!("Status: error\tError Type: {other}"),
        });
        format!(
            "REPORT RequestId: {request_id}\tDuration: {milliseconds:.2} ms\tBilled Duration: {billed} ms\t\
             Memory Size: {memory_mb} MB\tMax Memory Used: {peak_mb} MB\t{}{}",
            init.unwrap_or_default(),
            status.unwrap_or_default()
        )
    }
}

/// `INIT_REPORT`, for an initialisation that did not succeed.
pub(super) fn init(duration: Duration, status: &str) -> String {
    format!("INIT_REPORT Init Duration: {:.2} ms\tPhase: init\tStatus: {status}", duration.as_secs_f64() * 1000.0)
}

/// The line that a timeout leaves in the log.
pub(super) fn timed_out(request_id: &str, timeout: Duration) -> String {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
    format!("{now} {request_id} Task timed out after {:.2} seconds", timeout.as_secs_f64())
}
