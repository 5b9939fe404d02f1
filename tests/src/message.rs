//! Requests and responses as scenarios write them.

use crate::{Outcome, compare, mask};
use std::fmt::Write as _;

/// What a request without a `host` names; no loopback name, so that the gateway presents itself as on AWS.
pub const HOST: &str = "gateway.test";

/// A request as written: header names, their order and the path go out as they stand.
#[derive(Debug, Clone)]
pub struct Request {
    /// The verb.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// `HTTP/1.1` unless the block says otherwise.
    pub version: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers as they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// All values of a header.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        values(&self.headers, name)
    }

    /// The body as scenarios write it.
    #[must_use]
    pub fn text(&self) -> String {
        escape(&self.body)
    }
}

/// All values of a header, in order.
#[must_use]
pub fn values<'a>(headers: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
}

/// Reads a `@request` block.
///
/// # Errors
/// When it has no verb and path, or a header has no colon.
pub fn request(text: &str) -> Outcome<Request> {
    let (head, body) = split(text);
    let mut lines = head.lines();
    let first = expand(lines.next().unwrap_or_default())?;
    let mut words = first.splitn(2, ' ');
    let (method, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (target, version) = rest
        .rsplit_once(" HTTP/")
        .map_or_else(|| (rest, "HTTP/1.1".to_owned()), |(target, version)| (target, format!("HTTP/{version}")));
    if method.is_empty() || target.is_empty() {
        return Err(format!("`{first}` is no request line"));
    }
    let mut headers = lines.map(header).collect::<Outcome<Vec<_>>>()?;
    let body = unescape(&expand(body.unwrap_or_default())?);
    if values(&headers, "host").is_empty() {
        headers.insert(0, ("Host".to_owned(), HOST.to_owned()));
    }
    Ok(Request { method: method.to_owned(), target: target.to_owned(), version, headers, body })
}

/// The whole head of a request as it goes over the wire.
#[must_use]
pub fn head(request: &Request) -> String {
    let mut head = format!("{} {} {}\r\n", request.method, request.target, request.version);
    for (name, value) in &request.headers {
        let _infallible = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    head
}

/// Compares an answer with a `@response` block: the status, the headers that it lists, those that `!name` rules out, and
/// the body when there is an empty line. Headers in `unknown` cannot be seen by this target.
///
/// # Errors
/// The first difference.
pub fn check(expected: &str, answer: &Answer, unknown: &[&str]) -> Outcome<()> {
    let (head, body) = split(expected);
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default().trim();
    if status != answer.status.to_string() {
        return Err(format!("expected status {status}, found {} with the body `{}`", answer.status, answer.text()));
    }
    let mut wanted: Vec<(String, Vec<String>)> = Vec::new();
    for line in lines {
        if let Some(name) = line.strip_prefix('!') {
            let found = answer.values(name);
            if !found.is_empty() {
                return Err(format!("found the header {name}: {found:?}, expected none"));
            }
            continue;
        }
        let (name, value) = header(line)?;
        match wanted.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => wanted.push((name, vec![value])),
        }
    }
    for (name, expected) in wanted.iter().filter(|(name, _)| !unknown.contains(&name.as_str())) {
        let found = answer.values(name);
        let same = found.len() == expected.len()
            && expected
                .iter()
                .zip(&found)
                .map(|(expected, found)| mask::matches(expected, found))
                .all(|same| same == Ok(true));
        if !same {
            return Err(format!("expected the header {name}: {expected:?}, found {found:?}"));
        }
    }
    match body {
        None => Ok(()),
        Some(body) => compare::bodies(&expand(body)?, &answer.text())?.map_or(Ok(()), Err),
    }
}

/// A `@response` block for what came back: it lists what the one before did.
#[must_use]
pub fn rewritten(expected: &str, answer: &Answer, unknown: &[&str]) -> String {
    let (head, body) = split(expected);
    let mut text = answer.status.to_string();
    let mut listed: Vec<&str> = Vec::new();
    for line in head.lines().skip(1) {
        let name = line.split(':').next().unwrap_or_default();
        if line.starts_with('!') || unknown.contains(&name) {
            let _infallible = write!(text, "\n{line}");
        } else if !listed.contains(&name) {
            listed.push(name);
            for value in answer.values(name) {
                let _infallible = write!(text, "\n{name}: {}", mask::cover(value));
            }
        }
    }
    if body.is_some() {
        let _infallible = write!(text, "\n\n{}", mask::cover(&answer.text()));
    }
    text
}

fn header(line: &str) -> Outcome<(String, String)> {
    let (name, value) = line.split_once(':').ok_or_else(|| format!("`{line}` is no header"))?;
    Ok((name.to_owned(), expand(value.strip_prefix(' ').unwrap_or(value))?))
}

/// Head and body, which an empty line parts.
fn split(text: &str) -> (&str, Option<&str>) {
    match text.split_once("\n\n") {
        Some((head, body)) => (head, Some(body)),
        None => match text.strip_suffix('\n') {
            Some(head) => (head, Some("")),
            None => (text, None),
        },
    }
}

/// Replaces each `[REPEAT text count]`.
///
/// # Errors
/// When the count is none.
pub fn expand(text: &str) -> Outcome<String> {
    const OPEN: &str = "[REPEAT ";
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once(OPEN) {
        let (inner, after) = from.split_once(']').ok_or("`[REPEAT` has no end")?;
        let (unit, count) = inner.rsplit_once(' ').ok_or("`[REPEAT` needs a text and a count")?;
        let count: usize = count.parse().map_err(|_| format!("`{count}` is no count"))?;
        expanded.push_str(before);
        expanded.push_str(&unit.repeat(count));
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// Bytes of a text with `\xNN` in it.
#[must_use]
pub fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split("\\x");
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        match part.split_at_checked(2).map(|(digits, rest)| (u8::from_str_radix(digits, 16), rest)) {
            Some((Ok(byte), rest)) => {
                bytes.push(byte);
                bytes.extend_from_slice(rest.as_bytes());
            }
            Some((Err(_), _)) | None => {
                bytes.extend_from_slice(b"\\x");
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    bytes
}

/// Text for bytes: what is no printable UTF-8 becomes `\xNN`.
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() && character != '\n' && character != '\t' {
                let mut buffer = [0; 4];
                for byte in character.encode_utf8(&mut buffer).bytes() {
                    let _infallible = write!(text, "\\x{byte:02x}");
                }
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            let _infallible = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_keep_their_spelling() {
        let request = request("POST /a//b?x=[REPEAT y 3]\ntEsT: v: w\n\n\\x89PNG\nmore").unwrap();
        assert_eq!((request.target.as_str(), request.body.as_slice()), ("/a//b?x=yyy", &b"\x89PNG\nmore"[..]));
        assert_eq!(head(&request), "POST /a//b?x=yyy HTTP/1.1\r\nHost: gateway.test\r\ntEsT: v: w\r\n\r\n");
        assert!(super::request("GET").is_err());
    }

    #[test]
    fn bytes_survive_their_text() {
        let bytes = b"a\\x8\x00\xff\r\nplain";
        assert_eq!(escape(bytes), "a\\x8\\x00\\xff\\x0d\nplain");
        assert_eq!(unescape(&escape(b"\x00\xffok")), b"\x00\xffok");
    }

    #[test]
    fn responses_are_compared_as_far_as_they_are_written() {
        let headers = vec![("A".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())];
        let answer = Answer { status: 200, headers, body: b"{\"x\": 1}".to_vec() };
        for good in ["200", "200\na: 1\na: 2", "200\n!b", "200\n\n{\"x\":1}"] {
            assert_eq!(check(good, &answer, &[]), Ok(()), "{good}");
        }
        for bad in ["201", "200\na: 1", "200\n!a", "200\n\n{\"x\":2}", "200\n\n"] {
            assert!(check(bad, &answer, &[]).is_err(), "{bad}");
        }
    }
}
