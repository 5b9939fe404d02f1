//! Streams as functions will be fed from them: records in the order of the changes, by position.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>

use super::{
    DynamoDb,
    error::{Answer, damaged, failed, no_table_named},
};
use crate::Owner;
use fanlight_store::table::{Order, Range};
use serde_json::{Value, json};
use std::ops::ControlFlow;

/// A record and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamRecord {
    /// Its place; the next batch begins after the last one's.
    pub position: u64,
    /// As it stands in `Records` of a function's event.
    pub record: Value,
}

pub(super) async fn records(
    db: &DynamoDb,
    table: &str,
    (after, limit): (u64, usize),
    owner: &Owner,
) -> Answer<Vec<StreamRecord>> {
    let (name, owner) = (table.to_owned(), owner.clone());
    db.read(move |rows, catalog| {
        let table = catalog.find(rows, &name)?.ok_or_else(|| no_table_named(&name))?;
        let Some(stream) = &table.stream else { return Ok(Vec::new()) };
        let arn = format!("{}/stream/{}", super::describe::arn(&table.name, &owner), stream.label);
        let mut found = Vec::new();
        let start = after.saturating_add(1).to_be_bytes();
        let range = Range { space: stream.space, start: &start, end: None, order: Order::Ascending };
        let mut take = |key: &[u8], record: &[u8]| {
            if found.len() == limit {
                return ControlFlow::Break(());
            }
            let position = key.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes));
            found.push(position.zip(serde_json::from_slice::<Value>(record).ok()));
            ControlFlow::Continue(())
        };
        rows.visit(range, &mut take).map_err(|error| failed(&error))?;
        let records = found.into_iter().map(|found| {
            let (position, mut record) = found.ok_or_else(damaged)?;
            if let Value::Object(members) = &mut record {
                members.insert("awsRegion".to_owned(), json!(owner.region));
                members.insert("eventSourceARN".to_owned(), json!(arn));
            }
            Ok(StreamRecord { position, record })
        });
        records.collect()
    })
    .await
}
