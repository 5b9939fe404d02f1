//! `java.lang.String`. Positions count UTF-16 units.

use super::pattern::{compile, replace_matches, split};
use super::{Found, format, new_array, some};
use crate::value::compare::compare_text;
use crate::value::heap::{Failure, Heap};
use crate::value::{Value, length};

pub(super) fn call<'a>(heap: &mut Heap<'a>, target: &Value<'a>, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    let text = target.as_str().unwrap_or("");
    heap.charge(text.len() / 32)?;
    match arguments {
        [] => without_arguments(heap, target, text, name),
        [argument] => {
            if let Some(argument) = argument.as_str() {
                heap.charge(argument.len() / 32)?;
                if let Some(found) = with_text(heap, target, text, name, argument)? {
                    return Ok(Some(found));
                }
            }
            with_one(heap, text, name, argument)
        }
        [first, second] => with_two(heap, text, name, [first, second]),
        _ if name == "format" => format::call(heap, arguments),
        [separator, parts @ ..] if name == "join" => join(heap, separator, parts),
        _ => Ok(None),
    }
}

pub(super) fn made<'a>(heap: &mut Heap<'a>, text: impl Into<String>) -> Found<'a> {
    heap.text(text.into()).map(Some)
}

/// Java trims everything up to the blank.
fn is_blank(c: char) -> bool {
    c <= ' '
}

fn without_arguments<'a>(heap: &mut Heap<'a>, target: &Value<'a>, text: &str, name: &str) -> Found<'a> {
    match name {
        "length" => Ok(Some(length(units(text)))),
        "isEmpty" => some(text.is_empty()),
        "isBlank" => some(text.chars().all(char::is_whitespace)),
        "trim" => part(heap, target, text.trim_matches(is_blank)),
        "strip" => part(heap, target, text.trim()),
        "stripLeading" => part(heap, target, text.trim_start()),
        "stripTrailing" => part(heap, target, text.trim_end()),
        "toUpperCase" => made(heap, text.to_uppercase()),
        "toLowerCase" => made(heap, text.to_lowercase()),
        "intern" => Ok(Some(target.clone())),
        "toCharArray" => {
            let chars = text.encode_utf16().map(Value::Char).collect();
            new_array(heap, chars, "[C")
        }
        "getBytes" => {
            let bytes = text.bytes().map(|byte| Value::Int(i32::from(byte.cast_signed()))).collect();
            new_array(heap, bytes, "[B")
        }
        _ => Ok(None),
    }
}

/// A piece of a borrowed string is borrowed as well.
fn part<'a>(heap: &mut Heap<'a>, whole: &Value<'a>, piece: &str) -> Found<'a> {
    if let Value::Str(text) = whole {
        let start = piece.as_ptr().addr() - text.as_ptr().addr();
        if let Some(piece) = text.get(start..start + piece.len()) {
            return Ok(Some(Value::Str(piece)));
        }
    }
    made(heap, piece)
}

fn with_text<'a>(heap: &mut Heap<'a>, target: &Value<'a>, text: &str, name: &str, argument: &str) -> Found<'a> {
    match name {
        "contains" => some(text.contains(argument)),
        "startsWith" => some(text.starts_with(argument)),
        "endsWith" => some(text.ends_with(argument)),
        "indexOf" => Ok(Some(position(text, text.find(argument)))),
        "lastIndexOf" => Ok(Some(position(text, text.rfind(argument)))),
        "equalsIgnoreCase" => some(text.to_lowercase() == argument.to_lowercase()),
        "compareTo" => some(compare_text(text, argument)),
        "compareToIgnoreCase" => some(compare_text(&text.to_lowercase(), &argument.to_lowercase())),
        "concat" => made(heap, format!("{text}{argument}")),
        "contentEquals" => some(text == argument),
        "matches" => some(compile(argument)?.matches(text, heap)?),
        "split" => split(heap, target, argument, 0),
        "getBytes" => without_arguments(heap, target, text, "getBytes"),
        "valueOf" | "copyValueOf" => made(heap, argument),
        "format" => {
            let pattern = heap_text(heap, argument)?;
            format::call(heap, &[pattern])
        }
        "formatted" => Ok(None),
        _ => Ok(None),
    }
}

fn heap_text<'a>(heap: &mut Heap<'a>, text: &str) -> Result<Value<'a>, Failure> {
    heap.text(text.to_owned())
}

fn with_one<'a>(heap: &mut Heap<'a>, text: &str, name: &str, argument: &Value<'a>) -> Found<'a> {
    match (name, argument) {
        ("charAt", Value::Int(at)) => {
            let unit = usize::try_from(*at).ok().and_then(|at| text.encode_utf16().nth(at));
            unit.map(|unit| Some(Value::Char(unit))).ok_or_else(|| out_of_range(text, *at))
        }
        ("codePointAt", Value::Int(at)) => {
            let offset =
                byte_offset(text, *at).filter(|offset| *offset < text.len()).ok_or_else(|| out_of_range(text, *at))?;
            let c = text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, u32::from);
            some(i32::try_from(c).unwrap_or(0))
        }
        ("substring", Value::Int(from)) => substring(heap, text, *from, None),
        ("repeat", Value::Int(count)) => {
            let count = usize::try_from(*count).map_err(|_| Failure::new("count is negative"))?;
            heap.reserve(text.len().saturating_mul(count))?;
            made(heap, text.repeat(count))
        }
        ("indexOf", Value::Int(code)) => Ok(Some(position(text, code_point(*code).and_then(|c| text.find(c))))),
        ("lastIndexOf", Value::Int(code)) => Ok(Some(position(text, code_point(*code).and_then(|c| text.rfind(c))))),
        ("indexOf", Value::Char(unit)) => {
            Ok(Some(position(text, code_point(i32::from(*unit)).and_then(|c| text.find(c)))))
        }
        ("equalsIgnoreCase", Value::Null) => some(false),
        ("valueOf", Value::Null) => made(heap, "null"),
        ("compareTo", _) => Err(super::wrong_class(heap, argument, "java.lang.String")),
        (_, Value::Null) if TAKE_TEXT.contains(&name) => Err(Failure::new("java.lang.NullPointerException")),
        ("formatted", _) => {
            let own = heap_text(heap, text)?;
            format::call(heap, &[own, argument.clone()])
        }
        ("valueOf", Value::List(_) | Value::Map(_) | Value::Bool(_) | Value::Char(_) | Value::Int(_)) => {
            let text = heap.to_text(argument)?;
            made(heap, text)
        }
        ("valueOf", Value::Long(_) | Value::Double(_) | Value::Other(_)) => {
            let text = heap.to_text(argument)?;
            made(heap, text)
        }
        _ => Ok(None),
    }
}

fn with_two<'a>(heap: &mut Heap<'a>, text: &str, name: &str, [first, second]: [&Value<'a>; 2]) -> Found<'a> {
    if let (Some(first), Some(second)) = (first.as_str(), second.as_str()) {
        return with_two_texts(heap, text, name, (first, second));
    }
    match (name, first, second) {
        ("substring" | "subSequence", Value::Int(from), Value::Int(to)) => substring(heap, text, *from, Some(*to)),
        ("replace", Value::Char(from), Value::Char(to)) => {
            let one = |unit: u16| String::from_utf16_lossy(&[unit]);
            replace(heap, text, &one(*from), &one(*to))
        }
        ("startsWith", prefix, Value::Int(from)) => match (prefix.as_str(), byte_offset(text, *from)) {
            (Some(prefix), Some(offset)) => some(text.get(offset..).is_some_and(|rest| rest.starts_with(prefix))),
            (Some(_), None) => some(false),
            (None, _) => Ok(None),
        },
        ("indexOf", needle, Value::Int(from)) if needle.as_str().is_some() => {
            let needle = needle.as_str().unwrap_or("");
            let from = byte_offset(text, (*from).max(0)).unwrap_or(text.len());
            let found = text.get(from..).and_then(|rest| rest.find(needle));
            Ok(Some(position(text, found.map(|at| at + from))))
        }
        ("lastIndexOf", needle, Value::Int(from)) if needle.as_str().is_some() => {
            let needle = needle.as_str().unwrap_or("");
            let last = usize::try_from(*from).unwrap_or(0);
            let end = byte_offset(text, *from).map_or(text.len(), |offset| (offset + needle.len()).min(text.len()));
            let found = text.get(..end).and_then(|head| head.rfind(needle));
            let found = found.filter(|_| *from >= 0 || last > 0);
            Ok(Some(position(text, found)))
        }
        ("split", separator, Value::Int(limit)) => match separator.as_str() {
            Some(separator) => {
                let own = heap_text(heap, text)?;
                split(heap, &own, separator, *limit)
            }
            None => Ok(None),
        },
        ("format", pattern, _) if pattern.as_str().is_some() => format::call(heap, &[first.clone(), second.clone()]),
        ("join", separator, parts) => join(heap, separator, std::slice::from_ref(parts)),
        ("replace", Value::Null, _) | ("replace", _, Value::Null) => {
            Err(Failure::new("java.lang.NullPointerException"))
        }
        ("lastIndexOf", Value::Int(code), Value::Int(from)) => {
            let end = byte_offset(text, from.saturating_add(1)).unwrap_or(text.len());
            let found = code_point(*code).and_then(|c| text.get(..end).and_then(|head| head.rfind(c)));
            Ok(Some(position(text, found.filter(|_| *from >= 0))))
        }
        ("indexOf", Value::Int(code), Value::Int(from)) => {
            let from = byte_offset(text, (*from).max(0)).unwrap_or(text.len());
            let found = code_point(*code).and_then(|c| text.get(from..).and_then(|rest| rest.find(c)));
            Ok(Some(position(text, found.map(|at| at + from))))
        }
        _ => Ok(None),
    }
}

fn with_two_texts<'a>(heap: &mut Heap<'a>, text: &str, name: &str, (first, second): (&str, &str)) -> Found<'a> {
    heap.charge((first.len() + second.len()) / 32)?;
    match name {
        "replace" => replace(heap, text, first, second),
        "replaceAll" => replace_matches(heap, text, (first, second), usize::MAX),
        "replaceFirst" => replace_matches(heap, text, (first, second), 1),
        "format" => {
            let arguments = [heap_text(heap, first)?, heap_text(heap, second)?];
            format::call(heap, &arguments)
        }
        "join" => made(heap, second),
        _ => Ok(None),
    }
}

/// Methods that fail when they are given null.
const TAKE_TEXT: [&str; 9] = [
    "contains",
    "startsWith",
    "endsWith",
    "indexOf",
    "lastIndexOf",
    "concat",
    "matches",
    "split",
    "compareToIgnoreCase",
];

/// `String.join`, with the parts one by one or in a collection.
fn join<'a>(heap: &mut Heap<'a>, separator: &Value<'a>, parts: &[Value<'a>]) -> Found<'a> {
    let Some(separator) = separator.as_str() else { return Ok(None) };
    let parts = match parts {
        [collection @ (Value::List(_) | Value::Other(_))] => heap.elements(collection).unwrap_or_default(),
        texts if texts.iter().all(|part| part.as_str().is_some()) => texts.to_vec(),
        _ => return Ok(None),
    };
    let mut out = String::new();
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            out.push_str(separator);
        }
        heap.print(part, &mut out)?;
    }
    made(heap, out)
}

/// The length in UTF-16 units.
fn units(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

fn position<'a>(text: &str, found: Option<usize>) -> Value<'a> {
    found.map_or(Value::Int(-1), |at| length(units(text.get(..at).unwrap_or(text))))
}

fn code_point(code: i32) -> Option<char> {
    u32::try_from(code).ok().and_then(char::from_u32)
}

fn out_of_range(text: &str, at: i32) -> Failure {
    Failure::new(format!("index {at} is out of range for a string of length {}", units(text)))
}

/// The byte at which a unit begins; one in the middle of a character begins with it.
fn byte_offset(text: &str, unit: i32) -> Option<usize> {
    let unit = usize::try_from(unit).ok()?;
    if text.is_ascii() {
        return (unit <= text.len()).then_some(unit);
    }
    let mut count = 0;
    for (at, c) in text.char_indices() {
        if count >= unit {
            return Some(at);
        }
        count += c.len_utf16();
    }
    (count >= unit).then_some(text.len())
}

fn substring<'a>(heap: &mut Heap<'a>, text: &str, from: i32, to: Option<i32>) -> Found<'a> {
    let start = byte_offset(text, from);
    let end = to.map_or(Some(text.len()), |to| byte_offset(text, to));
    let piece = start.zip(end).and_then(|(start, end)| text.get(start..end));
    match piece {
        Some(piece) => made(heap, piece),
        None => {
            let end = to.map_or_else(|| units(text), |to| usize::try_from(to).unwrap_or(0));
            let message = format!("begin {from}, end {end}, length {}", units(text));
            Err(Failure::new(message).hint("`substring` fails beyond the end; ask for `length()` first"))
        }
    }
}

fn replace<'a>(heap: &mut Heap<'a>, text: &str, from: &str, to: &str) -> Found<'a> {
    let most = text.len().saturating_add(1).saturating_mul(to.len().max(1));
    let count = if most > heap.limits.memory_bytes { text.matches(from).count() } else { 0 };
    heap.reserve(count.saturating_mul(to.len()))?;
    made(heap, text.replace(from, to))
}
