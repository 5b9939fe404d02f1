//! Tables: their keys and indexes, and how items become keys.

use super::{
    error::{Answer, invalid, validation},
    expression::Path,
    key::Key,
    value::{Attribute, Item, Kind},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A table's definition, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// Where its items are.
    pub(crate) space: i64,
    pub(crate) id: String,
    pub(crate) created_ms: i64,
    /// The types of keys.
    pub(crate) attributes: BTreeMap<String, KeyType>,
    pub(crate) key: KeySchema,
    pub(crate) indexes: Vec<Index>,
    pub(crate) throughput: Option<Throughput>,
    pub(crate) stream: Option<Stream>,
    pub(crate) time_to_live: Option<TimeToLive>,
    pub(crate) deletion_protection: bool,
    pub(crate) table_class: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// What is described as it was given, because it means nothing here: `SSESpecification`, `OnDemandThroughput`.
    pub(crate) given: Map<String, Value>,
}

/// The type of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyType {
    S,
    N,
    B,
}

/// Which attributes are the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeySchema {
    pub(crate) hash: String,
    pub(crate) range: Option<String>,
}

/// A secondary index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) scope: Scope,
    /// Where its entries are: index key, then table key; the value is the table key.
    pub(crate) space: i64,
    pub(crate) key: KeySchema,
    pub(crate) projection: Projection,
    pub(crate) throughput: Option<Throughput>,
    /// Whether items that are older than the index are in it.
    pub(crate) complete: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scope {
    Global,
    Local,
}

/// What an index shows of an item, besides the keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Projection {
    All,
    KeysOnly,
    Include(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Throughput {
    pub(crate) read: i64,
    pub(crate) write: i64,
}

/// The record of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub(crate) space: i64,
    pub(crate) view: View,
    /// When it was switched on; part of its ARN.
    pub(crate) label: String,
}

/// What a stream's records show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum View {
    KeysOnly,
    NewImage,
    OldImage,
    NewAndOldImages,
}

/// When items end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TimeToLive {
    pub(crate) attribute: String,
    /// Items by their end.
    pub(crate) space: i64,
    pub(crate) complete: bool,
}

impl KeyType {
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::S => Kind::S,
            Self::N => Kind::N,
            Self::B => Kind::B,
        }
    }
}

impl KeySchema {
    /// The key attributes, the partition's first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.hash.as_str()).chain(self.range.as_deref())
    }
}

const NO_MATCH: &str = "The provided key element does not match the schema";

impl Table {
    pub(crate) fn index(&self, name: &str) -> Answer<&Index> {
        self.indexes
            .iter()
            .find(|index| index.name == name)
            .ok_or_else(|| validation(format!("The table does not have the specified index: {name}")))
    }

    pub(crate) fn kind(&self, attribute: &str) -> Kind {
        self.attributes.get(attribute).copied().unwrap_or(KeyType::S).kind()
    }

    /// The bytes of a key that was given alone: it has the key's attributes and no others.
    pub(crate) fn key_of(&self, given: &Item) -> Answer<Key> {
        if given.len() != self.key.names().count() {
            return Err(validation(NO_MATCH));
        }
        for name in self.key.names() {
            let value = given.get(name).filter(|value| value.kind() == self.kind(name));
            self.fits(name, value.ok_or_else(|| validation(NO_MATCH))?)?;
        }
        self.primary(given).ok_or_else(|| validation(NO_MATCH))
    }

    /// The bytes of the key of an item that is to be kept, once its keys fit all schemas.
    pub(crate) fn key_of_item(&self, item: &Item) -> Answer<Key> {
        for name in self.key.names() {
            let expected = self.kind(name);
            let value = item.get(name).ok_or_else(|| invalid(format!("Missing the key {name} in the item")))?;
            if value.kind() != expected {
                let (expected, actual) = (expected.name(), value.kind().name());
                return Err(invalid(format!("Type mismatch for key {name} expected: {expected} actual: {actual}")));
            }
            self.fits(name, value)?;
        }
        self.index_keys_fit(item)?;
        self.primary(item).ok_or_else(|| validation(NO_MATCH))
    }

    /// Refuses an item whose attributes cannot be keys of an index.
    pub(crate) fn index_keys_fit(&self, item: &Item) -> Answer<()> {
        for index in &self.indexes {
            for name in index.key.names() {
                let Some(value) = item.get(name) else { continue };
                let (expected, actual) = (self.kind(name), value.kind());
                if actual != expected {
                    let (expected, actual, index) = (expected.name(), actual.name(), &index.name);
                    return Err(invalid(format!(
                        "Type mismatch for Index Key {name} Expected: {expected} Actual: {actual} IndexName: {index}"
                    )));
                }
                if is_empty(value) {
                    let (kind, index) = (long(expected), &index.name);
                    return Err(invalid(format!(
                        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty {kind} value. IndexName: {index}, IndexKey: {name}"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Refuses a key value of no length, or of too much.
    fn fits(&self, name: &str, value: &Attribute) -> Answer<()> {
        if is_empty(value) {
            let kind = long(value.kind());
            return Err(validation(format!(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty {kind} value. Key: {name}"
            )));
        }
        let size = if value.kind() == Kind::N { 0 } else { value.size() };
        if name == self.key.hash && size > 2_048 {
            Err(invalid("Size of hashkey has exceeded the maximum size limit of2048 bytes"))
        } else if name != self.key.hash && size > 1_024 {
            Err(invalid("Aggregated size of all range keys has exceeded the size limit of 1024 bytes"))
        } else {
            Ok(())
        }
    }

    fn primary(&self, item: &Item) -> Option<Key> {
        schema_key(&self.key, item)
    }

    /// Where an item is in an index, if it is.
    pub(crate) fn entry(&self, index: &Index, item: &Item) -> Option<Key> {
        let key = schema_key(&index.key, item)?;
        self.key.names().try_fold(key, |key, name| Some(key.then(item.get(name)?)))
    }

    /// Refuses paths into key attributes, which are scalars.
    pub(crate) fn keys_are_scalars<'a>(&self, paths: impl Iterator<Item = &'a Path>) -> Answer<()> {
        for path in paths.filter(|path| !path.tail.is_empty()) {
            let refused = |kind: &str| {
                let head = &path.head;
                let rule = "list random access '[]' and map lookup '.' are not allowed";
                Err(validation(format!("Key attributes must be scalars; {rule}: {kind}: {head}")))
            };
            if self.key.names().any(|name| name == path.head) {
                return refused("Key");
            }
            if self.indexes.iter().any(|index| index.key.names().any(|name| name == path.head)) {
                return refused("IndexKey");
            }
        }
        Ok(())
    }

    /// The key attributes of an item.
    pub(crate) fn key_attributes(&self, item: &Item) -> Item {
        let attribute = |name: &str| Some((name.to_owned(), item.get(name)?.clone()));
        self.key.names().filter_map(attribute).collect()
    }

    /// Whether an item has ended. What lies further back than five years is a mistake, as on AWS.
    pub(crate) fn has_expired(&self, item: &Item, now_ms: i64) -> bool {
        const FIVE_YEARS: i64 = 5 * 365 * 24 * 60 * 60;
        let now = now_ms.div_euclid(1_000);
        self.time_to_live.as_ref().and_then(|ttl| end(ttl, item)).is_some_and(|end| end < now && end > now - FIVE_YEARS)
    }
}

/// The second at which an item ends.
pub(crate) fn end(ttl: &TimeToLive, item: &Item) -> Option<i64> {
    match item.get(&ttl.attribute) {
        Some(Attribute::N(number)) => number.to_seconds(),
        _ => None,
    }
}

fn schema_key(schema: &KeySchema, item: &Item) -> Option<Key> {
    let key = Key::partition(item.get(&schema.hash)?);
    match &schema.range {
        None => Some(key),
        Some(range) => Some(key.then(item.get(range)?)),
    }
}

fn is_empty(value: &Attribute) -> bool {
    match value {
        Attribute::S(text) => text.is_empty(),
        Attribute::B(bytes) => bytes.is_empty(),
        Attribute::N(_) | Attribute::Bool(_) | Attribute::Null | Attribute::Ss(_) | Attribute::Ns(_) => false,
        Attribute::Bs(_) | Attribute::L(_) | Attribute::M(_) => false,
    }
}

fn long(kind: Kind) -> &'static str {
    if kind == Kind::B { "binary" } else { "string" }
}
