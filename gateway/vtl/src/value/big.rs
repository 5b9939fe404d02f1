//! `BigInteger`, as far as arithmetic in templates gets that far.

use std::cmp::Ordering;

/// Largest size in 32-bit digits; beyond it arithmetic fails.
pub(crate) const MOST_DIGITS: usize = 1024;

/// Sign and magnitude, least significant digit first, without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BigInt {
    negative: bool,
    digits: Vec<u32>,
}

/// The lower 32 bits.
fn low(value: u64) -> u32 {
    u32::try_from(value & 0xffff_ffff).unwrap_or(0)
}

fn trim(digits: &mut Vec<u32>) {
    while digits.last() == Some(&0) {
        digits.pop();
    }
}

fn compare_digits(left: &[u32], right: &[u32]) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.iter().rev().cmp(right.iter().rev()))
}

fn add_digits(left: &[u32], right: &[u32]) -> Vec<u32> {
    let mut carry = 0_u64;
    let mut sum = Vec::with_capacity(left.len().max(right.len()) + 1);
    for place in 0..left.len().max(right.len()) {
        let digit = |of: &[u32]| u64::from(of.get(place).copied().unwrap_or(0));
        let total = digit(left) + digit(right) + carry;
        sum.push(low(total));
        carry = total >> 32;
    }
    sum.push(low(carry));
    trim(&mut sum);
    sum
}

/// `left` is the larger one.
fn subtract_digits(left: &[u32], right: &[u32]) -> Vec<u32> {
    let mut borrow = 0_u64;
    let mut difference = Vec::with_capacity(left.len());
    for (place, digit) in left.iter().enumerate() {
        let taken = u64::from(right.get(place).copied().unwrap_or(0)) + borrow;
        let total = (1_u64 << 32) + u64::from(*digit) - taken;
        difference.push(low(total));
        borrow = u64::from(total < 1 << 32);
    }
    trim(&mut difference);
    difference
}

fn multiply_digits(left: &[u32], right: &[u32]) -> Vec<u32> {
    let mut product = vec![0_u32; left.len() + right.len()];
    for (offset, a) in left.iter().enumerate() {
        let mut carry = 0_u64;
        for (place, digit) in product.iter_mut().skip(offset).enumerate() {
            let b = right.get(place).copied().unwrap_or(0);
            let total = u64::from(*a) * u64::from(b) + u64::from(*digit) + carry;
            *digit = low(total);
            carry = total >> 32;
            if place >= right.len() && carry == 0 {
                break;
            }
        }
    }
    trim(&mut product);
    product
}

fn divide_by_small(digits: &mut Vec<u32>, divisor: u32) -> u32 {
    let mut rest = 0_u64;
    for digit in digits.iter_mut().rev() {
        let total = (rest << 32) | u64::from(*digit);
        *digit = low(total / u64::from(divisor));
        rest = total % u64::from(divisor);
    }
    trim(digits);
    low(rest)
}

/// Bit by bit: rare enough for the simplest method.
fn divide_digits(left: &[u32], right: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut quotient = vec![0_u32; left.len()];
    let mut rest: Vec<u32> = Vec::new();
    for bit in (0..left.len() * 32).rev() {
        rest = add_digits(&rest, &rest);
        let set = left.get(bit / 32).is_some_and(|digit| digit >> (bit % 32) & 1 == 1);
        if set {
            rest = add_digits(&rest, &[1]);
        }
        if compare_digits(&rest, right) != Ordering::Less {
            rest = subtract_digits(&rest, right);
            if let Some(digit) = quotient.get_mut(bit / 32) {
                *digit |= 1 << (bit % 32);
            }
        }
    }
    trim(&mut quotient);
    (quotient, rest)
}

impl From<i64> for BigInt {
    fn from(value: i64) -> Self {
        let magnitude = value.unsigned_abs();
        Self::of(value < 0, vec![low(magnitude), low(magnitude >> 32)])
    }
}

impl BigInt {
    fn of(negative: bool, mut digits: Vec<u32>) -> Self {
        trim(&mut digits);
        Self { negative: negative && !digits.is_empty(), digits }
    }

    /// Decimal digits, perhaps behind a sign.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, number) = match text.strip_prefix('-') {
            Some(number) => (true, number),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) || number.len() > MOST_DIGITS * 9 {
            return None;
        }
        let mut digits = Vec::new();
        for byte in number.bytes() {
            digits = add_digits(&multiply_digits(&digits, &[10]), &[u32::from(byte - b'0')]);
        }
        Some(Self::of(negative, digits))
    }

    pub(crate) fn power_of(base: u32, exponent: u32) -> Self {
        (0..exponent).fold(Self::from(1), |power, _| power.multiply(&Self::from(i64::from(base))))
    }

    pub(crate) fn size(&self) -> usize {
        self.digits.len()
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    pub(crate) fn negate(&self) -> Self {
        Self::of(!self.negative, self.digits.clone())
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        if self.negative == other.negative {
            return Self::of(self.negative, add_digits(&self.digits, &other.digits));
        }
        if compare_digits(&self.digits, &other.digits) == Ordering::Less {
            Self::of(other.negative, subtract_digits(&other.digits, &self.digits))
        } else {
            Self::of(self.negative, subtract_digits(&self.digits, &other.digits))
        }
    }

    pub(crate) fn subtract(&self, other: &Self) -> Self {
        self.add(&other.negate())
    }

    pub(crate) fn multiply(&self, other: &Self) -> Self {
        Self::of(self.negative != other.negative, multiply_digits(&self.digits, &other.digits))
    }

    /// Quotient towards zero, and the rest with the sign of the dividend.
    pub(crate) fn divide(&self, other: &Self) -> (Self, Self) {
        let (quotient, rest) = divide_digits(&self.digits, &other.digits);
        (Self::of(self.negative != other.negative, quotient), Self::of(self.negative, rest))
    }

    /// The lower 64 bits, as `longValue()` gives them.
    pub(crate) fn long_value(&self) -> i64 {
        let digit = |place: usize| u64::from(self.digits.get(place).copied().unwrap_or(0));
        let magnitude = (digit(0) | digit(1) << 32).cast_signed();
        if self.negative { magnitude.wrapping_neg() } else { magnitude }
    }

    pub(crate) fn double_value(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }
}

impl PartialOrd for BigInt {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for BigInt {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => compare_digits(&self.digits, &other.digits),
            (true, true) => compare_digits(&other.digits, &self.digits),
        }
    }
}

impl std::fmt::Display for BigInt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = self.digits.clone();
        let mut groups = Vec::new();
        while !rest.is_empty() {
            groups.push(divide_by_small(&mut rest, 1_000_000_000));
        }
        let mut text = groups.pop().unwrap_or(0).to_string();
        for group in groups.iter().rev() {
            text.push_str(&format!("{group:09}"));
        }
        f.pad_integral(!self.negative, "", &text)
    }
}

#[cfg(test)]
mod tests {
    use super::BigInt;

    fn check(left: &str, right: &str, [sum, difference, product, quotient, rest]: [&str; 5]) {
        let (a, b) = (BigInt::parse(left).unwrap(), BigInt::parse(right).unwrap());
        assert_eq!(a.add(&b).to_string(), sum);
        assert_eq!(a.subtract(&b).to_string(), difference);
        assert_eq!(a.multiply(&b).to_string(), product);
        assert_eq!(a.divide(&b).0.to_string(), quotient);
        assert_eq!(a.divide(&b).1.to_string(), rest);
    }

    #[test]
    fn arithmetic_is_exact() {
        check(
            "9223372036854775808",
            "-3",
            ["9223372036854775805", "9223372036854775811", "-27670116110564327424", "-3074457345618258602", "2"],
        );
        check(
            "-123456789012345678901234567890",
            "987654321098765432109876543210",
            [
                "864197532086419753208641975320",
                "-1111111110111111111011111111100",
                "-121932631137021795226185032733622923332237463801111263526900",
                "0",
                "-123456789012345678901234567890",
            ],
        );
        check(
            "18446744073709551616",
            "4294967296",
            ["18446744078004518912", "18446744069414584320", "79228162514264337593543950336", "4294967296", "0"],
        );
    }
}
