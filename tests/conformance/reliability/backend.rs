//! The web server behind the integrations: it records what it gets, and answers with it or as a case scripts it.

use super::{case::Case, generate};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// A request as the server got it.
#[derive(Debug, Clone)]
pub(super) struct Received {
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// How the server answers.
#[derive(Debug, Clone, Default)]
pub(super) enum Script {
    /// With a JSON echo.
    #[default]
    Echo,
    /// Not at all.
    Hangs,
    /// With these bytes, once for each connection.
    Sends { bytes: Vec<u8>, closes: bool },
    /// Nobody listens.
    Absent,
}

/// A running server.
#[derive(Debug)]
pub(super) struct Backend {
    pub(super) address: SocketAddr,
    state: Arc<State>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct State {
    script: Script,
    received: Mutex<Vec<Received>>,
    connections: AtomicUsize,
}

/// How a case scripts the server.
///
/// # Errors
/// When the script is not known.
pub(super) fn script(case: &Case) -> Result<Script, String> {
    let Some(upstream) = case.get("upstream") else { return Ok(Script::Echo) };
    if upstream.get("listen") == Some(&Value::Bool(false)) {
        return Ok(Script::Absent);
    }
    if upstream.get("after_request").and_then(Value::as_str) == Some("hang") {
        return Ok(Script::Hangs);
    }
    let bytes = match (upstream.get("send").and_then(Value::as_str), upstream.get("send_gen").and_then(Value::as_str)) {
        (Some(text), _) => text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect(),
        (None, Some(description)) => generate::bytes(description)?,
        (None, None) => return Err(format!("the upstream `{upstream}` is not known")),
    };
    let closes = match upstream.get("then").or_else(|| upstream.get("after_request")).and_then(Value::as_str) {
        None => false,
        Some("shutdown_wr" | "close" | "rst" | "fin") => true,
        Some(other) => return Err(format!("an upstream that then does `{other}` is not known")),
    };
    Ok(Script::Sends { bytes, closes })
}

impl Backend {
    /// Starts a server.
    ///
    /// # Errors
    /// When there is no port.
    pub(super) async fn start(script: Script) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let absent = matches!(script, Script::Absent);
        let state = Arc::new(State { script, ..State::default() });
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&state);
        if !absent {
            tasks.spawn(async move {
                let mut connections = JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    shared.connections.fetch_add(1, Ordering::Relaxed);
                    let state = Arc::clone(&shared);
                    connections.spawn(async move { serve(stream, &state).await });
                }
            });
        }
        Ok(Self { address, state, _tasks: tasks })
    }

    /// What came since the start.
    pub(super) fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many connections there were.
    pub(super) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }
}

async fn serve(mut stream: TcpStream, state: &State) {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await {
        let count = {
            let mut received = state.received.lock().unwrap_or_else(PoisonError::into_inner);
            received.push(request.clone());
            received.len()
        };
        match &state.script {
            Script::Echo => {
                if stream.write_all(&echo(&request, count)).await.is_err() {
                    return;
                }
            }
            Script::Hangs | Script::Absent => std::future::pending().await,
            Script::Sends { bytes, closes } => {
                if stream.write_all(bytes).await.is_err() || (*closes && stream.shutdown().await.is_err()) {
                    return;
                }
            }
        }
    }
}

/// The next request, its body without chunk sizes told apart from its head.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Received> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        more(stream, buffer).await?;
    };
    let head: Vec<u8> = buffer.drain(..end + 4).take(end).collect();
    let head: String = head.iter().map(|&byte| char::from(byte)).collect();
    let mut lines = head.split("\r\n");
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let value = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let body = if value("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
        chunks(stream, buffer).await?
    } else {
        let length = value("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        take(stream, buffer, length).await?
    };
    Some(Received { target, headers, body })
}

async fn chunks(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = buffer.windows(2).position(|window| window == b"\r\n") {
                break end;
            }
            more(stream, buffer).await?;
        };
        let line: Vec<u8> = buffer.drain(..end + 2).take(end).collect();
        let size = usize::from_str_radix(std::str::from_utf8(&line).ok()?.split(';').next()?.trim(), 16).ok()?;
        let piece = take(stream, buffer, size + 2).await?;
        body.extend_from_slice(piece.get(..size)?);
        if size == 0 {
            return Some(body);
        }
    }
}

async fn take(stream: &mut TcpStream, buffer: &mut Vec<u8>, length: usize) -> Option<Vec<u8>> {
    while buffer.len() < length {
        more(stream, buffer).await?;
    }
    Some(buffer.drain(..length).collect())
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let read = stream.read_buf(buffer).await.ok()?;
    (read > 0).then_some(())
}

fn echo(request: &Received, count: usize) -> Vec<u8> {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let forwarded = request.headers.iter().find(|(name, _)| name == "x-forwarded-host").map(|(_, value)| value);
    let body = match (path, query) {
        // What the client asks for does not get here: custom integrations send no query of themselves.
        ("/resp", _) => json!({ "v": "a\r\nSet-Cookie: b=1" }).to_string(),
        (_, "q=big") => format!("{{\"count\":{count},\"filler\":\"{}\"}}", "x".repeat(1_200_000)),
        _ => json!({ "target": request.target, "length": request.body.len(), "count": count, "host": forwarded })
            .to_string(),
    };
    let place = path.strip_prefix("/redirect-to-");
    let first = if place.is_some() { "HTTP/1.1 302 Found" } else { "HTTP/1.1 200 OK" };
    let location = place.map_or_else(String::new, |host| format!("Location: http://{host}/\r\n"));
    let head = format!("{first}\r\n{location}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.into_bytes(), body.into_bytes()].concat()
}
