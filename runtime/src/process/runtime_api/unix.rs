//! The Runtime API for our own bootstraps: HTTP/1.1 over one connection to a Unix socket.
//!
//! Our bootstraps send the response of one invocation and the call for the next in one write, and wait for no 202, so they
//! get none: what comes back is events, and refusals. One read and one write per invocation is why this is not hyper: the host spends
//! 20 us of CPU on an invocation instead of 35, and one Node.js environment serves a third more (`examples/rate.rs`).
//!
//! The listener is gone as soon as the bootstrap has connected, before any of the function's code runs.

use super::{Answer, Call, Event, HeaderText, Payload, Route};
use crate::process::limits::{DISCARD_BYTES, HEAD_BYTES, RESPONSE_BYTES};
use bytes::{Buf, Bytes, BytesMut};
use std::{
    fmt::Write,
    io::{self, IoSlice},
    path::Path,
};
use tokio::{
    io::AsyncReadExt,
    net::{UnixListener, UnixStream, unix::WriteHalf},
};

/// A payload up to this size is copied behind its head, so that one buffer goes out.
const COPY_BYTES: usize = 16 * 1024;

/// How much is read at once, beside the rest of a body.
const READ_BYTES: usize = 16 * 1024;

/// Waits for the one connection and closes the door behind it.
#[derive(Debug)]
pub(in crate::process) struct Door {
    listener: UnixListener,
}

impl Door {
    /// Binds a socket at a path that does not exist yet.
    pub(in crate::process) fn open(path: &Path) -> io::Result<Self> {
        if path.exists() {
            std::fs::remove_file(path)?;
        }
        Ok(Self { listener: UnixListener::bind(path)? })
    }

    /// The bootstrap's connection.
    pub(in crate::process) async fn connection(&self) -> io::Result<Connection> {
        let (stream, _) = self.listener.accept().await?;
        let (input, output, tail) = (BytesMut::new(), BytesMut::new(), Bytes::new());
        Ok(Connection { stream, input, output, tail, full: false, body: None })
    }
}

/// A bootstrap's connection.
#[derive(Debug)]
pub(in crate::process) struct Connection {
    stream: UnixStream,
    input: BytesMut,
    output: BytesMut,
    /// The rest of a large event, after `output`.
    tail: Bytes,
    /// Whether the socket did not take all of the output.
    full: bool,
    /// A call whose head has been read.
    body: Option<Body>,
}

/// A call that waits for its body.
#[derive(Debug)]
struct Body {
    method: Box<str>,
    path: Box<str>,
    error_type: Option<String>,
    length: u64,
    /// Bytes of a body that is too large and still on its way.
    discard: u64,
}

/// Why a connection is of no more use.
#[derive(Debug, thiserror::Error)]
pub(in crate::process) enum Broken {
    /// The other side closed it.
    #[error("the runtime closed its connection")]
    Closed,
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What came is no Runtime API call.
    #[error("the runtime sent what is no Runtime API call: {0}")]
    Garbage(String),
}

impl Broken {
    /// Whether the runtime went away before it had read all that was sent to it: a Unix socket says so by a reset. An
    /// event that was not read has not been run.
    pub(in crate::process) fn unread(&self) -> bool {
        match self {
            Self::Io(error) => error.kind() == io::ErrorKind::ConnectionReset,
            Self::Closed | Self::Garbage(_) => false,
        }
    }
}

impl Connection {
    /// The next call. Cancel-safe; writes out what is left to write meanwhile.
    pub(in crate::process) async fn call(&mut self) -> Result<Call, Broken> {
        loop {
            if let Some(call) = self.buffered()? {
                return Ok(call);
            }
            let kept = self.body.as_ref().filter(|body| body.discard == 0);
            let room = kept.map_or(0, |body| usize::try_from(body.length).unwrap_or(0));
            // Room for the call that follows too, so that one read takes both.
            self.input.reserve(room.saturating_sub(self.input.len()) + READ_BYTES);
            let (mut reader, writer) = self.stream.split();
            let read = if self.full {
                tokio::select! {
                    read = reader.read_buf(&mut self.input) => read?,
                    ready = writer.writable() => {
                        ready?;
                        flush(&writer, &mut self.output, &mut self.tail)?;
                        self.full = !self.output.is_empty() || !self.tail.is_empty();
                        continue;
                    }
                }
            } else {
                reader.read_buf(&mut self.input).await?
            };
            if read == 0 {
                return Err(Broken::Closed);
            }
        }
    }

    /// A call that has already arrived in full.
    pub(in crate::process) fn buffered(&mut self) -> Result<Option<Call>, Broken> {
        let body = match self.body.take() {
            Some(body) => body,
            None => match head(&mut self.input)? {
                Some(body) => body,
                None => return Ok(None),
            },
        };
        self.finish(body)
    }

    /// The call, when its body has arrived.
    fn finish(&mut self, mut body: Body) -> Result<Option<Call>, Broken> {
        let payload = if body.discard > 0 {
            let here = usize::try_from(body.discard).unwrap_or(usize::MAX).min(self.input.len());
            self.input.advance(here);
            body.discard -= here as u64;
            if body.discard > 0 {
                self.body = Some(body);
                return Ok(None);
            }
            Payload::TooLarge
        } else {
            let length = usize::try_from(body.length).unwrap_or(usize::MAX);
            if self.input.len() < length {
                self.body = Some(body);
                return Ok(None);
            }
            Payload::Complete(take(&mut self.input, length))
        };
        // Our bootstraps make no other calls, so whoever does is the function, playing with what is not its own.
        let foreign = || Broken::Garbage(format!("{} {}", body.method, body.path));
        let route = Route::of(&body.method, &body.path).map_err(|_| foreign())?;
        route.call(body.error_type.take(), payload).map(Some).ok_or_else(foreign)
    }

    /// Answers the oldest call. That a response was accepted goes without saying.
    pub(in crate::process) fn answer(&mut self, answer: Answer) -> Result<(), Broken> {
        match answer {
            Answer::Accepted => return Ok(()),
            Answer::Event(event) => self.event(&event),
            Answer::Refused(refusal) => {
                let (status, text) = refusal.parts();
                respond(&mut self.output, status.as_str(), "application/json", &text);
            }
        }
        let (_, writer) = self.stream.split();
        flush(&writer, &mut self.output, &mut self.tail)?;
        self.full = !self.output.is_empty() || !self.tail.is_empty();
        Ok(())
    }

    fn event(&mut self, event: &Event) {
        let payload = &event.invocation.payload;
        self.output.reserve(512 + payload.len().min(COPY_BYTES));
        self.output.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
        for (name, value) in event.headers() {
            match value {
                HeaderText::Text(text) => {
                    self.output.extend_from_slice(name.as_bytes());
                    self.output.extend_from_slice(b": ");
                    // A control character would end the header.
                    self.output.extend(text.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte }));
                    self.output.extend_from_slice(b"\r\n");
                }
                HeaderText::Number(number) => put(&mut self.output, format_args!("{name}: {number}\r\n")),
            }
        }
        put(&mut self.output, format_args!("Content-Length: {}\r\n\r\n", payload.len()));
        if payload.len() <= COPY_BYTES {
            self.output.extend_from_slice(payload);
        } else {
            self.tail = payload.clone();
        }
    }
}

/// Takes a whole head off the input.
fn head(input: &mut BytesMut) -> Result<Option<Body>, Broken> {
    if input.is_empty() {
        return Ok(None);
    }
    let mut fields = [httparse::EMPTY_HEADER; 16];
    let mut request = httparse::Request::new(&mut fields);
    let length = match request.parse(input) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if input.len() > HEAD_BYTES => {
            return Err(Broken::Garbage("a head without end".to_owned()));
        }
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(Broken::Garbage(error.to_string())),
    };
    let mut body = Body {
        method: request.method.unwrap_or_default().into(),
        path: request.path.unwrap_or_default().into(),
        error_type: None,
        length: 0,
        discard: 0,
    };
    for field in request.headers.iter() {
        if field.name.eq_ignore_ascii_case("content-length") {
            let text = std::str::from_utf8(field.value).unwrap_or_default();
            body.length = text.parse().map_err(|_| Broken::Garbage(format!("Content-Length: {text}")))?;
        } else if field.name.eq_ignore_ascii_case("lambda-runtime-function-error-type") {
            body.error_type = Some(String::from_utf8_lossy(field.value).into_owned());
        }
    }
    input.advance(length);
    if body.length > DISCARD_BYTES {
        return Err(Broken::Garbage(format!("a body of {} bytes", body.length)));
    }
    if body.length > RESPONSE_BYTES as u64 {
        body.discard = body.length;
    }
    Ok(Some(body))
}

/// The first bytes of the input: small ones copied, so that the buffer is used again, large ones without a copy.
fn take(input: &mut BytesMut, length: usize) -> Bytes {
    if length > COPY_BYTES {
        return input.split_to(length).freeze();
    }
    let payload = Bytes::copy_from_slice(input.get(..length).unwrap_or_default());
    input.advance(length);
    payload
}

fn respond(output: &mut BytesMut, status: &str, content_type: &str, body: &str) {
    let length = body.len();
    put(output, format_args!("HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"));
    output.extend_from_slice(body.as_bytes());
}

fn put(output: &mut BytesMut, text: std::fmt::Arguments<'_>) {
    // A buffer in memory takes everything.
    output.write_fmt(text).unwrap_or_default();
}

/// Writes as much as goes without waiting.
fn flush(writer: &WriteHalf<'_>, output: &mut BytesMut, tail: &mut Bytes) -> io::Result<()> {
    while !output.is_empty() || !tail.is_empty() {
        let written = match writer.try_write_vectored(&[IoSlice::new(output), IoSlice::new(tail)]) {
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        let first = written.min(output.len());
        output.advance(first);
        tail.advance(written - first);
    }
    Ok(())
}
