//! `java.util.List`, the views of maps, arrays and iterators.

use super::{Found, new_array, some};
use crate::value::compare::equals;
use crate::value::heap::{Failure, Heap, ListKind};
use crate::value::{Inner, ListId, MapId, Value, ViewKind, length};

fn out_of_bounds(index: i32, length: usize) -> Failure {
    Failure::new(format!("Index {index} out of bounds for length {length}"))
        .hint("AWS fails here as well; compare with `size()` first")
}

fn position<'a>(found: Option<usize>) -> Found<'a> {
    Ok(Some(found.map_or(Value::Int(-1), length)))
}

pub(super) fn list<'a>(heap: &mut Heap<'a>, id: ListId, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    match arguments {
        [] => without_arguments(heap, id, name),
        [argument] => {
            if let Some(found) = query(heap, &Value::List(id), name, argument)? {
                return Ok(Some(found));
            }
            if matches!(heap.list(id).kind, ListKind::Array(_)) && name != "get" {
                return Ok(None);
            }
            with_one(heap, id, name, argument)
        }
        [Value::Int(index), value] => with_index(heap, id, name, *index, value),
        _ => Ok(None),
    }
}

fn without_arguments<'a>(heap: &mut Heap<'a>, id: ListId, name: &str) -> Found<'a> {
    match name {
        "size" => Ok(Some(length(heap.list(id).items.len()))),
        "isEmpty" => some(heap.list(id).items.is_empty()),
        "clear" => {
            let list = heap.list_mut(id);
            list.items.clear();
            list.changes += 1;
            some("")
        }
        "iterator" | "listIterator" => {
            let items = heap.list(id).items.clone();
            iterate(heap, items)
        }
        "toArray" | "clone" => {
            let items = heap.list(id).items.clone();
            let kind = heap.list(id).kind;
            if name == "clone" {
                heap.add_list(items, kind).map(|id| Some(Value::List(id)))
            } else {
                new_array(heap, items, "[Ljava.lang.Object;")
            }
        }
        "toJSONString" if heap.list(id).kind == ListKind::Json => {
            let text = heap.to_text(&Value::List(id))?;
            heap.text(text).map(Some)
        }
        _ => Ok(None),
    }
}

fn iterate<'a>(heap: &mut Heap<'a>, items: Vec<Value<'a>>) -> Found<'a> {
    heap.reserve(items.capacity() * size_of::<Value<'_>>())?;
    let id = u32::try_from(heap.iterators.len()).unwrap_or(u32::MAX);
    heap.iterators.push((items, 0));
    some(Inner::Iterator(id))
}

/// Questions that lists and sets answer alike.
fn query<'a>(heap: &mut Heap<'a>, target: &Value<'a>, name: &str, argument: &Value<'a>) -> Found<'a> {
    if !matches!(name, "contains" | "indexOf" | "lastIndexOf" | "containsAll") {
        return Ok(None);
    }
    let items = heap.elements(target).unwrap_or_default();
    heap.charge(items.len() / 4)?;
    match name {
        "contains" => some(items.iter().any(|item| equals(heap, item, argument))),
        "indexOf" => position(items.iter().position(|item| equals(heap, item, argument))),
        "lastIndexOf" => position(items.iter().rposition(|item| equals(heap, item, argument))),
        _ => {
            let Some(wanted) = collection(heap, argument) else { return null_or_none(argument) };
            heap.charge(items.len().saturating_mul(wanted.len()) / 4)?;
            some(wanted.iter().all(|wanted| items.iter().any(|item| equals(heap, item, wanted))))
        }
    }
}

/// The elements of what Java calls a `Collection`: no maps, no arrays.
fn collection<'a>(heap: &Heap<'a>, value: &Value<'a>) -> Option<Vec<Value<'a>>> {
    match value {
        Value::List(id) if matches!(heap.list(*id).kind, ListKind::Array(_)) => None,
        Value::Map(_) => None,
        _ => heap.elements(value),
    }
}

fn with_one<'a>(heap: &mut Heap<'a>, id: ListId, name: &str, argument: &Value<'a>) -> Found<'a> {
    match (name, argument) {
        ("get", Value::Int(index)) => {
            let items = &heap.list(id).items;
            let found = usize::try_from(*index).ok().and_then(|index| items.get(index));
            found.map(|item| Some(item.clone())).ok_or_else(|| out_of_bounds(*index, items.len()))
        }
        ("add", _) => {
            // As much again for the growth of the array.
            heap.reserve(2 * size_of::<Value<'_>>())?;
            let list = heap.list_mut(id);
            list.items.push(argument.clone());
            list.changes += 1;
            some(true)
        }
        ("remove", Value::Int(index)) => {
            let size = heap.list(id).items.len();
            heap.charge(size / 16)?;
            let place = usize::try_from(*index).ok().filter(|place| *place < size);
            let place = place.ok_or_else(|| out_of_bounds(*index, size))?;
            let list = heap.list_mut(id);
            list.changes += 1;
            Ok(Some(list.items.remove(place)))
        }
        ("remove", _) => {
            heap.charge(heap.list(id).items.len() / 4)?;
            let found = heap.list(id).items.iter().position(|item| equals(heap, item, argument));
            if let Some(place) = found {
                let list = heap.list_mut(id);
                list.items.remove(place);
                list.changes += 1;
            }
            some(found.is_some())
        }
        ("addAll", _) => add_all(heap, id, argument),
        ("removeAll" | "retainAll", _) => keep(heap, id, name == "retainAll", argument),
        ("ensureCapacity", Value::Int(_)) => some(""),
        ("listIterator", Value::Int(from)) => {
            let from = usize::try_from(*from).unwrap_or(0);
            let items = heap.list(id).items.iter().skip(from).cloned().collect();
            iterate(heap, items)
        }
        _ => Ok(None),
    }
}

fn add_all<'a>(heap: &mut Heap<'a>, id: ListId, argument: &Value<'a>) -> Found<'a> {
    let Some(more) = collection(heap, argument) else { return null_or_none(argument) };
    heap.charge(more.len() / 4)?;
    heap.reserve(2 * size_of::<Value<'_>>() * more.len())?;
    let changed = !more.is_empty();
    let list = heap.list_mut(id);
    list.items.extend(more);
    list.changes += 1;
    some(changed)
}

/// Keeps the elements that are among others, or those that are not.
fn keep<'a>(heap: &mut Heap<'a>, id: ListId, wanted: bool, argument: &Value<'a>) -> Found<'a> {
    let Some(others) = collection(heap, argument) else { return null_or_none(argument) };
    let items = std::mem::take(&mut heap.list_mut(id).items);
    heap.charge(items.len().saturating_mul(others.len()) / 4)?;
    let before = items.len();
    let listed = |item: &Value<'a>| others.iter().any(|other| equals(heap, item, other));
    let kept: Vec<Value<'a>> = items.into_iter().filter(|item| listed(item) == wanted).collect();
    let changed = kept.len() != before;
    let list = heap.list_mut(id);
    list.items = kept;
    list.changes += u32::from(changed);
    some(changed)
}

fn with_index<'a>(heap: &mut Heap<'a>, id: ListId, name: &str, index: i32, value: &Value<'a>) -> Found<'a> {
    let size = heap.list(id).items.len();
    let place = usize::try_from(index).unwrap_or(usize::MAX);
    match (name, value) {
        ("set", _) => {
            let slot = heap.list_mut(id).items.get_mut(place).ok_or_else(|| out_of_bounds(index, size))?;
            Ok(Some(std::mem::replace(slot, value.clone())))
        }
        ("add", _) => {
            if place > size {
                return Err(out_of_bounds(index, size));
            }
            heap.charge(size / 16)?;
            heap.reserve(2 * size_of::<Value<'_>>())?;
            let list = heap.list_mut(id);
            list.items.insert(place, value.clone());
            list.changes += 1;
            some("")
        }
        ("addAll", _) => {
            let Some(more) = collection(heap, value) else { return Ok(None) };
            if place > size {
                return Err(out_of_bounds(index, size));
            }
            heap.charge((size + more.len()) / 4)?;
            heap.reserve(2 * size_of::<Value<'_>>() * more.len())?;
            let changed = !more.is_empty();
            let list = heap.list_mut(id);
            list.items.splice(place..place, more);
            list.changes += 1;
            some(changed)
        }
        ("subList", Value::Int(to)) => {
            let end = usize::try_from(*to).unwrap_or(usize::MAX);
            let part = heap.list(id).items.get(place..end).map(<[Value<'a>]>::to_vec);
            let part = part.ok_or_else(|| Failure::new(format!("subList({index}, {to}) of a list of {size}")))?;
            heap.new_list(part).map(Some)
        }
        _ => Ok(None),
    }
}

/// `keySet()`, `values()` and `entrySet()`.
pub(super) fn view<'a>(
    heap: &mut Heap<'a>,
    id: MapId,
    kind: ViewKind,
    name: &str,
    arguments: &[Value<'a>],
) -> Found<'a> {
    let this = Value::from(Inner::View(id, kind));
    match arguments {
        [] => match name {
            "size" => Ok(Some(length(heap.map(id).len()))),
            "isEmpty" => some(heap.map(id).len() == 0),
            "iterator" => {
                let items = heap.view(id, kind);
                iterate(heap, items)
            }
            "toArray" => {
                let items = heap.view(id, kind);
                new_array(heap, items, "[Ljava.lang.Object;")
            }
            "clear" => {
                heap.map_mut(id).clear();
                some("")
            }
            _ => Ok(None),
        },
        [argument] => match name {
            "contains" | "containsAll" => query(heap, &this, name, argument),
            "add" => Err(Failure::new("java.lang.UnsupportedOperationException")),
            "addAll" => match collection(heap, argument) {
                Some(more) if more.is_empty() => some(false),
                Some(_) => Err(Failure::new("java.lang.UnsupportedOperationException")),
                None => Ok(None),
            },
            "remove" => {
                let elements = heap.view(id, kind);
                heap.charge(elements.len() / 4)?;
                let found = elements.iter().position(|element| equals(heap, element, argument));
                remove_places(heap, id, &found.into_iter().collect::<Vec<_>>())
            }
            "removeAll" | "retainAll" => {
                let Some(others) = collection(heap, argument) else { return null_or_none(argument) };
                let elements = heap.view(id, kind);
                heap.charge(elements.len().saturating_mul(others.len()) / 4)?;
                let removed = name == "removeAll";
                let listed = |element: &Value<'a>| others.iter().any(|other| equals(heap, element, other));
                let places: Vec<usize> = elements
                    .iter()
                    .enumerate()
                    .filter(|(_, element)| listed(element) == removed)
                    .map(|(place, _)| place)
                    .collect();
                remove_places(heap, id, &places)
            }
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

/// Removes entries by their places in the order of iteration; whether there were any.
fn remove_places<'a>(heap: &mut Heap<'a>, id: MapId, places: &[usize]) -> Found<'a> {
    let keys = heap.view(id, ViewKind::Keys);
    for key in places.iter().filter_map(|place| keys.get(*place)) {
        heap.remove(id, key)?;
    }
    some(!places.is_empty())
}

/// A method that takes a collection fails on null and does not exist for anything else.
fn null_or_none<'a>(argument: &Value<'a>) -> Found<'a> {
    if argument.is_null() { Err(Failure::new("java.lang.NullPointerException")) } else { Ok(None) }
}

pub(super) fn iterator<'a>(heap: &mut Heap<'a>, id: u32, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    let Some((items, place)) = heap.iterators.get_mut(id as usize) else { return Ok(None) };
    match (name, arguments) {
        ("hasNext", []) => some(*place < items.len()),
        ("next", []) => {
            let item = items.get(*place).cloned().ok_or_else(|| Failure::new("java.util.NoSuchElementException"))?;
            *place += 1;
            Ok(Some(item))
        }
        _ => Ok(None),
    }
}
