//! Bytes to a socket and what comes back, however broken.

use fanlight_tests::message::Answer;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Everything that came back on one connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Reply {
    /// Final responses, in order.
    pub(super) answers: Vec<Answer>,
    /// Whether the other side closed the connection.
    pub(super) closed: bool,
    /// Until the last byte came.
    pub(super) elapsed: Duration,
}

/// Sends bytes and reads until the other side closes, or says nothing for a while.
///
/// # Errors
/// When nobody listens.
pub(super) async fn send(address: SocketAddr, bytes: &[u8], quiet: Duration) -> Result<Reply, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let (mut reader, mut writer) = stream.into_split();
    let started = Instant::now();
    let mut elapsed = Duration::ZERO;
    // A server may answer and close before it has read everything.
    let mut sending = std::pin::pin!(writer.write_all(bytes));
    let mut sent = false;
    let mut received = Vec::new();
    let closed = loop {
        tokio::select! {
            _ = sending.as_mut(), if !sent => sent = true,
            read = timeout(quiet, reader.read_buf(&mut received)) => match read {
                Ok(Ok(0) | Err(_)) => break true,
                Ok(Ok(_)) => elapsed = started.elapsed(),
                Err(_) => break false,
            }
        }
    };
    Ok(Reply { answers: answers(&received), closed, elapsed })
}

/// The final responses in what was received; what is none ends the list.
pub(super) fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while let Some((answer, rest)) = answer(bytes) {
        if answer.status >= 200 {
            answers.push(answer);
        }
        bytes = rest;
    }
    answers
}

fn answer(bytes: &[u8]) -> Option<(Answer, &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head: String = bytes.get(..end)?.iter().map(|&byte| char::from(byte)).collect();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer { status, headers, body: Vec::new() };
    let rest = bytes.get(end + 4..)?;
    if status < 200 || matches!(status, 204 | 304) {
        return Some((answer, rest));
    }
    if answer.values("transfer-encoding").contains(&"chunked") {
        let (body, rest) = chunks(rest)?;
        answer.body = body;
        return Some((answer, rest));
    }
    let length = answer.values("content-length").first().and_then(|length| length.parse().ok()).unwrap_or(rest.len());
    let (body, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    answer.body = body.to_vec();
    Some((answer, rest))
}

fn chunks(mut bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(bytes.get(..end)?).ok()?, 16).ok()?;
        body.extend_from_slice(bytes.get(end + 2..end + 2 + size)?);
        bytes = bytes.get(end + 4 + size..)?;
        if size == 0 {
            return Some((body, bytes));
        }
    }
}
