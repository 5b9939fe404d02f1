//! `Integer`, `Long`, `Double`, `BigInteger` and `BigDecimal`, static methods included: templates
//! parse with `$number.parseInt('42')`.

use super::{Found, some};
use crate::program::Arithmetic;
use crate::value::heap::{Failure, Heap};
use crate::value::number::{Number, calculate, compare};
use crate::value::{Value, compare as ordering};

pub(super) fn call<'a>(heap: &mut Heap<'a>, target: &Value<'a>, name: &str, arguments: &[Value<'a>]) -> Found<'a> {
    let Some(number) = Number::of(target) else { return Ok(None) };
    match arguments {
        [] => conversion(target, &number, name),
        [argument] => match (argument.as_str(), Number::of(argument)) {
            (Some(_), _) if name == "compareTo" => Err(super::wrong_class(heap, argument, target.class_name(heap))),
            (Some(text), _) => parse(target, name, text, 10),
            (None, Some(other)) => with_number(heap, (target, &number), name, (argument, &other)),
            (None, None) if name == "compareTo" => Err(super::wrong_class(heap, argument, target.class_name(heap))),
            (None, None) => Ok(None),
        },
        [first, second] if matches!(target, Value::Double(_)) => {
            let numbers = Number::of(first).zip(Number::of(second));
            Ok(numbers.and_then(|(first, second)| with_doubles(name, first.double_value(), second.double_value())))
        }
        [first, Value::Int(second)] => match (first.as_str(), first) {
            (Some(text), _) => parse(target, name, text, u32::try_from(*second).unwrap_or(10)),
            (None, Value::Int(first)) => with_two(heap, target, name, (i64::from(*first), i64::from(*second))),
            (None, Value::Long(first)) => with_two(heap, target, name, (*first, i64::from(*second))),
            _ => Ok(None),
        },
        [Value::Long(first), Value::Long(second)] => with_two(heap, target, name, (*first, *second)),
        _ => Ok(None),
    }
}

fn with_doubles<'a>(name: &str, first: f64, second: f64) -> Option<Value<'a>> {
    match name {
        "max" => Some(Value::Double(first.max(second))),
        "min" => Some(Value::Double(first.min(second))),
        "sum" => Some(Value::Double(first + second)),
        "compare" => Some(Value::Int(ordering::sign(first.total_cmp(&second)))),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "Java narrows by dropping the upper bits, and doubles to floats")]
fn conversion<'a>(target: &Value<'a>, number: &Number, name: &str) -> Found<'a> {
    let double = matches!(target, Value::Double(_));
    match name {
        "intValue" => some(number.int_value()),
        "longValue" => Ok(Some(Value::Long(number.long_value()))),
        "doubleValue" => Ok(Some(Value::Double(number.double_value()))),
        // A float prints its own shortest digits.
        "floatValue" => {
            let float = number.double_value() as f32;
            Ok(Some(Value::Double(float.to_string().parse().unwrap_or_else(|_| f64::from(float)))))
        }
        "shortValue" => some(i32::from(number.int_value() as i16)),
        "byteValue" => some(i32::from(number.int_value() as i8)),
        "isNaN" if double => some(number.double_value().is_nan()),
        "isInfinite" if double => some(number.double_value().is_infinite()),
        _ => Ok(None),
    }
}

fn same_class(left: &Value<'_>, right: &Value<'_>) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

fn with_number<'a>(
    heap: &mut Heap<'a>,
    (target, number): (&Value<'a>, &Number),
    name: &str,
    (argument, other): (&Value<'a>, &Number),
) -> Found<'a> {
    let same = same_class(target, argument);
    match (name, target) {
        ("compareTo", _) if !same => Err(super::wrong_class(heap, argument, target.class_name(heap))),
        ("compareTo", _) => some(ordering::sign(compare(number, other)?)),
        ("valueOf", Value::Double(_)) => Ok(Some(Value::Double(other.double_value()))),
        ("valueOf", Value::Long(_)) => Ok(Some(Value::Long(other.long_value()))),
        ("valueOf", Value::Int(_)) if same => Ok(Some(argument.clone())),
        ("isNaN", Value::Double(_)) => some(other.double_value().is_nan()),
        ("isInfinite", Value::Double(_)) => some(other.double_value().is_infinite()),
        ("toString", Value::Int(_)) if !same => Ok(None),
        ("toString", Value::Long(_)) if matches!(argument, Value::Double(_)) => Ok(None),
        ("toString", _) => {
            let double = matches!(target, Value::Double(_)).then(|| Value::Double(other.double_value()));
            let text = heap.to_text(double.as_ref().unwrap_or(argument))?;
            heap.text(text).map(Some)
        }
        ("add" | "subtract" | "multiply" | "divide" | "mod" | "remainder", Value::Other(_)) if same => {
            let operator = match name {
                "add" => Arithmetic::Add,
                "subtract" => Arithmetic::Subtract,
                "multiply" => Arithmetic::Multiply,
                "divide" => Arithmetic::Divide,
                _ => Arithmetic::Modulo,
            };
            let result = calculate(heap, operator, number, other)?;
            result.map(Some).ok_or_else(|| Failure::new("java.lang.ArithmeticException: divide by zero"))
        }
        (_, Value::Int(_) | Value::Long(_)) => whole_static(heap, target, name, argument),
        _ => Ok(None),
    }
}

/// Static methods of one integer.
fn whole_static<'a>(heap: &mut Heap<'a>, target: &Value<'a>, name: &str, argument: &Value<'a>) -> Found<'a> {
    let long = matches!(target, Value::Long(_));
    let (value, bits) = match (argument, long) {
        (Value::Int(int), false) => (i64::from(*int), u64::from(int.cast_unsigned())),
        (Value::Int(int), true) => (i64::from(*int), i64::from(*int).cast_unsigned()),
        (Value::Long(value), true) => (*value, value.cast_unsigned()),
        _ => return Ok(None),
    };
    let text = match name {
        "toHexString" => format!("{bits:x}"),
        "toBinaryString" => format!("{bits:b}"),
        "toOctalString" => format!("{bits:o}"),
        "signum" => return some(i32::try_from(value.signum()).unwrap_or(0)),
        "bitCount" => return some(bits.count_ones().cast_signed()),
        _ => return Ok(None),
    };
    heap.text(text).map(Some)
}

fn with_two<'a>(heap: &mut Heap<'a>, target: &Value<'a>, name: &str, (first, second): (i64, i64)) -> Found<'a> {
    let whole = |value: i64| {
        let long = matches!(target, Value::Long(_));
        if long { Value::Long(value) } else { crate::value::integer(value) }
    };
    match name {
        "max" => Ok(Some(whole(first.max(second)))),
        "min" => Ok(Some(whole(first.min(second)))),
        "sum" => Ok(Some(whole(first.wrapping_add(second)))),
        "compare" => some(ordering::sign(first.cmp(&second))),
        "toString" => {
            let text = in_radix(first, u32::try_from(second).unwrap_or(10));
            heap.text(text).map(Some)
        }
        _ => Ok(None),
    }
}

fn in_radix(value: i64, radix: u32) -> String {
    let radix = if (2..=36).contains(&radix) { radix } else { 10 };
    let mut rest = value.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(rest % u64::from(radix)).unwrap_or(0);
        digits.push(char::from_digit(digit, radix).unwrap_or('0'));
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}

fn parse<'a>(target: &Value<'a>, name: &str, text: &str, radix: u32) -> Found<'a> {
    let fail = || Failure::new(format!("java.lang.NumberFormatException: For input string: \"{text}\""));
    let radix = if (2..=36).contains(&radix) { radix } else { 10 };
    match (name, target) {
        ("parseInt" | "valueOf" | "parseUnsignedInt", Value::Int(_)) => {
            i32::from_str_radix(text, radix).map(|int| Some(Value::Int(int))).map_err(|_| fail())
        }
        ("decode", Value::Int(_)) => text.parse().map(|int| Some(Value::Int(int))).map_err(|_| fail()),
        ("parseLong" | "valueOf", Value::Long(_)) => {
            i64::from_str_radix(text, radix).map(|long| Some(Value::Long(long))).map_err(|_| fail())
        }
        ("parseDouble" | "valueOf", Value::Double(_)) => {
            let number = text.trim().trim_end_matches(['d', 'D', 'f', 'F']);
            number.parse().map(|double| Some(Value::Double(double))).map_err(|_| fail())
        }
        _ => Ok(None),
    }
}
