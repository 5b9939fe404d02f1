//! Web servers that follow a script, on sockets for the binary target.

use crate::{
    Outcome, message,
    plan::{Script, Upstream},
    wire::{self, Head, Length},
};
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Requests that came, by the name of the server.
#[derive(Debug, Clone, Default)]
pub struct Received(Arc<Mutex<HashMap<String, Vec<Value>>>>);

impl Received {
    /// Notes a request.
    pub fn push(&self, name: &str, request: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default().push(request);
    }

    /// What came since the last call.
    #[must_use]
    pub fn take(&self, name: &str) -> Vec<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name).unwrap_or_default()
    }
}

/// Running web servers; they end when dropped.
#[derive(Debug, Default)]
pub struct Upstreams {
    /// Where each listens.
    pub addresses: HashMap<String, SocketAddr>,
    /// What they got.
    pub received: Received,
    tasks: JoinSet<()>,
}

impl Upstreams {
    /// Starts all servers of a scenario.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(upstreams: &[Upstream]) -> Outcome<Self> {
        let mut all = Self::default();
        for Upstream { name, script } in upstreams {
            let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
            let address = listener.local_addr().map_err(|error| error.to_string())?;
            all.addresses.insert(name.clone(), address);
            if *script == Script::Refuses {
                continue;
            }
            let server = Arc::new((name.clone(), script.clone(), all.received.clone()));
            all.tasks.spawn(async move {
                let mut connections = JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    let server = Arc::clone(&server);
                    connections.spawn(async move {
                        let (name, script, received) = server.as_ref();
                        if let Err(error) = serve(stream, name, script, received).await {
                            received.push(name, json!({ "broken": error }));
                        }
                    });
                }
            });
        }
        Ok(all)
    }
}

async fn serve(stream: TcpStream, name: &str, script: &Script, received: &Received) -> Outcome<()> {
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    while let Some(Head { first, headers }) = wire::read_head(&mut reader).await? {
        let length = wire::length(&headers, Length::Known(0))?;
        if *script == Script::Mirror {
            received.push(name, described(&first, &headers, b""));
            mirror(&mut reader, &mut writer, length).await?;
            continue;
        }
        let body = wire::read_body(&mut reader, length).await?;
        let request = described(&first, &headers, &body);
        received.push(name, request.clone());
        let answer = match script {
            Script::Answers(text) => response(text)?,
            Script::Echo | Script::Mirror => response(&format!("200\ncontent-type: application/json\n\n{request}"))?,
            Script::Closes | Script::Refuses => return Ok(()),
            Script::Silent => std::future::pending().await,
        };
        writer.write_all(&answer).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

async fn mirror(
    reader: &mut BufReader<tokio::net::tcp::OwnedReadHalf>,
    writer: &mut tokio::net::tcp::OwnedWriteHalf,
    mut length: Length,
) -> Outcome<()> {
    let head = match length {
        Length::Known(length) => format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n"),
        Length::Chunked | Length::UntilEnd => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
    };
    let chunked = length == Length::Chunked;
    writer.write_all(head.as_bytes()).await.map_err(|error| error.to_string())?;
    let mut left = 0;
    while let Some(mut piece) = wire::piece(reader, &mut length, &mut left).await? {
        if chunked {
            let size = format!("{:x}\r\n", piece.len());
            piece.splice(..0, size.bytes());
            piece.extend_from_slice(b"\r\n");
        }
        writer.write_all(&piece).await.map_err(|error| error.to_string())?;
    }
    if chunked {
        writer.write_all(b"0\r\n\r\n").await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// A request as `@received` blocks show it.
#[must_use]
pub fn described(first: &str, headers: &[(String, String)], body: &[u8]) -> Value {
    let mut words = first.splitn(3, ' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut shown: Map<String, Value> = Map::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        match shown.get_mut(&name) {
            Some(Value::Array(values)) => values.push(value.as_str().into()),
            Some(first) => *first = json!([first, value]),
            None => {
                shown.insert(name, value.as_str().into());
            }
        }
    }
    json!({ "method": method, "target": target, "headers": shown, "body": message::escape(body) })
}

/// The status, headers and body of an `@upstream` block.
///
/// # Errors
/// When it is no response.
pub fn parsed(text: &str) -> Outcome<message::Answer> {
    let request = message::request(&format!("GET {text}"))?;
    let status = request.target.parse().map_err(|_| format!("`{}` is no status", request.target))?;
    let headers =
        request.headers.into_iter().filter(|(name, value)| name != "Host" || value != message::HOST).collect();
    Ok(message::Answer { status, headers, body: request.body })
}

fn response(text: &str) -> Outcome<Vec<u8>> {
    let answer = parsed(text)?;
    let mut bytes = format!("HTTP/1.1 {} Scripted\r\n", answer.status);
    for (name, value) in &answer.headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    if answer.values("content-length").is_empty() {
        bytes.push_str(&format!("content-length: {}\r\n", answer.body.len()));
    }
    let mut bytes = format!("{bytes}\r\n").into_bytes();
    bytes.extend_from_slice(&answer.body);
    Ok(bytes)
}
