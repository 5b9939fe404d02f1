//! Objects. Their entries go to the heap as they are read, one object behind the other; those of an
//! object with others inside are pending until it ends.

use super::parse::{Complaint, END, Parser, Stop};
use crate::value::heap::{Failure, Heap, push_in_place};
use crate::value::map::{Entry, Map};
use crate::value::{MapId, Value};
use std::collections::HashMap;

/// So many keys of an object are compared one by one.
const FEW: usize = 24;

/// An object that is being read.
#[derive(Debug, Default)]
struct Unfinished {
    /// Where its entries begin among those that are pending, if others are inside of it.
    pending: usize,
    nests: bool,
    /// Where they begin among those of the heap otherwise.
    start: usize,
    /// The bits of its keys.
    seen: u64,
    repeated: bool,
}

impl<'a> Parser<'_, 'a> {
    pub(super) fn object(&mut self, heap: &mut Heap<'a>) -> Result<MapId, Failure> {
        self.deeper()?;
        let nests = self.nesting.get(self.depth as usize).copied().unwrap_or(false);
        let mut object =
            Unfinished { pending: self.entries.len(), start: heap.read.len(), nests, ..Unfinished::default() };
        loop {
            self.at += 1;
            match self.peek() {
                b'\t' | b'\n' | b'\r' | b' ' | b',' => {}
                byte @ (b':' | b'[' | b']' | b'{') => return self.fail(self.at, &Complaint::Character(byte)),
                b'}' => break,
                _ => {
                    self.entry(heap, &mut object)?;
                    self.skip_controls();
                    match self.peek() {
                        b'}' => break,
                        b',' => {}
                        END => return self.fail(self.at.saturating_sub(1), &Complaint::End("null")),
                        byte => {
                            let token = char::from(byte).to_string();
                            return self.fail(self.at.saturating_sub(1), &Complaint::Token(&token));
                        }
                    }
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        self.finish(heap, &object)
    }

    fn finish(&mut self, heap: &mut Heap<'a>, object: &Unfinished) -> Result<MapId, Failure> {
        let entries = if object.nests {
            let start = heap.read.len();
            heap.read.extend(self.entries.drain(object.pending..));
            start
        } else {
            object.start
        };
        self.hold(size_of::<Entry<'_>>() * (heap.read.len() - entries) + size_of::<Map<'_>>())?;
        if object.repeated {
            let all = heap.read.split_off(entries);
            heap.read.extend(without_repetitions(all));
        }
        Ok(heap.adopt_object(entries))
    }

    /// Reads a key and its value.
    fn entry(&mut self, heap: &mut Heap<'a>, object: &mut Unfinished) -> Result<(), Failure> {
        let Some(key) = self.plain_string() else { return self.unusual_entry(heap, object) };
        self.note(heap, object, key);
        self.colon()?;
        self.skip_blanks();
        if let Some(text) = self.plain_string() {
            put(self.entries_of(heap, object), key, text);
            return Ok(());
        }
        match self.peek() {
            b'{' => {
                self.set_aside(heap, object);
                let map = self.object(heap)?;
                put(&mut self.entries, key, map);
            }
            b'[' => {
                self.set_aside(heap, object);
                let list = self.array(heap)?;
                put(&mut self.entries, key, list);
            }
            byte => match (self.plain_integer(byte), self.plain_bool(byte)) {
                (Some(int), _) => put(self.entries_of(heap, object), key, int),
                (None, Some(bool)) => put(self.entries_of(heap, object), key, bool),
                (None, None) => {
                    let value = self.value(heap, Stop::Value)?;
                    put(self.entries_of(heap, object), key, value);
                }
            },
        }
        Ok(())
    }

    /// An entry whose key has escapes or no quotes, or is no part of a text that outlives the render.
    #[cold]
    fn unusual_entry(&mut self, heap: &mut Heap<'a>, object: &mut Unfinished) -> Result<(), Failure> {
        let quoted = matches!(self.peek(), b'"' | b'\'');
        let key = if quoted { self.string(heap)? } else { self.unquoted(heap, Stop::Key)? };
        self.note(heap, object, key.as_str().unwrap_or(""));
        self.colon()?;
        self.set_aside(heap, object);
        let value = self.value(heap, Stop::Value)?;
        self.entries.push((key, value));
        Ok(())
    }

    #[inline]
    fn entries_of<'s>(&'s mut self, heap: &'s mut Heap<'a>, object: &Unfinished) -> &'s mut Vec<Entry<'a>> {
        if object.nests { &mut self.entries } else { &mut heap.read }
    }

    /// Keeps an object's entries apart from those of the objects in it.
    fn set_aside(&mut self, heap: &mut Heap<'a>, object: &mut Unfinished) {
        if !object.nests {
            self.entries.extend(heap.read.drain(object.start..));
            object.nests = true;
            // The next object of this depth is most likely alike.
            if let Some(nests) = self.nesting.get_mut(self.depth as usize) {
                *nests = true;
            }
        }
    }

    /// Finds keys that come again; where there are many, all of them are looked through later.
    #[inline]
    fn note(&self, heap: &Heap<'a>, object: &mut Unfinished, key: &str) {
        let bit = key_bit(key);
        if object.seen & bit != 0 && !object.repeated {
            let entries = if object.nests { self.entries.get(object.pending..) } else { heap.read.get(object.start..) };
            let entries = entries.unwrap_or(&[]);
            object.repeated = entries.len() > FEW || entries.iter().any(|(earlier, _)| earlier.as_str() == Some(key));
        }
        object.seen |= bit;
    }

    #[inline]
    fn colon(&mut self) -> Result<(), Failure> {
        if self.peek() != b':' {
            self.skip_controls();
        }
        match self.peek() {
            b':' => {}
            END => return self.fail(self.at.saturating_sub(1), &Complaint::End("null")),
            byte => return self.fail(self.at.saturating_sub(1), &Complaint::Character(byte)),
        }
        self.at += 1;
        if self.at >= self.text.len() {
            return self.fail(self.at.saturating_sub(1), &Complaint::End("EOF"));
        }
        Ok(())
    }
}

#[inline(never)]
fn put<'a>(entries: &mut Vec<Entry<'a>>, key: &'a str, value: impl Into<Value<'a>>) {
    push_in_place(entries, || (Value::Str(key), value.into()));
}

/// A bit by length and first letters: keys of different bits are different keys.
fn key_bit(key: &str) -> u64 {
    let key = key.as_bytes();
    let letter = |place: usize| usize::from(key.get(place).copied().unwrap_or(0));
    1 << ((key.len() * 7 + letter(0) + letter(1)) % 64)
}

/// A key that comes again keeps its place and takes the later value.
fn without_repetitions(entries: Vec<Entry<'_>>) -> Vec<Entry<'_>> {
    let mut places: HashMap<&str, ()> = HashMap::with_capacity(entries.len());
    let unique = entries.iter().all(|(key, _)| places.insert(key.as_str().unwrap_or(""), ()).is_none());
    if unique {
        return entries;
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Entry<'_>> = Vec::new();
    for (key, value) in entries {
        let name = key.as_str().unwrap_or("").to_owned();
        let place = *places.entry(name).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(entry) => entry.1 = value,
            None => kept.push((key, value)),
        }
    }
    kept
}
