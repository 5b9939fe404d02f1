//! Which headers pass an integration, which are renamed and which are dropped: the table nobody guesses.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>, and what was recorded
//! on the service, which wins.

use http::{HeaderMap, HeaderName, HeaderValue};

/// `X-Amzn-Trace-Id`
pub const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Sent by the client, but neither shown in a Lambda proxy event nor passed to a web server.
const NOT_PASSED: [&str; 12] = [
    "connection",
    "content-length",
    "content-md5",
    "expect",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];

/// Moreover not passed to a web server: the host is the server's own, and the rest concerns one connection only.
const NOT_FORWARDED: [&str; 6] =
    ["content-encoding", "host", "keep-alive", "proxy-authorization", "proxy-connection", "via"];

/// Come back from a proxy integration as `x-amzn-Remapped-*`.
const REMAPPED: [&str; 11] = [
    "authorization",
    "connection",
    "content-length",
    "content-md5",
    "date",
    "max-forwards",
    "server",
    "user-agent",
    "www-authenticate",
    "x-amzn-requestid",
    "x-amz-apigw-id",
];

/// Do not come back from a proxy integration.
const NOT_RETURNED: [&str; 8] =
    ["expect", "host", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade"];

/// Mapping one of these fails each call of a Lambda integration, whether or not the mapping would have an effect.
const UNMAPPABLE_FOR_LAMBDA: [&str; 7] =
    ["authorization", "connection", "content-length", "expect", "proxy-authenticate", "te", "transfer-encoding"];

/// Mapping one of these fails each call of an HTTP integration.
const UNMAPPABLE_FOR_HTTP: [&str; 2] = ["content-length", "transfer-encoding"];

/// A mapping to one of these is accepted, and the server never sees it.
const UNSEEN_BY_HTTP: [&str; 4] = ["connection", "expect", "proxy-authenticate", "te"];

/// Ours: a client cannot pretend to be the host.
const INTERNAL_PREFIX: &str = "x-fanlight-";

/// Whether a Lambda proxy event shows this header of the client.
#[must_use]
pub fn shown_in_event(name: &HeaderName) -> bool {
    !NOT_PASSED.contains(&name.as_str()) && !name.as_str().starts_with(INTERNAL_PREFIX)
}

/// Whether `HTTP_PROXY` forwards this header of the client.
#[must_use]
pub fn forwarded(name: &HeaderName) -> bool {
    shown_in_event(name) && !NOT_FORWARDED.contains(&name.as_str())
}

/// Headers that the client's `Connection` names, in whatever case: they concern its connection only. Those that identify
/// somebody cannot be taken away like that.
#[must_use]
pub fn nominated(headers: &HeaderMap) -> Vec<HeaderName> {
    const KEPT: [&str; 5] = ["authorization", "cookie", "host", "x-api-key", "x-forwarded-for"];
    let values = headers.get_all(http::header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse::<HeaderName>().ok());
    names.filter(|name| !KEPT.contains(&name.as_str())).collect()
}

/// Whether mapping this header fails each call of a Lambda integration.
#[must_use]
pub fn unmappable_for_lambda(name: &str) -> bool {
    UNMAPPABLE_FOR_LAMBDA.iter().any(|header| header.eq_ignore_ascii_case(name))
}

/// Whether mapping this header fails each call of an HTTP integration.
#[must_use]
pub fn unmappable_for_http(name: &str) -> bool {
    UNMAPPABLE_FOR_HTTP.iter().any(|header| header.eq_ignore_ascii_case(name))
}

/// Whether a mapping to this header reaches a web server.
#[must_use]
pub fn seen_by_http(name: &HeaderName) -> bool {
    !UNSEEN_BY_HTTP.contains(&name.as_str())
}

/// What the client gets for a header that a proxy integration returns; `None` drops it.
#[must_use]
pub fn from_integration(name: &HeaderName, value: &HeaderValue) -> Option<(HeaderName, HeaderValue)> {
    if NOT_RETURNED.contains(&name.as_str()) {
        return None;
    }
    if !REMAPPED.contains(&name.as_str()) {
        return Some((name.clone(), value.clone()));
    }
    let remapped = HeaderName::from_bytes(format!("x-amzn-remapped-{name}").as_bytes()).ok()?;
    Some((remapped, value.clone()))
}

/// Renamed when an integration response maps something to them.
const REMAPPED_BY_RESPONSE: [&str; 14] = [
    "authorization",
    "connection",
    "content-length",
    "content-md5",
    "date",
    "expect",
    "host",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "trailer",
    "upgrade",
    "user-agent",
    "www-authenticate",
];

/// The name that `method.response.header.X` has for the client; `None` drops it.
#[must_use]
pub fn mapped_to_client(name: &HeaderName) -> Option<HeaderName> {
    if name.as_str() == "transfer-encoding" {
        return None;
    }
    if !REMAPPED_BY_RESPONSE.contains(&name.as_str()) {
        return Some(name.clone());
    }
    HeaderName::from_bytes(format!("x-amzn-remapped-{name}").as_bytes()).ok()
}

/// [`from_integration`] for all headers of a web server.
#[must_use]
pub fn all_from_integration(headers: &HeaderMap) -> HeaderMap {
    let mut returned = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if let Some((name, value)) = from_integration(name, value) {
            returned.append(name, value);
        }
    }
    returned
}
