//! One request over HTTP/2 with prior knowledge.

use crate::{
    Outcome,
    message::{Answer, HOST, Request},
};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// Sends a request and reads the whole response.
///
/// # Errors
/// When the connection or the stream fails.
pub async fn exchange(address: SocketAddr, request: &Request) -> Outcome<Answer> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(|error| error.to_string())?;
    let driver = tokio::spawn(connection);
    let mut outgoing = http::Request::builder().method(request.method.as_str());
    let mut authority = HOST;
    for (name, value) in &request.headers {
        if name.eq_ignore_ascii_case("host") {
            authority = value;
        } else {
            outgoing = outgoing.header(name, value);
        }
    }
    let outgoing = outgoing.uri(format!("http://{authority}{}", request.target));
    let body = Full::new(Bytes::copy_from_slice(&request.body));
    let outgoing = outgoing.body(body).map_err(|error| error.to_string())?;
    let response = sender.send_request(outgoing).await.map_err(|error| format!("{error:?}"))?;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    driver.abort();
    Ok(Answer { status: parts.status.as_u16(), headers, body: body.into() })
}
