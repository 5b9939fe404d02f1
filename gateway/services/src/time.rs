//! Times as AWS writes them.

use jiff::Timestamp;

/// `2026-11-22T10:44:26.000Z`
pub(crate) fn iso(unix_ms: i64) -> String {
    let timestamp = Timestamp::from_millisecond(unix_ms).unwrap_or_default();
    timestamp.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
