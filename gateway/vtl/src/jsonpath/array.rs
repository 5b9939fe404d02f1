//! `[0]`, `[0,1]`, `[1:]`, `[-2:]`, `[(@.length-1)]`.

use super::ArrayStep;

/// Reads from the first digit, sign, colon or `@`.
pub(super) fn parse(text: &str, at: usize) -> Result<ArrayStep, String> {
    let invalid = || format!("invalid JSONPath fragment `{text}`");
    let inner = text.get(at..).unwrap_or("");
    let (inner, _) = inner.split_once(']').ok_or_else(invalid)?;
    if let Some(function) = inner.strip_prefix('@') {
        return from_length(function).ok_or_else(invalid);
    }
    let end = inner.find(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | ' ' | ':' | '-'))).unwrap_or(inner.len());
    let compact: String = inner.get(..end).unwrap_or("").chars().filter(|c| *c != ' ').collect();
    let number = |text: &str| text.parse::<i32>().map_err(|_| invalid());
    if let Some((from, to)) = compact.split_once(':') {
        return Ok(match (from, to) {
            ("", to) => ArrayStep::To(number(to)?),
            (from, "") => ArrayStep::From(number(from)?),
            (from, to) => ArrayStep::Between(number(from)?, number(to)?),
        });
    }
    let indices: Vec<i32> =
        compact.strip_suffix(',').unwrap_or(&compact).split(',').map(number).collect::<Result<_, _>>()?;
    Ok(match indices.as_slice() {
        [index] => ArrayStep::Index(*index),
        _ => ArrayStep::Indices(indices),
    })
}

fn from_length(function: &str) -> Option<ArrayStep> {
    let minus = function.find('-')?;
    let (name, offset) = function.split_at_checked(minus)?;
    let name: String = name.chars().filter(|c| !matches!(c, '.' | ' ' | '(' | ')')).collect();
    if name != "length" && name != "size" {
        return None;
    }
    let (offset, _) = offset.split_once(')')?;
    let offset: String = offset.chars().filter(|c| *c != ' ').collect();
    offset.parse().ok().map(ArrayStep::FromLength)
}
