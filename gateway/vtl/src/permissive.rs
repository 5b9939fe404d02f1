//! The JSON that API Gateway accepts, for others than templates.

use crate::json;
use crate::limits::Limits;
use crate::scope::to_json;
use crate::value::heap::{Failure, Heap};
use serde_json::Value as Json;

/// Reads JSON as API Gateway reads bodies and what the request template of a MOCK integration
/// gives: names without quotes, single quotes and useless commas pass.
///
/// ```
/// let read = fanlight_vtl::read_json("{\n  statusCode: 200,\n}").unwrap();
/// assert_eq!(read, serde_json::json!({"statusCode": 200}));
/// let refused = fanlight_vtl::read_json("{a").unwrap_err();
/// assert_eq!(refused.message(), "net.minidev.json.parser.ParseException: Unexpected End Of File position 1: null");
/// ```
///
/// # Errors
/// A text that not even this parser takes, with the message that AWS shows.
pub fn read_json(text: &str) -> Result<Json, Failure> {
    let limits = Limits { steps: u64::MAX, ..Limits::default() };
    let mut heap = Heap::new(&limits);
    let value = json::parse::document(&mut heap, text)?;
    to_json(&heap, &value)
}
