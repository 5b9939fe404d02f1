//! Accepts connections and hands requests to a service.
//!
//! An accept loop of our own: a ready-made one keeps a partial head, a silent connection and an idle keep-alive open for
//! ever. Each connection is read through [`guard::Guarded`], which follows the messages on it and closes it when the
//! client is too slow.

mod framing;
mod guard;
mod timed_body;

pub(crate) use guard::{Answering, Heads};
pub(crate) use timed_body::receive;

use crate::{crew::Crew, limits};
use guard::Guarded;
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use std::{
    collections::HashMap,
    convert::Infallible,
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

/// A connection, as a request needs to know it.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// The client.
    pub(crate) peer: SocketAddr,
    /// The port it reached.
    pub(crate) port: u16,
    /// The heads of requests as they stood on the wire.
    pub(crate) heads: Heads,
}

/// Answers requests.
pub(crate) trait Service: Send + Sync + 'static {
    /// The body of a response.
    type Body: http_body::Body<Data = bytes::Bytes, Error: std::error::Error + Send + Sync> + Send + 'static;

    /// Answers one request.
    fn answer(
        &self,
        request: Request<Incoming>,
        connection: &Connection,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// Accepts until `stop` says so, then lets running exchanges finish for a while.
pub(crate) async fn run<S: Service>(
    listener: TcpListener,
    crew: &Crew,
    service: Arc<S>,
    mut stop: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(limits::CONNECTIONS));
    let addresses = Addresses::default();
    let mut connections = JoinSet::new();
    loop {
        let (stream, peer, slot) = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            () = stopped(&mut stop) => break,
        };
        // It is watched by the runtime that serves it.
        let stream = stream.into_std();
        // The kernel completes the handshake of a refused address too; it just gets no answer.
        let Some(seat) = addresses.admit(peer.ip()) else { continue };
        let Some(runtime) = crew.next() else { continue };
        let (service, stop) = (Arc::clone(&service), stop.clone());
        let connection = async move {
            match stream.and_then(TcpStream::from_std) {
                Ok(stream) => serve(stream, peer, service, stop).await,
                Err(error) => tracing::warn!(%error, "cannot take a connection over"),
            }
            drop((slot, seat));
        };
        connections.spawn_on(connection, runtime);
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits::SHUTDOWN, finished).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing connections that did not finish in time");
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // With all slots taken, new connections wait in the kernel's backlog.
    let slot = Arc::clone(slots).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, slot),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve<S: Service>(stream: TcpStream, peer: SocketAddr, service: Arc<S>, mut stop: watch::Receiver<bool>) {
    // Without it the last segment of a response waits for an acknowledgement: 40 ms.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let port = stream.local_addr().map_or(0, |address| address.port());
    let heads = Heads::default();
    let connection = Connection { peer, port, heads: heads.clone() };
    let io = TokioIo::new(Guarded::new(stream, heads));
    let builder = protocol();
    let answer = service_fn(move |request| {
        let (service, connection) = (Arc::clone(&service), connection.clone());
        async move { Ok::<_, Infallible>(service.answer(request, &connection).await) }
    });
    let serving = builder.serve_connection(io, answer);
    tokio::pin!(serving);
    let result = tokio::select! {
        result = serving.as_mut() => result,
        () = stopped(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Its sender gone means the same.
    drop(stop.wait_for(|stop| *stop).await);
}

fn protocol() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None) // the guard knows more: first byte, head and keep-alive apart
        .max_buf_size(limits::HEAD_BUFFER_BYTES)
        .max_headers(limits::HEADER_FIELDS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::HTTP2_STREAMS)
        .max_header_list_size(u32::try_from(limits::HEADER_BYTES + limits::URL_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(limits::HTTP2_PING)
        .keep_alive_timeout(limits::HTTP2_PING);
    builder
}

/// Open connections by address.
#[derive(Debug, Clone, Default)]
struct Addresses(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection's place in [`Addresses`]; free again when dropped.
#[derive(Debug)]
struct Seat {
    addresses: Addresses,
    address: IpAddr,
}

impl Addresses {
    fn admit(&self, address: IpAddr) -> Option<Seat> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= limits::CONNECTIONS_PER_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Seat { addresses: self.clone(), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}
