//! Attribute values and items, as they are kept: checked, numbers normal, sets without duplicates.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>

use super::number::Number;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use std::{cmp::Ordering, collections::BTreeMap};

mod read;

pub(crate) use read::{Invalid, attribute, item, mismatch};

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Attribute {
    S(String),
    N(Number),
    B(Vec<u8>),
    Bool(bool),
    Null,
    Ss(Vec<String>),
    Ns(Vec<Number>),
    Bs(Vec<Vec<u8>>),
    L(Vec<Self>),
    M(Item),
}

/// An item, or a map in one.
pub(crate) type Item = BTreeMap<String, Attribute>;

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    S,
    N,
    B,
    Bool,
    Null,
    Ss,
    Ns,
    Bs,
    L,
    M,
}

impl Kind {
    pub(crate) const ALL: [Self; 10] =
        [Self::B, Self::Null, Self::Ss, Self::Bool, Self::L, Self::Bs, Self::N, Self::Ns, Self::S, Self::M];

    /// `SS`
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
            Self::Bool => "BOOL",
            Self::Null => "NULL",
            Self::Ss => "SS",
            Self::Ns => "NS",
            Self::Bs => "BS",
            Self::L => "L",
            Self::M => "M",
        }
    }

    /// As messages about operands of `ADD` and `DELETE` have it.
    pub(crate) const fn long_name(self) -> &'static str {
        match self {
            Self::S => "STRING",
            Self::N => "NUMBER",
            Self::B => "BINARY",
            Self::Bool => "BOOLEAN",
            Self::Null => "NULL",
            Self::Ss => "STRING_SET",
            Self::Ns => "NUMBER_SET",
            Self::Bs => "BINARY_SET",
            Self::L => "LIST",
            Self::M => "MAP",
        }
    }

    pub(crate) const fn is_set(self) -> bool {
        matches!(self, Self::Ss | Self::Ns | Self::Bs)
    }
}

impl Attribute {
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::S(_) => Kind::S,
            Self::N(_) => Kind::N,
            Self::B(_) => Kind::B,
            Self::Bool(_) => Kind::Bool,
            Self::Null => Kind::Null,
            Self::Ss(_) => Kind::Ss,
            Self::Ns(_) => Kind::Ns,
            Self::Bs(_) => Kind::Bs,
            Self::L(_) => Kind::L,
            Self::M(_) => Kind::M,
        }
    }

    /// As it goes over the wire, and is kept.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::S(text) => json!({ "S": text }),
            Self::N(number) => json!({ "N": number.to_string() }),
            Self::B(bytes) => json!({ "B": STANDARD.encode(bytes) }),
            Self::Bool(truth) => json!({ "BOOL": truth }),
            Self::Null => json!({ "NULL": true }),
            Self::Ss(texts) => json!({ "SS": texts }),
            Self::Ns(numbers) => json!({ "NS": numbers.iter().map(ToString::to_string).collect::<Vec<_>>() }),
            Self::Bs(all) => json!({ "BS": all.iter().map(|bytes| STANDARD.encode(bytes)).collect::<Vec<_>>() }),
            Self::L(values) => json!({ "L": values.iter().map(Self::to_json).collect::<Vec<_>>() }),
            Self::M(members) => json!({ "M": to_json(members) }),
        }
    }

    /// As messages show it: `{S:text}`.
    pub(crate) fn shown(&self) -> String {
        let inner = match self {
            Self::S(text) => text.clone(),
            Self::N(number) => number.to_string(),
            Self::B(bytes) => STANDARD.encode(bytes),
            Self::Bool(truth) => truth.to_string(),
            Self::Null => "true".to_owned(),
            Self::Ss(_) | Self::Ns(_) | Self::Bs(_) | Self::L(_) | Self::M(_) => self.to_json().to_string(),
        };
        format!("{{{}:{inner}}}", self.kind().name())
    }

    /// Whether both are the same value. A set has no order.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(one: &[T], two: &[T]) -> bool {
            one.len() == two.len() && one.iter().all(|member| two.contains(member))
        }
        match (self, other) {
            (Self::Ss(one), Self::Ss(two)) => same(one, two),
            (Self::Ns(one), Self::Ns(two)) => same(one, two),
            (Self::Bs(one), Self::Bs(two)) => same(one, two),
            (Self::L(one), Self::L(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.equals(two))
            }
            (Self::M(one), Self::M(two)) => {
                one.len() == two.len()
                    && one.iter().zip(two).all(|((name, one), (other, two))| name == other && one.equals(two))
            }
            (one, two) => one == two,
        }
    }

    /// Which comes first, where both are of one type that has an order.
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::S(one), Self::S(two)) => Some(one.as_bytes().cmp(two.as_bytes())),
            (Self::N(one), Self::N(two)) => Some(one.cmp(two)),
            (Self::B(one), Self::B(two)) => Some(one.cmp(two)),
            _ => None,
        }
    }

    /// What it counts for in an item's size.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number.size(),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::Ss(texts) => texts.iter().map(String::len).sum(),
            Self::Ns(numbers) => numbers.iter().map(|number| number.size()).sum(),
            Self::Bs(all) => all.iter().map(Vec::len).sum(),
            Self::L(values) => 3 + values.iter().map(|value| 1 + value.size()).sum::<usize>(),
            Self::M(members) => 3 + members.len() + size(members),
        }
    }
}

pub(crate) fn to_json(item: &Item) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.clone(), value.to_json())).collect::<Map<_, _>>())
}

/// The size of an item: names and values.
pub(crate) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}
