//! What a template demands of the value of a parameter. `AllowedPattern` is Java's and left to AWS.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>

use crate::{
    Diagnostic, Place,
    document::{Map, Node},
    limits,
    read::Reading,
    shape,
};

/// Says what is wrong with a value; `place` is where it comes from.
pub(super) fn check(reading: &mut Reading<'_>, (map, kind): (&Map, &str), (value, place): (&str, &Place)) {
    let secret = map.get("NoEcho").is_some_and(|node| node.as_boolean() == Some(true));
    let shown = if secret { "the value".to_owned() } else { format!("`{}`", shape::brief(value)) };
    let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
    let members = if is_list { value.split(',').map(str::trim).collect() } else { vec![value] };
    check_allowed(reading, map, (&members, &shown), place);
    let length = value.chars().count();
    if length > limits::PARAMETER {
        let message = format!("the value has {length} characters; CloudFormation takes {}", limits::PARAMETER);
        reading.findings.error(place, message);
    }
    for (key, holds) in [
        ("MinLength", length_is(map, "MinLength", |bound| length >= bound)),
        ("MaxLength", length_is(map, "MaxLength", |bound| length <= bound)),
    ] {
        if holds == Some(false) {
            let bound = map.get(key).and_then(Node::as_text).unwrap_or_default();
            reading.findings.error(place, format!("{shown} has {length} characters; `{key}` is {bound}"));
        }
    }
    if kind == "Number" {
        check_number(reading, map, (value, &shown), place);
    }
}

fn length_is(map: &Map, key: &str, holds: impl Fn(usize) -> bool) -> Option<bool> {
    map.get(key)?.as_text()?.trim().parse().ok().map(holds)
}

fn check_number(reading: &mut Reading<'_>, map: &Map, (value, shown): (&str, &str), place: &Place) {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let Some(value) = number(value) else {
        reading.findings.error(place, format!("{shown} is no number"));
        return;
    };
    let bound = |key: &str| map.get(key).and_then(|node| number(node.as_text()?));
    if bound("MinValue").is_some_and(|least| value < least) || bound("MaxValue").is_some_and(|most| value > most) {
        reading.findings.error(place, format!("{shown} is outside of `MinValue` and `MaxValue`"));
    }
}

fn check_allowed(reading: &mut Reading<'_>, map: &Map, (members, shown): (&[&str], &str), place: &Place) {
    let Some(allowed) = map.get("AllowedValues") else { return };
    let allowed = shape::texts(&mut reading.findings, allowed);
    if members.iter().all(|member| allowed.iter().any(|allowed| allowed == member)) {
        return;
    }
    let message = format!("{shown} is none of the allowed values");
    let known: Vec<String> = allowed.iter().map(|allowed| format!("`{}`", shape::brief(allowed))).collect();
    reading.findings.push(Diagnostic::error(place, message).help(format!("one of {}", known.join(", "))));
}
