//! `java.util.Map` and its entries.

use super::{Found, some};
use crate::value::compare::equals;
use crate::value::heap::{Failure, Heap};
use crate::value::{Inner, MapId, Value, ViewKind, length};

fn or_null<'a>(found: Option<Value<'a>>) -> Found<'a> {
    Ok(Some(found.unwrap_or(Value::Null)))
}

pub(super) fn call<'a>(heap: &mut Heap<'a>, id: MapId, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    match arguments {
        [] => without_arguments(heap, id, name),
        [argument] => with_one(heap, id, name, argument),
        [key, value] => with_two(heap, id, name, key, value),
        [key, old, new] if name == "replace" => {
            let same = heap.get_by(id, key).is_some_and(|value| equals(heap, &value, old));
            if same {
                heap.put(id, key.clone(), new.clone())?;
            }
            some(same)
        }
        _ => Ok(None),
    }
}

fn without_arguments<'a>(heap: &mut Heap<'a>, id: MapId, name: &str) -> Found<'a> {
    match name {
        "size" => Ok(Some(length(heap.map(id).len()))),
        "isEmpty" => some(heap.map(id).len() == 0),
        "keySet" => some(Inner::View(id, ViewKind::Keys)),
        "values" => some(Inner::View(id, ViewKind::Values)),
        "entrySet" => some(Inner::View(id, ViewKind::Entries)),
        "clear" => {
            heap.map_mut(id).clear();
            some("")
        }
        "clone" => {
            let entries = heap.map(id).entries().to_vec();
            heap.new_map(entries).map(Some)
        }
        _ => Ok(None),
    }
}

fn with_one<'a>(heap: &mut Heap<'a>, id: MapId, name: &str, argument: &Value<'a>) -> Found<'a> {
    match name {
        "get" => or_null(heap.get_by(id, argument)),
        "containsKey" => some(heap.find(id, argument).is_some()),
        "containsValue" => {
            heap.charge(heap.map(id).len() / 4)?;
            some(heap.map(id).entries().iter().any(|(_, value)| equals(heap, value, argument)))
        }
        "remove" => or_null(heap.remove(id, argument)?),
        "putAll" => {
            let Value::Map(other) = argument else { return Ok(None) };
            let entries = heap.map(*other).entries().to_vec();
            heap.charge(entries.len())?;
            for (key, value) in entries {
                heap.put(id, key, value)?;
            }
            some("")
        }
        _ => Ok(None),
    }
}

fn with_two<'a>(heap: &mut Heap<'a>, id: MapId, name: &str, key: &Value<'a>, value: &Value<'a>) -> Found<'a> {
    match name {
        "put" => or_null(heap.put(id, key.clone(), value.clone())?),
        "putIfAbsent" => match heap.get_by(id, key) {
            Some(known) if !known.is_null() => Ok(Some(known)),
            _ => {
                heap.put(id, key.clone(), value.clone())?;
                Ok(Some(Value::Null))
            }
        },
        "getOrDefault" => Ok(Some(heap.get_by(id, key).unwrap_or_else(|| value.clone()))),
        "replace" => match heap.find(id, key) {
            Some(_) => or_null(heap.put(id, key.clone(), value.clone())?),
            None => Ok(Some(Value::Null)),
        },
        "remove" => {
            let same = heap.get_by(id, key).is_some_and(|known| equals(heap, &known, value));
            if same {
                heap.remove(id, key)?;
            }
            some(same)
        }
        _ => Ok(None),
    }
}

pub(super) fn entry<'a>(heap: &mut Heap<'a>, id: MapId, place: u32, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    let Some((key, value)) = heap.map(id).entry(place as usize).cloned() else {
        return Err(Failure::new("the entry is no longer in its map"));
    };
    match (name, arguments) {
        ("getKey", []) => Ok(Some(key)),
        ("getValue", []) => Ok(Some(value)),
        ("setValue", [new]) => or_null(heap.put(id, key, new.clone())?),
        _ => Ok(None),
    }
}
