//! How much a definition may ask of its reader.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>

use std::ops::RangeInclusive;

/// Bytes of one file; AWS imports at most 6 MB.
pub(crate) const FILE_BYTES: u64 = 6 * 1024 * 1024;
/// How deep lists and maps may nest, aliases included.
pub(crate) const DEPTH: usize = 100;
/// Characters of one key.
pub(crate) const KEY: usize = 8 * 1024;
/// Lists, maps and scalars of one file, each alias counted with all it stands for.
pub(crate) const NODES: usize = 500_000;
/// Bytes of all files of one definition, each counted as often as it is included.
pub(crate) const FILES_BYTES: usize = 32 * 1024 * 1024;
/// Lists, maps and scalars that loops may write.
pub(crate) const LOOP_NODES: usize = 100_000;
/// Bytes of text that intrinsics and loops may make, all together.
pub(crate) const MADE_BYTES: usize = 16 * 1024 * 1024;
/// Lists, maps and scalars that intrinsics may make, all together.
pub(crate) const MADE_NODES: usize = 500_000;
/// Characters of a template parameter's value.
pub(crate) const PARAMETER: usize = 4096;
/// Findings that are kept; one line says how many more there were.
pub(crate) const FINDINGS: usize = 500;
/// How many conditions one condition may pass through.
pub(crate) const CONDITION_DEPTH: usize = 32;

/// Seconds of a function's `Timeout`.
pub(crate) const FUNCTION_TIMEOUT: RangeInclusive<u64> = 1..=900;
/// MB of a function's `MemorySize`.
pub(crate) const FUNCTION_MEMORY: RangeInclusive<u64> = 128..=10_240;
/// `ReservedConcurrentExecutions`.
pub(crate) const FUNCTION_CONCURRENCY: RangeInclusive<u64> = 0..=1_000_000;
/// Bytes of all names and values of a function's environment variables.
pub(crate) const FUNCTION_ENVIRONMENT: usize = 4096;
/// Bytes of code in a template.
pub(crate) const INLINE_CODE: usize = 4 * 1024 * 1024;
/// Layers of a function.
pub(crate) const FUNCTION_LAYERS: usize = 5;
/// `timeoutInMillis` of an integration.
pub(crate) const INTEGRATION_TIMEOUT: RangeInclusive<u64> = 50..=29_000;
/// `timeoutInMillis` of an integration of an HTTP API.
pub(crate) const HTTP_INTEGRATION_TIMEOUT: RangeInclusive<u64> = 50..=30_000;
/// Seconds of `maxAge`.
pub(crate) const CORS_MAX_AGE: RangeInclusive<u64> = 0..=86_400;
/// Scopes of one route.
pub(crate) const ROUTE_SCOPES: usize = 10;
/// Audiences of one authorizer.
pub(crate) const AUDIENCES: usize = 50;
/// `minimumCompressionSize`.
pub(crate) const COMPRESSION_SIZE: RangeInclusive<u64> = 0..=10_485_760;
/// Bytes of a mapping template.
pub(crate) const MAPPING_TEMPLATE: usize = 300 * 1024;
/// User pools of one authorizer.
pub(crate) const USER_POOLS: usize = 1000;
/// Bytes of a model's schema.
pub(crate) const MODEL: usize = 400 * 1024;
/// Bytes of a resource policy.
pub(crate) const POLICY: usize = 8192;
/// `authorizerResultTtlInSeconds`.
pub(crate) const AUTHORIZER_RESULT_TTL: RangeInclusive<u64> = 0..=3600;
/// Stage variables of a stage.
pub(crate) const STAGE_VARIABLES: usize = 100;
/// Characters of a stage variable's value.
pub(crate) const STAGE_VARIABLE_VALUE: usize = 512;
/// Characters of a stage variable's name.
pub(crate) const STAGE_VARIABLE_NAME: usize = 64;
/// Characters of an API key's name.
pub(crate) const API_KEY_NAME: usize = 1024;
/// Characters of an API key's value.
pub(crate) const API_KEY_VALUE: RangeInclusive<usize> = 20..=128;
/// `BurstLimit` of a token bucket.
pub(crate) const BURST: RangeInclusive<u64> = 0..=2_147_483_647;
/// `Limit` of a quota.
pub(crate) const QUOTA: RangeInclusive<u64> = 0..=2_147_483_647;
/// Seconds that a cached answer may be kept.
pub(crate) const CACHE_TTL: RangeInclusive<u64> = 0..=3600;
