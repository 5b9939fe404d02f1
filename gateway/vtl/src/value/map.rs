//! Java's maps: `LinkedHashMap` keeps the order of insertion, `HashMap` that of its buckets.

use super::compare::{equals, hash_code};
use super::heap::{Failure, Heap};
use super::{MapId, Value, ViewKind};
use crate::error::Span;
use crate::find::same_name;
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MapKind {
    /// Insertion order, prints `{a=1}`.
    Linked,
    /// `$context` and its members: bucket order, prints nothing.
    Context,
}

impl MapKind {
    pub(crate) fn class_name(self) -> &'static str {
        match self {
            Self::Linked => "java.util.LinkedHashMap",
            Self::Context => "java.util.HashMap",
        }
    }
}

/// From how many entries on a map looks keys up instead of comparing them one by one.
const INDEXED: usize = 12;

/// A key with its value.
pub(crate) type Entry<'a> = (Value<'a>, Value<'a>);

/// A map as the heap keeps it.
#[derive(Debug)]
pub(crate) struct Map<'a> {
    entries: Vec<Entry<'a>>,
    /// Where its entries stand in the documents that were read, as long as nothing changes it.
    read: Option<Span>,
    /// Hash of a string key to its entry; a clash falls back to comparing.
    index: Option<Box<Index>>,
    pub(crate) kind: MapKind,
    pub(crate) changes: u32,
    /// Whether a second write of a key is worth a note: overrides.
    pub(crate) watched: bool,
    /// Most entries it ever had: Java's tables do not shrink.
    peak: usize,
}

impl<'a> Map<'a> {
    pub(crate) fn new(kind: MapKind) -> Self {
        Self::of_entries(Vec::new(), kind)
    }

    /// A map of different string keys.
    pub(crate) fn of_entries(entries: Vec<Entry<'a>>, kind: MapKind) -> Self {
        let (index, peak) = (index(&entries), entries.len());
        Self { entries, read: None, index, kind, changes: 0, watched: false, peak }
    }

    /// A map of different string keys: so many entries of the documents, with their index.
    #[inline]
    pub(super) fn of_read(start: usize, length: usize, index: Option<Box<Index>>) -> Self {
        Self {
            entries: Vec::new(),
            read: Some(Span::new(start, start + length)),
            index,
            kind: MapKind::Linked,
            changes: 0,
            watched: false,
            peak: length,
        }
    }

    pub(crate) fn held(&self) -> usize {
        self.entries.capacity() * size_of::<Entry<'_>>()
    }

    #[inline]
    pub(super) fn view<'h>(&'h self, documents: &'h [Entry<'a>]) -> MapView<'h, 'a> {
        let entries = match self.read {
            Some(span) => documents.get(span.range()).unwrap_or(&[]),
            None => &self.entries,
        };
        MapView { map: self, entries }
    }

    /// Takes its entries out of the documents: it will be changed.
    pub(super) fn own(&mut self, documents: &[Entry<'a>]) {
        if let Some(span) = self.read.take() {
            self.entries = documents.get(span.range()).unwrap_or(&[]).to_vec();
        }
    }

    fn replace(&mut self, place: usize, value: Value<'a>) -> Option<Value<'a>> {
        self.entries.get_mut(place).map(|entry| std::mem::replace(&mut entry.1, value))
    }

    fn insert(&mut self, key: Value<'a>, value: Value<'a>) {
        self.changes += 1;
        if let (Some(index), Some(text)) = (&mut self.index, key.as_str())
            && let Ok(place) = u32::try_from(self.entries.len())
        {
            index.1.entry(index.0.hash_one(text.as_bytes())).or_insert(place);
        }
        self.entries.push((key, value));
        self.peak = self.peak.max(self.entries.len());
        if self.index.is_none() {
            self.index = index(&self.entries);
        }
    }

    fn remove(&mut self, place: usize) -> Value<'a> {
        self.changes += 1;
        let (_, value) = self.entries.remove(place);
        self.index = index(&self.entries);
        value
    }

    pub(crate) fn clear(&mut self) {
        self.changes += 1;
        self.entries.clear();
        self.index = None;
    }
}

pub(super) type Index = (RandomState, HashMap<u64, u32>);

/// An index, where there are enough entries for one.
pub(super) fn index(entries: &[Entry<'_>]) -> Option<Box<Index>> {
    if entries.len() < INDEXED {
        return None;
    }
    let state = RandomState::new();
    let mut places = HashMap::with_capacity(entries.len());
    for (place, (key, _)) in (0..).zip(entries) {
        if let Some(text) = key.as_str() {
            places.entry(state.hash_one(text.as_bytes())).or_insert(place);
        }
    }
    Some(Box::new((state, places)))
}

#[inline]
fn is_text(key: &Value<'_>, text: &[u8]) -> bool {
    match key {
        // Almost all keys are.
        Value::Str(key) => same_name(key.as_bytes(), text),
        other => other.as_str().is_some_and(|key| key.as_bytes() == text),
    }
}

/// A map to look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MapView<'h, 'a> {
    map: &'h Map<'a>,
    entries: &'h [Entry<'a>],
}

impl<'a> std::ops::Deref for MapView<'_, 'a> {
    type Target = Map<'a>;

    fn deref(&self) -> &Map<'a> {
        self.map
    }
}

impl<'h, 'a> MapView<'h, 'a> {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entry(&self, index: usize) -> Option<&'h Entry<'a>> {
        self.entries.get(index)
    }

    pub(crate) fn entries(&self) -> &'h [Entry<'a>] {
        self.entries
    }

    fn position_of_text(&self, text: &[u8]) -> Option<usize> {
        if let Some(index) = &self.index {
            let place = *index.1.get(&index.0.hash_one(text))? as usize;
            if self.entries.get(place).is_some_and(|(key, _)| is_text(key, text)) {
                return Some(place);
            }
        }
        self.entries.iter().position(|(key, _)| is_text(key, text))
    }

    pub(crate) fn get_text(&self, text: &str) -> Option<&'h Value<'a>> {
        self.position_of_text(text.as_bytes()).and_then(|place| self.entries.get(place)).map(|(_, value)| value)
    }

    /// As [`Map::get_text`], looking first where the key was found the last time.
    #[inline]
    pub(crate) fn get_near(&self, text: &[u8], hint: Option<&Cell<u32>>) -> Option<&'h Value<'a>> {
        if let Some((key, value)) = hint.and_then(|hint| self.entries.get(hint.get() as usize))
            && is_text(key, text)
        {
            return Some(value);
        }
        let place = self.position_of_text(text)?;
        if let (Some(hint), Ok(place)) = (hint, u32::try_from(place)) {
            hint.set(place);
        }
        self.entries.get(place).map(|(_, value)| value)
    }

    /// The order in which Java iterates.
    pub(crate) fn order(&self, heap: &Heap<'a>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        if self.kind == MapKind::Context {
            let mut buckets: u32 = 16;
            while self.peak > buckets as usize / 4 * 3 {
                buckets = buckets.saturating_mul(2);
            }
            order.sort_by_key(|place| {
                let hash = self.entries.get(*place).map_or(0, |(key, _)| hash_code(heap, key)).cast_unsigned();
                (hash ^ (hash >> 16)) & (buckets - 1)
            });
        }
        order
    }
}

impl<'a> Heap<'a> {
    pub(crate) fn find(&self, id: MapId, key: &Value<'a>) -> Option<usize> {
        let map = self.map(id);
        match key.as_str() {
            Some(text) => map.position_of_text(text.as_bytes()),
            None => map.entries.iter().position(|(known, _)| equals(self, known, key)),
        }
    }

    /// The value of a key, if the map has it.
    pub fn get(&self, map: &Value<'a>, key: &str) -> Option<Value<'a>> {
        if let Value::Map(id) = map { self.map(*id).get_text(key).cloned() } else { None }
    }

    pub(crate) fn get_by(&self, id: MapId, key: &Value<'a>) -> Option<Value<'a>> {
        let place = self.find(id, key)?;
        self.map(id).entry(place).map(|(_, value)| value.clone())
    }

    /// Java's `put`: the value that was there before.
    pub(crate) fn put(&mut self, id: MapId, key: Value<'a>, value: Value<'a>) -> Result<Option<Value<'a>>, Failure> {
        if self.map(id).watched {
            self.note(id, &key);
        }
        if let Some(place) = self.find(id, &key) {
            return Ok(self.map_mut(id).replace(place, value));
        }
        // As much again for the growth of the table.
        self.reserve(2 * size_of::<Entry<'_>>())?;
        self.map_mut(id).insert(key, value);
        Ok(None)
    }

    /// Remembers the writes of overrides: AWS documents that one parameter is overridden once.
    fn note(&mut self, id: MapId, key: &Value<'a>) {
        const MOST: usize = 64;
        let Some(key) = key.as_str() else { return };
        if self.written.iter().any(|(map, known)| *map == id && known == key) {
            if self.repeated.len() < MOST && !self.repeated.iter().any(|known| known == key) {
                self.repeated.push(key.to_owned());
            }
        } else if self.written.len() < MOST {
            self.written.push((id, key.to_owned()));
        }
    }

    pub(crate) fn remove(&mut self, id: MapId, key: &Value<'a>) -> Result<Option<Value<'a>>, Failure> {
        self.charge(self.map(id).len() / 4)?;
        let found = self.find(id, key);
        Ok(found.map(|place| self.map_mut(id).remove(place)))
    }

    /// What a view shows, in the map's order.
    pub(crate) fn view(&self, id: MapId, kind: ViewKind) -> Vec<Value<'a>> {
        let map = self.map(id);
        let element = |place: usize| {
            let (key, value) = map.entry(place)?;
            Some(match kind {
                ViewKind::Keys => key.clone(),
                ViewKind::Values => value.clone(),
                ViewKind::Entries => super::Inner::Entry(id, u32::try_from(place).unwrap_or(0)).into(),
            })
        };
        map.order(self).into_iter().filter_map(element).collect()
    }
}
