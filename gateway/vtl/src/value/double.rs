//! `Double.toString`.

use std::fmt::Write as _;

/// Appends a double as Java prints it: `1.0`, `1.0E10`, `-0.0`, `NaN`.
pub(crate) fn write(double: f64, out: &mut String) {
    if double.is_nan() {
        out.push_str("NaN");
    } else if double.is_infinite() {
        out.push_str(if double > 0.0 { "Infinity" } else { "-Infinity" });
    } else if let Some(thousandths) = thousandths(double) {
        write_thousandths(thousandths, double < 0.0, out);
    } else if double == 0.0 || (1e-3..1e7).contains(&double.abs()) {
        let start = out.len();
        // Writing to a String cannot fail.
        write!(out, "{double}").unwrap_or_default();
        if !out.as_bytes().get(start..).is_some_and(|digits| digits.contains(&b'.')) {
            out.push_str(".0");
        }
    } else {
        let scientific = format!("{double:e}");
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        out.push_str(mantissa);
        if !mantissa.contains('.') {
            out.push_str(".0");
        }
        out.push('E');
        out.push_str(exponent);
    }
}

/// The number of thousandths, if that is all a double is: prices, mostly. No other decimal of so
/// few digits is as near to it, so that these are its shortest digits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a whole number in range")]
fn thousandths(double: f64) -> Option<u64> {
    let thousandths = (double.abs() * 1000.0).round();
    let exact = (1.0..1e10).contains(&thousandths) && thousandths / 1000.0 == double.abs();
    exact.then_some(thousandths as u64)
}

fn write_thousandths(thousandths: u64, negative: bool, out: &mut String) {
    let (whole, rest) = (thousandths / 1000, thousandths % 1000);
    if negative {
        out.push('-');
    }
    super::print::write_integer(i64::try_from(whole).unwrap_or(0), out);
    out.push('.');
    let digits = [rest / 100, rest / 10 % 10, rest % 10];
    let last = digits.iter().rposition(|digit| *digit != 0).unwrap_or(0);
    for digit in digits.iter().take(last + 1) {
        out.push(char::from(b'0' + u8::try_from(*digit).unwrap_or(0)));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn doubles_print_as_in_java() {
        let table = [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (100.5, "100.5"),
            (1e7, "1.0E7"),
            (1_234_567.0, "1234567.0"),
            (12_345_678.9, "1.23456789E7"),
            (1e-3, "0.001"),
            (1e-4, "1.0E-4"),
            (-0.0, "-0.0"),
            (1.5e300, "1.5E300"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
        ];
        for (double, expected) in table {
            let mut out = String::new();
            super::write(double, &mut out);
            assert_eq!(out, expected);
        }
    }
}
