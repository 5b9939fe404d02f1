//! Numbers: `int`, `long` and `BigInteger`, `double` and `BigDecimal`, by their length.

use super::parse::{Complaint, Parser, Stop};
use crate::value::big::BigInt;
use crate::value::decimal::Decimal;
use crate::value::heap::{Failure, Heap};
use crate::value::{Inner, Value, integer};
use std::rc::Rc;

impl<'a> Parser<'_, 'a> {
    fn skip_digits(&mut self) {
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
    }

    /// A number if nothing else follows it, otherwise text.
    pub(super) fn number(&mut self, heap: &mut Heap<'a>, stop: Stop) -> Result<Value<'a>, Failure> {
        let start = self.at;
        self.at += 1;
        self.skip_digits();
        let mut whole = true;
        let mut digits = true;
        if self.peek() == b'.' {
            whole = false;
            self.at += 1;
            self.skip_digits();
        }
        if matches!(self.peek(), b'E' | b'e') {
            whole = false;
            self.at += 1;
            digits = matches!(self.peek(), b'+' | b'-' | b'0'..=b'9');
            if digits {
                self.at += 1;
                self.skip_digits();
            }
        }
        let end = self.at;
        if digits {
            self.skip_controls();
        }
        // Behind `~` json-smart does not look for what ends a number.
        let ends = digits && (stop.is_at(self.peek()) || self.peek() >= b'~');
        if !ends {
            self.skip_to(stop);
            let (start, end) = self.trimmed(start);
            return self.borrowed(heap, start, end);
        }
        let text = self.slice(start, end);
        if whole { self.whole_number(text) } else { self.float(text) }
    }

    fn whole_number(&self, text: &str) -> Result<Value<'a>, Failure> {
        if text == "-" {
            return Ok(Value::Int(0));
        }
        let longest = if text.starts_with('-') { 20 } else { 19 };
        if text.len() <= longest
            && let Ok(number) = text.parse()
        {
            return Ok(integer(number));
        }
        match BigInt::parse(text) {
            Some(big) => Ok(Inner::Big(Rc::new(big)).into()),
            None => self.fail(self.at, &Complaint::Number),
        }
    }

    fn float(&self, text: &str) -> Result<Value<'a>, Failure> {
        let number = if text.len() > 18 {
            Decimal::parse(text).map(|decimal| Inner::Decimal(Rc::new(decimal)).into())
        } else {
            text.parse().ok().map(Value::Double)
        };
        number.map_or_else(|| self.fail(self.at, &Complaint::Number), Ok)
    }
}
