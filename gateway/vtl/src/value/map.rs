//! Java's maps: `LinkedHashMap` keeps the order of insertion, `HashMap` that of its buckets.

use super::compare::{equals, hash_code};
use super::heap::{Failure, Heap};
use super::{MapId, Value, ViewKind};
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

#[derive(Debug)]
pub(crate) struct Map<'a> {
    entries: Vec<(Value<'a>, Value<'a>)>,
    /// Hash of a string key to its entry; a clash falls back to comparing.
    index: Option<Box<(RandomState, HashMap<u64, u32>)>>,
    pub(crate) kind: MapKind,
    pub(crate) changes: u32,
    /// Whether a second write of a key is worth a note: overrides.
    pub(crate) watched: bool,
    /// Most entries it ever had: Java's tables do not shrink.
    peak: usize,
}

impl<'a> Map<'a> {
    pub(crate) fn new(kind: MapKind) -> Self {
        Self { entries: Vec::new(), index: None, kind, changes: 0, watched: false, peak: 0 }
    }

    /// A map of different string keys.
    pub(crate) fn of_entries(entries: Vec<(Value<'a>, Value<'a>)>, kind: MapKind) -> Self {
        let peak = entries.len();
        let mut map = Self { entries, index: None, kind, changes: 0, watched: false, peak };
        map.reindex();
        map
    }

    pub(crate) fn held(&self) -> usize {
        self.entries.capacity() * size_of::<(Value<'_>, Value<'_>)>()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entry(&self, index: usize) -> Option<&(Value<'a>, Value<'a>)> {
        self.entries.get(index)
    }

    pub(crate) fn entries(&self) -> &[(Value<'a>, Value<'a>)] {
        &self.entries
    }

    fn reindex(&mut self) {
        self.index = None;
        if self.entries.len() < INDEXED {
            return;
        }
        let state = RandomState::new();
        let mut places = HashMap::with_capacity(self.entries.len());
        for (place, (key, _)) in (0..).zip(&self.entries) {
            if let Some(text) = key.as_str() {
                places.entry(state.hash_one(text)).or_insert(place);
            }
        }
        self.index = Some(Box::new((state, places)));
    }

    fn position_of_text(&self, text: &str) -> Option<usize> {
        if let Some(index) = &self.index {
            let place = *index.1.get(&index.0.hash_one(text))? as usize;
            if self.entries.get(place).is_some_and(|(key, _)| key.as_str() == Some(text)) {
                return Some(place);
            }
        }
        let text = text.as_bytes();
        self.entries.iter().position(|(key, _)| {
            // Most keys differ in length or in the first letter.
            key.as_str().is_some_and(|key| {
                let key = key.as_bytes();
                key.len() == text.len() && key.first() == text.first() && key == text
            })
        })
    }

    pub(crate) fn get_text(&self, text: &str) -> Option<&Value<'a>> {
        self.position_of_text(text).and_then(|place| self.entries.get(place)).map(|(_, value)| value)
    }

    /// As [`Map::get_text`], looking first where the key was found the last time.
    pub(crate) fn get_near(&self, text: &str, hint: Option<&Cell<u32>>) -> Option<&Value<'a>> {
        if let Some((key, value)) = hint.and_then(|hint| self.entries.get(hint.get() as usize))
            && key.as_str() == Some(text)
        {
            return Some(value);
        }
        let place = self.position_of_text(text)?;
        if let (Some(hint), Ok(place)) = (hint, u32::try_from(place)) {
            hint.set(place);
        }
        self.entries.get(place).map(|(_, value)| value)
    }

    fn replace(&mut self, place: usize, value: Value<'a>) -> Option<Value<'a>> {
        self.entries.get_mut(place).map(|entry| std::mem::replace(&mut entry.1, value))
    }

    fn insert(&mut self, key: Value<'a>, value: Value<'a>) {
        self.changes += 1;
        if let (Some(index), Some(text)) = (&mut self.index, key.as_str())
            && let Ok(place) = u32::try_from(self.entries.len())
        {
            index.1.entry(index.0.hash_one(text)).or_insert(place);
        }
        self.entries.push((key, value));
        self.peak = self.peak.max(self.entries.len());
        if self.index.is_none() && self.entries.len() >= INDEXED {
            self.reindex();
        }
    }

    fn remove(&mut self, place: usize) -> Value<'a> {
        self.changes += 1;
        let (_, value) = self.entries.remove(place);
        self.reindex();
        value
    }

    pub(crate) fn clear(&mut self) {
        self.changes += 1;
        self.entries.clear();
        self.index = None;
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
            Some(text) => map.position_of_text(text),
            None => map.entries.iter().position(|(known, _)| equals(self, known, key)),
        }
    }

    /// The value of a key, if the map has it.
    pub fn get(&self, map: &Value<'a>, key: &str) -> Option<Value<'a>> {
        if let Value::Map(id) = map { self.map(*id).get_text(key).cloned() } else { None }
    }

    pub(crate) fn get_by(&self, id: MapId, key: &Value<'a>) -> Option<Value<'a>> {
        let place = self.find(id, key)?;
        self.map(id).entries.get(place).map(|(_, value)| value.clone())
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
        self.reserve(2 * size_of::<(Value<'_>, Value<'_>)>())?;
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
