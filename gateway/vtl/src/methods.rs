//! The methods and properties of Java's classes that templates can reach, as closed tables. What
//! is not listed does not exist: no value, and no way to anything behind the values.

mod bare;
mod collection;
mod format;
mod map;
mod number;
mod pattern;
mod string;

use crate::value::heap::{Failure, Heap, ListKind};
use crate::value::{Inner, Other, Value, compare};

/// None where there is no such method, and an empty result is null.
pub(crate) type Found<'a> = Result<Option<Value<'a>>, Failure>;

pub(crate) fn some<'a>(value: impl Into<Value<'a>>) -> Found<'a> {
    Ok(Some(value.into()))
}

/// `target.name(arguments)`
pub(crate) fn call<'a>(heap: &mut Heap<'a>, target: &Value<'a>, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    heap.charge(1)?;
    if let Some(found) = of_every_object(heap, target, name, arguments)? {
        return Ok(Some(found));
    }
    let found = of_class(heap, target, name, arguments)?;
    if found.is_none() && !arguments.is_empty() && bare::has(target, name) {
        // To Velocity, a method without parameters fits any arguments; Java then refuses them.
        let message = format!("wrong number of arguments for `{name}()`");
        return Err(Failure::new(message).hint("the method takes no arguments"));
    }
    Ok(found)
}

fn of_class<'a>(heap: &mut Heap<'a>, target: &Value<'a>, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    match target {
        Value::Null | Value::Object(_) => Ok(None),
        Value::Str(_) | Value::Text(_) => string::call(heap, target, name, arguments),
        Value::Bool(value) => boolean(heap, *value, name, arguments),
        Value::Int(_) | Value::Long(_) | Value::Double(_) => number::call(heap, target, name, arguments),
        Value::Char(unit) => character(*unit, name, arguments),
        Value::List(id) => collection::list(heap, *id, name, arguments),
        Value::Map(id) => map::call(heap, *id, name, arguments),
        Value::Other(Other(inner)) => match inner {
            Inner::Big(_) | Inner::Decimal(_) => number::call(heap, target, name, arguments),
            Inner::View(id, kind) => collection::view(heap, *id, *kind, name, arguments),
            Inner::Entry(id, place) => map::entry(heap, *id, *place, name, arguments),
            Inner::Iterator(id) => collection::iterator(heap, *id, name, arguments),
            Inner::Scope(id) => scope(heap, *id, name, arguments),
            Inner::Class(class) => self::class(class, name, arguments),
            Inner::Block(_) => Ok(None),
        },
    }
}

/// `equals`, `hashCode`, `toString` and `getClass`.
pub(crate) fn of_every_object<'a>(
    heap: &mut Heap<'a>,
    target: &Value<'a>,
    name: &str,
    arguments: &[Value<'a>],
) -> Found<'a> {
    heap.charge(target.as_str().map_or(0, |text| text.len() / 16))?;
    match (name, arguments) {
        ("equals", [other]) => some(compare::equals(heap, target, other)),
        ("hashCode", []) => some(compare::hash_code(heap, target)),
        ("toString", []) => {
            if matches!(target, Value::Str(_) | Value::Text(_)) {
                return Ok(Some(target.clone()));
            }
            let text = heap.to_text(target)?;
            heap.text(text).map(Some)
        }
        ("getClass", []) if !matches!(target, Value::Object(_)) => some(Inner::Class(target.class_name(heap))),
        _ => Ok(None),
    }
}

/// `target.name`: a getter, a map's entry, or an `is..` method, in Velocity's order.
pub(crate) fn property<'a>(heap: &mut Heap<'a>, target: &Value<'a>, name: &str) -> Found<'a> {
    match target {
        Value::Map(id) => {
            if name == "class" {
                return some(Inner::Class(target.class_name(heap)));
            }
            Ok(heap.map(*id).get_text(name).cloned())
        }
        Value::Null | Value::Object(_) => Ok(None),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Long(_)
        | Value::Double(_)
        | Value::Char(_)
        | Value::Str(_)
        | Value::Text(_)
        | Value::List(_)
        | Value::Other(_) => {
            if let Value::Other(Other(Inner::Scope(id))) = target {
                return scope_property(heap, *id, name);
            }
            let mut letters = name.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase()).unwrap_or_default();
            for prefix in ["get", "is"] {
                let getter = format!("{prefix}{first}{}", letters.as_str());
                if let Some(found) = call(heap, target, &getter, &[])? {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        }
    }
}

/// Getters first, then what a template has put into the scope or those around it.
fn scope_property<'a>(heap: &mut Heap<'a>, id: u32, name: &str) -> Found<'a> {
    let getter = match name {
        "index" => "getIndex",
        "count" => "getCount",
        "hasNext" => "getHasNext",
        "first" => "getFirst",
        "last" => "getLast",
        "parent" => "getParent",
        "topmost" => "getTopmost",
        "replaced" => "getReplaced",
        _ => {
            let mut place = Some(id);
            while let Some(scope) = place.and_then(|place| heap.scopes.get(place as usize)) {
                if let Some(value) = scope.storage.and_then(|map| heap.map(map).get_text(name)) {
                    return Ok(Some(value.clone()));
                }
                place = scope.parent;
            }
            return Ok(None);
        }
    };
    scope(heap, id, getter, &[])
}

/// `target[index]`; negative indices count from the end.
pub(crate) fn index<'a>(heap: &mut Heap<'a>, target: &Value<'a>, index: &Value<'a>) -> Found<'a> {
    let index = from_end(heap, target, index)?;
    match target {
        Value::List(_) => call(heap, target, "get", &[index]),
        Value::Map(id) => Ok(heap.get_by(*id, &index)),
        Value::Other(Other(Inner::Scope(_))) => call(heap, target, "get", &[index]),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Long(_)
        | Value::Double(_)
        | Value::Char(_)
        | Value::Str(_)
        | Value::Text(_)
        | Value::Object(_)
        | Value::Other(_) => Ok(None),
    }
}

/// `#set(target[index] = value)`; nothing happens where there is neither `set` nor `put`.
pub(crate) fn set_index<'a>(
    heap: &mut Heap<'a>,
    target: &Value<'a>,
    index: &Value<'a>,
    value: Value<'a>,
) -> Result<(), Failure> {
    let index = from_end(heap, target, index)?;
    if let Value::List(_) = target {
        call(heap, target, "set", &[index, value])?;
    } else {
        call(heap, target, "put", &[index, value])?;
    }
    Ok(())
}

fn from_end<'a>(heap: &mut Heap<'a>, target: &Value<'a>, index: &Value<'a>) -> Result<Value<'a>, Failure> {
    let Value::Int(int) = index else { return Ok(index.clone()) };
    if *int >= 0 {
        return Ok(index.clone());
    }
    match call(heap, target, "size", &[])? {
        Some(Value::Int(size)) => Ok(Value::Int(size + int)),
        _ => Err(Failure::new("a negative index needs a list")),
    }
}

/// What Java throws when `compareTo` meets another class.
fn wrong_class(heap: &Heap<'_>, value: &Value<'_>, class: &str) -> Failure {
    if value.is_null() {
        return Failure::new("java.lang.NullPointerException");
    }
    Failure::new(format!("java.lang.ClassCastException: {} is no {class}", value.class_name(heap)))
}

fn boolean<'a>(heap: &Heap<'a>, value: bool, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    match (name, arguments) {
        ("booleanValue", []) => some(value),
        ("compareTo", [Value::Bool(other)]) => some(compare::sign(value.cmp(other))),
        ("compareTo", [other]) => Err(wrong_class(heap, other, "java.lang.Boolean")),
        ("compare", [Value::Bool(left), Value::Bool(right)]) => some(compare::sign(left.cmp(right))),
        ("logicalAnd", [Value::Bool(left), Value::Bool(right)]) => some(*left && *right),
        ("logicalOr", [Value::Bool(left), Value::Bool(right)]) => some(*left || *right),
        ("logicalXor", [Value::Bool(left), Value::Bool(right)]) => some(left != right),
        ("valueOf", [Value::Bool(value)]) => some(*value),
        ("toString", [Value::Bool(value)]) => Ok(Some(Value::Str(if *value { "true" } else { "false" }))),
        ("parseBoolean" | "valueOf", [text]) => {
            text.as_str().map_or(Ok(None), |text| some(text.eq_ignore_ascii_case("true")))
        }
        _ => Ok(None),
    }
}

fn character<'a>(unit: u16, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    if let (
        "compareTo",
        [Value::Null | Value::Bool(_) | Value::Int(_) | Value::Str(_) | Value::Map(_) | Value::List(_)],
    ) = (name, arguments)
    {
        return Err(Failure::new("java.lang.ClassCastException: the argument is no java.lang.Character"));
    }
    let argument = match arguments {
        [] => unit,
        [Value::Char(unit)] => *unit,
        _ => return Ok(None),
    };
    let c = char::from_u32(u32::from(argument)).unwrap_or('?');
    let upper = c.to_uppercase().next().unwrap_or(c);
    let lower = c.to_lowercase().next().unwrap_or(c);
    match (name, arguments.len()) {
        ("charValue", 0) => Ok(Some(Value::Char(unit))),
        ("compareTo", 1) => some(i32::from(unit) - i32::from(argument)),
        ("isDigit", 1) => some(c.is_numeric()),
        ("isLetter" | "isAlphabetic", 1) => some(c.is_alphabetic()),
        ("isLetterOrDigit", 1) => some(c.is_alphanumeric()),
        ("isWhitespace" | "isSpaceChar", 1) => some(c.is_whitespace()),
        ("isUpperCase", 1) => some(c.is_uppercase()),
        ("isLowerCase", 1) => some(c.is_lowercase()),
        ("toUpperCase", 1) => Ok(Some(Value::Char(u16::try_from(u32::from(upper)).unwrap_or(argument)))),
        ("toLowerCase", 1) => Ok(Some(Value::Char(u16::try_from(u32::from(lower)).unwrap_or(argument)))),
        ("getNumericValue", 1) => some(c.to_digit(36).and_then(|digit| i32::try_from(digit).ok()).unwrap_or(-1)),
        ("valueOf", 1) => Ok(Some(Value::Char(argument))),
        _ => Ok(None),
    }
}

/// `$foreach`: where the loop is, and a map of its own.
fn scope<'a>(heap: &mut Heap<'a>, id: u32, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    let Some(scope) = heap.scopes.get(id as usize) else { return Ok(None) };
    let parent = scope.parent;
    match (name, arguments) {
        ("getIndex", []) => some(scope.index),
        ("getCount", []) => some(scope.index + 1),
        ("hasNext" | "getHasNext", []) => some(scope.has_next),
        ("isFirst" | "getFirst", []) => some(scope.index < 1),
        ("isLast" | "getLast", []) => some(!scope.has_next),
        ("getParent", []) => Ok(Some(parent.map_or(Value::Null, |parent| Inner::Scope(parent).into()))),
        ("getReplaced", []) => Ok(Some(scope.replaced.clone())),
        ("getTopmost", []) => {
            let mut top = id;
            while let Some(outer) = heap.scopes.get(top as usize).and_then(|scope| scope.parent) {
                top = outer;
            }
            some(Inner::Scope(top))
        }
        _ => match heap.storage_of(id)? {
            Some(storage) => map::call(heap, storage, name, arguments),
            None => Ok(None),
        },
    }
}

/// A class is its name; nothing can be done with it.
fn class<'a>(class: &'static str, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    match (name, arguments) {
        ("getName" | "getTypeName" | "getCanonicalName", []) => Ok(Some(Value::Str(class))),
        ("getSimpleName", []) => Ok(Some(Value::Str(class.rsplit(['.', '$']).next().unwrap_or(class)))),
        ("getPackageName", []) => Ok(Some(Value::Str(class.rsplit_once('.').map_or("", |(package, _)| package)))),
        ("isInterface" | "isArray" | "isPrimitive" | "isEnum", []) => some(false),
        ("forName", [text]) => match text.as_str() {
            Some(text) => known_class(text).map(|class| Some(Inner::Class(class).into())),
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

/// Names that every Java has; they name nothing here.
fn known_class(name: &str) -> Result<&'static str, Failure> {
    const KNOWN: [&str; 16] = [
        "java.lang.Boolean",
        "java.lang.Character",
        "java.lang.Class",
        "java.lang.Double",
        "java.lang.Integer",
        "java.lang.Long",
        "java.lang.Math",
        "java.lang.Object",
        "java.lang.ProcessBuilder",
        "java.lang.Runtime",
        "java.lang.String",
        "java.lang.System",
        "java.lang.Thread",
        "java.util.ArrayList",
        "java.util.HashMap",
        "java.util.LinkedHashMap",
    ];
    let found = KNOWN.into_iter().find(|known| *known == name);
    found.ok_or_else(|| Failure::new(format!("java.lang.ClassNotFoundException: {name}")))
}

/// How often a collection was changed.
pub(crate) fn changes(heap: &Heap<'_>, value: &Value<'_>) -> u32 {
    match value {
        Value::List(id) => heap.list(*id).changes,
        Value::Map(id) | Value::Other(Other(Inner::View(id, _))) => heap.map(*id).changes,
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Long(_)
        | Value::Double(_)
        | Value::Char(_)
        | Value::Str(_)
        | Value::Text(_)
        | Value::Object(_)
        | Value::Other(_) => 0,
    }
}

fn new_array<'a>(heap: &mut Heap<'a>, items: Vec<Value<'a>>, class: &'static str) -> Found<'a> {
    Ok(Some(Value::List(heap.add_list(items, ListKind::Array(class))?)))
}
