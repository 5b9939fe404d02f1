//! `String.format` with the conversions `%s %d %x %c %b %e %f %%`.

use super::Found;
use crate::value::Value;
use crate::value::heap::{Failure, Heap};
use crate::value::number::Number;

/// Widest field.
const WIDEST: usize = 10_000;

#[derive(Default)]
struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    comma: bool,
    width: usize,
    precision: Option<usize>,
}

/// The first argument is the format.
pub(super) fn call<'a>(heap: &mut Heap<'a>, arguments: &[Value<'a>]) -> Found<'a> {
    let Some((pattern, rest)) = arguments.split_first() else { return Ok(None) };
    let Some(pattern) = pattern.as_str() else { return Ok(None) };
    let mut given = rest.iter();
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = Spec::default();
        while let Some(flag) = chars.next_if(|c| matches!(c, '-' | '0' | '+' | ',' | ' ' | '#')) {
            spec.left |= flag == '-';
            spec.zero |= flag == '0';
            spec.plus |= flag == '+';
            spec.comma |= flag == ',';
        }
        spec.width = digits(&mut chars).unwrap_or(0).min(WIDEST);
        if chars.next_if_eq(&'.').is_some() {
            spec.precision = digits(&mut chars).map(|precision| precision.min(WIDEST));
        }
        let conversion = chars.next().ok_or_else(|| unknown('%'))?;
        let text = match conversion {
            '%' => "%".to_owned(),
            'n' => "\n".to_owned(),
            _ => {
                let missing = || Failure::new(format!("java.util.MissingFormatArgumentException: %{conversion}"));
                convert(heap, conversion, &spec, given.next().ok_or_else(missing)?)?
            }
        };
        pad(&text, &spec, &mut out);
        heap.check_output(&out)?;
    }
    heap.text(out).map(Some)
}

fn unknown(conversion: char) -> Failure {
    Failure::new(format!("java.util.UnknownFormatConversionException: Conversion = '{conversion}'"))
}

fn digits(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<usize> {
    let mut text = String::new();
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        text.push(digit);
    }
    text.parse().ok()
}

fn convert<'a>(heap: &Heap<'a>, conversion: char, spec: &Spec, value: &Value<'a>) -> Result<String, Failure> {
    let mismatch = || Failure::new(format!("java.util.IllegalFormatConversionException: {conversion}"));
    match conversion {
        's' | 'S' => {
            let text = heap.to_text(value)?;
            let text = match spec.precision {
                Some(precision) => text.chars().take(precision).collect(),
                None => text,
            };
            Ok(if conversion == 'S' { text.to_uppercase() } else { text })
        }
        'b' => Ok(match value {
            Value::Bool(value) => value.to_string(),
            other => (!other.is_null()).to_string(),
        }),
        'c' => match value {
            Value::Char(unit) => Ok(String::from_utf16_lossy(&[*unit])),
            _ => Err(mismatch()),
        },
        'd' => match value {
            Value::Int(_) | Value::Long(_) | Value::Other(_) => {
                let digits = heap.to_text(value)?;
                let digits = if spec.comma { grouped(&digits) } else { digits };
                let plus = if spec.plus && !digits.starts_with('-') { "+" } else { "" };
                Ok(format!("{plus}{digits}"))
            }
            _ => Err(mismatch()),
        },
        'x' | 'X' => {
            let hex = match value {
                Value::Int(int) => format!("{int:x}"),
                Value::Long(long) => format!("{long:x}"),
                _ => return Err(mismatch()),
            };
            Ok(if conversion == 'X' { hex.to_uppercase() } else { hex })
        }
        'f' | 'e' => match (value, Number::of(value)) {
            (Value::Double(_) | Value::Other(_), Some(number)) => Ok(float(conversion, spec, number.double_value())),
            _ => Err(mismatch()),
        },
        other => Err(unknown(other)),
    }
}

fn float(conversion: char, spec: &Spec, double: f64) -> String {
    let precision = spec.precision.unwrap_or(6);
    let plus = if spec.plus && double >= 0.0 { "+" } else { "" };
    if conversion == 'f' {
        // Java rounds halves up on the shortest digits, not on the binary value.
        let shortest = format!("{double}");
        let digits = round_half_up(&shortest, precision);
        let digits = if spec.comma { grouped(&digits) } else { digits };
        return format!("{plus}{digits}");
    }
    let scientific = format!("{double:.precision$e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    format!("{plus}{mantissa}e{:+03}", exponent.parse::<i32>().unwrap_or(0))
}

fn round_half_up(decimal: &str, precision: usize) -> String {
    let (whole, decimals) = decimal.split_once('.').unwrap_or((decimal, ""));
    if decimals.len() <= precision {
        let point = if precision == 0 { "" } else { "." };
        return format!("{whole}{point}{decimals:0<precision$}");
    }
    let up = decimals.as_bytes().get(precision).is_some_and(|digit| *digit >= b'5');
    let kept = decimals.get(..precision).unwrap_or("");
    let negative = whole.starts_with('-');
    let mut digits: Vec<u8> = whole.trim_start_matches('-').bytes().chain(kept.bytes()).collect();
    let mut carry = up;
    for digit in digits.iter_mut().rev() {
        if carry {
            carry = *digit == b'9';
            *digit = if carry { b'0' } else { *digit + 1 };
        }
    }
    if carry {
        digits.insert(0, b'1');
    }
    let text: String = digits.iter().map(|digit| char::from(*digit)).collect();
    let (whole, kept) = text.split_at_checked(text.len() - precision).unwrap_or((&text, ""));
    let point = if precision == 0 { "" } else { "." };
    format!("{}{whole}{point}{kept}", if negative { "-" } else { "" })
}

/// Thousands with commas.
fn grouped(digits: &str) -> String {
    let (whole, decimals) = digits.split_once('.').map_or((digits, None), |(whole, decimals)| (whole, Some(decimals)));
    let (sign, number) = whole.strip_prefix('-').map_or(("", whole), |number| ("-", number));
    let mut out = String::from(sign);
    for (place, digit) in number.chars().enumerate() {
        if place > 0 && (number.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(decimals) = decimals {
        out.push('.');
        out.push_str(decimals);
    }
    out
}

fn pad(text: &str, spec: &Spec, out: &mut String) {
    let missing = spec.width.saturating_sub(text.chars().count());
    if spec.left {
        out.push_str(text);
        out.extend(std::iter::repeat_n(' ', missing));
    } else if spec.zero {
        let (sign, digits) =
            text.strip_prefix(['-', '+']).map_or(("", text), |digits| (text.get(..1).unwrap_or(""), digits));
        out.push_str(sign);
        out.extend(std::iter::repeat_n('0', missing));
        out.push_str(digits);
    } else {
        out.extend(std::iter::repeat_n(' ', missing));
        out.push_str(text);
    }
}
