//! JSON text from values, as `$input.json(..)` and printed lists show it.

use crate::error::ErrorKind;
use crate::value::heap::{Failure, Heap};
use crate::value::print::DEEPEST;
use crate::value::{Inner, Other, Value};
use std::fmt::Write as _;

/// Whether `/` is escaped: in printed lists it is, in `$input.json(..)` it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slashes {
    Escaped,
    Plain,
}

/// Appends a value as JSON.
pub(crate) fn value<'a>(heap: &Heap<'a>, value: &Value<'a>, slashes: Slashes, out: &mut String) -> Result<(), Failure> {
    Writer { heap, slashes }.value(value, out, DEEPEST)
}

struct Writer<'h, 'a> {
    heap: &'h Heap<'a>,
    slashes: Slashes,
}

impl<'a> Writer<'_, 'a> {
    fn value(&self, value: &Value<'a>, out: &mut String, depth: u32) -> Result<(), Failure> {
        match value {
            Value::Null => out.push_str("null"),
            Value::Str(text) => self.string(text, out),
            Value::Text(text) => self.string(text.as_str(), out),
            Value::Double(double) if double.is_infinite() => out.push_str("null"),
            Value::Bool(_) | Value::Int(_) | Value::Long(_) | Value::Double(_) => self.heap.print(value, out)?,
            Value::Char(_) | Value::Object(_) => self.string(&self.heap.to_text(value)?, out),
            Value::List(id) => self.items(&self.heap.list(*id).items, out, depth)?,
            Value::Map(id) => self.entries(&self.heap.map(*id).order(self.heap), *id, out, depth)?,
            Value::Other(Other(inner)) => match inner {
                Inner::Big(_) | Inner::Decimal(_) => self.heap.print(value, out)?,
                Inner::View(map, kind) => self.items(&self.heap.view(*map, *kind), out, depth)?,
                Inner::Entry(..) | Inner::Iterator(_) | Inner::Scope(_) | Inner::Block(_) | Inner::Class(_) => {
                    self.string(&self.heap.to_text(value)?, out);
                }
            },
        }
        self.heap.check_output(out)
    }

    fn deeper(depth: u32) -> Result<u32, Failure> {
        depth
            .checked_sub(1)
            .ok_or_else(|| Failure::of(ErrorKind::Nesting, "the value contains itself or is nested too deeply"))
    }

    fn items(&self, items: &[Value<'a>], out: &mut String, depth: u32) -> Result<(), Failure> {
        let depth = Self::deeper(depth)?;
        self.heap.charge(items.len() / 8)?;
        out.push('[');
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            self.value(item, out, depth)?;
        }
        out.push(']');
        Ok(())
    }

    fn entries(&self, order: &[usize], id: crate::value::MapId, out: &mut String, depth: u32) -> Result<(), Failure> {
        let depth = Self::deeper(depth)?;
        self.heap.charge(order.len() / 4)?;
        out.push('{');
        for (count, place) in order.iter().enumerate() {
            let Some((key, value)) = self.heap.map(id).entry(*place) else { continue };
            if count > 0 {
                out.push(',');
            }
            match key.as_str() {
                Some(text) => self.string(text, out),
                None => self.string(&self.heap.to_text(key)?, out),
            }
            out.push(':');
            self.value(value, out, depth)?;
        }
        out.push('}');
        Ok(())
    }

    fn string(&self, text: &str, out: &mut String) {
        out.push('"');
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| self.stands_out(byte)) {
            let (plain, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
            out.push_str(plain);
            let mut tail = tail.chars();
            if let Some(c) = tail.next() {
                self.character(c, out);
            }
            rest = tail.as_str();
        }
        out.push_str(rest);
        out.push('"');
    }

    /// Bytes that may begin a character that is escaped.
    fn stands_out(&self, byte: u8) -> bool {
        match byte {
            b'"' | b'\\' | 0..=0x1f | 0x7f | 0xc2 | 0xe2 => true,
            b'/' => self.slashes == Slashes::Escaped,
            _ => false,
        }
    }

    fn character(&self, c: char, out: &mut String) {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '/' if self.slashes == Slashes::Escaped => out.push_str("\\/"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2000}'..='\u{20ff}' => {
                // Writing to a String cannot fail.
                write!(out, "\\u{:04X}", u32::from(c)).unwrap_or_default();
            }
            _ => out.push(c),
        }
    }
}
