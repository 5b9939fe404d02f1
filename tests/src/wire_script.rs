//! `@wire` blocks: bytes on a connection of its own, in order and in time.
//!
//! A line is one of: `send TEXT`, `every SECONDS send TEXT` (until the connection ends), `half-close`, `pause SECONDS`,
//! `response STATUS BODY` and `closed` (a response, or the end of the connection, that must come next), `within SECONDS`
//! (the guard for what follows), `after SECONDS` (at least so long since the beginning).

use crate::{
    Outcome, compare, mask,
    message::{expand, unescape},
    wire::Connection,
};
use std::{net::SocketAddr, time::Duration};
use tokio::time::{Instant, timeout};

/// Follows a script; gives it back with what happened in the place of what should have.
///
/// # Errors
/// When a line is not understood, or nothing happens in time.
pub async fn follow(address: SocketAddr, script: &str) -> Outcome<String> {
    let mut connection = Connection::open(address).await?;
    let mut happened = Vec::new();
    let mut dribble = None;
    let mut guard = Duration::from_secs(15);
    let begun = Instant::now();
    for line in script.lines() {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "send" => {
                // The other side may have closed already; what must come next says whether it may.
                let _ended = connection.send(&bytes(rest)?).await;
                happened.push(line.to_owned());
            }
            "every" => {
                let (seconds, text) = rest.split_once(" send ").ok_or_else(|| format!("`{line}` sends nothing"))?;
                dribble = Some((seconds_of(seconds)?, bytes(text)?));
                happened.push(line.to_owned());
            }
            "half-close" => {
                connection.finish().await?;
                happened.push(line.to_owned());
            }
            // How long the other side bears silence is what is tested.
            "pause" => {
                tokio::time::sleep(seconds_of(rest)?).await;
                happened.push(line.to_owned());
            }
            "within" => {
                guard = seconds_of(rest)?;
                happened.push(line.to_owned());
            }
            "response" | "closed" => {
                let next = next(&mut connection, dribble.as_ref());
                let next = timeout(guard, next).await.map_err(|_| format!("waited {guard:?} for `{line}`"))??;
                happened.push(like(line, &next)?);
            }
            "after" => {
                // A client that is cut off at once was not waited for.
                let least = seconds_of(rest)?;
                let taken = begun.elapsed();
                happened.push(if taken >= least { line.to_owned() } else { format!("after only {taken:?}") });
            }
            _ => {
                return Err(format!(
                    "`{line}` is no step: send, every, half-close, pause, within, after, response, closed"
                ));
            }
        }
    }
    Ok(happened.join("\n"))
}

async fn next(connection: &mut Connection, dribble: Option<&(Duration, Vec<u8>)>) -> Outcome<String> {
    let answer = loop {
        let Some((pause, piece)) = dribble else { break connection.response("GET").await };
        match connection.response_or_pause("GET", *pause).await {
            Some(answer) => break answer,
            None => {
                let _ended = connection.send(piece).await;
            }
        }
    };
    Ok(match answer {
        Ok(Some(answer)) => format!("response {} {}", answer.status, answer.text()).trim_end().to_owned(),
        // A reset is an end too.
        Ok(None) | Err(_) => "closed".to_owned(),
    })
}

/// The expected line when it says what happened, else what happened.
fn like(expected: &str, happened: &str) -> Outcome<String> {
    let bodies =
        |text: &str| Some(text.strip_prefix("response ")?.split_once(' ')?).map(|(a, b)| (a.to_owned(), b.to_owned()));
    let same = match (bodies(expected), bodies(happened)) {
        (Some((status, body)), Some((other, found))) => status == other && compare::bodies(&body, &found)?.is_none(),
        (None, Some((status, _))) => expected == format!("response {status}"),
        _ => mask::matches(expected, happened)?,
    };
    Ok(if same { expected.to_owned() } else { happened.to_owned() })
}

fn seconds_of(text: &str) -> Outcome<Duration> {
    text.trim()
        .trim_end_matches(" s")
        .parse()
        .map(Duration::from_secs_f64)
        .map_err(|_| format!("`{text}` is no number of seconds"))
}

/// `\r`, `\n` and `\xNN` in a line.
fn bytes(text: &str) -> Outcome<Vec<u8>> {
    Ok(unescape(&expand(text)?.replace("\\r", "\r").replace("\\n", "\n")))
}
