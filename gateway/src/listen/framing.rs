//! Follows the messages on an HTTP/1 connection: where a head begins and ends, and how long its body is.
//!
//! It reads along and changes nothing; the strict guard of request heads will stand here. Where it loses track it says so
//! and only the spelling of header names is lost.

use crate::limits;
use bytes::{Bytes, BytesMut};

/// What an HTTP/2 client says first.
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What is expected next on the connection.
#[derive(Debug)]
pub(super) enum Framing {
    /// Nothing has come since the last message, or since the connection began.
    Between,
    /// Part of a head.
    Head(BytesMut),
    /// A body of which this many bytes are to come.
    Sized(u64),
    /// A chunked body.
    Chunked(Chunk),
    /// Not HTTP/1, or not understood: no more messages are followed.
    Lost,
}

/// Where in a chunked body.
#[derive(Debug)]
pub(super) enum Chunk {
    /// In the line that says the size, with the digits so far; extensions are skipped.
    Size { size: u64, digits: bool },
    /// In the data, with the bytes to come, and then the line end.
    Data(u64),
    /// After the last chunk: the length of the current trailer line.
    Trailer(usize),
}

impl Framing {
    /// Reads along; each complete head goes to `complete`.
    pub(super) fn advance(&mut self, mut bytes: &[u8], mut complete: impl FnMut(Bytes)) {
        while !bytes.is_empty() {
            bytes = match self {
                Self::Between => {
                    // Empty lines before a request are allowed and skipped.
                    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
                    let rest = bytes.get(start..).unwrap_or_default();
                    if !rest.is_empty() {
                        *self = Self::Head(BytesMut::with_capacity(rest.len()));
                    }
                    rest
                }
                Self::Head(head) => {
                    let seen = head.len();
                    head.extend_from_slice(bytes);
                    if head.len() >= HTTP2_PREFACE.len() && head.starts_with(HTTP2_PREFACE)
                        || head.len() > limits::HEAD_BUFFER_BYTES
                    {
                        *self = Self::Lost;
                        return;
                    }
                    if HTTP2_PREFACE.starts_with(head) {
                        return;
                    }
                    let Some(end) = end_of_head(head, seen.saturating_sub(3)) else { return };
                    let head = head.split_to(end).freeze();
                    *self = body_of(&head);
                    complete(head);
                    bytes.get(end.saturating_sub(seen)..).unwrap_or_default()
                }
                Self::Sized(left) => {
                    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= taken as u64;
                    if *left == 0 {
                        *self = Self::Between;
                    }
                    bytes.get(taken..).unwrap_or_default()
                }
                Self::Chunked(chunk) => {
                    let (rest, next) = chunk.advance(bytes);
                    if let Some(next) = next {
                        *self = next;
                    }
                    rest
                }
                Self::Lost => return,
            };
        }
    }
}

/// The length of the head in `bytes`: up to and with the first empty line. hyper takes a bare line feed for a line end,
/// and so must this.
fn end_of_head(bytes: &[u8], from: usize) -> Option<usize> {
    let tail = bytes.get(from..)?;
    let ends = tail.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| from + index + 1);
    ends.into_iter().find_map(|start| match bytes.get(start..)? {
        [b'\n', ..] => Some(start + 1),
        [b'\r', b'\n', ..] => Some(start + 2),
        _ => None,
    })
}

/// What follows a head. hyper refuses contradictions; a chunked coding wins over a length, as there.
fn body_of(head: &[u8]) -> Framing {
    let mut length = 0;
    let mut chunked = false;
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let value = String::from_utf8_lossy(value.get(1..).unwrap_or_default());
        if name.eq_ignore_ascii_case(b"content-length") {
            length = value.trim().parse().unwrap_or(0);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            chunked = true;
        }
    }
    match (chunked, length) {
        (true, _) => Framing::Chunked(Chunk::Size { size: 0, digits: true }),
        (false, 0) => Framing::Between,
        (false, length) => Framing::Sized(length),
    }
}

impl Chunk {
    /// Takes what belongs to the current part; the second value is the state after the body or after a mistake.
    fn advance<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], Option<Framing>) {
        let Some((&byte, rest)) = bytes.split_first() else { return (bytes, None) };
        match self {
            Self::Size { size, digits } => match (byte, char::from(byte).to_digit(16)) {
                (b'\n', _) => {
                    *self = if *size == 0 { Self::Trailer(0) } else { Self::Data(size.saturating_add(2)) };
                }
                (_, Some(digit)) if *digits => match size.checked_mul(16) {
                    Some(shifted) => *size = shifted + u64::from(digit),
                    None => return (bytes, Some(Framing::Lost)),
                },
                _ => *digits = false,
            },
            Self::Data(left) => {
                let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= taken as u64;
                if *left == 0 {
                    *self = Self::Size { size: 0, digits: true };
                }
                return (bytes.get(taken..).unwrap_or_default(), None);
            }
            Self::Trailer(length) => match byte {
                b'\n' if *length == 0 => return (rest, Some(Framing::Between)),
                b'\n' => *length = 0,
                b'\r' => {}
                _ => *length += 1,
            },
        }
        (rest, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(stream: &[u8], step: usize) -> (Vec<String>, Framing) {
        let mut framing = Framing::Between;
        let mut heads = Vec::new();
        for piece in stream.chunks(step) {
            framing.advance(piece, |head| heads.push(String::from_utf8_lossy(&head).into_owned()));
        }
        (heads, framing)
    }

    #[test]
    fn heads_are_found_however_the_bytes_arrive() {
        let stream = b"\r\nPOST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /GET /b HTTP/1.1\r\ntRANSFER: x\r\n\r\n\
            POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nGET /\r\n0\r\nT: 1\r\n\r\nGET /d HTTP/1.1\n\nGET /e";
        let expected = [
            "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
            "GET /b HTTP/1.1\r\ntRANSFER: x\r\n\r\n",
            "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET /d HTTP/1.1\n\n",
        ];
        for step in 1..stream.len() {
            let (found, framing) = heads(stream, step);
            assert_eq!(found, expected, "in pieces of {step}");
            assert!(matches!(framing, Framing::Head(_)), "in pieces of {step}: {framing:?}");
        }
    }

    #[test]
    fn http2_is_not_followed() {
        let (found, framing) = heads(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 7);
        assert!(found.is_empty());
        assert!(matches!(framing, Framing::Lost));
    }
}
