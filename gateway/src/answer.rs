//! From a request on the wire to the lifecycle, and back.

use crate::{
    limits,
    listen::{self, Answering, Connection},
    observe::Observer,
    reload::Gate,
    site::{Destination, Site, domain::Levels},
};
use arc_swap::ArcSwap;
use bytes::Bytes;
use fanlight_execute::{
    Body, Request, Response,
    body::BodyError,
    exchange::{self, Client, Spelling},
    gateway_response, lifecycle,
};
use http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// Answers the requests of the data plane.
#[derive(Debug)]
pub(crate) struct Front {
    /// What is served; swapped by a reload.
    pub(crate) site: Arc<ArcSwap<Site>>,
    /// Closed while a saved file is not live yet.
    pub(crate) gate: Gate,
    /// Takes what happened.
    pub(crate) observer: Arc<Observer>,
}

impl listen::Service for Front {
    type Body = Outgoing;

    async fn answer(&self, request: http::Request<Incoming>, connection: &Connection) -> http::Response<Outgoing> {
        let (head, answering) = connection.heads.begin();
        let (parts, incoming) = request.into_parts();
        let wire = Wire { version: parts.version, closing: asks_to_close(&parts.headers) };
        if let Some(refusal) = too_long(&parts) {
            let response = self.refuse(&parts, refusal);
            return outgoing(response, wire, answering);
        }
        self.gate.passed().await;
        let site = self.site.load_full();
        let host = host(&parts);
        let response = match site.find(host, parts.uri.path()) {
            Err(nowhere) => self.refuse(&parts, (gateway_response::forbidden(), nowhere.reason())),
            Ok(Destination { stage, path_start, domain }) => {
                let client = Client { source_ip: connection.peer.ip().to_canonical(), port: connection.port };
                let http::request::Parts { method, uri, headers, .. } = parts;
                let spelling = match &domain {
                    Some((_, Levels::Multiple)) => Spelling::default(),
                    Some((_, Levels::Single)) | None => Spelling::new(head),
                };
                let base_path = domain.map(|(base_path, _)| base_path);
                let request = Request { method, uri, path_start, base_path, headers, spelling, client };
                let body = listen::receive(incoming);
                let (response, exchange) =
                    lifecycle::serve(stage, &site.backends, request, body, self.observer.begin()).await;
                let elapsed = site.backends.clock.now().monotonic.saturating_sub(exchange.started.monotonic);
                self.observer.finish(exchange, response.status, elapsed);
                response
            }
        };
        outgoing(response, wire, answering)
    }
}

impl Front {
    /// A refusal before any API is known: identified and remembered as every other answer.
    fn refuse(&self, parts: &http::request::Parts, (mut response, reason): (Response, &'static str)) -> Response {
        let id = exchange::uuid(fastrand::u128(..));
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers.insert("x-amzn-requestid", id);
        }
        let now = self.site.load().backends.clock.now();
        let request = (parts.method.clone(), parts.uri.clone());
        self.observer.refused((id, now.unix_ms), request, (response.status, reason));
        response
    }
}

/// What the wire asks of a response.
#[derive(Debug, Clone, Copy)]
struct Wire {
    version: Version,
    closing: Closing,
}

/// Whether the connection ends with this response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    Asked,
    NotAsked,
}

fn asks_to_close(headers: &HeaderMap) -> Closing {
    let says = |name, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|element| element.trim().eq_ignore_ascii_case(word))
    };
    // hyper ends a connection whose client is not sure about its framing.
    let ambiguous = headers.contains_key(header::TRANSFER_ENCODING) && headers.contains_key(header::CONTENT_LENGTH);
    if says(header::CONNECTION, "close") || ambiguous { Closing::Asked } else { Closing::NotAsked }
}

fn host(parts: &http::request::Parts) -> &str {
    let header = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
    header.or_else(|| parts.uri.host()).unwrap_or_default()
}

/// Bounds that hold before any API is known.
fn too_long(parts: &http::request::Parts) -> Option<(Response, &'static str)> {
    let url = parts.uri.path_and_query().map_or(0, |path| path.as_str().len());
    if url > limits::URL_BYTES {
        let response = refusal(StatusCode::URI_TOO_LONG, r#"{"message":"Request URI too long"}"#);
        return Some((response, "the URL is longer than 10240 bytes"));
    }
    let separators = ": \r\n".len();
    let size: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + separators).sum();
    if size > limits::HEADER_BYTES {
        let body = r#"{"message":"Request Header Fields Too Large"}"#;
        let response = refusal(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, body);
        return Some((response, "the headers are larger than 10240 bytes"));
    }
    None
}

fn refusal(status: StatusCode, body: &'static str) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    Response { status, headers, body: Body::Buffered(Bytes::from_static(body.as_bytes())) }
}

fn outgoing(response: Response, wire: Wire, answering: Answering) -> http::Response<Outgoing> {
    let mut built = http::Response::new(Outgoing { body: response.body, _answering: answering });
    *built.status_mut() = response.status;
    *built.headers_mut() = response.headers;
    let persistent = wire.version == Version::HTTP_11 && wire.closing == Closing::NotAsked;
    if wire.version >= Version::HTTP_2 {
        built.headers_mut().remove(header::CONNECTION);
    } else if persistent && !built.headers().contains_key(header::CONNECTION) {
        built.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("keep-alive"));
    }
    built
}

/// A response body as hyper takes it. A stream that breaks off aborts the connection, so that the client cannot take the
/// part for the whole.
#[derive(Debug)]
pub(crate) struct Outgoing {
    body: Body,
    _answering: Answering,
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.body {
            Body::Buffered(bytes) if bytes.is_empty() => Poll::Ready(None),
            Body::Buffered(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Body::Stream(stream) => Pin::new(stream).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Body::Buffered(bytes) => bytes.is_empty(),
            Body::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Body::Buffered(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Body::Stream(stream) => stream.size_hint(),
        }
    }
}
