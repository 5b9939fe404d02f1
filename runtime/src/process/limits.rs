//! Every bound of a process function in one place, with Lambda's number where it has one.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

use std::time::Duration;

/// The largest response of a buffered invocation: 6 MiB and 100 bytes.
pub const RESPONSE_BYTES: usize = 6 * 1024 * 1024 + 100;

/// The longest request head that a runtime may send to the Runtime API.
pub(super) const HEAD_BYTES: usize = 64 * 1024;

/// The most bytes of a refused request body that are read and thrown away to keep the connection.
pub(super) const DISCARD_BYTES: u64 = 256 * 1024 * 1024;

/// The most connections that one environment may hold to its Runtime API port.
pub(super) const API_CONNECTIONS: usize = 64;

/// The most Runtime API calls of one environment that wait to be looked at.
pub(super) const API_CALLS: usize = 16;

/// The most Runtime API calls that an environment may make at the wrong time before it is ended.
pub(super) const REFUSED_CALLS: u32 = 1000;

/// How long output and calls that a dead process left behind are read.
pub(super) const LAST_WORDS: Duration = Duration::from_millis(50);

/// How long a killed process may take to disappear before it is given up on.
pub(super) const REAP: Duration = Duration::from_secs(2);

/// An environment that nobody has used for so long is looked after by its keeper. What happens to it meanwhile, output
/// or an exit, is noticed so much later.
pub(super) const LEFT_ALONE: Duration = Duration::from_millis(50);

/// How often in a row the invocation that has waited longest is passed over, for one that the environment is nearer to.
pub(super) const PASSED_OVER: u32 = 8;

/// The bounds of one function's pool and of its environments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The initialisation phase. An environment that takes longer is killed and initialised once more within the
    /// timeout of the invocation that waits for it, as on Lambda ("suppressed init").
    pub init: Duration,
    /// Invocations that wait for an environment; one more is throttled.
    pub queue_length: usize,
    /// How long an invocation waits for an environment before it is throttled. Longer than `init`, so that a slow start
    /// is not taken for a lack of room.
    pub queue_wait: Duration,
    /// How long a runtime may take from its response to its call for the next invocation before its environment counts as
    /// busy and the pool grows for those who wait. Far less than a start takes.
    pub settle: Duration,
    /// Environments that start at the same time.
    pub concurrent_starts: usize,
    /// An environment that was idle for this long ends, unless it is the last one.
    pub idle: Duration,
    /// After a failed start the next one waits this long, doubled with each further failure up to the second value.
    /// Invocations in between get the failure at once.
    pub backoff: (Duration, Duration),
    /// Between SIGTERM and SIGKILL. Lambda gives 500 ms to internal extensions and nothing to a bare runtime.
    pub stop_grace: Duration,
    /// How long a shutdown waits for invocations whose callers still wait.
    pub drain: Duration,
    /// `RLIMIT_NOFILE`.
    pub open_files: u64,
    /// Bytes of one line of output; the rest of the line is dropped and the cut is marked.
    pub line_bytes: usize,
    /// Bytes of output of one invocation; what follows is dropped and the cut is marked.
    pub output_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            init: Duration::from_secs(10),
            queue_length: 1000,
            queue_wait: Duration::from_secs(15),
            settle: Duration::from_millis(20),
            concurrent_starts: 4,
            idle: Duration::from_secs(300),
            backoff: (Duration::from_millis(100), Duration::from_secs(30)),
            stop_grace: Duration::from_millis(500),
            drain: Duration::from_secs(30),
            open_files: 1024,
            line_bytes: 64 * 1024,
            output_bytes: 1024 * 1024,
        }
    }
}
