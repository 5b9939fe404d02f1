//! An issuer of tokens: its configuration and its keys, and how often they were asked for.

use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// A running issuer.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) address: SocketAddr,
    fetches: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

const KEYS: [&str; 2] = [include_str!("../../keys/k1.jwk"), include_str!("../../keys/ec1.jwk")];

impl Issuer {
    /// Starts an issuer that hands its keys out after a delay.
    ///
    /// # Errors
    /// When there is no port.
    pub(super) async fn start(delay: Duration) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let fetches = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&fetches);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let counted = Arc::clone(&counted);
                connections.spawn(async move { serve(stream, (address, delay), &counted).await });
            }
        });
        Ok(Self { address, fetches, _tasks: tasks })
    }

    /// How often the keys were asked for.
    pub(super) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::Relaxed)
    }
}

/// Answers one request; the connection ends with it.
async fn serve(mut stream: TcpStream, (address, delay): (SocketAddr, Duration), fetches: &AtomicUsize) {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.map_or(true, |read| read == 0) {
            return;
        }
    }
    let document = if head.starts_with(b"GET /jwks ") {
        fetches.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(delay).await;
        let keys: Vec<Value> = KEYS.iter().filter_map(|key| serde_json::from_str(key).ok()).collect();
        let mut encryption = keys.first().cloned().unwrap_or_default();
        super::fixture::set(&mut encryption, "kid", "enc1".into());
        super::fixture::set(&mut encryption, "use", "enc".into());
        json!({ "keys": keys.into_iter().chain([encryption]).collect::<Vec<_>>() })
    } else {
        json!({ "issuer": format!("http://{address}"), "jwks_uri": format!("http://{address}/jwks") })
    };
    let body = document.to_string();
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    // A client that has gone needs no answer.
    let _gone = stream.write_all(answer.as_bytes()).await;
}
