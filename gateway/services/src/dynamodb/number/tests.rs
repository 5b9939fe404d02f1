use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> Number {
    Number::parse(text).unwrap()
}

fn encoded(number: Number) -> Vec<u8> {
    let mut bytes = Vec::new();
    number.encode(&mut bytes);
    bytes
}

/// The slow way: all digits from 10^-200 to 10^200, most significant first, with the sign apart.
fn model(number: Number) -> (i8, Vec<u8>) {
    let mut digits = vec![0u8; 401];
    for (index, digit) in number.coefficient.to_string().bytes().rev().enumerate() {
        let place = 200 - number.exponent - i32::try_from(index).unwrap();
        digits[usize::try_from(place).unwrap()] = digit - b'0';
    }
    let sign = if number.coefficient == 0 { 0 } else { 1 - 2 * i8::from(number.negative) };
    (sign, digits)
}

fn model_order(one: Number, two: Number) -> Ordering {
    let ((sign, digits), (other_sign, other_digits)) = (model(one), model(two));
    sign.cmp(&other_sign).then_with(|| if sign < 0 { other_digits.cmp(&digits) } else { digits.cmp(&other_digits) })
}

/// School arithmetic on the digits; `None` for what DynamoDB has no number for.
fn model_sum(one: Number, two: Number) -> Option<String> {
    let ((sign, digits), (other_sign, other_digits)) = (model(one), model(two));
    let (a, b) = (i32::from(sign), i32::from(other_sign));
    let mut columns: Vec<i32> =
        digits.iter().zip(&other_digits).map(|(x, y)| a * i32::from(*x) + b * i32::from(*y)).collect();
    let first = columns.iter().find(|digit| **digit != 0);
    let negative = match first {
        None => return Some("0".to_owned()),
        // The sign of the whole is that of the first column that is not zero, unless the rest takes it back; then the
        // first is 1 or -1 and the sign still holds, because all columns are within -18..=18 and borrow at most 2.
        Some(_) => model_negative(&columns),
    };
    if negative {
        columns.iter_mut().for_each(|digit| *digit = -*digit);
    }
    for index in (1..columns.len()).rev() {
        let carry = columns[index].div_euclid(10);
        columns[index] = columns[index].rem_euclid(10);
        columns[index - 1] += carry;
    }
    let start = columns.iter().position(|digit| *digit != 0)?;
    let end = columns.iter().rposition(|digit| *digit != 0)?;
    let exponent = 200 - i32::try_from(start).unwrap();
    if end - start + 1 > 38 || !EXPONENTS.contains(&exponent) {
        return None;
    }
    let text: String =
        columns[start..=end].iter().map(|digit| char::from(b'0' + u8::try_from(*digit).unwrap())).collect();
    Some(format!("{}{text}e{}", if negative { "-" } else { "" }, 200 - i32::try_from(end).unwrap()))
}

/// Whether the columns sum up to less than nothing: carried from the right, what is left over at the left tells.
fn model_negative(columns: &[i32]) -> bool {
    columns.iter().rev().fold(0, |carry: i32, digit| (digit + carry).div_euclid(10)) < 0
}

fn numbers() -> impl Strategy<Value = Number> {
    let wide = (any::<bool>(), 0u128..10u128.pow(38), -130i32..=88);
    let near = (any::<bool>(), 0u128..2_000, -3i32..=3);
    prop_oneof![wide, near].prop_map(|(negative, coefficient, exponent)| {
        Number::normal(negative, coefficient, exponent).unwrap_or(Number::ZERO)
    })
}

proptest! {
    #[test]
    fn order_is_that_of_the_digits(one in numbers(), two in numbers()) {
        prop_assert_eq!(one.cmp(&two), model_order(one, two));
        prop_assert_eq!(encoded(one).cmp(&encoded(two)), model_order(one, two));
    }

    #[test]
    fn no_encoding_begins_with_another(one in numbers(), two in numbers()) {
        prop_assert!(one == two || !encoded(one).starts_with(&encoded(two)));
    }

    #[test]
    fn sums_are_exact_or_refused(one in numbers(), two in numbers()) {
        prop_assert_eq!(one.add(two).ok(), model_sum(one, two).map(|text| parse(&text)));
    }

    #[test]
    fn differences_are_sums_of_the_negated(one in numbers(), two in numbers()) {
        let negated = Number { negative: !two.negative && two.coefficient != 0, ..two };
        prop_assert_eq!(one.subtract(two), one.add(negated));
    }

    #[test]
    fn what_is_written_is_read_alike(number in numbers()) {
        prop_assert_eq!(parse(&number.to_string()), number);
    }

    #[test]
    fn any_text_is_a_number_or_an_error(text in ".*") {
        let _either = Number::parse(&text);
    }
}

#[test]
fn numbers_are_written_without_exponents() {
    for (text, written) in [
        ("1E+2", "100"),
        ("-0.00", "0"),
        ("+1.50", "1.5"),
        ("0.1e126", &format!("1{}", "0".repeat(125))),
        ("1e-3", "0.001"),
        ("00012", "12"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-17e1", "-170"),
    ] {
        assert_eq!(parse(text).to_string(), written, "{text}");
    }
}

#[test]
fn what_is_no_number_says_why() {
    let check = |text: &str, message: &str| {
        assert_eq!(Number::parse(text).unwrap_err().to_string(), message, "{text}");
    };
    check("", "The parameter cannot be converted to a numeric value");
    for text in ["dog", " 1", "1 ", "NaN", "Infinity", "-", "1e", "1.2.3", "0x10", "."] {
        check(text, &format!("The parameter cannot be converted to a numeric value: {text}"));
    }
    check("1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range");
    check("-11e125", "Number overflow. Attempting to store a number with magnitude larger than supported range");
    check("1e999999999999", "Number overflow. Attempting to store a number with magnitude larger than supported range");
    check("0.9e-130", "Number underflow. Attempting to store a number with magnitude smaller than supported range");
    check(&"1".repeat(39), "Attempting to store more than 38 significant digits in a Number");
    assert!(Number::parse(&format!("{}000", "1".repeat(38))).is_ok());
}

#[test]
fn sizes_count_pairs_of_digits() {
    for (text, size) in [("0", 1), ("1", 2), ("12", 2), ("123", 3), ("-1", 3), ("1234", 3), ("0.5", 2)] {
        assert_eq!(parse(text).size(), size, "{text}");
    }
}
