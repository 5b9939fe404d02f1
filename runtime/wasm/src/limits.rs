//! Every bound of this crate, with AWS's number where there is one.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

use std::time::Duration;

/// The largest response payload: 6 MB, and 100 bytes as the service has it.
pub(crate) const RESPONSE_BYTES: usize = 6_291_556;

/// The longest time an invocation may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(900);

/// The largest module file: the limit of an unzipped deployment package.
pub(crate) const MODULE_BYTES: u64 = 250 * 1024 * 1024;

/// What one invocation may log; the rest is dropped with a notice.
pub(crate) const LOG_BYTES: usize = 1024 * 1024;

/// The longest log line, that of a CloudWatch event; longer ones are cut into several.
pub(crate) const LOG_LINE_BYTES: usize = 256 * 1024;

/// How often guests are looked at: to end the late ones, and to let other tasks run.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Elements of one table.
pub(crate) const TABLE_ELEMENTS: usize = 200_000;

/// Tables of one instance.
pub(crate) const TABLES: u32 = 4;

/// Host resources (streams, pollables) that one instance may hold.
pub(crate) const RESOURCES: usize = 1024;

/// The largest memory of a 32-bit module; what a function may really use is its own limit, kept by `memory::Limiter`.
pub(crate) const MEMORY_BYTES: usize = 4 * 1024 * 1024 * 1024;
