//! How commands talk to a running host.

use super::{connect, socket};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use std::path::Path;

/// Sends a request without a body.
///
/// # Errors
/// What to tell the user.
pub(crate) async fn send(
    data: &Path,
    (method, path): (http::Method, &str),
) -> Result<http::Response<Incoming>, String> {
    let socket = socket(data);
    let stream = connect(data).await.map_err(|error| {
        format!("no host is running with the data directory {} ({}: {error})", data.display(), socket.display())
    })?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    // Ends with the command.
    tokio::spawn(connection);
    let request = http::Request::builder().method(method).uri(path).header("host", "localhost");
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| error.to_string())?;
    sender.send_request(request).await.map_err(|error| error.to_string())
}
