//! What is written down of the calls that services get, and how it is shown.

use crate::time;
use fanlight_store::journal::Entry;
use serde_json::{Value, json};

/// Whether a call by an SDK is written down: those that only look are not. Calls by integrations always are.
pub(crate) fn is_recorded(operation: &str) -> bool {
    const LOOKS: [&str; 7] = ["BatchGet", "Describe", "Get", "List", "Query", "Receive", "Scan"];
    !LOOKS.iter().any(|look| operation.starts_with(look)) && operation != "TransactGetItems"
}

/// An entry as a line of JSON.
#[must_use]
pub fn line(Entry { number, received }: &Entry) -> String {
    json!({
        "number": number,
        "time": time::iso(received.received_ms),
        "service": received.service,
        "operation": received.operation,
        "requestId": received.request_id,
        "input": serde_json::from_str::<Value>(&received.input).unwrap_or_default(),
    })
    .to_string()
}
