//! Escapes in JSON strings.

use super::parse::{Complaint, END, Parser};
use crate::value::heap::Failure;

impl Parser<'_, '_> {
    /// A string with backslashes: control characters and unknown escapes vanish.
    pub(super) fn escaped_string(&mut self, quote: u8) -> Result<String, Failure> {
        let mut units = Units::default();
        loop {
            self.at += 1;
            match self.peek() {
                END => return self.fail(self.at.saturating_sub(1), &Complaint::End("null")),
                byte if byte == quote => {
                    self.at += 1;
                    return Ok(units.finish());
                }
                b'\\' => {
                    self.at += 1;
                    self.escape(&mut units)?;
                }
                0..=0x1f | 0x7f => {}
                _ => {
                    let start = self.at;
                    while !matches!(self.peek(), b'\\' | b'"' | b'\'' | 0..=0x1f | 0x7f) {
                        self.at += 1;
                    }
                    if self.at == start {
                        // The other kind of quote.
                        self.at += 1;
                    }
                    units.push_str(self.slice(start, self.at));
                    self.at -= 1;
                }
            }
        }
    }

    fn escape(&mut self, units: &mut Units) -> Result<(), Failure> {
        let unit = match self.peek() {
            b't' => 0x09,
            b'n' => 0x0a,
            b'r' => 0x0d,
            b'f' => 0x0c,
            b'b' => 0x08,
            byte @ (b'\\' | b'/' | b'\'' | b'"') => u16::from(byte),
            b'u' => self.hexadecimal(4)?,
            b'x' => self.hexadecimal(2)?,
            0x80.. => {
                // All bytes of a character go, not only the first.
                while self.byte_at(self.at + 1) & 0xc0 == 0x80 {
                    self.at += 1;
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        units.push(unit);
        Ok(())
    }

    fn hexadecimal(&mut self, digits: u32) -> Result<u16, Failure> {
        let mut unit = 0;
        for _ in 0..digits {
            self.at += 1;
            let byte = self.peek();
            let Some(digit) = char::from(byte).to_digit(16) else {
                if byte == END {
                    return self.fail(self.at, &Complaint::End("EOF"));
                }
                return self.fail(self.at, &Complaint::Unicode(byte));
            };
            unit = unit * 16 + u16::try_from(digit).unwrap_or(0);
        }
        Ok(unit)
    }
}

/// Joins surrogates that were escaped one by one; one alone becomes `?`, as Java's encoder has it.
#[derive(Default)]
struct Units {
    text: String,
    high: Option<u16>,
}

impl Units {
    fn push(&mut self, unit: u16) {
        if let Some(high) = self.high.take() {
            match char::decode_utf16([high, unit]).next() {
                Some(Ok(joined)) if u32::from(joined) > 0xffff => return self.text.push(joined),
                _ => self.text.push('?'),
            }
        }
        if (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
        } else {
            self.text.push(char::from_u32(u32::from(unit)).unwrap_or('?'));
        }
    }

    fn push_str(&mut self, text: &str) {
        if self.high.take().is_some() {
            self.text.push('?');
        }
        self.text.push_str(text);
    }

    fn finish(mut self) -> String {
        self.push_str("");
        self.text
    }
}
