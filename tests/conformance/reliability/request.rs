//! Requests as cases write them.

use super::{generate, session::Session};
use fanlight_tests::{
    message::{Answer, Request},
    wire::Connection,
};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The host that requests name.
pub(super) const HOST: &str = "gw.test";

/// The parts of `send`: text as Latin-1, repetitions, and bytes in hexadecimal.
///
/// # Errors
/// When a part is none of these.
pub(super) fn raw(parts: &Value) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for part in parts.as_array().ok_or("`send` is no list")? {
        let repeated = part.get("repeat").and_then(Value::as_str).zip(part.get("times").and_then(Value::as_u64));
        match (part.as_str(), repeated, part.get("hex").and_then(Value::as_str)) {
            (Some(text), _, _) => bytes.extend(latin1(text)),
            (None, Some((text, times)), _) => {
                let times = usize::try_from(times).map_err(|error| error.to_string())?;
                bytes.extend(latin1(text).repeat(times));
            }
            (None, None, Some(hex)) => bytes.extend(unhex(hex)?),
            (None, None, None) => return Err(format!("`{part}` is not known")),
        }
    }
    Ok(bytes)
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
}

fn unhex(hex: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<char> = hex.chars().filter(|letter| !letter.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).map_err(|_| format!("`{hex}`"));
    digits.chunks(2).map(byte).collect()
}

/// A request of a case: `method`, `path`, `headers`, and a body in one of its forms.
///
/// # Errors
/// When it has no path, or its body is described in words that are not known.
pub(super) fn read(value: &Value, base: &str) -> Result<Request, String> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let path = text("path").ok_or("the request has no path")?;
    // A stage that is named stands before the path, as on AWS.
    let stage = text("stage").map_or_else(String::new, |stage| format!("/{stage}"));
    let mut headers = vec![("Host".to_owned(), HOST.to_owned())];
    headers.extend(self::headers(value.get("headers")));
    let body = match (text("body"), text("body_latin1"), text("body_gen")) {
        (Some(body), _, _) => body.as_bytes().to_vec(),
        (None, Some(body), _) => latin1(body),
        (None, None, Some(description)) => generate::bytes(description)?,
        (None, None, None) => Vec::new(),
    };
    Ok(Request {
        method: text("method").unwrap_or("GET").to_owned(),
        target: format!("{base}{stage}{path}"),
        version: "HTTP/1.1".to_owned(),
        headers,
        body,
    })
}

/// A map of headers, or a list of pairs.
fn headers(value: Option<&Value>) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    match value {
        Some(Value::Object(headers)) => {
            headers.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
        }
        Some(Value::Array(pairs)) => {
            pairs.iter().filter_map(|pair| Some((text(pair.get(0)?)?, text(pair.get(1)?)?))).collect()
        }
        _ => Vec::new(),
    }
}

/// Sends a request on a connection of its own.
///
/// # Errors
/// When nobody listens. A connection that ends without a response is no error.
pub(super) async fn exchange(session: &Session, request: &Request) -> Result<(Option<Answer>, Duration), String> {
    let mut connection = Connection::open(session.host.address).await?;
    let started = Instant::now();
    let answer = connection.exchange(request, false).await;
    Ok((answer.ok().map(|(answer, _)| answer), started.elapsed()))
}
