//! Text to path, fragment by fragment.

use super::array;
use super::filter::Filter;
use super::{Path, Token};

fn invalid<T>(path: &str) -> Result<T, String> {
    Err(format!("invalid JSONPath `{path}`"))
}

/// Longest path: paths are read and followed by recursion.
const LONGEST: usize = 1500;

/// What a path may begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// `$`, or nothing for something below it.
    Document,
    /// In filters, `@` as well.
    Item,
}

pub(super) fn path(text: &str, start: Start) -> Result<Path, String> {
    let trimmed = text.trim_end_matches(|c: char| c <= ' ');
    if trimmed.is_empty() {
        return Err("an empty JSONPath".to_owned());
    }
    if trimmed.len() > LONGEST {
        return Err(format!("a JSONPath of more than {LONGEST} characters"));
    }
    if trimmed.ends_with("..") {
        return Err(format!("the JSONPath `{trimmed}` ends with a scan"));
    }
    let item = start == Start::Item && trimmed.starts_with('@');
    let from_root = !item;
    let mut tokens = Vec::new();
    // A path without `$` stands below the root: its first name needs no dot.
    let mut rest = trimmed;
    if let Some(below) = trimmed.strip_prefix(if item { '@' } else { '$' }) {
        if !(below.is_empty() || below.starts_with(['.', '['])) {
            return invalid(trimmed);
        }
        rest = below;
    } else if let Some(after) = trimmed.strip_prefix('.') {
        // `$.` and `.a` make a scan.
        tokens.push(Token::Scan);
        rest = after;
    }
    while !rest.is_empty() {
        rest = fragment(rest, &mut tokens).ok_or_else(|| format!("invalid JSONPath `{trimmed}`"))??;
    }
    Ok(Path { tokens: tokens.into(), from_root })
}

/// Takes one fragment and gives what is left; none where the text ends too early.
fn fragment<'t>(rest: &'t str, tokens: &mut Vec<Token>) -> Option<Result<&'t str, String>> {
    if rest.starts_with(' ') {
        return Some(Err("a blank in a JSONPath outside of brackets".to_owned()));
    }
    if let Some(after) = rest.strip_prefix('$') {
        tokens.push(Token::Root);
        return Some(Ok(after));
    }
    if rest.starts_with('[') {
        let end = closing(rest);
        let (bracket, after) = rest.split_at_checked(end)?;
        return Some(bracketed(bracket).map(|token| {
            tokens.push(token);
            after
        }));
    }
    if let Some(after) = rest.strip_prefix("..") {
        tokens.push(Token::Scan);
        return Some(Ok(after));
    }
    if let Some(after) = rest.strip_prefix('*') {
        tokens.push(Token::Wildcard);
        return Some(Ok(after));
    }
    let name_start = rest.strip_prefix('.').unwrap_or(rest);
    if name_start.is_empty() {
        return None;
    }
    let end = name_start.find(['.', '[', ' ']).unwrap_or(name_start.len());
    let (name, after) = name_start.split_at_checked(end)?;
    if name == "*" {
        tokens.push(Token::Wildcard);
    } else if !name.is_empty() {
        tokens.push(property(name));
    }
    Some(Ok(after))
}

/// A name becomes a bracketed one, so that quotes in it do what they do there.
fn property(name: &str) -> Token {
    if name.contains(['\'', ']']) {
        bracketed(&format!("['{name}']")).unwrap_or_else(|_| Token::Property(vec![name.to_owned()]))
    } else {
        Token::Property(vec![name.to_owned()])
    }
}

/// Behind the bracket that closes the first one.
fn closing(text: &str) -> usize {
    let mut nested = 0_usize;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b']' if nested == 0 => return at + 1,
            b'[' => nested += 1,
            b']' => nested -= 1,
            _ => {}
        }
    }
    text.len()
}

fn bracketed(text: &str) -> Result<Token, String> {
    if text == "[*]" {
        return Ok(Token::Wildcard);
    }
    let inner = text.strip_prefix('[').unwrap_or(text);
    if is_placeholder(inner) {
        return Ok(Token::Filter(Filter::Missing));
    }
    for (at, c) in text.char_indices() {
        match c {
            '?' => return Filter::parse(text).map(Token::Filter),
            '\'' => {
                return names(text.get(at..).unwrap_or(""))
                    .ok_or_else(|| format!("invalid JSONPath fragment `{text}`"));
            }
            ':' | '-' | '@' | '0'..='9' => return array::parse(text, at).map(Token::Array),
            _ => {}
        }
    }
    Err(format!("invalid JSONPath fragment `{text}`"))
}

/// `[?]`, `[?,?]`: filters that a program would pass, and a template cannot.
fn is_placeholder(inner: &str) -> bool {
    let inner = inner.strip_suffix(']').unwrap_or(inner).trim();
    inner.starts_with('?') && inner.chars().all(|c| matches!(c, '?' | ',' | ' '))
}

/// The quoted names up to the first bracket.
fn names(text: &str) -> Option<Token> {
    let mut properties = Vec::new();
    let mut open: Option<String> = None;
    for c in text.chars() {
        match (c, &mut open) {
            (']', _) => return Some(Token::Property(properties)),
            ('\'', Some(_)) => properties.extend(open.take()),
            ('\'', None) => open = Some(String::new()),
            (c, Some(name)) => name.push(c),
            (_, None) => {}
        }
    }
    None
}
