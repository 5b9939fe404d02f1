//! Signs the requests of scenarios, written from AWS's description and not from the code that verifies them.
//!
//! AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
//!
//! Words after `@request signed`: `key`, `secret`, `token`, `region`, `service`, `terminator`, `headers=a;b` (all that are
//! there), `at=-20m` (when it is signed), `scope=-24h` (the date of the scope), `expires=300` (presigned, for so many
//! seconds), `hash=TEXT` for the body's, `upper`, `both`; and what happens to the request after that: `then-query=a=b`,
//! `then-body`, `then-host`, `then-verb`, `then-header`.

use crate::{Outcome, message::Request};
use sha2::{Digest, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};

/// The key of AWS's own examples.
const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// The machine's clock.
///
/// # Errors
/// When it stands before 1970.
pub fn unix_seconds() -> Outcome<u64> {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    Ok(elapsed.as_secs())
}

/// A signed request, changed afterwards as the words say.
///
/// # Errors
/// When a word cannot be read.
pub fn sign(mut request: Request, words: &[String], now: u64) -> Outcome<Request> {
    let word = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let has = |name: &str| words.iter().any(|word| word == name);
    let time = timestamp(moved(now, word("at").unwrap_or("0m"))?);
    let scope_time = timestamp(moved(now, word("scope").or_else(|| word("at")).unwrap_or("0m"))?);
    let date = scope_time.split('T').next().unwrap_or_default().to_owned();
    let region = word("region").unwrap_or("us-east-1");
    let service = word("service").unwrap_or("execute-api");
    let terminator = word("terminator").unwrap_or("aws4_request");
    let scope = format!("{date}/{region}/{service}/{terminator}");
    let credential = format!("{}/{scope}", word("key").unwrap_or(KEY));
    let presigned = word("expires");
    if presigned.is_none() {
        request.headers.push(("X-Amz-Date".to_owned(), time.clone()));
        if let Some(token) = word("token") {
            request.headers.push(("X-Amz-Security-Token".to_owned(), token.to_owned()));
        }
    }
    let names = match (word("headers"), presigned) {
        (Some(names), _) => names.split(';').map(ToOwned::to_owned).collect(),
        (None, Some(_)) => vec!["host".to_owned()],
        (None, None) => names(&request),
    };
    if let Some(expires) = presigned {
        let mut query =
            vec![("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()), ("X-Amz-Credential", encoded(&credential))];
        query.extend([("X-Amz-Date", time.clone()), ("X-Amz-Expires", expires.to_owned())]);
        query.push(("X-Amz-SignedHeaders", encoded(&names.join(";"))));
        query.extend(word("token").map(|token| ("X-Amz-Security-Token", encoded(token))));
        query.iter().for_each(|(name, value)| add_query(&mut request, &format!("{name}={value}")));
    }
    let hash = word("hash").map_or_else(|| hex(&Sha256::digest(&request.body)), ToOwned::to_owned);
    let canonical = canonical(&request, &names, &hash);
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let secret = format!("AWS4{}", word("secret").unwrap_or(SECRET));
    let key =
        [date.as_str(), region, service, terminator].iter().fold(secret.into_bytes(), |key, part| hmac(&key, part));
    let mut signature = hex(&hmac(&key, &to_sign));
    if has("upper") {
        signature = signature.to_uppercase();
    }
    if presigned.is_some() {
        add_query(&mut request, &format!("X-Amz-Signature={signature}"));
    } else {
        let names = names.join(";");
        let value = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}");
        request.headers.push(("Authorization".to_owned(), value));
        if has("both") {
            add_query(&mut request, &format!("X-Amz-Signature={signature}"));
        }
    }
    Ok(tampered(request, words))
}

/// What somebody on the way made of it.
fn tampered(mut request: Request, words: &[String]) -> Request {
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("then-query", pair) => add_query(&mut request, pair),
            ("then-body", _) => {
                if let Some(byte) = request.body.first_mut() {
                    *byte ^= 1;
                }
            }
            ("then-host", host) => {
                for (name, value) in &mut request.headers {
                    if name.eq_ignore_ascii_case("host") {
                        host.clone_into(value);
                    }
                }
            }
            ("then-verb", verb) => verb.clone_into(&mut request.method),
            ("then-header", header) => {
                let (name, value) = header.split_once(':').unwrap_or((header, ""));
                request.headers.push((name.to_owned(), value.to_owned()));
            }
            _ => {}
        }
    }
    request
}

fn add_query(request: &mut Request, pair: &str) {
    let separator = if request.target.contains('?') { '&' } else { '?' };
    request.target.push(separator);
    request.target.push_str(pair);
}

/// The names of all headers, in order.
fn names(request: &Request) -> Vec<String> {
    let mut names: Vec<String> = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    names
}

fn canonical(request: &Request, names: &[String], hash: &str) -> String {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let path: Vec<String> = path.split('/').map(encoded).collect();
    let mut pairs: Vec<(&str, &str)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let headers = names.iter().map(|name| {
        let values = request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let values: Vec<&str> = values.map(|(_, value)| value.trim()).collect();
        format!("{name}:{}\n", values.join(","))
    });
    let headers: String = headers.collect();
    format!("{}\n{}\n{}\n{headers}\n{}\n{hash}", request.method, path.join("/"), query.join("&"), names.join(";"))
}

/// Everything but unreserved characters, as `%XX`.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// RFC 2104.
fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut block = [0_u8; 64];
    let short = if key.len() > 64 { Sha256::digest(key).to_vec() } else { key.to_vec() };
    block.iter_mut().zip(short).for_each(|(byte, given)| *byte = given);
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `-20m`, `8h`
fn moved(now: u64, text: &str) -> Outcome<u64> {
    let unit: i64 = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 3_600,
        _ => return Err(format!("`{text}` is no time: write `-20m` or `1h`")),
    };
    let number = text.get(..text.len() - 1).and_then(|digits| digits.parse::<i64>().ok());
    let number = number.ok_or_else(|| format!("`{text}` is no time"))?;
    now.checked_add_signed(number * unit).ok_or_else(|| format!("`{text}` is before 1970"))
}

/// `20261122T104426Z`
fn timestamp(seconds: u64) -> String {
    fanlight_aws_wire::signature::Timestamp::from_unix(seconds).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of AWS's guide, the request of its test suite: `get-vanilla`.
    #[test]
    fn a_known_signature() {
        let headers = vec![("Host".to_owned(), "example.amazonaws.com".to_owned())];
        let request =
            Request { method: "GET".into(), target: "/".into(), version: "HTTP/1.1".into(), headers, body: Vec::new() };
        let signed = sign(request, &["service=service".to_owned()], 1_440_938_160).unwrap();
        let (_, value) = signed.headers.last().unwrap();
        assert!(value.ends_with("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"), "{value}");
    }
}
