//! A body: all there, or still coming.

use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

/// Why a body broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyError {
    /// The other side went away or sent broken framing.
    Broken(String),
    /// The sender fell silent, or was too slow for too long.
    TimedOut,
    /// More than the limit came.
    TooLarge {
        /// The limit.
        limit: u64,
    },
}

impl fmt::Display for BodyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(reason) => write!(formatter, "the body broke off: {reason}"),
            Self::TimedOut => formatter.write_str("the body did not arrive in time"),
            Self::TooLarge { limit } => write!(formatter, "the body is larger than {limit} bytes"),
        }
    }
}

impl std::error::Error for BodyError {}

/// A stream of chunks with back-pressure: nothing is read before it is asked for.
pub type Stream = UnsyncBoxBody<Bytes, BodyError>;

/// A body of a request or a response.
#[derive(Debug)]
pub enum Body {
    /// All of it.
    Buffered(Bytes),
    /// Still coming.
    Stream(Stream),
}

impl Body {
    /// No bytes.
    pub const EMPTY: Self = Self::Buffered(Bytes::new());

    /// The length, when it is known before the end.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        match self {
            Self::Buffered(bytes) => Some(bytes.len() as u64),
            Self::Stream(stream) => stream.size_hint().exact(),
        }
    }

    /// Whether there is surely nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// All bytes, at most `limit`.
    ///
    /// # Errors
    /// When the sender breaks off or sends more.
    pub async fn read_limited(self, limit: u64) -> Result<Bytes, BodyError> {
        match self {
            Self::Buffered(bytes) if bytes.len() as u64 > limit => Err(BodyError::TooLarge { limit }),
            Self::Buffered(bytes) => Ok(bytes),
            Self::Stream(stream) => collect(stream, limit).await,
        }
    }

    /// Fails the stream as soon as more than `limit` bytes have come through.
    #[must_use]
    pub fn limited(self, limit: u64) -> Self {
        match self {
            Self::Buffered(_) => self,
            Self::Stream(inner) => Self::Stream(Limited { inner, left: limit, limit }.boxed_unsync()),
        }
    }

    /// Buffers a stream of unknown length if it ends within `limit` bytes, and keeps streaming it otherwise.
    ///
    /// # Errors
    /// When the sender breaks off within the first `limit` bytes.
    pub async fn gather(self, limit: usize) -> Result<Self, BodyError> {
        match self {
            Self::Stream(stream) if stream.size_hint().exact().is_none() => gather(stream, limit).await,
            Self::Buffered(_) | Self::Stream(_) => Ok(self),
        }
    }
}

async fn collect(mut stream: Stream, limit: u64) -> Result<Bytes, BodyError> {
    let mut first = None;
    let mut more = BytesMut::new();
    let mut seen = 0;
    while let Some(frame) = stream.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        seen += data.len() as u64;
        if seen > limit {
            return Err(BodyError::TooLarge { limit });
        }
        match &first {
            None => first = Some(data), // one chunk is the common case, and is not copied
            Some(head) => {
                if more.is_empty() {
                    more.extend_from_slice(head);
                }
                more.extend_from_slice(&data);
            }
        }
    }
    Ok(if more.is_empty() { first.unwrap_or_default() } else { more.freeze() })
}

async fn gather(mut stream: Stream, limit: usize) -> Result<Body, BodyError> {
    let mut head = BytesMut::new();
    while let Some(frame) = stream.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        head.extend_from_slice(&data);
        if head.len() > limit {
            return Ok(Body::Stream(Prefixed { head: Some(head.freeze()), rest: stream }.boxed_unsync()));
        }
    }
    Ok(Body::Buffered(head.freeze()))
}

type Polled = Poll<Option<Result<Frame<Bytes>, BodyError>>>;

struct Limited {
    inner: Stream,
    left: u64,
    limit: u64,
}

impl http_body::Body for Limited {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        let length = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, Bytes::len) as u64;
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Some(Err(BodyError::TooLarge { limit: self.limit }))),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

struct Prefixed {
    head: Option<Bytes>,
    rest: Stream,
}

impl http_body::Body for Prefixed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        match self.head.take() {
            Some(head) => Poll::Ready(Some(Ok(Frame::data(head)))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }
}
