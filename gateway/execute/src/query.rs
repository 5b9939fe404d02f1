//! Query strings, as events and mappings see them: decoded, `+` is a space, `;` separates like `&`.

use std::borrow::Cow;

/// Decoded names and values in order; a name without `=` has the value `""`.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split(['&', ';']).filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// Undoes form encoding. What is no valid escape stays as it is.
#[must_use]
pub fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    Cow::Owned(String::from_utf8_lossy(&percent_decode(&spaced)).into_owned())
}

/// Whether a path has a segment `.` or `..`, written plainly or with escapes, between slashes of either kind.
#[must_use]
pub fn has_dot_segments(path: &str) -> bool {
    if !path.contains(['.', '%']) {
        return false;
    }
    let decoded = percent_decode(path);
    decoded.split(|byte| matches!(byte, b'/' | b'\\')).any(|segment| matches!(segment, b"." | b".."))
}

/// Whether a path says something else to the one who reads it plainly than to the one who decodes it: segments `.` and
/// `..`, escapes that are none, NUL, and bytes that should be escaped.
#[must_use]
pub fn is_ambiguous_path(path: &str) -> bool {
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let escape = escaped(byte, &bytes);
        if !byte.is_ascii() || (byte == b'%' && matches!(escape, None | Some(0))) {
            return true;
        }
    }
    has_dot_segments(path)
}

/// Undoes percent-encoding only.
#[must_use]
pub fn percent_decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match escaped(byte, &bytes) {
            Some(value) => {
                decoded.push(value);
                bytes.nth(1);
            }
            None => decoded.push(byte),
        }
    }
    decoded
}

fn escaped(byte: u8, rest: &std::str::Bytes<'_>) -> Option<u8> {
    let mut rest = rest.clone();
    (byte == b'%').then(|| Some(hex(rest.next()?)? << 4 | hex(rest.next()?)?))?
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Percent-encodes every byte that may not stand in a path or, with `extra`, in a query value.
pub fn percent_encode(bytes: &[u8], allowed: &[u8], out: &mut String) {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or('0');
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || allowed.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// Stay as they are in a path, beside letters and digits.
pub const IN_PATH: &[u8] = b"-._~!$&'()*+,;=:@/";
/// Stay as they are in a query name or value, beside letters and digits.
pub const IN_QUERY_VALUE: &[u8] = b"-._~";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_in_order() {
        let rows: [(&str, &[(&str, &str)]); 7] = [
            ("", &[]),
            ("a=1&a=2;b=3", &[("a", "1"), ("a", "2"), ("b", "3")]),
            ("empty=&none", &[("empty", ""), ("none", "")]),
            ("t=2020-01-01T00:00:00+00:00", &[("t", "2020-01-01T00:00:00 00:00")]),
            ("p=a%2Bb%2Fc%23", &[("p", "a+b/c#")]),
            ("bad=%zz%4", &[("bad", "%zz%4")]),
            ("%C3%A9=%E2%82%AC&&", &[("é", "€")]),
        ];
        for (query, expected) in rows {
            let found: Vec<_> = pairs(query).collect();
            let found: Vec<(&str, &str)> = found.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn ambiguous_paths() {
        let rows = [
            ("/pets/1.5/a..b/...", false),
            ("/pets/a%2Fb%25", false),
            ("//a", false),
            ("/files/../admin", true),
            ("/files/.", true),
            ("/files/%2e%2E/admin", true),
            ("/public%2F..%2Fsecret", true),
            ("/a%5c..%5cb", true),
            ("/a%00b", true),
            ("/%zz", true),
            ("/%4", true),
            ("/café", true),
        ];
        for (path, expected) in rows {
            assert_eq!(is_ambiguous_path(path), expected, "{path}");
        }
    }

    #[test]
    fn encoding_keeps_slashes_and_escapes_percent() {
        let mut out = String::new();
        percent_encode(&percent_decode("a%2Fb%20c%25d/é"), IN_PATH, &mut out);
        assert_eq!(out, "a/b%20c%25d/%C3%A9");
    }
}
