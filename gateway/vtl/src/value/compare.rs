//! Java's `equals`, `hashCode` and `compareTo`.

use super::heap::Heap;
use super::{Inner, Other, Value, ViewKind};
use std::cmp::Ordering;

/// How deep two values are compared before they count as different.
const DEEPEST: u32 = 64;

/// `Object.equals`: same class, same content.
pub(crate) fn equals<'a>(heap: &Heap<'a>, left: &Value<'a>, right: &Value<'a>) -> bool {
    equals_within(heap, left, right, DEEPEST)
}

fn equals_within<'a>(heap: &Heap<'a>, left: &Value<'a>, right: &Value<'a>, depth: u32) -> bool {
    // Without steps left nothing is equal; the next charge ends the render.
    if depth == 0 || heap.charge(1).is_err() {
        return false;
    }
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        return left == right;
    }
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Int(left), Value::Int(right)) => left == right,
        (Value::Long(left), Value::Long(right)) => left == right,
        (Value::Double(left), Value::Double(right)) => {
            left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan())
        }
        (Value::Char(left), Value::Char(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            let (left_list, right_list) = (heap.list(*left), heap.list(*right));
            left == right
                || left_list.items.len() == right_list.items.len()
                    && left_list.items.iter().zip(&right_list.items).all(|(a, b)| equals_within(heap, a, b, depth - 1))
        }
        (Value::Map(left), Value::Map(right)) => {
            left == right
                || heap.map(*left).len() == heap.map(*right).len()
                    && heap.map(*left).entries().iter().all(|(key, value)| {
                        heap.get_by(*right, key).is_some_and(|other| equals_within(heap, value, &other, depth - 1))
                    })
        }
        (Value::Object(left), Value::Object(right)) => left == right,
        (Value::Other(Other(left)), Value::Other(Other(right))) => inner_equals(heap, left, right, depth),
        _ => false,
    }
}

fn inner_equals<'a>(heap: &Heap<'a>, left: &Inner, right: &Inner, depth: u32) -> bool {
    match (left, right) {
        (Inner::Big(left), Inner::Big(right)) => left == right,
        (Inner::Decimal(left), Inner::Decimal(right)) => left == right,
        (Inner::Class(left), Inner::Class(right)) => left == right,
        (Inner::Iterator(left), Inner::Iterator(right))
        | (Inner::Scope(left), Inner::Scope(right))
        | (Inner::Block(left), Inner::Block(right)) => left == right,
        (Inner::View(left, ViewKind::Keys), Inner::View(right, ViewKind::Keys)) => {
            heap.map(*left).len() == heap.map(*right).len()
                && heap.map(*left).entries().iter().all(|(key, _)| heap.find(*right, key).is_some())
        }
        (Inner::View(left, left_kind), Inner::View(right, right_kind)) => left == right && left_kind == right_kind,
        (Inner::Entry(left, left_place), Inner::Entry(right, right_place)) => {
            let (left, right) =
                (heap.map(*left).entry(*left_place as usize), heap.map(*right).entry(*right_place as usize));
            left.zip(right).is_some_and(|(left, right)| {
                equals_within(heap, &left.0, &right.0, depth - 1) && equals_within(heap, &left.1, &right.1, depth - 1)
            })
        }
        _ => false,
    }
}

/// `String.hashCode` over UTF-16 units.
pub(crate) fn text_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

fn fold_long(bits: i64) -> i32 {
    let folded = bits ^ (bits.cast_unsigned() >> 32).cast_signed();
    i32::from_ne_bytes(low_bytes(folded))
}

/// The lower half of a long.
fn low_bytes(long: i64) -> [u8; 4] {
    let [a, b, c, d, ..] = long.to_le_bytes();
    i32::from_le_bytes([a, b, c, d]).to_ne_bytes()
}

/// `Object.hashCode`; things without content have none that means anything.
pub(crate) fn hash_code<'a>(heap: &Heap<'a>, value: &Value<'a>) -> i32 {
    hash_within(heap, value, DEEPEST)
}

fn hash_within<'a>(heap: &Heap<'a>, value: &Value<'a>, depth: u32) -> i32 {
    if depth == 0 || heap.charge(1).is_err() {
        return 0;
    }
    let hash = |value: &Value<'a>| hash_within(heap, value, depth - 1);
    match value {
        Value::Null | Value::Object(_) => 0,
        Value::Bool(value) => {
            if *value {
                1231
            } else {
                1237
            }
        }
        Value::Int(int) => *int,
        Value::Long(long) => fold_long(*long),
        Value::Double(double) => fold_long(double.to_bits().cast_signed()),
        Value::Char(unit) => i32::from(*unit),
        Value::Str(text) => text_hash(text),
        Value::Text(text) => text_hash(text.as_str()),
        Value::List(id) => {
            heap.list(*id).items.iter().fold(1_i32, |sum, item| sum.wrapping_mul(31).wrapping_add(hash(item)))
        }
        Value::Map(id) => {
            heap.map(*id).entries().iter().fold(0_i32, |sum, (key, value)| sum.wrapping_add(hash(key) ^ hash(value)))
        }
        Value::Other(Other(inner)) => match inner {
            Inner::View(map, kind) => {
                heap.view(*map, *kind).iter().fold(0_i32, |sum, item| sum.wrapping_add(hash(item)))
            }
            Inner::Entry(map, place) => {
                heap.map(*map).entry(*place as usize).map_or(0, |(key, value)| hash(key) ^ hash(value))
            }
            Inner::Big(_)
            | Inner::Decimal(_)
            | Inner::Iterator(_)
            | Inner::Scope(_)
            | Inner::Block(_)
            | Inner::Class(_) => 0,
        },
    }
}

/// `String.compareTo`: the difference of the first different units, or of the lengths.
pub(crate) fn compare_text(left: &str, right: &str) -> i32 {
    let mut right_units = right.encode_utf16();
    let mut left_units = left.encode_utf16();
    loop {
        match (left_units.next(), right_units.next()) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => return i32::from(a) - i32::from(b),
            (Some(_), None) => return i32::try_from(left_units.count() + 1).unwrap_or(i32::MAX),
            (None, Some(_)) => return -i32::try_from(right_units.count() + 1).unwrap_or(i32::MAX),
            (None, None) => return 0,
        }
    }
}

/// Java's -1, 0 and 1.
pub(crate) fn sign(ordering: Ordering) -> i32 {
    ordering as i32
}
