//! CORS: the gateway answers preflights by itself and speaks for its endpoints, whose own headers are dropped.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use crate::{
    body::Body,
    exchange::{Exchange, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

/// A configuration, its lists as headers have them.
#[derive(Debug)]
pub struct Cors {
    /// Which origins.
    pub origins: Vec<Origin>,
    /// `access-control-allow-credentials: true`
    pub allow_credentials: bool,
    /// `access-control-expose-headers`
    pub expose_headers: Option<HeaderValue>,
    /// `access-control-allow-methods`, `-headers` and `-max-age`, for preflights.
    pub preflight: Vec<(HeaderName, HeaderValue)>,
}

/// An allowed origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `*`
    Any,
    /// `https://*`: whatever begins so.
    Prefix(String),
    /// This one.
    Exact(String),
}

impl Origin {
    /// Reads AWS's spelling.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some("") => Self::Any,
            Some(prefix) => Self::Prefix(prefix.to_ascii_lowercase()),
            None => Self::Exact(text.to_ascii_lowercase()),
        }
    }

    fn allows(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Prefix(prefix) => origin.to_ascii_lowercase().starts_with(prefix.as_str()),
            Self::Exact(exact) => origin.eq_ignore_ascii_case(exact),
        }
    }
}

/// The answer to a preflight, whether or not there is a route for it.
#[must_use]
pub fn preflight(cors: Option<&Cors>, exchange: &Exchange) -> Option<Response> {
    cors?;
    let headers = &exchange.request.headers;
    let asks = exchange.request.method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    asks.then(|| Response { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Body::EMPTY })
}

/// Writes what the client's browser may do, in place of what an endpoint says.
pub fn allow(cors: Option<&Cors>, exchange: &Exchange, headers: &mut HeaderMap) {
    let Some(cors) = cors else { return };
    let theirs: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in theirs {
        headers.remove(name);
    }
    let Some(origin) = exchange.request.headers.get(header::ORIGIN) else { return };
    let named = origin.to_str().unwrap_or_default();
    let Some(allowed) = cors.origins.iter().find(|allowed| allowed.allows(named)) else { return };
    let shown = match allowed {
        Origin::Any => HeaderValue::from_static("*"),
        Origin::Prefix(_) | Origin::Exact(_) => origin.clone(),
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, shown);
    if cors.allow_credentials {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    if let Some(exposed) = &cors.expose_headers {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
    }
    if preflight(Some(cors), exchange).is_some() {
        headers.extend(cors.preflight.iter().cloned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let rows = [
            ("*", "http://a", true),
            ("https://*", "https://a.b", true),
            ("https://*", "http://a.b", false),
            ("https://a.example", "HTTPS://A.example", true),
            ("https://a.example", "https://a.example.evil", false),
            ("https://a.example", "null", false),
        ];
        for (allowed, origin, expected) in rows {
            assert_eq!(Origin::new(allowed).allows(origin), expected, "{allowed} {origin}");
        }
    }
}
