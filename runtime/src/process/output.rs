//! What a function prints: standard output and standard error, line by line, within bounds.
//!
//! `\r` ends a line too: Lambda's own runtimes join the lines of one message with it.

use super::{limits::Limits, spawn::Pipes};
use crate::{LineKind, LogLine, LogSink};
use std::{convert::Infallible, future::pending, io, os::fd::AsFd, sync::Arc};
use tokio::{io::AsyncReadExt, net::unix::pipe};

const READ_BYTES: usize = 16 * 1024;

/// A function's log, on behalf of one invocation or of none.
#[derive(Debug, Clone)]
pub(super) struct Log {
    sink: Arc<dyn LogSink>,
    function: Arc<str>,
    request_id: Option<String>,
}

impl Log {
    pub(super) fn new(sink: Arc<dyn LogSink>, function: Arc<str>) -> Self {
        Self { sink, function, request_id: None }
    }

    /// Lines belong to this invocation from now on.
    pub(super) fn belongs_to(&mut self, request_id: Option<String>) {
        self.request_id = request_id;
    }

    /// What the function printed.
    fn printed(&self, text: String) {
        self.line(LineKind::Output, text);
    }

    /// A line of the routine, which is not even made when nobody wants it.
    pub(super) fn report(&self, text: impl FnOnce() -> String) {
        if self.sink.wants(LineKind::Report) {
            self.line(LineKind::Report, text());
        }
    }

    /// Something out of the ordinary.
    pub(super) fn notice(&self, text: String) {
        self.line(LineKind::Notice, text);
    }

    fn line(&self, kind: LineKind, text: String) {
        let (function, request_id) = (Arc::clone(&self.function), self.request_id.clone());
        self.sink.line(LogLine { function, request_id, kind, text });
    }
}

/// Both streams of one process.
#[derive(Debug)]
pub(super) struct Output {
    stdout: Stream,
    stderr: Stream,
    budget: Budget,
}

#[derive(Debug)]
struct Stream {
    pipe: Option<pipe::Receiver>,
    buffer: Vec<u8>,
    lines: Lines,
}

/// How much more may be printed.
#[derive(Debug)]
struct Budget {
    left: usize,
    line_bytes: usize,
    output_bytes: usize,
}

impl Output {
    pub(super) fn new(pipes: Pipes, limits: &Limits) -> io::Result<Self> {
        let stream = |pipe| -> io::Result<Stream> {
            Ok(Stream { pipe: Some(pipe::Receiver::from_owned_fd(pipe)?), buffer: Vec::new(), lines: Lines::default() })
        };
        let (line_bytes, output_bytes) = (limits.line_bytes, limits.output_bytes);
        Ok(Self {
            stdout: stream(pipes.stdout)?,
            stderr: stream(pipes.stderr)?,
            budget: Budget { left: output_bytes, line_bytes, output_bytes },
        })
    }

    /// Lets the current runtime watch the pipes.
    pub(super) fn move_here(&mut self) -> io::Result<()> {
        for stream in [&mut self.stdout, &mut self.stderr] {
            if let Some(pipe) = &mut stream.pipe {
                *pipe = pipe::Receiver::from_owned_fd_unchecked(pipe.as_fd().try_clone_to_owned()?)?;
            }
        }
        Ok(())
    }

    /// Logs lines as they come. Cancel-safe; never resolves.
    pub(super) async fn pump(&mut self, log: &Log) -> Infallible {
        loop {
            tokio::select! {
                () = self.stdout.read() => self.stdout.take(&mut self.budget, log),
                () = self.stderr.read() => self.stderr.take(&mut self.budget, log),
            }
        }
    }

    /// Logs what has been printed up to now, unfinished lines too, and grants a new budget.
    pub(super) fn settle(&mut self, log: &Log) {
        for stream in [&mut self.stdout, &mut self.stderr] {
            stream.drain(&mut self.budget, log);
            stream.lines.end(&mut self.budget, log);
        }
        self.budget.left = self.budget.output_bytes;
    }
}

impl Stream {
    async fn read(&mut self) {
        let Some(pipe) = &mut self.pipe else { return pending().await };
        self.buffer.reserve(READ_BYTES);
        if let Ok(0) | Err(_) = pipe.read_buf(&mut self.buffer).await {
            self.pipe = None;
        }
    }

    fn drain(&mut self, budget: &mut Budget, log: &Log) {
        while let Some(pipe) = &self.pipe {
            self.buffer.reserve(READ_BYTES);
            match pipe.try_read_buf(&mut self.buffer) {
                Ok(0) => self.pipe = None,
                Ok(_) => self.take(budget, log),
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, budget: &mut Budget, log: &Log) {
        self.lines.feed(&self.buffer, budget, log);
        self.buffer.clear();
    }
}

/// Bytes on their way to lines.
#[derive(Debug, Default)]
struct Lines {
    partial: Vec<u8>,
    cut: bool,
}

impl Lines {
    fn feed(&mut self, bytes: &[u8], budget: &mut Budget, log: &Log) {
        for piece in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            match piece.split_last() {
                Some((b'\n' | b'\r', text)) => {
                    self.append(text, budget);
                    self.end(budget, log);
                }
                Some(_) | None => self.append(piece, budget),
            }
        }
    }

    fn append(&mut self, text: &[u8], budget: &Budget) {
        let room = budget.line_bytes - self.partial.len();
        self.partial.extend_from_slice(text.get(..room).unwrap_or(text));
        self.cut |= text.len() > room;
    }

    fn end(&mut self, budget: &mut Budget, log: &Log) {
        if self.partial.is_empty() {
            return;
        }
        if budget.left > 0 {
            let mut text = String::from_utf8_lossy(&self.partial).into_owned();
            if self.cut {
                text.push_str(&format!(" [line truncated after {} bytes]", budget.line_bytes));
            }
            log.printed(text);
            budget.left = budget.left.saturating_sub(self.partial.len());
            if budget.left == 0 {
                log.notice(format!("[output truncated after {} bytes]", budget.output_bytes));
            }
        }
        self.partial.clear();
        self.cut = false;
    }
}
