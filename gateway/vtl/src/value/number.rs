//! Arithmetic and comparison of numbers: `int` grows to `long` and `BigInteger`, anything with a
//! fraction is a `double`.

use super::big::{BigInt, MOST_DIGITS};
use super::decimal::Decimal;
use super::heap::{Failure, Heap};
use super::{Inner, Other, Value};
use crate::program::Arithmetic;
use std::cmp::Ordering;
use std::rc::Rc;

/// A number by the class that decides how it is calculated with.
#[derive(Debug, Clone)]
pub(crate) enum Number {
    /// `Integer`, or `Long` when `long` is set.
    Whole {
        value: i64,
        long: bool,
    },
    Double(f64),
    Big(Rc<BigInt>),
    Decimal(Rc<Decimal>),
}

impl Number {
    pub(crate) fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Int(int) => Some(Self::Whole { value: i64::from(*int), long: false }),
            Value::Long(long) => Some(Self::Whole { value: *long, long: true }),
            Value::Double(double) => Some(Self::Double(*double)),
            Value::Other(Other(Inner::Big(big))) => Some(Self::Big(Rc::clone(big))),
            Value::Other(Other(Inner::Decimal(decimal))) => Some(Self::Decimal(Rc::clone(decimal))),
            Value::Null
            | Value::Bool(_)
            | Value::Char(_)
            | Value::Str(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Object(_)
            | Value::Other(_) => None,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Whole { .. } | Self::Double(_) => 1,
            Self::Big(big) => big.size(),
            Self::Decimal(decimal) => decimal.size(),
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Self::Whole { value, .. } => *value == 0,
            Self::Double(double) => *double == 0.0,
            Self::Big(big) => big.is_zero(),
            Self::Decimal(decimal) => decimal.is_zero(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "Java's long to double conversion rounds as well")]
    pub(crate) fn double_value(&self) -> f64 {
        match self {
            Self::Whole { value, .. } => *value as f64,
            Self::Double(double) => *double,
            Self::Big(big) => big.double_value(),
            Self::Decimal(decimal) => decimal.double_value(),
        }
    }

    /// Java's narrowing: doubles saturate, big integers keep their lower bits.
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates as Java's cast does")]
    pub(crate) fn long_value(&self) -> i64 {
        match self {
            Self::Whole { value, .. } => *value,
            Self::Double(double) => *double as i64,
            Self::Big(big) => big.long_value(),
            Self::Decimal(decimal) => decimal.whole().long_value(),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "Java's narrowing keeps the lower bits, and saturates doubles")]
    pub(crate) fn int_value(&self) -> i32 {
        if let Self::Double(double) = self { *double as i32 } else { self.long_value() as i32 }
    }

    fn big(&self) -> BigInt {
        if let Self::Big(big) = self { BigInt::clone(big) } else { BigInt::from(self.long_value()) }
    }

    pub(crate) fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Whole { value, .. } => Some(Decimal::from_big(BigInt::from(*value))),
            Self::Double(double) => Decimal::from_double(*double),
            Self::Big(big) => Some(Decimal::from_big(BigInt::clone(big))),
            Self::Decimal(decimal) => Some(Decimal::clone(decimal)),
        }
    }
}

fn decimals(left: &Number, right: &Number) -> Result<(Decimal, Decimal), Failure> {
    left.decimal().zip(right.decimal()).ok_or_else(|| Failure::new("infinite or NaN is no BigDecimal"))
}

/// How two numbers are calculated with, Velocity's calculation base.
enum Base {
    Whole(i64, i64, bool),
    Double(f64, f64),
    Big(BigInt, BigInt),
    Decimal(Decimal, Decimal),
}

fn base(left: &Number, right: &Number) -> Result<Base, Failure> {
    Ok(match (left, right) {
        (Number::Whole { value: a, long: x }, Number::Whole { value: b, long: y }) => Base::Whole(*a, *b, *x || *y),
        (Number::Whole { .. } | Number::Double(_), Number::Whole { .. } | Number::Double(_)) => {
            Base::Double(left.double_value(), right.double_value())
        }
        (Number::Whole { .. } | Number::Big(_), Number::Whole { .. } | Number::Big(_)) => {
            Base::Big(left.big(), right.big())
        }
        (Number::Double(_) | Number::Big(_) | Number::Decimal(_) | Number::Whole { .. }, _) => {
            let (left, right) = decimals(left, right)?;
            Base::Decimal(left, right)
        }
    })
}

/// The result, or none where Velocity has none: a division by zero.
pub(crate) fn calculate<'a>(
    heap: &Heap<'a>,
    operator: Arithmetic,
    left: &Number,
    right: &Number,
) -> Result<Option<Value<'a>>, Failure> {
    let size = left.size().max(right.size());
    if size > 1 {
        if size > MOST_DIGITS {
            return Err(Failure::new("the number is too large"));
        }
        heap.charge(1 + size * size / 4)?;
    }
    if matches!(operator, Arithmetic::Divide | Arithmetic::Modulo) && right.is_zero() {
        return Ok(None);
    }
    match base(left, right)? {
        Base::Whole(left, right, long) => Ok(whole(operator, left, right, long)),
        Base::Double(left, right) => Ok(Some(Value::Double(match operator {
            Arithmetic::Add => left + right,
            Arithmetic::Subtract => left - right,
            Arithmetic::Multiply => left * right,
            Arithmetic::Divide => left / right,
            Arithmetic::Modulo => left % right,
        }))),
        Base::Big(left, right) => big(operator, &left, &right).map(Some),
        Base::Decimal(left, right) => {
            let result = match operator {
                Arithmetic::Add => left.add(&right),
                Arithmetic::Subtract => left.subtract(&right),
                Arithmetic::Multiply => left.multiply(&right),
                Arithmetic::Divide => left.divide(&right),
                Arithmetic::Modulo => return Err(Failure::new("cannot calculate the modulo of BigDecimals")),
            };
            Ok(Some(Inner::Decimal(Rc::new(result)).into()))
        }
    }
}

fn whole<'a>(operator: Arithmetic, left: i64, right: i64, long: bool) -> Option<Value<'a>> {
    let exact = match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => Some(left.wrapping_div(right)),
        Arithmetic::Modulo => Some(left.wrapping_rem(right)),
    };
    let Some(result) = exact else {
        return big(operator, &BigInt::from(left), &BigInt::from(right)).ok();
    };
    Some(match i32::try_from(result) {
        Ok(int) if !long => Value::Int(int),
        _ => Value::Long(result),
    })
}

fn big<'a>(operator: Arithmetic, left: &BigInt, right: &BigInt) -> Result<Value<'a>, Failure> {
    let result = match operator {
        Arithmetic::Add => left.add(right),
        Arithmetic::Subtract => left.subtract(right),
        Arithmetic::Multiply => left.multiply(right),
        Arithmetic::Divide => left.divide(right).0,
        Arithmetic::Modulo if right.is_negative() => return Err(Failure::new("BigInteger: modulus not positive")),
        Arithmetic::Modulo => {
            let rest = left.divide(right).1;
            if rest.is_negative() { rest.add(right) } else { rest }
        }
    };
    Ok(Inner::Big(Rc::new(result)).into())
}

/// As Velocity compares; NaN is equal to everything there, because it is neither less nor greater.
pub(crate) fn compare(left: &Number, right: &Number) -> Result<Ordering, Failure> {
    Ok(match base(left, right)? {
        Base::Whole(left, right, _) => left.cmp(&right),
        Base::Double(left, right) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
        Base::Big(left, right) => left.cmp(&right),
        Base::Decimal(left, right) => left.compare(&right),
    })
}
