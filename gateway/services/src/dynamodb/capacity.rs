//! What calls would have consumed.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>

use super::{
    error::Answer,
    input::Input,
    table::{Scope, Table},
    value::{self, Item},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// `ReturnConsumedCapacity`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    None,
    Total,
    Indexes,
}

impl Wanted {
    pub(crate) fn read(input: &mut Input<'_>) -> Answer<Self> {
        Ok(match input.one_of("ReturnConsumedCapacity", &["INDEXES", "TOTAL", "NONE"])? {
            Some("INDEXES") => Self::Indexes,
            Some("TOTAL") => Self::Total,
            _ => Self::None,
        })
    }
}

/// The units of one table.
#[derive(Debug, Default)]
pub(crate) struct Consumed {
    table: f64,
    local: BTreeMap<String, f64>,
    global: BTreeMap<String, f64>,
}

/// Whether a read must see all writes before it, or is part of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Eventual,
    Consistent,
    Transaction,
}

impl Consumed {
    /// Adds a read of so many bytes.
    pub(crate) fn read(&mut self, bytes: usize, reading: Reading, index: Option<(&str, Scope)>) {
        let units = blocks(bytes, 4_096);
        let units = match reading {
            Reading::Eventual => units / 2.0,
            Reading::Consistent => units,
            Reading::Transaction => units * 2.0,
        };
        match index {
            None => self.table += units,
            Some((name, Scope::Local)) => *self.local.entry(name.to_owned()).or_default() += units,
            Some((name, Scope::Global)) => *self.global.entry(name.to_owned()).or_default() += units,
        }
    }

    /// Adds a write; each unit counts `factor` times.
    pub(crate) fn write(&mut self, table: &Table, old: Option<&Item>, new: Option<&Item>, factor: f64) {
        let size = |item: Option<&Item>| item.map_or(0, value::size);
        let units = blocks(size(old).max(size(new)), 1_024) * factor;
        self.table += units;
        for index in &table.indexes {
            let entry = |item: Option<&Item>| item.and_then(|item| table.entry(index, item));
            let entries = match (entry(old), entry(new)) {
                (None, None) => continue,
                (Some(before), Some(after)) if before != after => 2.0,
                (Some(_), Some(_)) if old == new => continue,
                _ => 1.0,
            };
            let of = match index.scope {
                Scope::Local => &mut self.local,
                Scope::Global => &mut self.global,
            };
            *of.entry(index.name.clone()).or_default() += units * entries;
        }
    }

    pub(crate) fn to_json(&self, name: &str, wanted: Wanted) -> Value {
        let total: f64 = self.table + self.local.values().sum::<f64>() + self.global.values().sum::<f64>();
        let mut shown = json!({ "TableName": name, "CapacityUnits": total });
        if let (Wanted::Indexes, Value::Object(members)) = (wanted, &mut shown) {
            members.insert("Table".to_owned(), json!({ "CapacityUnits": self.table }));
            for (name, indexes) in [("LocalSecondaryIndexes", &self.local), ("GlobalSecondaryIndexes", &self.global)] {
                let units = indexes.iter().map(|(name, units)| (name.clone(), json!({ "CapacityUnits": units })));
                let units: Map<String, Value> = units.collect();
                if !units.is_empty() {
                    members.insert(name.to_owned(), Value::Object(units));
                }
            }
        }
        shown
    }
}

/// `ConsumedCapacity` of a call on many tables.
pub(crate) fn list(tables: &BTreeMap<String, Consumed>, wanted: Wanted) -> Option<Value> {
    (wanted != Wanted::None).then(|| tables.iter().map(|(name, consumed)| consumed.to_json(name, wanted)).collect())
}

/// Begun blocks; at least one.
fn blocks(bytes: usize, block: usize) -> f64 {
    u32::try_from(bytes.div_ceil(block).max(1)).unwrap_or(u32::MAX).into()
}
