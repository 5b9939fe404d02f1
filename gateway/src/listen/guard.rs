//! The socket as hyper reads it: follows the messages, remembers heads, and gives up on clients that are too slow.

use super::framing::Framing;
use crate::limits;
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use std::{
    collections::VecDeque,
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

/// Heads of requests that were read and not yet answered, as they stood on the wire.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heads {
    waiting: Arc<Mutex<VecDeque<Bytes>>>,
    running: Arc<Running>,
}

/// Exchanges that are being answered on one connection.
#[derive(Debug, Default)]
struct Running {
    count: AtomicUsize,
    /// The connection, which looks at its timers again when the last one ends.
    connection: AtomicWaker,
}

/// While it lives, its connection is not idle. It belongs into the response's body.
#[derive(Debug)]
pub(crate) struct Answering(Arc<Running>);

impl Drop for Answering {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.connection.wake();
        }
    }
}

impl Heads {
    /// The head of the request that is answered next; empty for HTTP/2.
    pub(crate) fn begin(&self) -> (Bytes, Answering) {
        self.running.count.fetch_add(1, Ordering::AcqRel);
        let head = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or_default();
        (head, Answering(Arc::clone(&self.running)))
    }

    fn push(&self, head: Bytes) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Each request has its head, if only an empty one.
        let room = waiting.len() < limits::PIPELINED_HEADS;
        waiting.push_back(if room { head } else { Bytes::new() });
    }

    /// Whether an exchange is running; the end of the last one wakes the task.
    fn is_answering(&self, context: &Context<'_>) -> bool {
        self.running.connection.register(context.waker());
        self.running.count.load(Ordering::Acquire) > 0
    }
}

/// A connection that closes itself when the client dawdles.
#[derive(Debug)]
pub(super) struct Guarded {
    stream: TcpStream,
    framing: Framing,
    heads: Heads,
    /// When the current wait for the client ends; moves with `framing`, and does not run during a body, which has timers
    /// of its own.
    read_deadline: Option<Instant>,
    /// Whether an exchange was running when the client was last waited for.
    was_answering: bool,
    write_deadline: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl Guarded {
    pub(super) fn new(stream: TcpStream, heads: Heads) -> Self {
        let deadline = Instant::now() + limits::FIRST_BYTE;
        Self {
            stream,
            framing: Framing::Between,
            heads,
            read_deadline: Some(deadline),
            was_answering: false,
            write_deadline: None,
            timer: Box::pin(sleep_until(deadline)),
        }
    }

    fn follow(&mut self, read: &[u8]) {
        let was_head = matches!(self.framing, Framing::Head(_));
        let was_between = matches!(self.framing, Framing::Between);
        let heads = &self.heads;
        let mut complete = 0;
        self.framing.advance(read, |head| {
            complete += 1;
            heads.push(head);
        });
        self.read_deadline = match &self.framing {
            // Empty lines are no sign of life.
            Framing::Between if was_between && complete == 0 => self.read_deadline,
            Framing::Between => Some(Instant::now() + limits::KEEP_ALIVE),
            // From the first byte of a head on, its deadline stands.
            Framing::Head(_) if was_head => self.read_deadline,
            Framing::Head(_) => Some(Instant::now() + limits::HEAD),
            Framing::Sized(_) | Framing::Chunked(_) | Framing::Lost => None,
        };
    }

    /// How long to wait for the client's next byte. An exchange that is being answered is not idle, however long its
    /// function takes; what counts is the time since its end.
    fn wait_for_client(&mut self, context: &Context<'_>) -> Option<Instant> {
        if self.heads.is_answering(context) {
            self.was_answering = true;
            return None;
        }
        if std::mem::take(&mut self.was_answering) && matches!(self.framing, Framing::Between) {
            self.read_deadline = Some(Instant::now() + limits::KEEP_ALIVE);
        }
        self.read_deadline
    }

    /// Whether a deadline has passed while nothing moved. Registers the task otherwise.
    fn overdue(&mut self, deadline: Option<Instant>, context: &mut Context<'_>) -> Poll<io::Error> {
        let Some(deadline) = deadline else { return Poll::Pending };
        if self.timer.deadline() != deadline {
            self.timer.as_mut().reset(deadline);
        }
        ready!(self.timer.as_mut().poll(context));
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the client was too slow"))
    }

    fn written<T>(&mut self, polled: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.write_deadline = None;
            return polled;
        }
        let deadline = *self.write_deadline.get_or_insert_with(|| Instant::now() + limits::WRITE_STALL);
        self.overdue(Some(deadline), context).map(Err)
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        match polled {
            Poll::Ready(Ok(())) => {
                let read = buffer.filled().get(before..).unwrap_or_default();
                self.follow(read);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let deadline = self.wait_for_client(context);
                self.overdue(deadline, context).map(Err)
            }
        }
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(polled, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(polled, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
