//! The one outbound HTTP client. It follows no redirects and knows no proxy variables.

mod any_issuer;
mod resolve;

use crate::limits;
use any_issuer::AnyIssuer;
use bytes::Bytes;
use fanlight_execute::{
    backends::{HttpFailure, HttpRequest, HttpResponse, Verification},
    body::{Body, BodyError, Stream},
};
use http::{HeaderValue, Uri, Version, header};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use resolve::{Resolver, Unresolvable};
use std::{
    collections::HashMap,
    error::Error as _,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    task::{Context, Poll},
};
use tokio::{
    runtime::{self, Handle},
    time::{Instant, Sleep, sleep_until},
};

type Connector = HttpsConnector<HttpConnector<Resolver>>;

/// Sends requests to web servers.
#[derive(Debug, Default)]
pub(crate) struct Upstream {
    /// Made at first use: reading the machine's certificates takes longer than starting.
    connector: OnceLock<Connector>,
    /// For servers whose certificate anybody may have issued. Connections are never shared between the two.
    believing: OnceLock<Connector>,
    /// One for each thread that serves: a connection that another thread reads would wake that one first.
    clients: Mutex<HashMap<(runtime::Id, Verification), Client<Connector, Stream>>>,
}

impl Upstream {
    /// Sends one request and gives the head of the response; its body streams. `target` is connected to in place of the
    /// address's own host.
    pub(crate) async fn send(&self, request: HttpRequest, target: Option<&str>) -> Result<HttpResponse, HttpFailure> {
        let uri: Uri = request
            .uri
            .parse()
            .map_err(|error| HttpFailure::InvalidAddress(format!("`{}` is no address: {error}", request.uri)))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
            return Err(HttpFailure::InvalidAddress(format!("`{}` is no http or https address", request.uri)));
        }
        let mut outgoing = http::Request::new(Stream::default());
        *outgoing.method_mut() = request.method;
        *outgoing.version_mut() = Version::HTTP_11;
        *outgoing.headers_mut() = request.headers;
        if let (false, Some(authority)) = (outgoing.headers().contains_key(header::HOST), uri.authority()) {
            let host = authority.as_str().rsplit('@').next().unwrap_or_default();
            let host = HeaderValue::from_str(host).map_err(|error| HttpFailure::InvalidAddress(error.to_string()))?;
            outgoing.headers_mut().insert(header::HOST, host);
        }
        *outgoing.uri_mut() = match target {
            None => uri,
            Some(target) => through(target, &uri)?,
        };
        let broken = BrokenBody::default();
        *outgoing.body_mut() = passed_on(request.body, &broken);
        match self.client(request.verification)?.request(outgoing).await {
            Ok(response) => Ok(received(response)),
            Err(error) => Err(broken.take().map_or_else(|| failure(&error), HttpFailure::RequestBody)),
        }
    }

    /// The client of this thread.
    fn client(&self, verification: Verification) -> Result<Client<Connector, Stream>, HttpFailure> {
        let here = Handle::try_current().map_err(|error| HttpFailure::Network(error.to_string()))?.id();
        let connector = match verification {
            Verification::Full => self.connector.get_or_init(connector),
            Verification::AnyIssuer => self.believing.get_or_init(believing_connector),
        };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let client = clients.entry((here, verification)).or_insert_with(|| {
            Client::builder(TokioExecutor::new())
                .pool_idle_timeout(limits::UPSTREAM_KEEP_ALIVE)
                .pool_timer(TokioTimer::new())
                .build(connector.clone())
        });
        Ok(client.clone())
    }
}

/// The path of an address at another server.
fn through(target: &str, uri: &Uri) -> Result<Uri, HttpFailure> {
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let address = format!("{}{path}", target.trim_end_matches('/'));
    address.parse().map_err(|error| HttpFailure::InvalidAddress(format!("`{address}` is no address: {error}")))
}

fn http() -> HttpConnector<Resolver> {
    let mut http = HttpConnector::new_with_resolver(Resolver);
    http.set_nodelay(true);
    http.enforce_http(false);
    http.set_connect_timeout(Some(limits::CONNECT));
    http
}

fn believing_connector() -> Connector {
    let verifier = AnyIssuer(Arc::new(rustls::crypto::ring::default_provider()));
    let mut settings = no_authorities();
    settings.dangerous().set_certificate_verifier(Arc::new(verifier));
    let builder = HttpsConnectorBuilder::new().with_tls_config(settings);
    builder.https_or_http().enable_http1().wrap_connector(http())
}

fn connector() -> Connector {
    let http = http();
    let builder = HttpsConnectorBuilder::new();
    match builder.with_native_roots() {
        Ok(builder) => builder.https_or_http().enable_http1().wrap_connector(http),
        Err(error) => {
            tracing::warn!(%error, "no certificate authorities on this machine: https integrations will fail");
            HttpsConnectorBuilder::new()
                .with_tls_config(no_authorities())
                .https_or_http()
                .enable_http1()
                .wrap_connector(http)
        }
    }
}

/// Trusts nobody, so that plain http still works.
fn no_authorities() -> rustls::ClientConfig {
    rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
}

fn failure(error: &Error) -> HttpFailure {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(unresolvable) = cause.downcast_ref::<Unresolvable>() {
            return HttpFailure::InvalidAddress(unresolvable.to_string());
        }
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    HttpFailure::Network(reason)
}

fn received(response: http::Response<Incoming>) -> HttpResponse {
    let (head, incoming) = response.into_parts();
    let body = if incoming.is_end_stream() {
        Body::EMPTY
    } else {
        let timer = Box::pin(sleep_until(Instant::now() + limits::UPSTREAM_IDLE));
        Body::Stream(Received { incoming, waiting: Waiting::No, timer }.boxed_unsync())
    };
    HttpResponse { status: head.status, headers: head.headers, body }
}

/// Why the client's body broke off while it was passed on: hyper hides it in an error of its own.
#[derive(Debug, Clone, Default)]
struct BrokenBody(Arc<Mutex<Option<BodyError>>>);

impl BrokenBody {
    fn take(&self) -> Option<BodyError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn passed_on(body: Body, broken: &BrokenBody) -> Stream {
    match body {
        Body::Buffered(bytes) => Full::new(bytes).map_err(|never| match never {}).boxed_unsync(),
        Body::Stream(stream) => {
            let broken = broken.clone();
            stream
                .map_err(move |error| {
                    *broken.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
                    error
                })
                .boxed_unsync()
        }
    }
}

/// Whether the server is being waited for. While nobody asks for more, because the client is slow, it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    No,
    Yes,
}

/// A response body that must keep coming.
struct Received {
    incoming: Incoming,
    waiting: Waiting,
    timer: Pin<Box<Sleep>>,
}

impl http_body::Body for Received {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.incoming).poll_frame(context) {
            Poll::Ready(frame) => {
                self.waiting = Waiting::No;
                Poll::Ready(frame.map(|frame| frame.map_err(|error| BodyError::Broken(error.to_string()))))
            }
            Poll::Pending => {
                if self.waiting == Waiting::No {
                    self.waiting = Waiting::Yes;
                    self.timer.as_mut().reset(Instant::now() + limits::UPSTREAM_IDLE);
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

#[cfg(test)]
mod tests;
