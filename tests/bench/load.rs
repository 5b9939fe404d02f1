//! The load generator: keep-alive connections, each with one request under way, and as little work per response as
//! possible, because it shares the cores with what it measures.

use crate::Result;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Connections of the rows that do not depend on their number.
pub(crate) const CONNECTIONS: usize = 16;

/// A response larger than this is not meant to be measured here.
const RESPONSE_BYTES: usize = 1024 * 1024;

/// A server that does not answer for so long is taken for dead.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is sent, and where.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// Connection N goes to address N modulo their number.
    pub(crate) addresses: Vec<SocketAddr>,
    /// How many connections.
    pub(crate) connections: usize,
    /// Whole requests, sent in turn; each connection begins at another one.
    pub(crate) requests: Arc<[Vec<u8>]>,
}

/// What one round gave.
#[derive(Debug, Default, Clone)]
pub(crate) struct Sample {
    /// Answered requests.
    pub(crate) requests: u64,
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// Microseconds of each request.
    latencies: Vec<u32>,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status line and the headers.
    pub(crate) head: String,
    /// The body.
    pub(crate) body: String,
}

impl Sample {
    /// Requests per second.
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }

    /// Microseconds that `share` of the requests did not exceed.
    pub(crate) fn latency(&mut self, share: f64) -> u32 {
        self.latencies.sort_unstable();
        let last = self.latencies.len().saturating_sub(1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below the length")]
        let index = (last as f64 * share).round() as usize;
        self.latencies.get(index).copied().unwrap_or_default()
    }
}

/// A GET request for `path`.
pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: bench\r\naccept: */*\r\n\r\n").into_bytes()
}

/// Sends requests for a while.
pub(crate) async fn run(load: &Load, duration: Duration) -> Result<Sample> {
    let mut connections = Vec::new();
    for &address in load.addresses.iter().cycle().take(load.connections) {
        connections.push(Connection::open(address).await?);
    }
    let started = Instant::now();
    let mut running = JoinSet::new();
    let stride = load.requests.len() / load.connections.max(1);
    for (index, connection) in connections.into_iter().enumerate() {
        let requests = Arc::clone(&load.requests);
        running.spawn(tokio::time::timeout(
            duration + PATIENCE,
            connection.repeat(requests, index * stride, started + duration),
        ));
    }
    let mut total = Sample::default();
    while let Some(ended) = running.join_next().await {
        let latencies = ended??.map_err(|error| format!("a connection failed: {error}"))?;
        total.requests += latencies.len() as u64;
        total.latencies.extend(latencies);
    }
    total.elapsed = started.elapsed();
    Ok(total)
}

/// Sends one request on a connection of its own.
pub(crate) async fn once(address: SocketAddr, request: &[u8]) -> Result<Answer> {
    let mut connection = Connection::open(address).await?;
    let end = tokio::time::timeout(PATIENCE, connection.exchange(request)).await??;
    let (head, body) = connection.received.split_at_checked(end.head).ok_or("a response shorter than its head")?;
    Ok(Answer { head: String::from_utf8_lossy(head).into_owned(), body: String::from_utf8_lossy(body).into_owned() })
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// Where a response's head ends in what was received, and where its body.
#[derive(Debug, Clone, Copy)]
struct End {
    head: usize,
    body: usize,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(16 * 1024) })
    }

    async fn repeat(mut self, requests: Arc<[Vec<u8>]>, first: usize, until: Instant) -> Result<Vec<u32>> {
        let mut latencies = Vec::with_capacity(64 * 1024);
        let mut began = Instant::now();
        for request in requests.iter().cycle().skip(first) {
            self.exchange(request).await?;
            let now = Instant::now();
            latencies.push(u32::try_from((now - began).as_micros()).unwrap_or(u32::MAX));
            if now >= until {
                break;
            }
            began = now;
        }
        Ok(latencies)
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<End> {
        self.received.clear();
        self.stream.write_all(request).await?;
        let mut end = None;
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if end.is_none() {
                end = find_end(&self.received)?;
            }
            match end {
                Some(end) if self.received.len() == end.body => return Ok(end),
                Some(end) if self.received.len() > end.body => return Err("more than one response".into()),
                Some(_) | None if self.received.len() > RESPONSE_BYTES => return Err("too large a response".into()),
                Some(_) | None => {}
            }
        }
    }
}

/// Where the response ends, once its head is complete. Anything but a 200 of known length is no measurement.
fn find_end(received: &[u8]) -> Result<Option<End>> {
    let Some(length) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let head = received.get(..length).unwrap_or_default();
    if !head.starts_with(b"HTTP/1.1 200") {
        return Err(format!("not a 200: {}", String::from_utf8_lossy(received)).into());
    }
    let value = head.split(|&byte| byte == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked("content-length:".len())?;
        name.eq_ignore_ascii_case(b"content-length:").then_some(value)
    });
    let value = value.ok_or("a response without a Content-Length")?.trim_ascii();
    let body: usize = std::str::from_utf8(value)?.parse()?;
    Ok(Some(End { head: length + 4, body: length + 4 + body }))
}
