//! Key conditions: which items of one partition a query reads.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html>

use super::{
    Path,
    condition::{Comparator, Condition, Operand},
};
use crate::dynamodb::value::Attribute;

/// A condition on one key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeyCondition {
    pub(crate) attribute: String,
    pub(crate) test: Test,
}

/// What the key has to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Equal(Attribute),
    Less(Attribute),
    LessOrEqual(Attribute),
    Greater(Attribute),
    GreaterOrEqual(Attribute),
    Between(Attribute, Attribute),
    BeginsWith(Attribute),
}

impl Test {
    /// The values that the key is compared with.
    pub(crate) fn values(&self) -> Vec<&Attribute> {
        match self {
            Self::Equal(value) | Self::Less(value) | Self::LessOrEqual(value) => vec![value],
            Self::Greater(value) | Self::GreaterOrEqual(value) | Self::BeginsWith(value) => vec![value],
            Self::Between(low, high) => vec![low, high],
        }
    }
}

/// The conditions on keys, one for each attribute. The error is a whole message.
pub(crate) fn read(condition: Condition) -> Result<Vec<KeyCondition>, String> {
    let mut found = Vec::new();
    collect(condition, &mut found)?;
    if found.is_empty() || found.len() > 2 {
        return Err("Conditions can be of length 1 or 2 only".to_owned());
    }
    Ok(found)
}

fn collect(condition: Condition, found: &mut Vec<KeyCondition>) -> Result<(), String> {
    let (attribute, test) = match condition {
        Condition::And(all) => return all.into_iter().try_for_each(|condition| collect(condition, found)),
        Condition::Or(_) => return invalid_operator("OR"),
        Condition::Not(_) => return invalid_operator("NOT"),
        Condition::In(..) => return invalid_operator("IN"),
        Condition::Exists(_) => return invalid_operator("attribute_exists"),
        Condition::NotExists(_) => return invalid_operator("attribute_not_exists"),
        Condition::Type(..) => return invalid_operator("attribute_type"),
        Condition::Contains(..) => return invalid_operator("contains"),
        Condition::Compare(Comparator::NotEqual, ..) => return invalid_operator("<>"),
        Condition::Compare(comparator, one, two) => compared(comparator, one, two)?,
        Condition::Between(value, low, high) => {
            (attribute_first("BETWEEN", value)?, Test::Between(literal(low)?, literal(high)?))
        }
        Condition::BeginsWith(value, prefix) => {
            (attribute_first("begins_with", value)?, Test::BeginsWith(literal(prefix)?))
        }
    };
    if found.iter().any(|other| other.attribute == attribute) {
        return Err("KeyConditionExpressions must only contain one condition per key".to_owned());
    }
    found.push(KeyCondition { attribute, test });
    Ok(())
}

fn invalid_operator<T>(operator: &str) -> Result<T, String> {
    Err(format!("Invalid operator used in KeyConditionExpression: {operator}"))
}

fn invalid<T>(message: &str) -> Result<T, String> {
    Err(format!("Invalid condition in KeyConditionExpression: {message}"))
}

fn compared(comparator: Comparator, one: Operand, two: Operand) -> Result<(String, Test), String> {
    let (comparator, path, value) = match (one, two) {
        (Operand::Size(_), _) | (_, Operand::Size(_)) => {
            return Err("KeyConditionExpressions cannot contain nested operations".to_owned());
        }
        (Operand::Path(_), Operand::Path(_)) => return invalid("Multiple attribute names used in one condition"),
        (Operand::Value(_), Operand::Value(_)) => return invalid("No key attribute specified"),
        (Operand::Path(path), Operand::Value(value)) => (comparator, path, value),
        (Operand::Value(value), Operand::Path(path)) => (turned(comparator), path, value),
    };
    let test = match comparator {
        Comparator::Equal | Comparator::NotEqual => Test::Equal(value),
        Comparator::Less => Test::Less(value),
        Comparator::LessOrEqual => Test::LessOrEqual(value),
        Comparator::Greater => Test::Greater(value),
        Comparator::GreaterOrEqual => Test::GreaterOrEqual(value),
    };
    Ok((whole_attribute(path)?, test))
}

const fn turned(comparator: Comparator) -> Comparator {
    match comparator {
        Comparator::Less => Comparator::Greater,
        Comparator::LessOrEqual => Comparator::GreaterOrEqual,
        Comparator::Greater => Comparator::Less,
        Comparator::GreaterOrEqual => Comparator::LessOrEqual,
        Comparator::Equal | Comparator::NotEqual => comparator,
    }
}

fn whole_attribute(path: Path) -> Result<String, String> {
    if path.tail.is_empty() {
        Ok(path.head)
    } else {
        Err("KeyConditionExpressions cannot have conditions on nested attributes".to_owned())
    }
}

fn attribute_first(operator: &str, operand: Operand) -> Result<String, String> {
    match operand {
        Operand::Path(path) => whole_attribute(path),
        Operand::Value(_) | Operand::Size(_) => {
            invalid(&format!("{operator} operator must have the key attribute as its first operand"))
        }
    }
}

fn literal(operand: Operand) -> Result<Attribute, String> {
    match operand {
        Operand::Value(value) => Ok(value),
        Operand::Path(_) => invalid("Multiple attribute names used in one condition"),
        Operand::Size(_) => Err("KeyConditionExpressions cannot contain nested operations".to_owned()),
    }
}
