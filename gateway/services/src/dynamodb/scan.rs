//! `Scan`: all items of a table or an index, or of a segment of it.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html>

use super::{
    DynamoDb,
    error::{Answer, no_such_table, validation},
    given,
    input::Input,
    key::Key,
    page::{self, Bounds, Page},
};
use crate::Call;
use fanlight_store::table::Order;
use serde_json::Value;

/// The most segments.
const MAX_SEGMENTS: i64 = 1_000_000;

pub(crate) async fn run(db: &DynamoDb, call: &Call<'_>) -> Answer<Value> {
    let mut input = Input::of(&call.input)?;
    let mut page = Page::read(&mut input)?;
    let total = input.at_least("TotalSegments", 1)?;
    let segment = input.at_least("Segment", 0)?;
    input.finish()?;
    let given = given::read(&input, given::OF_SCAN)?;
    page.with(&input, given)?;
    let segment = segment_of(segment, total)?;
    let now_ms = call.now_ms;
    db.read(move |rows, catalog| {
        let table = catalog.find(rows, &page.table)?.ok_or_else(no_such_table)?;
        let index = page.index(&table)?;
        let mut bounds = Bounds { start: Key(Vec::new()), end: None, order: Order::Ascending };
        if let Some((segment, total)) = segment {
            match Key::segment(segment, total) {
                Some(start) => (bounds.start, bounds.end) = (start, Key::segment(segment + 1, total)),
                // There are more segments than places: nothing is left for this one.
                None => bounds.end = Some(Key(Vec::new())),
            }
        }
        if let Some(start) = &page.start {
            let key = page::start_key(&table, index, start)?;
            if key < bounds.start || bounds.end.as_ref().is_some_and(|end| key >= *end) {
                let (segment, total) = segment.unwrap_or_default();
                return Err(validation(format!(
                    "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: {total} Segment: {segment}"
                )));
            }
            bounds.start = key.next();
        }
        page::run(rows, &table, &page, &bounds, now_ms)
    })
    .await
}

fn segment_of(segment: Option<i64>, total: Option<i64>) -> Answer<Option<(u64, u64)>> {
    match (segment, total) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(validation(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
        )),
        (None, Some(_)) => Err(validation(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
        )),
        (Some(_), Some(total)) if total > MAX_SEGMENTS => Err(validation(format!(
            "1 validation error detected: Value '{total}' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to {MAX_SEGMENTS}"
        ))),
        (Some(segment), Some(total)) if segment >= total => Err(validation(format!(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: {segment} is not less than TotalSegments: {total}"
        ))),
        (Some(segment), Some(total)) => Ok(Some((segment.unsigned_abs(), total.unsigned_abs()))),
    }
}
