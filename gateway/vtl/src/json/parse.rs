//! The permissive parser: unquoted and single-quoted text, useless commas and leading zeros pass,
//! what follows the first value is ignored.

use crate::error::ErrorKind;
use crate::find::first_of;
use crate::value::heap::{Failure, Heap, ListKind};
use crate::value::map::Entry;
use crate::value::{ListId, Value};

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
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    /// The same text where it outlives the render, so that strings need no copies.
    pub(super) lent: Option<&'a str>,
    pub(super) at: usize,
    pub(super) depth: u32,
    /// Entries and elements of what is being read, outermost first.
    pub(super) entries: Vec<Entry<'a>>,
    /// At which depths objects have others inside.
    pub(super) nesting: [bool; 16],
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
            entries: Vec::with_capacity(16),
            nesting: [false; 16],
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

    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), Failure> {
        self.held += bytes;
        if self.held > self.limit {
            let message = format!("the parsed JSON takes more than {} bytes", self.limit);
            return Err(Failure::of(ErrorKind::MemoryBudget, message));
        }
        Ok(())
    }

    pub(super) fn skip_blanks(&mut self) {
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

    pub(super) fn value(&mut self, heap: &mut Heap<'a>, stop: Stop) -> Result<Value<'a>, Failure> {
        self.skip_blanks();
        match self.peek() {
            byte @ (b':' | b']' | b'}') => self.fail(self.at, &Complaint::Character(byte)),
            b'{' => self.object(heap).map(Value::Map),
            b'[' => self.array(heap).map(Value::List),
            b'"' | b'\'' => self.string(heap),
            b'-' | b'0'..=b'9' => self.number(heap, stop),
            b'n' | b't' | b'f' | b'N' => self.word(heap, stop),
            _ => self.unquoted(heap, stop),
        }
    }

    pub(super) fn deeper(&mut self) -> Result<(), Failure> {
        self.depth += 1;
        if self.depth > DEEPEST { self.fail(self.at, &Complaint::Depth) } else { Ok(()) }
    }

    pub(super) fn array(&mut self, heap: &mut Heap<'a>) -> Result<ListId, Failure> {
        self.deeper()?;
        let base = self.items.len();
        self.at += 1;
        loop {
            match self.peek() {
                b'\t' | b'\n' | b'\r' | b' ' | b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    self.depth -= 1;
                    let items = self.items.split_off(base);
                    self.hold(size_of::<Value<'_>>() * items.len() + 48)?;
                    return Ok(heap.adopt_list(items, ListKind::Json));
                }
                byte @ (b':' | b'}') => return self.fail(self.at, &Complaint::Character(byte)),
                END => return self.fail(self.at.saturating_sub(1), &Complaint::End("EOF")),
                b'{' => {
                    let id = self.object(heap)?;
                    self.items.push(Value::Map(id));
                }
                _ => {
                    let item = self.value(heap, Stop::Element)?;
                    self.items.push(item);
                }
            }
        }
    }

    /// To the next character that ends it, without blanks at either end.
    pub(super) fn unquoted(&mut self, heap: &mut Heap<'a>, stop: Stop) -> Result<Value<'a>, Failure> {
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
        let is_blank = |byte: Option<&u8>| byte.is_some_and(|byte| *byte <= b' ');
        if !(is_blank(raw.as_bytes().first()) || is_blank(raw.as_bytes().last())) {
            return (start, self.at);
        }
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

    pub(super) fn string(&mut self, heap: &mut Heap<'a>) -> Result<Value<'a>, Failure> {
        let quote = self.peek();
        let start = self.at + 1;
        let end = start + first_of(self.bytes.get(start..).unwrap_or(&[]), [quote, b'\\']);
        if self.bytes.get(end) == Some(&quote) {
            self.at = end + 1;
            return self.borrowed(heap, start, end);
        }
        self.string_with_escapes(heap, quote, end)
    }

    /// A string with a backslash, or without an end.
    #[cold]
    fn string_with_escapes(&mut self, heap: &mut Heap<'a>, quote: u8, end: usize) -> Result<Value<'a>, Failure> {
        if !self.bytes.get(end..).is_some_and(|rest| rest.contains(&quote)) {
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
