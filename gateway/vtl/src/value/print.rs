//! `toString`: what a reference prints.

use super::heap::{Failure, Heap, ListKind};
use super::map::MapKind;
use super::{Inner, MapId, Other, Value, ViewKind, compare, double};
use crate::error::ErrorKind;
use crate::json;
use std::fmt::Write as _;

/// How deep values may contain each other; Java's stack ends somewhat later.
pub(crate) const DEEPEST: u32 = 500;

impl<'a> Heap<'a> {
    /// Appends what the value prints.
    pub fn print(&self, value: &Value<'a>, out: &mut String) -> Result<(), Failure> {
        self.print_within(value, out, DEEPEST)
    }

    /// What the value prints.
    pub fn to_text(&self, value: &Value<'a>) -> Result<String, Failure> {
        let mut out = String::new();
        self.print(value, &mut out)?;
        Ok(out)
    }

    fn print_within(&self, value: &Value<'a>, out: &mut String, depth: u32) -> Result<(), Failure> {
        match value {
            Value::Str(text) => out.push_str(text),
            Value::Text(text) => out.push_str(text.as_str()),
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Int(int) => write_integer(i64::from(*int), out),
            Value::Long(long) => write_integer(*long, out),
            Value::Double(value) => double::write(*value, out),
            Value::Char(unit) => out.push(char::from_u32(u32::from(*unit)).unwrap_or('?')),
            Value::List(id) => {
                let list = self.list(*id);
                match list.kind {
                    ListKind::Plain => self.print_items(&list.items, value, out, depth)?,
                    ListKind::Json => json::write::value(self, value, json::write::Slashes::Escaped, out)?,
                    ListKind::Array(class) => {
                        let hash = compare::hash_code(self, value).cast_unsigned();
                        self.append(out, format_args!("{class}@{hash:x}"));
                    }
                }
            }
            Value::Map(id) => self.print_map(*id, out, depth)?,
            // Objects print nothing, as `$input` and `$util` on AWS.
            Value::Object(_) => {}
            Value::Other(Other(inner)) => self.print_inner(inner, value, out, depth)?,
        }
        self.check_output(out)
    }

    fn append(&self, out: &mut String, text: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        out.write_fmt(text).unwrap_or_default();
    }

    /// Fails when the text is longer than any output may be.
    #[inline]
    pub(crate) fn check_output(&self, out: &str) -> Result<(), Failure> {
        if out.len() > self.limits.output_bytes { Err(self.too_long()) } else { Ok(()) }
    }

    #[cold]
    fn too_long(&self) -> Failure {
        let message = format!("the output is longer than {} bytes", self.limits.output_bytes);
        Failure::of(ErrorKind::OutputBudget, message)
    }

    fn deeper(depth: u32) -> Result<u32, Failure> {
        depth
            .checked_sub(1)
            .ok_or_else(|| Failure::of(ErrorKind::Nesting, "the value contains itself or is nested too deeply"))
    }

    fn print_items(&self, items: &[Value<'a>], list: &Value<'a>, out: &mut String, depth: u32) -> Result<(), Failure> {
        let depth = Self::deeper(depth)?;
        self.charge(items.len() / 8)?;
        out.push('[');
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                out.push_str(", ");
            }
            let own = matches!((item, list), (Value::List(item), Value::List(list)) if item == list);
            if own {
                out.push_str("(this Collection)");
            } else {
                self.print_within(item, out, depth)?;
            }
        }
        out.push(']');
        Ok(())
    }

    fn print_map(&self, id: MapId, out: &mut String, depth: u32) -> Result<(), Failure> {
        let depth = Self::deeper(depth)?;
        let map = self.map(id);
        if map.kind == MapKind::Context {
            return Ok(());
        }
        self.charge(map.len() / 4)?;
        out.push('{');
        for (place, (key, value)) in map.entries().iter().enumerate() {
            if place > 0 {
                out.push_str(", ");
            }
            self.print_within(key, out, depth)?;
            out.push('=');
            if matches!(value, Value::Map(inner) if *inner == id) {
                out.push_str("(this Map)");
            } else {
                self.print_within(value, out, depth)?;
            }
        }
        out.push('}');
        Ok(())
    }

    fn print_inner(&self, inner: &Inner, value: &Value<'a>, out: &mut String, depth: u32) -> Result<(), Failure> {
        match inner {
            Inner::Big(big) => self.append(out, format_args!("{big}")),
            Inner::Decimal(decimal) => self.append(out, format_args!("{decimal}")),
            Inner::View(map, kind) => self.print_items(&self.view(*map, *kind), value, out, depth)?,
            Inner::Entry(map, place) => {
                let depth = Self::deeper(depth)?;
                if let Some((key, value)) = self.map(*map).entry(*place as usize) {
                    self.print_within(key, out, depth)?;
                    out.push('=');
                    self.print_within(value, out, depth)?;
                }
            }
            Inner::Iterator(_) => out.push_str("java.util.Iterator"),
            Inner::Scope(id) => match self.scopes.get(*id as usize).and_then(|scope| scope.storage) {
                Some(map) => self.print_map(map, out, depth)?,
                None => out.push_str("{}"),
            },
            // The renderer prints blocks; inside of a list or map they stay unrendered.
            Inner::Block(_) => {}
            Inner::Class(name) => self.append(out, format_args!("class {name}")),
        }
        Ok(())
    }

    /// The elements of anything that holds some: a list, a map's values, a view.
    pub(crate) fn elements(&self, value: &Value<'a>) -> Option<Vec<Value<'a>>> {
        match value {
            Value::List(id) => Some(self.list(*id).items.clone()),
            Value::Map(id) => Some(self.view(*id, ViewKind::Values)),
            Value::Other(Other(Inner::View(map, kind))) => Some(self.view(*map, *kind)),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Long(_)
            | Value::Double(_)
            | Value::Char(_)
            | Value::Str(_)
            | Value::Text(_)
            | Value::Object(_)
            | Value::Other(_) => None,
        }
    }
}

/// Decimal digits, without the machinery of formatting.
pub(crate) fn write_integer(number: i64, out: &mut String) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        at -= 1;
        if let Some(digit) = digits.get_mut(at) {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        }
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push('-');
    }
    let text = digits.get(at..).and_then(|digits| std::str::from_utf8(digits).ok());
    out.push_str(text.unwrap_or(""));
}
