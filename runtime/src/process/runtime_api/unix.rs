//! The Runtime API for our own bootstraps: its calls in frames of our own over one connection to a Unix socket.
//!
//! A frame is a line and, if the line ends in a length, so many bytes. To the bootstrap go events, from it come calls:
//!
//! ```text
//! REQUEST-ID \t DEADLINE-MS \t FUNCTION-ARN \t TRACE-ID \t CLIENT-CONTEXT \t LENGTH \n EVENT
//!
//! next \n
//! response REQUEST-ID LENGTH \n PAYLOAD
//! error REQUEST-ID LENGTH ERROR-TYPE \n PAYLOAD
//! init-error LENGTH ERROR-TYPE \n PAYLOAD
//! ```
//!
//! The bootstraps send the response of one invocation and the call for the next in one write. Nothing but events is
//! answered: that a response was accepted goes without saying, and who is refused has made a call that they never make.
//!
//! The listener is gone as soon as the bootstrap has connected, before any of the function's code runs.

use super::{Answer, Call, Event, Payload};
use crate::process::limits::{DISCARD_BYTES, HEAD_BYTES, RESPONSE_BYTES};
use bytes::{Buf, Bytes, BytesMut};
use std::{
    fmt::Write as _,
    io::{self, IoSlice, Write as _},
    os::{fd::AsFd, unix::net::UnixStream},
    path::Path,
    time::SystemTime,
};
use tokio::{
    io::AsyncReadExt,
    net::{UnixListener, unix::pipe},
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
        let stream = stream.into_std()?;
        let (input, output, tail) = (BytesMut::new(), BytesMut::new(), Bytes::new());
        Ok(Connection { readable: readable(&stream)?, stream, full: None, input, output, tail, body: None })
    }
}

/// A bootstrap's connection.
#[derive(Debug)]
pub(in crate::process) struct Connection {
    stream: UnixStream,
    /// The same, watched for reading only: a Unix socket becomes writable whenever the other side has read something,
    /// which would wake us for nothing with each event.
    readable: pipe::Receiver,
    /// The same, watched for writing, while it has not taken all of the output.
    full: Option<pipe::Sender>,
    input: BytesMut,
    output: BytesMut,
    /// The rest of a large event, after `output`.
    tail: Bytes,
    /// A call whose line has been read.
    body: Option<Body>,
}

/// A call that waits for its body.
#[derive(Debug)]
struct Body {
    head: Head,
    length: u64,
    /// Bytes of a body that is too large and still on its way.
    discard: u64,
}

/// Which call, as its line says.
#[derive(Debug)]
enum Head {
    Response { id: String },
    Error { id: String, error_type: String },
    InitError { error_type: String },
}

/// A whole line.
#[derive(Debug)]
enum Line {
    Next,
    Body(Body),
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
    /// Lets the current runtime watch the socket.
    pub(in crate::process) fn move_here(&mut self) -> io::Result<()> {
        self.readable = readable(&self.stream)?;
        self.full = None;
        self.flush()
    }

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
            let read = match &self.full {
                None => self.readable.read_buf(&mut self.input).await?,
                Some(full) => tokio::select! {
                    read = self.readable.read_buf(&mut self.input) => read?,
                    ready = full.writable() => {
                        ready?;
                        // Watched afresh if it is still full.
                        self.full = None;
                        self.flush()?;
                        continue;
                    }
                },
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
            None => match line(&mut self.input)? {
                Some(Line::Next) => return Ok(Some(Call::Next)),
                Some(Line::Body(body)) => body,
                None => return Ok(None),
            },
        };
        Ok(self.finish(body))
    }

    /// The call, when its body has arrived.
    fn finish(&mut self, mut body: Body) -> Option<Call> {
        let payload = if body.discard > 0 {
            let here = usize::try_from(body.discard).unwrap_or(usize::MAX).min(self.input.len());
            self.input.advance(here);
            body.discard -= here as u64;
            if body.discard > 0 {
                self.body = Some(body);
                return None;
            }
            Payload::TooLarge
        } else {
            let length = usize::try_from(body.length).unwrap_or(usize::MAX);
            if self.input.len() < length {
                self.body = Some(body);
                return None;
            }
            Payload::Complete(take(&mut self.input, length))
        };
        Some(match body.head {
            Head::Response { id } => Call::Response { id, payload },
            Head::Error { id, error_type } => Call::Error { id, error_type: Some(error_type), payload },
            Head::InitError { error_type } => Call::InitError { error_type: Some(error_type), payload },
        })
    }

    /// Answers the oldest call, if it was for an event.
    pub(in crate::process) fn answer(&mut self, answer: Answer) -> Result<(), Broken> {
        match answer {
            Answer::Accepted | Answer::Refused(_) => Ok(()),
            Answer::Event(event) => {
                self.event(&event);
                Ok(self.flush()?)
            }
        }
    }

    fn event(&mut self, event: &Event) {
        let Event { invocation, deadline, function_arn } = event;
        let payload = &invocation.payload;
        self.output.reserve(512 + payload.len().min(COPY_BYTES));
        let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        self.field(&invocation.request_id);
        // A buffer in memory takes everything.
        write!(self.output, "{deadline}\t").unwrap_or_default();
        self.field(function_arn);
        self.field(invocation.trace_id.as_deref().unwrap_or_default());
        self.field(invocation.client_context.as_deref().unwrap_or_default());
        writeln!(self.output, "{}", payload.len()).unwrap_or_default();
        if payload.len() <= COPY_BYTES {
            self.output.extend_from_slice(payload);
        } else {
            self.tail = payload.clone();
        }
    }

    fn field(&mut self, text: &str) {
        // A control character would end the field.
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            self.output.extend(text.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte }));
        } else {
            self.output.extend_from_slice(text.as_bytes());
        }
        self.output.extend_from_slice(b"\t");
    }

    /// Writes as much as goes without waiting.
    fn flush(&mut self) -> io::Result<()> {
        while !self.output.is_empty() || !self.tail.is_empty() {
            let written = if self.tail.is_empty() {
                (&self.stream).write(&self.output)
            } else {
                (&self.stream).write_vectored(&[IoSlice::new(&self.output), IoSlice::new(&self.tail)])
            };
            let written = match written {
                Ok(written) => written,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let watched = self.stream.as_fd().try_clone_to_owned()?;
                    self.full = Some(pipe::Sender::from_owned_fd_unchecked(watched)?);
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            let first = written.min(self.output.len());
            self.output.advance(first);
            self.tail.advance(written - first);
        }
        self.full = None;
        Ok(())
    }
}

/// A socket watched for reading. tokio's pipes are the descriptors that it watches for one direction.
fn readable(stream: &UnixStream) -> io::Result<pipe::Receiver> {
    pipe::Receiver::from_owned_fd_unchecked(stream.as_fd().try_clone_to_owned()?)
}

/// Takes a whole line off the input.
fn line(input: &mut BytesMut) -> Result<Option<Line>, Broken> {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
        if input.len() > HEAD_BYTES {
            return Err(Broken::Garbage("a line without end".to_owned()));
        }
        return Ok(None);
    };
    let text = input.get(..end).unwrap_or_default();
    // Our bootstraps make no other calls, so whoever does is the function, playing with what is not its own.
    let garbage = || Broken::Garbage(String::from_utf8_lossy(text).into_owned());
    let line = std::str::from_utf8(text).ok().and_then(call).ok_or_else(garbage)?;
    if let Line::Body(Body { length, .. }) = line
        && length > DISCARD_BYTES
    {
        return Err(Broken::Garbage(format!("a body of {length} bytes")));
    }
    input.advance(end + 1);
    Ok(Some(line))
}

fn call(line: &str) -> Option<Line> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (head, length) = match word {
        "next" => return rest.is_empty().then_some(Line::Next),
        "response" => {
            let (id, length) = rest.split_once(' ')?;
            (Head::Response { id: id.to_owned() }, length)
        }
        "error" => {
            let (id, rest) = rest.split_once(' ')?;
            let (length, error_type) = rest.split_once(' ')?;
            (Head::Error { id: id.to_owned(), error_type: error_type.to_owned() }, length)
        }
        "init-error" => {
            let (length, error_type) = rest.split_once(' ')?;
            (Head::InitError { error_type: error_type.to_owned() }, length)
        }
        _ => return None,
    };
    let length = length.parse().ok()?;
    let discard = if length > RESPONSE_BYTES as u64 { length } else { 0 };
    Some(Line::Body(Body { head, length, discard }))
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
