//! `Double.toString`.

use std::fmt::Write as _;

/// Appends a double as Java prints it: `1.0`, `1.0E10`, `-0.0`, `NaN`.
pub(crate) fn write(double: f64, out: &mut String) {
    if double.is_nan() {
        out.push_str("NaN");
    } else if double.is_infinite() {
        out.push_str(if double > 0.0 { "Infinity" } else { "-Infinity" });
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
