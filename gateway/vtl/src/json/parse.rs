//! The permissive parser: unquoted and single-quoted text, useless commas and leading zeros pass,
//! what follows the first value is ignored.

use super::text;
use crate::error::ErrorKind;
use crate::value::Value;
use crate::value::heap::{Failure, Heap, ListKind};
use crate::value::map::{Map, MapKind};
use std::collections::HashMap;

/// What the parser sees behind the text's last character.
pub(super) const END: u8 = 0x1a;

/// json-smart refuses deeper documents.
const DEEPEST: u32 = 400;

/// Which characters end an unquoted text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stop {
    Key,
    Value,
    Element,
    Never,
}

impl Stop {
    pub(super) fn is_at(self, byte: u8) -> bool {
        match self {
            Self::Key => matches!(byte, b':' | END),
            Self::Value => matches!(byte, b',' | b'}' | END),
            Self::Element => matches!(byte, b',' | b']' | END),
            Self::Never => byte == END,
        }
    }
}

/// The failures of json-smart, worded as it words them.
pub(super) enum Complaint<'c> {
    Character(u8),
    Token(&'c str),
    End(&'c str),
    Unicode(u8),
    Depth,
    Number,
}

pub(crate) struct Parser<'t, 'a> {
    text: &'t str,
    bytes: &'t [u8],
    /// The same text where it outlives the render, so that strings need no copies.
    lent: Option<&'a str>,
    pub(super) at: usize,
    depth: u32,
    entries: Vec<(Value<'a>, Value<'a>)>,
    items: Vec<Value<'a>>,
    /// Memory taken so far, and how much may be.
    held: usize,
    limit: usize,
}

/// The body: its strings are borrowed, its memory counts by itself.
pub(crate) fn document<'a>(heap: &mut Heap<'a>, text: &'a str) -> Result<Value<'a>, Failure> {
    let limit = heap.limits.document_bytes;
    heap.expect_objects(text.len() / 80);
    let mut parser = Parser::new(text, Some(text), limit);
    parser.first(heap)
}

/// Text that a template made or passes on.
pub(crate) fn value<'a>(heap: &mut Heap<'a>, text: &Value<'a>) -> Result<Value<'a>, Failure> {
    let limit = heap.limits.memory_bytes;
    let (text, lent) = match text {
        Value::Str(text) => (*text, Some(*text)),
        _ => (text.as_str().unwrap_or(""), None),
    };
    heap.charge(text.len() / 8)?;
    let mut parser = Parser::new(text, lent, limit);
    let value = parser.first(heap)?;
    heap.reserve(parser.held)?;
    Ok(value)
}

impl<'t, 'a> Parser<'t, 'a> {
    fn new(text: &'t str, lent: Option<&'a str>, limit: usize) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            lent,
            at: 0,
            depth: 0,
            entries: Vec::new(),
            items: Vec::new(),
            held: 0,
            limit,
        }
    }

    fn first(&mut self, heap: &mut Heap<'a>) -> Result<Value<'a>, Failure> {
        self.value(heap, Stop::Never)
    }

    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.byte_at(self.at)
    }

    #[inline]
    pub(super) fn byte_at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(END)
    }

    pub(super) fn fail<T>(&self, at: usize, complaint: &Complaint<'_>) -> Result<T, Failure> {
        let before = self.text.get(..at.min(self.text.len())).unwrap_or(self.text);
        let at = before.encode_utf16().count() + at.saturating_sub(self.text.len());
        let what = match complaint {
            Complaint::Character(byte) => format!("Unexpected character ({}) at position {at}.", char::from(*byte)),
            Complaint::Token(token) => format!("Unexpected token {token} at position {at}."),
            Complaint::End(what) => format!("Unexpected End Of File position {at}: {what}"),
            Complaint::Unicode(byte) => {
                format!("Unexpected unicode escape sequence {} at position {at}.", char::from(*byte))
            }
            Complaint::Depth => {
                format!("Malicious payload, having non natural depths, parsing stoped on [ at position {at}.")
            }
            Complaint::Number => format!("Unexpected token number at position {at}."),
        };
        Err(Failure::of(ErrorKind::Payload, format!("net.minidev.json.parser.ParseException: {what}")))
    }

    fn hold(&mut self, bytes: usize) -> Result<(), Failure> {
        self.held += bytes;
        if self.held > self.limit {
            let message = format!("the parsed JSON takes more than {} bytes", self.limit);
            return Err(Failure::of(ErrorKind::MemoryBudget, message));
        }
        Ok(())
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), b'\t' | b'\n' | b'\r' | b' ') {
            self.at += 1;
        }
    }

    pub(super) fn skip_controls(&mut self) {
        while self.peek() <= b' ' && self.peek() != END {
            self.at += 1;
        }
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    /// A string from the text itself.
    #[inline]
    pub(super) fn borrowed(&mut self, heap: &mut Heap<'a>, start: usize, end: usize) -> Result<Value<'a>, Failure> {
        match self.lent {
            Some(lent) => Ok(Value::Str(lent.get(start..end).unwrap_or(""))),
            None => heap.text(self.slice(start, end).to_owned()),
        }
    }

    fn value(&mut self, heap: &mut Heap<'a>, stop: Stop) -> Result<Value<'a>, Failure> {
        self.skip_blanks();
        match self.peek() {
            byte @ (b':' | b']' | b'}') => self.fail(self.at, &Complaint::Character(byte)),
            b'{' => self.nested(heap, Self::object),
            b'[' => self.nested(heap, Self::array),
            b'"' | b'\'' => self.string(heap),
            b'-' | b'0'..=b'9' => self.number(heap, stop),
            b'n' | b't' | b'f' | b'N' => self.word(heap, stop),
            _ => self.unquoted(heap, stop),
        }
    }

    fn nested(
        &mut self,
        heap: &mut Heap<'a>,
        parse: impl FnOnce(&mut Self, &mut Heap<'a>) -> Result<Value<'a>, Failure>,
    ) -> Result<Value<'a>, Failure> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fail(self.at, &Complaint::Depth);
        }
        let value = parse(self, heap);
        self.depth -= 1;
        value
    }

    fn array(&mut self, heap: &mut Heap<'a>) -> Result<Value<'a>, Failure> {
        let base = self.items.len();
        self.at += 1;
        loop {
            match self.peek() {
                b'\t' | b'\n' | b'\r' | b' ' | b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    let items = self.items.split_off(base);
                    self.hold(size_of::<Value<'_>>() * items.len() + 48)?;
                    return Ok(Value::List(heap.adopt_list(items, ListKind::Json)));
                }
                byte @ (b':' | b'}') => return self.fail(self.at, &Complaint::Character(byte)),
                END => return self.fail(self.at.saturating_sub(1), &Complaint::End("EOF")),
                _ => {
                    let item = self.value(heap, Stop::Element)?;
                    self.items.push(item);
                }
            }
        }
    }

    fn object(&mut self, heap: &mut Heap<'a>) -> Result<Value<'a>, Failure> {
        let base = self.entries.len();
        let (mut seen, mut repeated) = (0, 0);
        loop {
            self.at += 1;
            match self.peek() {
                b'\t' | b'\n' | b'\r' | b' ' | b',' => {}
                byte @ (b':' | b'[' | b']' | b'{') => return self.fail(self.at, &Complaint::Character(byte)),
                b'}' => break,
                _ => {
                    let bit = self.entry(heap)?;
                    repeated |= seen & bit;
                    seen |= bit;
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
        let entries = self.entries.split_off(base);
        self.hold(size_of::<(Value<'_>, Value<'_>)>() * entries.len() + 80)?;
        let entries = if repeated == 0 { entries } else { without_repetitions(entries) };
        let map = Map::of_entries(entries, MapKind::Linked);
        Ok(Value::Map(heap.adopt_map(map)))
    }

    /// Reads a key and its value; gives the key's bit.
    fn entry(&mut self, heap: &mut Heap<'a>) -> Result<u64, Failure> {
        let key =
            if matches!(self.peek(), b'"' | b'\'') { self.string(heap)? } else { self.unquoted(heap, Stop::Key)? };
        self.skip_controls();
        match self.peek() {
            b':' => {}
            END => return self.fail(self.at.saturating_sub(1), &Complaint::End("null")),
            byte => return self.fail(self.at.saturating_sub(1), &Complaint::Character(byte)),
        }
        self.at += 1;
        if self.at >= self.text.len() {
            return self.fail(self.at.saturating_sub(1), &Complaint::End("EOF"));
        }
        let value = self.value(heap, Stop::Value)?;
        let bit = key_bit(&key);
        self.entries.push((key, value));
        Ok(bit)
    }

    /// To the next character that ends it, without blanks at either end.
    fn unquoted(&mut self, heap: &mut Heap<'a>, stop: Stop) -> Result<Value<'a>, Failure> {
        let start = self.at;
        self.skip_to(stop);
        let (start, end) = self.trimmed(start);
        self.borrowed(heap, start, end)
    }

    pub(super) fn skip_to(&mut self, stop: Stop) {
        while !stop.is_at(self.peek()) {
            self.at += 1;
        }
    }

    pub(super) fn trimmed(&self, start: usize) -> (usize, usize) {
        let raw = self.slice(start, self.at);
        let head = raw.trim_start_matches(|c: char| c <= ' ');
        let text = head.trim_end_matches(|c: char| c <= ' ');
        let start = start + raw.len() - head.len();
        (start, start + text.len())
    }

    fn word(&mut self, heap: &mut Heap<'a>, stop: Stop) -> Result<Value<'a>, Failure> {
        let start = self.at;
        self.skip_to(stop);
        let (start, end) = self.trimmed(start);
        match self.slice(start, end) {
            "null" => Ok(Value::Null),
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "NaN" => Ok(Value::Double(f64::NAN)),
            _ => self.borrowed(heap, start, end),
        }
    }

    fn string(&mut self, heap: &mut Heap<'a>) -> Result<Value<'a>, Failure> {
        let quote = self.peek();
        let start = self.at + 1;
        let rest = self.bytes.get(start..).unwrap_or(&[]);
        let found = text::quote_or_backslash(rest, quote);
        let Some(length) = found else { return self.fail(self.text.len(), &Complaint::End("null")) };
        if rest.get(length) == Some(&quote) {
            self.at = start + length + 1;
            return self.borrowed(heap, start, start + length);
        }
        if !rest.contains(&quote) {
            return self.fail(self.text.len(), &Complaint::End("null"));
        }
        let text = self.escaped_string(quote)?;
        heap_text(self, heap, text)
    }
}

/// Decoded text belongs to the document when it comes from one.
fn heap_text<'a>(parser: &mut Parser<'_, 'a>, heap: &mut Heap<'a>, text: String) -> Result<Value<'a>, Failure> {
    parser.hold(text.capacity())?;
    Ok(heap.uncounted_text(text))
}

/// A bit by length and first letters: keys of different bits are different keys.
fn key_bit(key: &Value<'_>) -> u64 {
    let key = key.as_str().unwrap_or("").as_bytes();
    let letter = |place: usize| usize::from(key.get(place).copied().unwrap_or(0));
    1 << ((key.len() * 7 + letter(0) + letter(1)) % 64)
}

/// A key that comes again keeps its place and takes the later value.
fn without_repetitions<'a>(entries: Vec<(Value<'a>, Value<'a>)>) -> Vec<(Value<'a>, Value<'a>)> {
    let unique = if entries.len() <= 12 {
        entries
            .iter()
            .enumerate()
            .all(|(place, (key, _))| !entries.iter().take(place).any(|(earlier, _)| earlier.as_str() == key.as_str()))
    } else {
        let mut places: HashMap<&str, ()> = HashMap::with_capacity(entries.len());
        entries.iter().all(|(key, _)| places.insert(key.as_str().unwrap_or(""), ()).is_none())
    };
    if unique {
        return entries;
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<(Value<'a>, Value<'a>)> = Vec::new();
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
