//! `BigDecimal`: numbers of a body with more than 18 characters, and what arithmetic mixes of
//! big integers and doubles gives.

use super::big::BigInt;
use std::cmp::Ordering;

/// `unscaled * 10^-scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    unscaled: BigInt,
    scale: i32,
}

/// Most digits after the point that are handled; a double has up to 1,074.
const MOST_DECIMALS: i32 = 2000;

impl Decimal {
    pub(crate) fn from_big(unscaled: BigInt) -> Self {
        Self { unscaled, scale: 0 }
    }

    /// `-12.5e3`, as Java's constructor reads it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let unscaled = BigInt::parse(&format!("{whole}{decimals}"))?;
        let scale = i32::try_from(decimals.len()).ok()?.checked_sub(exponent)?;
        (scale.abs() <= MOST_DECIMALS).then_some(Self { unscaled, scale })
    }

    /// The exact value of a double.
    pub(crate) fn from_double(double: f64) -> Option<Self> {
        if !double.is_finite() {
            return None;
        }
        let bits = double.to_bits();
        let raw = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0);
        let fraction = bits & ((1 << 52) - 1);
        let (mut mantissa, mut exponent) = if raw == 0 { (fraction, -1074) } else { (fraction | 1 << 52, raw - 1075) };
        while mantissa != 0 && mantissa % 2 == 0 && exponent < 0 {
            mantissa /= 2;
            exponent += 1;
        }
        if mantissa == 0 {
            return Some(Self::from_big(BigInt::from(0)));
        }
        let magnitude = BigInt::from(mantissa.cast_signed());
        let magnitude = if double < 0.0 { magnitude.negate() } else { magnitude };
        let power = exponent.unsigned_abs();
        Some(if exponent < 0 {
            Self { unscaled: magnitude.multiply(&BigInt::power_of(5, power)), scale: -exponent }
        } else {
            Self::from_big(magnitude.multiply(&BigInt::power_of(2, power)))
        })
    }

    pub(crate) fn size(&self) -> usize {
        self.unscaled.size()
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.unscaled.is_zero()
    }

    fn rescaled(&self, scale: i32) -> BigInt {
        let more = u32::try_from(scale - self.scale).unwrap_or(0);
        self.unscaled.multiply(&BigInt::power_of(10, more))
    }

    fn aligned(&self, other: &Self) -> (BigInt, BigInt, i32) {
        let scale = self.scale.max(other.scale);
        (self.rescaled(scale), other.rescaled(scale), scale)
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        let (left, right, scale) = self.aligned(other);
        Self { unscaled: left.add(&right), scale }
    }

    pub(crate) fn subtract(&self, other: &Self) -> Self {
        let (left, right, scale) = self.aligned(other);
        Self { unscaled: left.subtract(&right), scale }
    }

    pub(crate) fn multiply(&self, other: &Self) -> Self {
        Self { unscaled: self.unscaled.multiply(&other.unscaled), scale: self.scale + other.scale }
    }

    /// To as many decimals as the dividend has, a half towards zero.
    pub(crate) fn divide(&self, other: &Self) -> Self {
        let shift = u32::try_from(other.scale.max(0)).unwrap_or(0);
        let raise = u32::try_from((-other.scale).max(0)).unwrap_or(0);
        let dividend = self.unscaled.multiply(&BigInt::power_of(10, shift));
        let divisor = other.unscaled.multiply(&BigInt::power_of(10, raise));
        let (quotient, rest) = dividend.divide(&divisor);
        let twice = rest.add(&rest);
        let magnitude = |number: &BigInt| if number.is_negative() { number.negate() } else { number.clone() };
        let away = magnitude(&twice) > magnitude(&divisor);
        let unit = BigInt::from(if dividend.is_negative() == divisor.is_negative() { 1 } else { -1 });
        Self { unscaled: if away { quotient.add(&unit) } else { quotient }, scale: self.scale }
    }

    pub(crate) fn double_value(&self) -> f64 {
        format!("{}e{}", self.unscaled, -i64::from(self.scale)).parse().unwrap_or(f64::NAN)
    }

    /// The whole part.
    pub(crate) fn whole(&self) -> BigInt {
        if self.scale <= 0 {
            return self.rescaled(0);
        }
        self.unscaled.divide(&BigInt::power_of(10, self.scale.unsigned_abs())).0
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        let (left, right, _) = self.aligned(other);
        left.cmp(&right)
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.unscaled.to_string();
        let digits = text.trim_start_matches('-');
        let minus = if self.unscaled.is_negative() { "-" } else { "" };
        let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
        let adjusted = length - 1 - self.scale;
        if self.scale == 0 {
            return write!(f, "{text}");
        }
        if self.scale > 0 && adjusted >= -6 {
            let point = length - self.scale;
            if point <= 0 {
                return write!(f, "{minus}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
            }
            let (whole, decimals) = digits.split_at_checked(point.unsigned_abs() as usize).unwrap_or((digits, ""));
            return write!(f, "{minus}{whole}.{decimals}");
        }
        let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
        let point = if rest.is_empty() { "" } else { "." };
        match adjusted {
            0 => write!(f, "{minus}{first}{point}{rest}"),
            _ => write!(f, "{minus}{first}{point}{rest}E{adjusted:+}"),
        }
    }
}
