//! Whether an item meets a condition.

use super::{
    Path, Step,
    condition::{Comparator, Condition, Operand},
};
use crate::dynamodb::{
    number::Number,
    value::{Attribute, Item},
};
use std::{borrow::Cow, cmp::Ordering};

/// Whether the item, which is empty where there is none, meets the condition.
pub(crate) fn meets(item: &Item, condition: &Condition) -> bool {
    match condition {
        Condition::And(all) => all.iter().all(|condition| meets(item, condition)),
        Condition::Or(all) => all.iter().any(|condition| meets(item, condition)),
        Condition::Not(inner) => !meets(item, inner),
        Condition::Compare(comparator, one, two) => {
            compare(*comparator, operand(item, one).as_deref(), operand(item, two).as_deref())
        }
        Condition::Between(value, low, high) => {
            let (value, low, high) = (operand(item, value), operand(item, low), operand(item, high));
            compare(Comparator::GreaterOrEqual, value.as_deref(), low.as_deref())
                && compare(Comparator::LessOrEqual, value.as_deref(), high.as_deref())
        }
        Condition::In(value, list) => {
            let value = operand(item, value);
            list.iter().any(|one| compare(Comparator::Equal, value.as_deref(), operand(item, one).as_deref()))
        }
        Condition::Exists(path) => find(item, path).is_some(),
        Condition::NotExists(path) => find(item, path).is_none(),
        Condition::Type(value, kind) => operand(item, value).is_some_and(|value| value.kind() == *kind),
        Condition::BeginsWith(value, prefix) => {
            match (operand(item, value).as_deref(), operand(item, prefix).as_deref()) {
                (Some(Attribute::S(text)), Some(Attribute::S(prefix))) => text.starts_with(prefix.as_str()),
                (Some(Attribute::B(bytes)), Some(Attribute::B(prefix))) => bytes.starts_with(prefix),
                _ => false,
            }
        }
        Condition::Contains(value, member) => {
            operand(item, value).zip(operand(item, member)).is_some_and(|(value, member)| contains(&value, &member))
        }
    }
}

/// The value at a path.
pub(crate) fn find<'a>(item: &'a Item, path: &Path) -> Option<&'a Attribute> {
    path.tail.iter().try_fold(item.get(&path.head)?, |value, step| match (value, step) {
        (Attribute::L(values), Step::Index(index)) => values.get(*index),
        (Attribute::M(members), Step::Member(name)) => members.get(name),
        _ => None,
    })
}

fn operand<'a>(item: &'a Item, operand: &'a Operand) -> Option<Cow<'a, Attribute>> {
    match operand {
        Operand::Path(path) => find(item, path).map(Cow::Borrowed),
        Operand::Value(value) => Some(Cow::Borrowed(value)),
        Operand::Size(of) => size(&*self::operand(item, of)?).map(Cow::Owned),
    }
}

/// What `size` says; there is no size of scalars without a length.
fn size(value: &Attribute) -> Option<Attribute> {
    let size = match value {
        Attribute::S(text) => text.len(),
        Attribute::B(bytes) => bytes.len(),
        Attribute::Ss(members) => members.len(),
        Attribute::Ns(members) => members.len(),
        Attribute::Bs(members) => members.len(),
        Attribute::L(values) => values.len(),
        Attribute::M(members) => members.len(),
        Attribute::N(_) | Attribute::Bool(_) | Attribute::Null => return None,
    };
    Some(Attribute::N(Number::whole(size as u64)))
}

/// What is missing is equal to nothing and stands in no order.
fn compare(comparator: Comparator, one: Option<&Attribute>, two: Option<&Attribute>) -> bool {
    let equal = one.zip(two).is_some_and(|(one, two)| one.equals(two));
    let order = one.zip(two).and_then(|(one, two)| one.order(two));
    match comparator {
        Comparator::Equal => equal,
        Comparator::NotEqual => !equal && (one.is_some() || two.is_some()),
        Comparator::Less => order == Some(Ordering::Less),
        Comparator::LessOrEqual => order.is_some_and(Ordering::is_le),
        Comparator::Greater => order == Some(Ordering::Greater),
        Comparator::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    }
}

fn contains(value: &Attribute, member: &Attribute) -> bool {
    match (value, member) {
        (Attribute::S(text), Attribute::S(part)) => text.contains(part.as_str()),
        (Attribute::B(bytes), Attribute::B(part)) => {
            part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
        }
        (Attribute::Ss(members), Attribute::S(one)) => members.contains(one),
        (Attribute::Ns(members), Attribute::N(one)) => members.contains(one),
        (Attribute::Bs(members), Attribute::B(one)) => members.contains(one),
        (Attribute::L(values), one) => values.iter().any(|value| value.equals(one)),
        _ => false,
    }
}
