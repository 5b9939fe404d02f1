//! Every bound of the lifecycle in one place, with AWS's number.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>

use std::time::Duration;

/// Largest request or response payload: 10 MB.
pub const PAYLOAD_BYTES: u64 = 10 * 1024 * 1024;

/// Largest event or response of a synchronous Lambda invocation: 6 MB.
pub const LAMBDA_PAYLOAD_BYTES: usize = 6 * 1024 * 1024;

/// Default and greatest integration timeout: 29 s.
pub const INTEGRATION_TIMEOUT_MS: u32 = 29_000;

/// Longest ARN of a method that an authorizer is asked about; a longer one is answered with 414.
pub const METHOD_ARN_BYTES: usize = 1600;

/// How long a Lambda authorizer may take: 10 s.
pub const AUTHORIZER_TIMEOUT_MS: u64 = 10_000;

/// Longest token that is read. Ours; all headers of a request together have fewer bytes.
pub const TOKEN_BYTES: usize = 16 * 1024;

/// Largest key set that is fetched: 150,000 bytes.
pub const JWKS_BYTES: u64 = 150_000;

/// How long fetching a key set may take: 1.5 s.
pub const JWKS_TIMEOUT_MS: u64 = 1_500;

/// How long a fetched key set is good: 2 hours.
pub const JWKS_KEPT: Duration = Duration::from_secs(2 * 60 * 60);

/// How long until a key that is not in the set may cause another fetch. Ours.
pub const JWKS_REFETCH: Duration = Duration::from_secs(5 * 60);

/// How long until a key set that could not be fetched is asked for again. Ours.
pub const JWKS_RETRY: Duration = Duration::from_secs(5);

/// Longest time an authorizer's answer is kept: one hour.
pub const AUTHORIZER_TTL_SECONDS: u32 = 3600;

/// Longest resource in a statement of a policy.
pub const POLICY_RESOURCE_BYTES: usize = 512;

/// Bodies of unknown length up to this size are sent on with a `Content-Length`, as AWS always does. Larger ones are
/// streamed. Ours.
pub const GATHER_BYTES: usize = 64 * 1024;

/// Largest answer in a stage's cache.
pub const CACHED_BYTES: usize = 1_048_576;

/// How long an answer is cached unless the stage says otherwise.
pub const CACHE_TTL_SECONDS: u32 = 300;

/// The longest that an answer may be cached.
pub const MAX_CACHE_TTL_SECONDS: u32 = 3_600;

/// Memory of one compiled pattern of a model. Ours.
pub const PATTERN_BYTES: usize = 1024 * 1024;

/// Steps of a pattern that looks around, for one text. Ours.
pub const PATTERN_STEPS: usize = 100_000;

/// How often a model may look at one and the same value. Ours.
pub const SCHEMA_LOOKS: u64 = 10_000;

/// How deep a model may nest and refer. Ours.
pub const SCHEMA_DEPTH: usize = 256;

/// Work spent on saying why a body does not match its model. Ours.
pub const EXPLAINED_LOOKS: u64 = 1_000_000;

/// How many violations of a body are told. Ours.
pub const EXPLAINED_ERRORS: usize = 100;

/// Largest capture of one exchange while somebody looks. Ours.
pub const CAPTURE_BYTES: usize = 64 * 1024;

/// Longest value shown in a capture. Ours.
pub const CAPTURE_VALUE_BYTES: usize = 4 * 1024;

/// Longest format of an access log: 3 KB.
pub const ACCESS_LOG_FORMAT_BYTES: usize = 3 * 1024;

/// What a decompressor gives out at a time. Ours.
pub const INFLATE_BUFFER_BYTES: usize = 32 * 1024;

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
