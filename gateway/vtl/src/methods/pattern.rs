//! `replaceAll`, `replaceFirst` and `split`.

use super::string::made;
use super::{Found, new_array};
use crate::regex::{Case, Regex};
use crate::value::Value;
use crate::value::heap::{Failure, Heap};

pub(super) fn compile(pattern: &str) -> Result<Regex, Failure> {
    Regex::compile(pattern, Case::Sensitive).map_err(Failure::new)
}

pub(super) fn replace_matches<'a>(
    heap: &mut Heap<'a>,
    text: &str,
    (pattern, replacement): (&str, &str),
    most: usize,
) -> Found<'a> {
    let regex = compile(pattern)?;
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    let mut copied = 0;
    for _ in 0..most {
        let Some(groups) = regex.find(text, from, heap)? else { break };
        let Some((start, end)) = groups.first().copied().flatten() else { break };
        out.push_str(text.get(copied..start).unwrap_or(""));
        expand(replacement, text, &groups, &mut out)?;
        heap.check_output(&out)?;
        copied = end;
        from = if end > start {
            end
        } else {
            end + text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
        };
        if from > text.len() {
            break;
        }
    }
    out.push_str(text.get(copied..).unwrap_or(""));
    made(heap, out)
}

/// `$1` and backslashes in a replacement.
fn expand(replacement: &str, text: &str, groups: &[Option<(usize, usize)>], out: &mut String) -> Result<(), Failure> {
    let mut rest = replacement.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\\' {
            out.push(rest.next().ok_or_else(|| Failure::new("character to be escaped is missing"))?);
        } else if c == '$' {
            let digit =
                rest.next().and_then(|c| c.to_digit(10)).ok_or_else(|| Failure::new("Illegal group reference"))?;
            let mut group = digit as usize;
            while let Some(digit) = rest.peek().and_then(|c| c.to_digit(10))
                && group * 10 + (digit as usize) < groups.len()
            {
                group = group * 10 + digit as usize;
                rest.next();
            }
            let found = groups.get(group).ok_or_else(|| Failure::new(format!("No group {group}")))?;
            if let Some((start, end)) = found {
                out.push_str(text.get(*start..*end).unwrap_or(""));
            }
        } else {
            out.push(c);
        }
    }
    Ok(())
}

pub(super) fn split<'a>(heap: &mut Heap<'a>, target: &Value<'a>, separator: &str, limit: i32) -> Found<'a> {
    let regex = compile(separator)?;
    let text = target.as_str().unwrap_or("");
    let most = usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let mut parts: Vec<Value<'a>> = Vec::new();
    let (mut from, mut copied) = (0, 0);
    while parts.len() + 1 < most {
        let Some(groups) = regex.find(text, from, heap)? else { break };
        let Some((start, end)) = groups.first().copied().flatten() else { break };
        let next = text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        from = if end > start { end } else { end + next };
        // A match of nothing at the start does not separate, nor one at the end.
        if end > 0 && !(start == end && start >= text.len()) {
            parts.push(piece(heap, target, copied, start)?);
            copied = end;
        }
        if from > text.len() {
            break;
        }
    }
    parts.push(piece(heap, target, copied, text.len())?);
    if limit == 0 && parts.len() > 1 {
        while parts.last().is_some_and(|last| last.as_str() == Some("")) {
            parts.pop();
        }
    }
    new_array(heap, parts, "[Ljava.lang.String;")
}

fn piece<'a>(heap: &mut Heap<'a>, target: &Value<'a>, start: usize, end: usize) -> Result<Value<'a>, Failure> {
    if let Value::Str(text) = target {
        return Ok(Value::Str(text.get(start..end).unwrap_or("")));
    }
    heap.text(target.as_str().and_then(|text| text.get(start..end)).unwrap_or("").to_owned())
}
