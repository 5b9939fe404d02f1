//! The host's own API, on a socket in the data directory: how `fanlight trace` and `fanlight usage` find a running host.

mod client;

pub(crate) use client::send;

use crate::{
    limits,
    observe::{Observer, Record},
    site::Site,
    usage,
};
use arc_swap::ArcSwap;
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path as Segments, State},
    response::{IntoResponse, Response},
    routing,
};
use fanlight_execute::authorize::cache::Scope;
use futures_util::{Stream, StreamExt, stream};
use http::StatusCode;
use std::{
    fs::File,
    io,
    os::{fd::AsRawFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};
use tokio::{
    net::{UnixListener, UnixStream},
    sync::broadcast::{Receiver, error::RecvError},
};

/// The socket of a host.
pub(crate) fn socket(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Opens the socket, for this user only. One that a dead host left behind is replaced.
///
/// # Errors
/// Another host is running on the same data directory, or the socket cannot be made.
pub(crate) async fn bind(data: &Path) -> io::Result<UnixListener> {
    std::fs::create_dir_all(data)?;
    let path = socket(data);
    if connect(data).await.is_ok() {
        let message =
            format!("another host is running with the data directory {}; choose another with --data", data.display());
        return Err(io::Error::new(io::ErrorKind::AddrInUse, message));
    }
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let (folder, short) = short(data)?;
    let listener = UnixListener::bind(short)?;
    drop(folder);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Removes the socket; what is connected stays so.
pub(crate) fn unbind(data: &Path) {
    if let Err(error) = std::fs::remove_file(socket(data)) {
        tracing::debug!(%error, "the control socket is gone already");
    }
}

/// Connects to a running host.
///
/// # Errors
/// There is none.
pub(crate) async fn connect(data: &Path) -> io::Result<UnixStream> {
    let (_folder, short) = short(data)?;
    UnixStream::connect(short).await
}

/// A name for the socket that is short enough for the kernel, which takes 107 bytes, however deep the folder lies. Good
/// for as long as the folder is held open.
fn short(data: &Path) -> io::Result<(File, PathBuf)> {
    let folder = File::open(data)?;
    let name = format!("/proc/self/fd/{}/control.sock", folder.as_raw_fd());
    Ok((folder, name.into()))
}

/// What the API tells about.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) observer: Arc<Observer>,
    /// Connections outlive the host's wish to stop, and functions end with the last site: so nobody here keeps one.
    pub(crate) site: Weak<ArcSwap<Site>>,
}

/// Answers on the socket, for ever.
pub(crate) async fn serve(listener: UnixListener, host: Host) -> io::Result<()> {
    let routes = Router::new()
        .route("/exchanges", routing::get(recent))
        .route("/exchanges/live", routing::get(live))
        .route("/usage", routing::get(used))
        .route("/journal/{service}/{after}", routing::get(journal))
        .route("/cache/{kind}", routing::delete(flush_all))
        .route("/restapis/{api}/stages/{stage}/cache/{kind}", routing::delete(flush_stage))
        .with_state(host);
    axum::serve(listener, routes).await
}

async fn flush_all(State(Host { site, .. }): State<Host>, Segments(kind): Segments<String>) -> StatusCode {
    let Some(site) = site.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE };
    flush(&site.load(), &kind, None)
}

/// As AWS's `FlushStageAuthorizersCache` and `FlushStageCache`.
async fn flush_stage(
    State(Host { site, .. }): State<Host>,
    Segments((api, stage, kind)): Segments<(String, String, String)>,
) -> StatusCode {
    let Some(site) = site.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE };
    let site = site.load();
    let scope = site.stage(&api, &stage).map(|found| Scope::new(&found.deployment.api_id, &found.name));
    scope.map_or(StatusCode::NOT_FOUND, |scope| flush(&site, &kind, Some(scope)))
}

fn flush(site: &Site, kind: &str, scope: Option<Scope>) -> StatusCode {
    match kind {
        "authorizers" => site.backends.authorizer_cache.flush(scope),
        "data" => site.backends.stage_cache.flush(scope),
        _ => return StatusCode::NOT_FOUND,
    }
    StatusCode::ACCEPTED
}

async fn used(State(Host { site, .. }): State<Host>) -> Response {
    let Some(site) = site.upgrade().map(|site| site.load_full()) else {
        return (StatusCode::SERVICE_UNAVAILABLE, "the host is stopping").into_response();
    };
    match usage::report(&site).await {
        Ok(plans) => Json(plans).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A line of JSON for each entry after a number; `-` means all services.
async fn journal(
    State(Host { site, .. }): State<Host>,
    Segments((service, after)): Segments<(String, i64)>,
) -> Response {
    let service = Some(service).filter(|service| service != "-");
    let Some(site) = site.upgrade().map(|site| site.load_full()) else {
        return (StatusCode::SERVICE_UNAVAILABLE, "the host is stopping").into_response();
    };
    match site.backends.sinks.store.recorded(after, service, limits::JOURNAL_PAGE).await {
        Ok(entries) => entries
            .iter()
            .map(|entry| fanlight_services::journal::line(entry) + "\n")
            .collect::<String>()
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn recent(State(Host { observer, .. }): State<Host>) -> Json<Vec<Record>> {
    Json(observer.recent())
}

/// A line of JSON per exchange, as they happen.
async fn live(State(Host { observer, .. }): State<Host>) -> impl IntoResponse {
    Body::from_stream(lines(observer.follow()))
}

fn lines(records: Receiver<Arc<Record>>) -> impl Stream<Item = io::Result<Bytes>> {
    // The first, empty line tells the follower that it misses nothing from here on.
    let greeting = stream::iter([Ok(Bytes::from_static(b"\n"))]);
    let following = stream::unfold(records, |mut records| async move {
        loop {
            match records.recv().await {
                Ok(record) => {
                    let line = serde_json::to_vec(record.as_ref()).map(|mut line| {
                        line.push(b'\n');
                        Bytes::from(line)
                    });
                    return Some((line.map_err(io::Error::from), records));
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    greeting.chain(following)
}
