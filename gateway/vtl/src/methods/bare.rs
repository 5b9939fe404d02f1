//! Which methods without parameters a class has, whatever they do.

use crate::value::{Inner, Other, Value};

const OBJECT: [&str; 6] = ["hashCode", "toString", "getClass", "notify", "notifyAll", "wait"];

const STRING: [&str; 18] = [
    "length",
    "isEmpty",
    "isBlank",
    "trim",
    "strip",
    "stripLeading",
    "stripTrailing",
    "stripIndent",
    "toUpperCase",
    "toLowerCase",
    "intern",
    "toCharArray",
    "getBytes",
    "chars",
    "codePoints",
    "lines",
    "translateEscapes",
    "describeConstable",
];

const COLLECTION: [&str; 12] = [
    "size",
    "isEmpty",
    "clear",
    "iterator",
    "toArray",
    "stream",
    "parallelStream",
    "spliterator",
    "listIterator",
    "clone",
    "trimToSize",
    "toJSONString",
];

const MAP: [&str; 7] = ["size", "isEmpty", "clear", "keySet", "values", "entrySet", "clone"];

const NUMBER: [&str; 8] =
    ["intValue", "longValue", "doubleValue", "floatValue", "shortValue", "byteValue", "isNaN", "isInfinite"];

pub(super) fn has(target: &Value<'_>, name: &str) -> bool {
    let own: &[&str] = match target {
        Value::Null | Value::Object(_) => return false,
        Value::Str(_) | Value::Text(_) => &STRING,
        Value::Bool(_) => &["booleanValue", "describeConstable"],
        Value::Char(_) => &["charValue", "describeConstable"],
        Value::Int(_) | Value::Long(_) => NUMBER.get(..6).unwrap_or(&NUMBER),
        Value::Double(_) => &NUMBER,
        Value::List(_) => &COLLECTION,
        Value::Map(_) => &MAP,
        Value::Other(Other(inner)) => match inner {
            Inner::Big(_) | Inner::Decimal(_) => NUMBER.get(..6).unwrap_or(&NUMBER),
            Inner::View(..) => COLLECTION.get(..8).unwrap_or(&COLLECTION),
            Inner::Entry(..) => &["getKey", "getValue"],
            Inner::Iterator(_) => &["hasNext", "next", "remove"],
            Inner::Scope(_) => &["getIndex", "getCount", "hasNext", "getHasNext", "isFirst", "isLast", "getParent"],
            Inner::Block(_) | Inner::Class(_) => &[],
        },
    };
    own.contains(&name) || OBJECT.contains(&name)
}
