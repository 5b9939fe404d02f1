//! What cases describe instead of writing out: `'['*200000`, `{'name':'a'*50000+'!'}`, `gzip(zeros, 10 GiB)`.

use serde_json::{Map, Value, json};
use std::{io::Write as _, iter::Peekable, str::Chars};

/// The bytes that a description stands for.
///
/// # Errors
/// When it is none that is known here.
pub(super) fn bytes(description: &str) -> Result<Vec<u8>, String> {
    if let Some(inside) = description.strip_prefix("gzip(").and_then(|rest| rest.strip_suffix(')')) {
        return gzip(inside);
    }
    if let Some(rest) = description.strip_prefix("nested {'") {
        return nested(rest);
    }
    let value = expression(description)?;
    Ok(match value {
        Value::String(text) => text.into_bytes(),
        other => other.to_string().into_bytes(),
    })
}

/// `{{"a" * 3}}` inside a text becomes `aaa`.
///
/// # Errors
/// When what stands between the braces is no expression.
pub(super) fn expanded(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, after)) = after.split_once("}}") else { break };
        out.push_str(before);
        match expression(inside)? {
            Value::String(text) => out.push_str(&text),
            other => out.push_str(&other.to_string()),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// `zeros, 10 GiB`, as gzip members of 64 MiB each.
fn gzip(inside: &str) -> Result<Vec<u8>, String> {
    let size = inside.strip_prefix("zeros,").map(str::trim).ok_or_else(|| format!("`gzip({inside})` is not known"))?;
    let (count, unit) = size.split_once(' ').ok_or_else(|| format!("`{size}` is no size"))?;
    let count: usize = count.parse().map_err(|_| format!("`{size}` is no size"))?;
    let mib = match unit {
        "MiB" | "MB" => count,
        "GiB" | "GB" => count * 1024,
        _ => return Err(format!("`{size}` is no size")),
    };
    let step = mib.clamp(1, 64);
    let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..step {
        member.write_all(&zeros).map_err(|error| error.to_string())?;
    }
    Ok(member.finish().map_err(|error| error.to_string())?.repeat(mib.div_ceil(step)))
}

/// `n':..} depth 120`
fn nested(rest: &str) -> Result<Vec<u8>, String> {
    let (key, rest) = rest.split_once('\'').ok_or("`nested` without a key")?;
    let depth =
        rest.rsplit(' ').next().and_then(|depth| depth.parse::<usize>().ok()).ok_or("`nested` without a depth")?;
    let mut text = format!("{{\"{key}\":").repeat(depth);
    text.push_str("{}");
    text.push_str(&"}".repeat(depth));
    Ok(text.into_bytes())
}

/// Schemas that cases describe in words: `anyOf doubling via definitions d0..d25`.
///
/// # Errors
/// When the words are not known.
pub(super) fn schema(description: &str) -> Result<Value, String> {
    let (keyword, rest) = description
        .split_once(" doubling via definitions d0..d")
        .ok_or_else(|| format!("a schema of `{description}` is not known"))?;
    let last: usize = rest.parse().map_err(|_| format!("a schema of `{description}` is not known"))?;
    let mut definitions = Map::new();
    definitions.insert(format!("d{last}"), json!({ "type": "string" }));
    for level in 0..last {
        let next = json!({ "$ref": format!("#/definitions/d{}", level + 1) });
        let mut definition = Map::new();
        definition.insert(keyword.to_owned(), json!([next, next]));
        definitions.insert(format!("d{level}"), Value::Object(definition));
    }
    Ok(json!({ "$ref": "#/definitions/d0", "definitions": definitions }))
}

/// Sums and products of texts and numbers, and maps and lists of them, as Python writes them.
fn expression(text: &str) -> Result<Value, String> {
    let mut letters = text.chars().peekable();
    let value = sum(&mut letters)?;
    skip(&mut letters);
    match letters.next() {
        None => Ok(value),
        Some(letter) => Err(format!("`{text}` is not known: unexpected `{letter}`")),
    }
}

type Letters<'a> = Peekable<Chars<'a>>;

fn skip(letters: &mut Letters<'_>) {
    while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
}

fn sum(letters: &mut Letters<'_>) -> Result<Value, String> {
    let mut value = product(letters)?;
    loop {
        skip(letters);
        if letters.next_if_eq(&'+').is_none() {
            return Ok(value);
        }
        value = match (value, product(letters)?) {
            (Value::String(left), Value::String(right)) => Value::String(left + &right),
            (left, right) => return Err(format!("{left} + {right} is not known")),
        };
    }
}

fn product(letters: &mut Letters<'_>) -> Result<Value, String> {
    let mut value = primary(letters)?;
    loop {
        skip(letters);
        if letters.next_if_eq(&'*').is_none() {
            return Ok(value);
        }
        let times = primary(letters)?;
        value = match (value.as_str(), times.as_u64().and_then(|times| usize::try_from(times).ok())) {
            (Some(text), Some(times)) => Value::String(text.repeat(times)),
            _ => return Err(format!("{value} * {times} is not known")),
        };
    }
}

fn primary(letters: &mut Letters<'_>) -> Result<Value, String> {
    skip(letters);
    match letters.next() {
        Some(quote @ ('\'' | '"')) => quoted(letters, quote).map(Value::String),
        Some('{') => map(letters),
        Some('[') => list(letters),
        Some(digit) if digit.is_ascii_digit() => {
            let mut number = String::from(digit);
            while let Some(digit) = letters.next_if(|letter| letter.is_ascii_digit() || *letter == '.') {
                number.push(digit);
            }
            serde_json::from_str(&number).map_err(|error| format!("`{number}`: {error}"))
        }
        Some(other) => Err(format!("`{other}` begins no value")),
        None => Err("a value is missing".to_owned()),
    }
}

fn quoted(letters: &mut Letters<'_>, quote: char) -> Result<String, String> {
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            _ if letter == quote => return Ok(text),
            '\\' => match letters.next() {
                Some('r') => text.push('\r'),
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => break,
            },
            _ => text.push(letter),
        }
    }
    Err("a text does not end".to_owned())
}

fn map(letters: &mut Letters<'_>) -> Result<Value, String> {
    let mut members = Map::new();
    loop {
        skip(letters);
        if letters.next_if_eq(&'}').is_some() {
            return Ok(Value::Object(members));
        }
        let Value::String(key) = primary(letters)? else { return Err("a key is no text".to_owned()) };
        skip(letters);
        letters.next_if_eq(&':').ok_or("a key has no value")?;
        members.insert(key, sum(letters)?);
        skip(letters);
        letters.next_if_eq(&',');
    }
}

fn list(letters: &mut Letters<'_>) -> Result<Value, String> {
    let mut items = Vec::new();
    loop {
        skip(letters);
        if letters.next_if_eq(&']').is_some() {
            return Ok(Value::Array(items));
        }
        items.push(sum(letters)?);
        skip(letters);
        letters.next_if_eq(&',');
    }
}
