//! Numbers: decimal, exact, up to 38 significant digits, magnitudes from 1E-130 to 9.9..E+125.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>

use std::{cmp::Ordering, fmt};

/// The most significant digits.
const DIGITS: u32 = 38;
/// The exponents of the first digit.
const EXPONENTS: std::ops::RangeInclusive<i32> = -130..=125;
/// The longest text of a number that is looked at.
const MAX_TEXT: usize = 4_096;

/// A number: `coefficient * 10^exponent`. The coefficient has no zero at its end, so that equal numbers are equal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Number {
    negative: bool,
    coefficient: u128,
    exponent: i32,
}

/// Why something is no number of DynamoDB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NumberError {
    Empty,
    Syntax(String),
    TooLarge,
    TooSmall,
    TooPrecise,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The parameter cannot be converted to a numeric value"),
            Self::Syntax(text) => write!(f, "The parameter cannot be converted to a numeric value: {text}"),
            Self::TooLarge => {
                f.write_str("Number overflow. Attempting to store a number with magnitude larger than supported range")
            }
            Self::TooSmall => f.write_str(
                "Number underflow. Attempting to store a number with magnitude smaller than supported range",
            ),
            Self::TooPrecise => f.write_str("Attempting to store more than 38 significant digits in a Number"),
        }
    }
}

impl Number {
    pub(crate) const ZERO: Self = Self { negative: false, coefficient: 0, exponent: 0 };

    /// Reads `-12.5e3`.
    pub(crate) fn parse(text: &str) -> Result<Self, NumberError> {
        if text.is_empty() {
            return Err(NumberError::Empty);
        }
        let parts = Parts::read(text).filter(|_| text.len() <= MAX_TEXT);
        let parts = parts.ok_or_else(|| NumberError::Syntax(text.to_owned()))?;
        let digits: Vec<u8> = parts.whole.bytes().chain(parts.fraction.bytes()).map(|digit| digit - b'0').collect();
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        let significant = digits.get(leading..).unwrap_or_default();
        let trailing = significant.iter().rev().take_while(|digit| **digit == 0).count();
        let significant = significant.get(..significant.len() - trailing).unwrap_or_default();
        if significant.is_empty() {
            return Ok(Self::ZERO);
        }
        let exponent = parts.exponent - length(parts.fraction.len()) + length(trailing);
        let first = exponent.saturating_add(length(significant.len())) - 1;
        if first > *EXPONENTS.end() {
            Err(NumberError::TooLarge)
        } else if first < *EXPONENTS.start() {
            Err(NumberError::TooSmall)
        } else if significant.len() > DIGITS as usize {
            Err(NumberError::TooPrecise)
        } else {
            let coefficient = significant.iter().fold(0u128, |number, digit| number * 10 + u128::from(*digit));
            Ok(Self { negative: parts.negative, coefficient, exponent })
        }
    }

    /// A whole number.
    pub(crate) fn whole(number: u64) -> Self {
        // Fewer digits than the limit.
        Self::normal(false, u128::from(number), 0).unwrap_or(Self::ZERO)
    }

    /// The whole part, where it is one of i64's.
    pub(crate) fn to_seconds(self) -> Option<i64> {
        let text = self.to_string();
        text.split('.').next()?.parse().ok()
    }

    /// The sum. What does not fit is an overflow, also where it is the digits that are too many: so says AWS.
    pub(crate) fn add(self, other: Self) -> Result<Self, NumberError> {
        if self.coefficient == 0 {
            return Ok(other);
        }
        if other.coefficient == 0 {
            return Ok(self);
        }
        let (high, low) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        let shift = u32::try_from(high.exponent - low.exponent).unwrap_or(u32::MAX);
        let raised = 10u128.checked_pow(shift).and_then(|factor| high.coefficient.checked_mul(factor));
        // The sum ends with the digit that `low` ends with: nothing is left off to make it fit.
        let raised = raised.ok_or(NumberError::TooLarge)?;
        let (negative, coefficient) = if high.negative == low.negative {
            (high.negative, raised.checked_add(low.coefficient).ok_or(NumberError::TooLarge)?)
        } else if raised >= low.coefficient {
            (high.negative, raised - low.coefficient)
        } else {
            (low.negative, low.coefficient - raised)
        };
        Self::normal(negative, coefficient, low.exponent)
    }

    pub(crate) fn subtract(self, other: Self) -> Result<Self, NumberError> {
        self.add(Self { negative: !other.negative && other.coefficient != 0, ..other })
    }

    fn normal(negative: bool, mut coefficient: u128, mut exponent: i32) -> Result<Self, NumberError> {
        if coefficient == 0 {
            return Ok(Self::ZERO);
        }
        while coefficient.is_multiple_of(10) {
            coefficient /= 10;
            exponent += 1;
        }
        let number = Self { negative, coefficient, exponent };
        if number.digits() > DIGITS || number.first() > *EXPONENTS.end() {
            return Err(NumberError::TooLarge);
        }
        if number.first() < *EXPONENTS.start() {
            return Err(NumberError::TooSmall);
        }
        Ok(number)
    }

    fn digits(self) -> u32 {
        self.coefficient.checked_ilog10().map_or(1, |digits| digits + 1)
    }

    /// The exponent of the first digit.
    fn first(self) -> i32 {
        self.exponent + i32::try_from(self.digits()).unwrap_or(i32::MAX) - 1
    }

    /// The coefficient with all of its 38 digits.
    fn mantissa(self) -> u128 {
        self.coefficient * 10u128.pow(DIGITS.saturating_sub(self.digits()))
    }

    /// What the number counts for in an item's size.
    pub(crate) fn size(self) -> usize {
        if self.coefficient == 0 {
            return 1;
        }
        let digits = self.digits();
        let pairs = digits.div_ceil(2) as usize;
        // Pairs of digits begin at even exponents.
        let split = digits.is_multiple_of(2) && self.first() % 2 == 0;
        1 + pairs + usize::from(split) + usize::from(self.negative)
    }

    /// Appends bytes whose order is that of numbers, and of which none is the beginning of another.
    pub(crate) fn encode(self, bytes: &mut Vec<u8>) {
        if self.coefficient == 0 {
            bytes.push(1);
            return;
        }
        let flip = if self.negative { 0xff } else { 0 };
        bytes.push(if self.negative { 0 } else { 2 });
        let exponent = u8::try_from(self.first() - EXPONENTS.start()).unwrap_or(u8::MAX);
        bytes.push(exponent ^ flip);
        let mut rest = self.mantissa();
        let mut unit = 10u128.pow(DIGITS - 2);
        while rest > 0 {
            let pair = u8::try_from(rest / unit).unwrap_or(u8::MAX - 1) + 1;
            bytes.push(pair ^ flip);
            rest %= unit;
            unit = (unit / 100).max(1);
        }
        bytes.push(flip);
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.coefficient, number.negative) {
            (0, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        };
        let magnitude = |number: &Self| (number.first(), number.mantissa());
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => magnitude(self).cmp(&magnitude(other)),
            _ => magnitude(other).cmp(&magnitude(self)),
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Digits without an exponent, as AWS writes numbers.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let zeros = usize::try_from(self.exponent.unsigned_abs()).unwrap_or_default();
        if self.exponent >= 0 {
            return write!(f, "{sign}{}{:0<zeros$}", self.coefficient, "");
        }
        let digits = format!("{:0>width$}", self.coefficient, width = zeros + 1);
        let (whole, fraction) = digits.split_at_checked(digits.len() - zeros).unwrap_or((&digits, ""));
        write!(f, "{sign}{whole}.{fraction}")
    }
}

struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i32,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (negative, unsigned) = signed(text);
        let (number, exponent) = match unsigned.split_once(['e', 'E']) {
            None => (unsigned, 0),
            Some((number, exponent)) => (number, read_exponent(exponent)?),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let valid = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
        valid.then_some(Self { negative, whole, fraction, exponent })
    }
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// An exponent too large to be counted is one that is too large anyway.
fn read_exponent(text: &str) -> Option<i32> {
    let (negative, digits) = signed(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = digits.parse::<i32>().unwrap_or(i32::MAX).min(1_000_000);
    Some(if negative { -exponent } else { exponent })
}

fn length(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
#[path = "number/tests.rs"]
mod tests;
