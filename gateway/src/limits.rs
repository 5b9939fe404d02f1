//! Every bound of the host itself. Those of the lifecycle stand in `fanlight_execute::limits`.

use std::time::Duration;

/// Longest path with query: API Gateway's limit for regional endpoints; 414 beyond.
pub(crate) const URL_BYTES: usize = 10_240;

/// All header names and values of a request with their separators: API Gateway's limit; 431 beyond.
pub(crate) const HEADER_BYTES: usize = 10_240;

/// Header fields of a request; 431 beyond. Ours.
pub(crate) const HEADER_FIELDS: usize = 100;

/// What is buffered of a request head before it is refused. Ours: room for a URL that is too long to be told so.
pub(crate) const HEAD_BUFFER_BYTES: usize = 80 * 1024;

/// Heads of pipelined requests whose spelling is remembered. Ours.
pub(crate) const PIPELINED_HEADS: usize = 32;

/// From the connection to its first byte. Ours, as the next ones: nginx waits 60 s, and hardening guides say 10.
pub(crate) const FIRST_BYTE: Duration = Duration::from_secs(10);

/// From the first byte of a request head to its last.
pub(crate) const HEAD: Duration = Duration::from_secs(10);

/// Between two requests on a connection. AWS's 310 s would keep too many; 75 s is nginx's.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Between two pieces of a request body.
pub(crate) const BODY_IDLE: Duration = Duration::from_secs(20);

/// For a request body as a whole, beside one second for each [`BODY_BYTES_PER_SECOND`].
pub(crate) const BODY_TOTAL: Duration = Duration::from_secs(30);

/// A sender slower than this on the whole is taken for an attack.
pub(crate) const BODY_BYTES_PER_SECOND: u64 = 1024;

/// How long a client may refuse to take bytes of a response.
pub(crate) const WRITE_STALL: Duration = Duration::from_secs(60);

/// Connections at once.
pub(crate) const CONNECTIONS: usize = 20_000;

/// Connections at once from one address.
pub(crate) const CONNECTIONS_PER_ADDRESS: usize = 2_000;

/// Streams at once on an HTTP/2 connection.
pub(crate) const HTTP2_STREAMS: u32 = 100;

/// How often a silent HTTP/2 connection is asked whether it lives, and how long it may take to answer.
pub(crate) const HTTP2_PING: Duration = Duration::from_secs(20);

/// Between the wish to stop and giving up on running exchanges: longer than the longest integration timeout.
pub(crate) const SHUTDOWN: Duration = Duration::from_secs(30);

/// After accepting failed for want of file descriptors.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// To connect to a web server, beside the integration's timeout.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);

/// Between two pieces of a web server's response body.
pub(crate) const UPSTREAM_IDLE: Duration = Duration::from_secs(30);

/// An idle connection to a web server is kept this long.
pub(crate) const UPSTREAM_KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Exchanges whose summary is remembered.
pub(crate) const REMEMBERED_EXCHANGES: usize = 1_000;

/// Captured exchanges that a slow follower may lag behind before it misses some.
pub(crate) const TRACE_BACKLOG: usize = 256;

/// How long after a change in a file more changes are awaited before a reload.
pub(crate) const RELOAD_SETTLE: Duration = Duration::from_millis(60);

/// Environments of one function at once, unless it reserves fewer. AWS's default for an account is 1,000; a process is
/// dearer than a micro VM's share.
pub(crate) const ENVIRONMENTS_PER_FUNCTION: usize = 16;

/// How much memory the answers of Lambda authorizers may take. Ours.
pub(crate) const AUTHORIZER_ANSWERS_BYTES: u64 = 64 * 1024 * 1024;

/// Memory for the answers of cached methods, over all stages; AWS's smallest cache has 0.5 GB. Ours.
pub(crate) const CACHED_ANSWERS_BYTES: u64 = 256 * 1024 * 1024;

/// A request to a service: the largest is a batch of messages, in base64 and in a form.
pub(crate) const SERVICE_REQUEST_BYTES: u64 = 16 * 1024 * 1024;

/// Entries of the journal in one answer.
pub(crate) const JOURNAL_PAGE: usize = 500;

/// How often a follower of the journal asks for more.
pub(crate) const JOURNAL_POLL: Duration = Duration::from_millis(500);

/// Where SDKs are used to find services on a developer's machine.
pub(crate) const CONTROL_PORT: u16 = 4566;

/// A web server that subscribes has this long to answer, as on AWS.
pub(crate) const DELIVERY: Duration = Duration::from_secs(15);

/// Between two looks for messages that are too old.
pub(crate) const SWEEP: Duration = Duration::from_secs(60);

/// Batches of one event source mapping at once: with how many AWS begins.
pub(crate) const BATCHES_AT_ONCE: u32 = 5;

/// How long a mapping waits for messages, in seconds: SQS's longest.
pub(crate) const RECEIVE_WAIT_S: u64 = 20;

/// After a queue could not be read.
pub(crate) const EVENT_SOURCE_PAUSE: Duration = Duration::from_secs(5);
