//! The host's own API, on a socket in the data directory: how `fanlight trace` finds and follows a running host.

use crate::observe::{Observer, Record};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    response::IntoResponse,
    routing::get,
};
use futures_util::{Stream, StreamExt, stream};
use std::{
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
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
    if UnixStream::connect(&path).await.is_ok() {
        let message = format!("another host is running with the data directory {}", data.display());
        return Err(io::Error::new(io::ErrorKind::AddrInUse, message));
    }
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers on the socket, for ever.
pub(crate) async fn serve(listener: UnixListener, observer: Arc<Observer>) -> io::Result<()> {
    let routes =
        Router::new().route("/exchanges", get(recent)).route("/exchanges/live", get(live)).with_state(observer);
    axum::serve(listener, routes).await
}

async fn recent(State(observer): State<Arc<Observer>>) -> Json<Vec<Record>> {
    Json(observer.recent())
}

/// A line of JSON per exchange, as they happen.
async fn live(State(observer): State<Arc<Observer>>) -> impl IntoResponse {
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
