//! Short cuts: what most of a document is, read without its exceptions. Where one of them does
//! not apply it takes nothing, and the parser goes the long way.

use super::parse::{Parser, Stop};
use crate::find::first_of;

impl<'a> Parser<'_, 'a> {
    /// What most strings are: double quotes, no escapes, in a text that outlives the render.
    #[inline]
    pub(super) fn plain_string(&mut self) -> Option<&'a str> {
        if self.peek() != b'"' {
            return None;
        }
        let start = self.at + 1;
        let end = start + first_of(self.bytes.get(start..)?, *b"\"\\");
        let text = self.lent?.get(start..end)?;
        if self.byte_at(end) != b'"' {
            return None;
        }
        self.at = end + 1;
        Some(text)
    }

    /// A few digits and what ends a member's value.
    #[inline]
    pub(super) fn plain_integer(&mut self, first: u8) -> Option<i32> {
        const MOST_DIGITS: usize = 9;
        if !first.is_ascii_digit() {
            return None;
        }
        let rest = self.bytes.get(self.at..)?;
        let mut number = 0;
        for (place, byte) in rest.iter().enumerate().take(MOST_DIGITS) {
            if !byte.is_ascii_digit() {
                return Stop::Value.is_at(*byte).then(|| {
                    self.at += place;
                    number
                });
            }
            number = number * 10 + i32::from(byte - b'0');
        }
        None
    }

    /// A whole word and what ends a member's value.
    #[inline]
    pub(super) fn plain_bool(&mut self, first: u8) -> Option<bool> {
        let (word, value): (&[u8], _) = match first {
            b't' => (b"true", true),
            b'f' => (b"false", false),
            _ => return None,
        };
        let after = self.bytes.get(self.at..)?.strip_prefix(word)?;
        after.first().is_some_and(|byte| Stop::Value.is_at(*byte)).then(|| {
            self.at += word.len();
            value
        })
    }
}
