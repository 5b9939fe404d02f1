//! A request body that must keep coming.

use crate::limits;
use bytes::Bytes;
use fanlight_execute::body::{Body, BodyError};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};

/// The body of a request as the lifecycle takes it.
pub(crate) fn receive(incoming: Incoming) -> Body {
    if incoming.is_end_stream() {
        return Body::EMPTY;
    }
    let now = Instant::now();
    let timed = TimedBody {
        incoming,
        total: now + limits::BODY_TOTAL,
        idle: None,
        timer: Box::pin(sleep_until(now + limits::BODY_IDLE)),
    };
    Body::Stream(timed.boxed_unsync())
}

struct TimedBody {
    incoming: Incoming,
    /// Moves on with every byte, so that a large body has the time it needs and a trickle has not.
    total: Instant,
    /// Ends the current wait for the client. While nobody asks for more, because what takes the body is slow, it does
    /// not run: the client is not to blame.
    idle: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl http_body::Body for TimedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.incoming).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
                self.total += Duration::from_micros(bytes.saturating_mul(1_000_000) / limits::BODY_BYTES_PER_SECOND);
                self.idle = None;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(BodyError::Broken(error.to_string())))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let total = self.total;
                let deadline = (*self.idle.get_or_insert_with(|| Instant::now() + limits::BODY_IDLE)).min(total);
                if self.timer.deadline() != deadline {
                    self.timer.as_mut().reset(deadline);
                }
                self.timer.as_mut().poll(context).map(|()| Some(Err(BodyError::TimedOut)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
