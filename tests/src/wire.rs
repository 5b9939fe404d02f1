//! HTTP/1.1 on a socket, byte for byte: the client of the binary target, and what scripted web servers read with.

use crate::{
    Outcome,
    message::{self, Answer, Request, values},
};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpStream, tcp},
    time::timeout,
};

/// Nothing here takes this long unless it hangs.
pub const GUARD: Duration = Duration::from_secs(60);

/// A keep-alive connection.
#[derive(Debug)]
pub struct Connection {
    reader: BufReader<tcp::OwnedReadHalf>,
    writer: tcp::OwnedWriteHalf,
}

/// Whether a connection can carry another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It can.
    KeepAlive,
    /// It cannot.
    Close,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await.map_err(|error| format!("{address}: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let (reader, writer) = stream.into_split();
        Ok(Self { reader: BufReader::new(reader), writer })
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the other side has closed.
    pub async fn send(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.writer.write_all(bytes).await.map_err(|error| error.to_string())
    }

    /// Ends the sending direction.
    ///
    /// # Errors
    /// When the other side has closed.
    pub async fn finish(&mut self) -> Outcome<()> {
        self.writer.shutdown().await.map_err(|error| error.to_string())
    }

    /// The next response, or `None` when the connection ends before it.
    ///
    /// # Errors
    /// When what comes is no response.
    pub async fn response(&mut self, method: &str) -> Outcome<Option<Answer>> {
        response(&mut self.reader, method).await
    }

    /// The next response, or `None` when a pause is over before its first byte.
    ///
    /// # Errors
    /// The inner one as of [`Self::response`].
    pub async fn response_or_pause(&mut self, method: &str, pause: Duration) -> Option<Outcome<Option<Answer>>> {
        // A response is read only once some of it is there, so that nothing is lost when the pause is over.
        match timeout(pause, self.reader.fill_buf()).await {
            Err(_) => None,
            Ok(Err(error)) => Some(Err(error.to_string())),
            Ok(Ok(_)) => Some(self.response(method).await),
        }
    }

    /// Sends a request and reads its response, both at the same time: a server may answer before it has read everything.
    ///
    /// # Errors
    /// When there is no response, or it takes forever.
    pub async fn exchange(&mut self, request: &Request, chunked: bool) -> Outcome<(Answer, After)> {
        let Self { reader, writer } = self;
        let head = head(request, chunked);
        let sending = async {
            writer.write_all(head.as_bytes()).await?;
            if !chunked {
                return writer.write_all(&request.body).await;
            }
            for chunk in request.body.chunks(64 * 1024) {
                writer.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
                writer.write_all(chunk).await?;
                writer.write_all(b"\r\n").await?;
            }
            writer.write_all(b"0\r\n\r\n").await
        };
        let both = async {
            let mut sending = std::pin::pin!(sending);
            let mut receiving = std::pin::pin!(response(reader, &request.method));
            let mut sent = None;
            loop {
                tokio::select! {
                    result = sending.as_mut(), if sent.is_none() => sent = Some(result),
                    answer = receiving.as_mut() => return (sent, answer),
                }
            }
        };
        let (sent, answer) = timeout(GUARD, both).await.map_err(|_| "no response within the guard")?;
        let answer = answer?.ok_or("the connection ended before a response")?;
        let closes = answer.values("connection").iter().any(|value| value.eq_ignore_ascii_case("close"));
        let whole = matches!(sent, Some(Ok(())));
        Ok((answer, if whole && !closes { After::KeepAlive } else { After::Close }))
    }
}

fn head(request: &Request, chunked: bool) -> String {
    let mut request = Request { body: Vec::new(), ..request.clone() }.with_length(request.body.len());
    if chunked {
        request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        request.headers.push(("Transfer-Encoding".to_owned(), "chunked".to_owned()));
    }
    message::head(&request)
}

impl Request {
    /// The request with a `Content-Length` for its body, if it has one and says nothing of its length.
    #[must_use]
    pub fn with_length(mut self, length: usize) -> Self {
        let says = |name| !values(&self.headers, name).is_empty();
        if length > 0 && !says("content-length") && !says("transfer-encoding") {
            self.headers.push(("Content-Length".to_owned(), length.to_string()));
        }
        self
    }
}

/// First line and headers of a message.
#[derive(Debug)]
pub struct Head {
    /// The request line or the status line.
    pub first: String,
    /// The headers as they came.
    pub headers: Vec<(String, String)>,
}

/// Reads a head; `None` at the end of the connection.
///
/// # Errors
/// When the connection breaks, or a line is no header.
pub async fn read_head(reader: &mut (impl AsyncBufRead + Unpin)) -> Outcome<Option<Head>> {
    let Some(first) = line(reader).await? else { return Ok(None) };
    let mut headers = Vec::new();
    loop {
        let line = line(reader).await?.ok_or("the connection ended inside a head")?;
        if line.is_empty() {
            return Ok(Some(Head { first, headers }));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| format!("`{line}` is no header"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

async fn line(reader: &mut (impl AsyncBufRead + Unpin)) -> Outcome<Option<String>> {
    let mut bytes = Vec::new();
    reader.read_until(b'\n', &mut bytes).await.map_err(|error| error.to_string())?;
    if bytes.is_empty() {
        return Ok(None);
    }
    Ok(Some(message::escape(&bytes).trim_end_matches("\n").trim_end_matches("\\x0d").to_owned()))
}

/// How long a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// This many bytes.
    Known(u64),
    /// In chunks.
    Chunked,
    /// Up to the end of the connection.
    UntilEnd,
}

/// What headers say of the body's length.
///
/// # Errors
/// When it is no number.
pub fn length(headers: &[(String, String)], otherwise: Length) -> Outcome<Length> {
    if values(headers, "transfer-encoding").contains(&"chunked") {
        return Ok(Length::Chunked);
    }
    match values(headers, "content-length").first() {
        Some(text) => text.parse().map(Length::Known).map_err(|_| format!("`{text}` is no length")),
        None => Ok(otherwise),
    }
}

/// The next piece of a body; `None` at its end. `left` is what remains of it, or of its current chunk.
///
/// # Errors
/// When the connection ends inside the body.
pub async fn piece(
    reader: &mut (impl AsyncBufRead + Unpin),
    length: &mut Length,
    left: &mut u64,
) -> Outcome<Option<Vec<u8>>> {
    if *left == 0 {
        match *length {
            Length::Known(0) => return Ok(None),
            Length::Known(all) => (*left, *length) = (all, Length::Known(0)),
            Length::UntilEnd => *left = u64::MAX,
            Length::Chunked => {
                let size = line(reader).await?.ok_or("the connection ended inside a body")?;
                let size = u64::from_str_radix(size.trim(), 16).map_err(|_| format!("`{size}` is no chunk size"))?;
                if size == 0 {
                    while line(reader).await?.is_some_and(|trailer| !trailer.is_empty()) {}
                    return Ok(None);
                }
                *left = size;
            }
        }
    }
    let mut buffer = vec![0; usize::try_from((*left).min(64 * 1024)).map_err(|error| error.to_string())?];
    let read = reader.read(&mut buffer).await.map_err(|error| error.to_string())?;
    buffer.truncate(read);
    match (read, *length) {
        (0, Length::UntilEnd) => return Ok(None),
        (0, _) => return Err("the connection ended inside a body".to_owned()),
        (_, Length::UntilEnd) => {}
        _ => *left -= read as u64,
    }
    if *left == 0 && *length == Length::Chunked {
        line(reader).await?;
    }
    Ok(Some(buffer))
}

/// A whole body.
///
/// # Errors
/// When the connection ends inside it.
pub async fn read_body(reader: &mut (impl AsyncBufRead + Unpin), mut length: Length) -> Outcome<Vec<u8>> {
    let mut body = Vec::new();
    let mut left = 0;
    while let Some(piece) = piece(reader, &mut length, &mut left).await? {
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

async fn response(reader: &mut (impl AsyncBufRead + Unpin), method: &str) -> Outcome<Option<Answer>> {
    loop {
        let Some(Head { first, headers }) = read_head(reader).await? else { return Ok(None) };
        let status = first.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).and_then(|code| code.parse().ok());
        let status: u16 = status.ok_or_else(|| format!("`{first}` is no status line"))?;
        if status < 200 {
            continue;
        }
        let none = method == "HEAD" || matches!(status, 204 | 304);
        let length = if none { Length::Known(0) } else { length(&headers, Length::UntilEnd)? };
        let body = read_body(reader, length).await?;
        return Ok(Some(Answer { status, headers, body }));
    }
}
