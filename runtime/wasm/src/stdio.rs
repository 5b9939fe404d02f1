//! The standard streams of a guest: its response, bounded, and its log, line by line.

use crate::limits;
use bytes::{Bytes, BytesMut};
use fanlight_runtime::{LineKind, LogLine, LogSink};
use std::{
    fmt, io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    async_trait,
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamError, StreamResult},
};

/// How much a guest may hand over in one write; a larger one is split by wasmtime-wasi.
const PERMIT_BYTES: usize = 64 * 1024;

/// Takes what a guest writes.
pub(crate) trait Sink: Send + 'static {
    /// Takes some bytes; an error ends the guest.
    fn take(&mut self, bytes: &[u8]) -> Result<(), &'static str>;
}

/// A standard stream that feeds a sink. The guest's handles and the host share the sink.
pub(crate) struct Output<S>(Arc<Mutex<S>>);

impl<S: Sink> Output<S> {
    pub(crate) fn new(sink: S) -> Self {
        Self(Arc::new(Mutex::new(sink)))
    }

    pub(crate) fn sink(&self) -> MutexGuard<'_, S> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Clone for Output<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> fmt::Debug for Output<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}

/// The response, as far as it may go.
#[derive(Debug, Default)]
pub(crate) struct Response {
    bytes: BytesMut,
    too_large: bool,
}

impl Response {
    pub(crate) fn too_large(&self) -> bool {
        self.too_large
    }

    pub(crate) fn take_payload(&mut self) -> Bytes {
        self.bytes.split().freeze()
    }
}

impl Sink for Response {
    fn take(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        if bytes.len() > limits::RESPONSE_BYTES.saturating_sub(self.bytes.len()) {
            self.too_large = true;
            return Err("the response is too large");
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

/// Cuts what a guest writes into log lines and passes them on as they come.
#[derive(Debug)]
pub(crate) struct Log {
    sink: Arc<dyn LogSink>,
    function: Arc<str>,
    request_id: String,
    pending: Vec<u8>,
    room: usize,
}

impl Log {
    pub(crate) fn new(sink: Arc<dyn LogSink>, function: Arc<str>, request_id: String) -> Self {
        Self { sink, function, request_id, pending: Vec::new(), room: limits::LOG_BYTES }
    }

    /// A line that the host says about this invocation.
    pub(crate) fn host_line(&mut self, text: String) {
        self.finish();
        self.emit(LineKind::Notice, text);
    }

    /// Passes on a last line without an end.
    pub(crate) fn finish(&mut self) {
        if !self.pending.is_empty() {
            let line = std::mem::take(&mut self.pending);
            self.emit(LineKind::Output, text(&line));
        }
    }

    fn emit(&self, kind: LineKind, text: String) {
        let request_id = Some(self.request_id.clone());
        self.sink.line(LogLine { function: Arc::clone(&self.function), request_id, kind, text });
    }

    fn add(&mut self, part: &[u8]) {
        for piece in part.chunks(limits::LOG_LINE_BYTES) {
            if self.pending.len().saturating_add(piece.len()) > limits::LOG_LINE_BYTES {
                self.finish();
            }
            self.pending.extend_from_slice(piece);
        }
    }
}

impl Sink for Log {
    fn take(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        if self.room == 0 {
            return Ok(());
        }
        let kept = bytes.get(..self.room).unwrap_or(bytes);
        self.room = self.room.saturating_sub(kept.len());
        for line in kept.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(line) => {
                    self.add(line);
                    let line = std::mem::take(&mut self.pending);
                    self.emit(LineKind::Output, text(&line));
                }
                None => self.add(line),
            }
        }
        if self.room == 0 {
            self.host_line(format!(
                "the log of this invocation exceeds {} bytes: the rest is dropped",
                limits::LOG_BYTES
            ));
        }
        Ok(())
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

impl<S> IsTerminal for Output<S> {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl<S: Sink> StdoutStream for Output<S> {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl<S: Sink> OutputStream for Output<S> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.sink().take(&bytes).map_err(StreamError::trap)
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT_BYTES)
    }

    // Nothing here ever blocks, so the default's waiting (two boxed futures for each write) is left out.
    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.write(bytes)
    }
}

#[async_trait]
impl<S: Sink> Pollable for Output<S> {
    async fn ready(&mut self) {}
}

impl<S: Sink> AsyncWrite for Output<S> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.sink().take(bytes).map(|()| bytes.len()).map_err(io::Error::other))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
