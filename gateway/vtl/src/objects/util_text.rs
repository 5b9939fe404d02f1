//! Java's encoders and decoders.

use crate::value::heap::Failure;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// What each byte is in a URL, and how long that is.
static URL_CODES: LazyLock<[([u8; 3], u8); 256]> = LazyLock::new(|| {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 };
    let mut byte = 0_u8;
    [(); 256].map(|()| {
        let code = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => ([byte, 0, 0], 1),
            b' ' => ([b'+', 0, 0], 1),
            _ => ([b'%', digit(byte >> 4), digit(byte & 0xf)], 3),
        };
        byte = byte.wrapping_add(1);
        code
    })
});

/// `java.net.URLEncoder`: letters, digits and `.-*_` stay, a blank is `+`.
pub(super) fn url_encode(text: &str) -> String {
    let codes = &*URL_CODES;
    let mut out = Vec::with_capacity(text.len() * 2);
    // Room for each chunk at its longest: no byte has to ask for its own.
    let mut room = [0; 3 * 32];
    for chunk in text.as_bytes().chunks(room.len() / 3) {
        let mut length = 0;
        for byte in chunk {
            let Some((code, n)) = codes.get(usize::from(*byte)) else { continue };
            if let Some(place) = room.get_mut(length..).and_then(<[u8]>::first_chunk_mut) {
                *place = *code;
            }
            length += usize::from(*n);
        }
        out.extend_from_slice(room.get(..length).unwrap_or(&[]));
    }
    // All of it is ASCII.
    String::from_utf8(out).unwrap_or_default()
}

/// `java.net.URLDecoder`; an incomplete or malformed `%` is an exception.
pub(super) fn url_decode(text: &str) -> Result<String, Failure> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
                let pair = digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                bytes.push(
                    pair.ok_or_else(|| Failure::new("URLDecoder: illegal hex characters in escape (%) pattern"))?,
                );
            }
            _ => bytes.push(byte),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `StringEscapeUtils.escapeJavaScript` of commons-lang: quotes, slashes and all that is not ASCII.
pub(super) fn escape_java_script(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            ' '..='\u{7f}' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    write!(out, "\\u{unit:04X}").unwrap_or_default();
                }
            }
        }
    }
    out
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn base64_encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let index = bits >> shift & 0x3f;
            let digit = ALPHABET.get(index as usize).copied().map_or('=', char::from);
            out.push(if place > chunk.len() { '=' } else { digit });
        }
    }
    out
}

/// `Base64.getDecoder()`: no blanks, and padding that is complete if it is there.
pub(super) fn base64_decode(text: &str) -> Result<String, Failure> {
    let illegal = || Failure::new("java.lang.IllegalArgumentException: Illegal base64 text");
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let complete = match digits.len() % 4 {
        0 => padding == 0,
        2 => padding == 0 || padding == 2,
        3 => padding <= 1,
        _ => false,
    };
    if !complete {
        return Err(illegal());
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let (mut bits, mut n_bits) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = ALPHABET.iter().position(|known| *known == digit).and_then(|value| u32::try_from(value).ok());
        bits = bits << 6 | value.ok_or_else(illegal)?;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from(bits >> n_bits & 0xff).unwrap_or(0));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{base64_decode, base64_encode, escape_java_script, url_decode, url_encode};

    #[test]
    fn encoders_do_as_java() {
        assert_eq!(url_encode("{\"some\": \"~é\"}"), "%7B%22some%22%3A+%22%7E%C3%A9%22%7D");
        assert_eq!(url_decode("a+b%2Fc%C3%A9").unwrap(), "a b/cé");
        assert!(url_decode("%zz").is_err());
        assert_eq!(escape_java_script("it's </é😀\u{1}"), "it\\'s <\\/\\u00E9\\uD83D\\uDE00\\u0001");
        for (plain, encoded) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("é?>", "w6k/Pg==")] {
            assert_eq!(base64_encode(plain.as_bytes()), encoded);
            assert_eq!(base64_decode(encoded).unwrap(), plain);
        }
        assert_eq!(base64_decode("YQ").unwrap(), "a");
        assert!(base64_decode("Y").is_err());
        assert!(base64_decode("YQ=").is_err());
        assert!(base64_decode("Y Q=").is_err());
    }
}
