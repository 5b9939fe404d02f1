//! One request on its way through the lifecycle.

use crate::{
    backends::{Backends, Moment},
    body::Body,
    caller::Caller,
    failure::Failure,
    stage::StageSnapshot,
    trace::Trace,
};
use bytes::Bytes;
use fanlight_definition::resources::HttpMethod;
use fanlight_vtl::Overrides;
use http::{HeaderMap, HeaderName, Uri};
use std::{borrow::Cow, net::IpAddr, sync::Arc, time::Duration};

/// A request as the listener received it, without its body.
#[derive(Debug)]
pub struct Request {
    /// The verb.
    pub method: http::Method,
    /// Path and query as sent.
    pub uri: Uri,
    /// Where in the path the part after the stage or the base path begins.
    pub path_start: usize,
    /// The base path mapping of a custom domain that led here, empty for `(none)`.
    pub base_path: Option<Arc<str>>,
    /// The headers.
    pub headers: HeaderMap,
    /// How the client spelled the headers.
    pub spelling: Spelling,
    /// The connection it came on.
    pub client: Client,
}

/// The connection of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The peer's address.
    pub source_ip: IpAddr,
    /// The port it reached.
    pub port: u16,
}

/// Header names as they stood in the request. Events show them so; HTTP/2 has lower case only.
#[derive(Debug, Clone, Default)]
pub struct Spelling(Bytes);

impl Spelling {
    /// Keeps a request head as it was read from the wire.
    #[must_use]
    pub const fn new(head: Bytes) -> Self {
        Self(head)
    }

    /// The name as the client wrote it first.
    #[must_use]
    pub fn of<'a>(&'a self, name: &'a HeaderName) -> &'a str {
        let spelled = self.0.split(|&byte| byte == b'\n').skip(1).find_map(|line| {
            let (candidate, rest) = line.split_at_checked(name.as_str().len())?;
            (rest.first() == Some(&b':') && candidate.eq_ignore_ascii_case(name.as_str().as_bytes()))
                .then_some(candidate)
        });
        spelled.and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_else(|| name.as_str())
    }
}

/// A response on its way to the client.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: http::StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

/// A request on its way: what it is, not what becomes of it.
#[derive(Debug)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// `x-amzn-RequestId`.
    pub id: String,
    /// `x-amz-apigw-id`.
    pub extended_id: String,
    /// `X-Amzn-Trace-Id`, complete.
    pub trace_id: String,
    /// When it came.
    pub started: Moment,
    /// Who calls.
    pub caller: Caller,
    /// What its templates wrote to `$context.requestOverride` and `$context.responseOverride`.
    pub overrides: Overrides,
    /// Why it was refused; [`crate::gateway_response::answer`] says how AWS words it.
    pub failure: Option<Failure>,
    /// What its endpoint did.
    pub endpoint: Endpoint,
    /// What its steps saw.
    pub trace: Trace,
    /// Its line in the access log, when it has ended.
    pub access_log: Option<String>,
}

/// What the endpoint of an exchange did, for logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The request id of the service that was called.
    pub request_id: Option<String>,
    /// The status that the service answered with.
    pub status: Option<u16>,
    /// The status that a function's proxy response names.
    pub function_status: Option<u16>,
    /// How long the call took.
    pub latency: Option<Duration>,
}

impl Exchange {
    /// Begins an exchange.
    #[must_use]
    pub fn begin(request: Request, backends: &dyn Backends, trace: Trace) -> Self {
        let started = backends.now();
        let id = request_id(&request.headers)
            .unwrap_or_else(|| uuid(u128::from(backends.random()) << 64 | u128::from(backends.random())));
        let extended_id = extended_id(backends);
        let trace_id = trace_id(&request.headers, started, backends);
        let caller = Caller::default();
        let (overrides, endpoint) = (Overrides::default(), Endpoint::default());
        Self {
            request,
            id,
            extended_id,
            trace_id,
            started,
            caller,
            overrides,
            endpoint,
            failure: None,
            trace,
            access_log: None,
        }
    }

    /// The path without the stage, starting with one slash, otherwise as the client sent it.
    #[must_use]
    pub fn path(&self) -> &str {
        let after_stage = self.path_after_stage();
        let leading = after_stage.len() - after_stage.trim_start_matches('/').len();
        after_stage.get(leading.saturating_sub(1)..).filter(|path| !path.is_empty()).unwrap_or("/")
    }

    /// The path as the event of a function shows it: without the stage, but with the base path of a custom domain.
    #[must_use]
    pub fn client_path(&self) -> &str {
        match self.request.base_path {
            Some(_) => self.request.uri.path(),
            None => self.path(),
        }
    }

    /// The path with the stage, as `requestContext.path` shows it: slashes doubled after the stage stay. A custom domain
    /// shows its base path instead.
    #[must_use]
    pub fn path_with_stage(&self, stage: &StageSnapshot) -> String {
        if self.request.base_path.is_some() {
            return self.request.uri.path().to_owned();
        }
        let after_stage = self.path_after_stage();
        let slash = if after_stage.starts_with('/') { "" } else { "/" };
        format!("/{}{slash}{after_stage}", stage.name)
    }

    fn path_after_stage(&self) -> &str {
        self.request.uri.path().get(self.request.path_start..).unwrap_or_default()
    }

    /// The verb that routing looks for: `X-HTTP-Method-Override` wins; `None` is a verb that API Gateway has no
    /// method for, not even `ANY`.
    #[must_use]
    pub fn verb(&self) -> Option<HttpMethod> {
        let overridden = self.request.headers.get("x-http-method-override").and_then(|value| value.to_str().ok());
        let name = overridden.unwrap_or_else(|| self.request.method.as_str());
        // Verbs are case-sensitive on the wire.
        HttpMethod::parse(name).filter(|verb| *verb != HttpMethod::Any && verb.as_str() == name)
    }

    /// The verb's name, as the event and the integration see it.
    #[must_use]
    pub fn verb_name(&self) -> &str {
        match self.verb() {
            Some(verb) => verb.as_str(),
            None => self.request.method.as_str(),
        }
    }

    /// The host that the client named.
    #[must_use]
    pub fn host(&self) -> &str {
        let header = self.request.headers.get(http::header::HOST).and_then(|value| value.to_str().ok());
        header.or_else(|| self.request.uri.authority().map(http::uri::Authority::as_str)).unwrap_or_default()
    }

    /// The host without its port.
    #[must_use]
    pub fn domain_name(&self) -> &str {
        let host = self.host();
        let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        host.rsplit_once(':').filter(|(_, port)| digits(port)).map_or(host, |(name, _)| name)
    }

    /// `X-Forwarded-Proto` and `X-Forwarded-Port`: what AWS says, and on a loopback name what is true, so that an
    /// application's own redirects lead somewhere.
    #[must_use]
    pub fn forwarded(&self) -> (&'static str, Cow<'static, str>) {
        let name = self.domain_name();
        let loopback = name == "localhost"
            || name.ends_with(".localhost")
            || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if loopback { ("http", self.request.client.port.to_string().into()) } else { ("https", "443".into()) }
    }

    /// `X-Forwarded-For`: what the client sent, then the peer's address.
    #[must_use]
    pub fn forwarded_for(&self) -> String {
        let sent = self.request.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
        let peer = self.request.client.source_ip;
        sent.map_or_else(|| peer.to_string(), |sent| format!("{sent}, {peer}"))
    }
}

/// A client may name the request itself, with a UUID.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("x-amzn-requestid")?.to_str().ok()?;
    let shape = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    (id.len() == 36 && id.bytes().enumerate().all(shape)).then(|| id.to_owned())
}

/// A UUID, version 4, of random bits.
#[must_use]
pub fn uuid(bits: u128) -> String {
    let versioned = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let mut id = String::with_capacity(36);
    for (length, shift) in [(8, 96), (4, 80), (4, 64), (4, 48), (12, 0)] {
        if !id.is_empty() {
            id.push('-');
        }
        push_hex(&mut id, versioned >> shift, length);
    }
    id
}

/// The lowest `digits` digits; formatting would cost as much as all the rest of an exchange's beginning.
fn push_hex(out: &mut String, bits: u128, digits: u32) {
    out.extend((0..digits).rev().filter_map(|place| {
        let nibble = u32::try_from(bits >> (4 * place) & 0xf).ok()?;
        char::from_digit(nibble, 16)
    }));
}

/// Sixteen characters of base64, the last one `=`, like AWS's.
fn extended_id(backends: &dyn Backends) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bits = u128::from(backends.random()) << 64 | u128::from(backends.random());
    let mut id = String::with_capacity(16);
    for _ in 0..15 {
        let index = usize::try_from(bits & 63).unwrap_or_default();
        id.push(ALPHABET.get(index).map_or('A', |&byte| char::from(byte)));
        bits >>= 6;
    }
    id.push('=');
    id
}

/// The client's trace with `Parent` and `Sampled` completed, or a new one.
fn trace_id(headers: &HeaderMap, now: Moment, backends: &dyn Backends) -> String {
    let sent = headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let field = |name: &str| sent.split(';').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
    let mut id = String::with_capacity(80);
    id.push_str("Root=");
    match field("Root") {
        Some(root) => id.push_str(root),
        None => {
            id.push_str("1-");
            push_hex(&mut id, u128::from((now.unix_ms / 1000).unsigned_abs()), 8);
            id.push('-');
            push_hex(&mut id, u128::from(backends.random()) << 64 | u128::from(backends.random()), 24);
        }
    }
    id.push_str(";Parent=");
    match field("Parent") {
        Some(parent) => id.push_str(parent),
        None => push_hex(&mut id, backends.random().into(), 16),
    }
    id.push_str(";Sampled=");
    id.push_str(field("Sampled").unwrap_or("0"));
    id
}
