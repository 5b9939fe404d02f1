//! What a request says of its signature: in the `Authorization` header, or in the query of a presigned address.

use super::{Refusal, Timestamp};
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use std::{borrow::Cow, time::Duration};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// `Authorization`
    Header,
    /// `X-Amz-Signature`
    Query,
}

/// What a request says of its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where it stands.
    pub location: Location,
    /// Whose key it is said to be.
    pub access_key: String,
    /// The date in the scope.
    pub date: String,
    /// The region in the scope.
    pub region: String,
    /// The service in the scope.
    pub service: String,
    /// The end of the scope.
    pub terminator: String,
    /// The names of the headers that are signed, in lower case.
    pub signed_headers: Vec<String>,
    /// The signature in hexadecimal.
    pub signature: String,
    /// When it was signed.
    pub time: Timestamp,
    /// How long a presigned address is good for.
    pub expires: Option<Duration>,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

impl Claim {
    /// Reads the claim of a request; `None` when it makes none.
    ///
    /// # Errors
    /// When the claim is not whole, or there are two.
    pub fn read(headers: &HeaderMap, target: &str) -> Result<Option<Self>, Refusal> {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let presigned = parameter(query, "X-Amz-Signature").is_some() || parameter(query, "X-Amz-Algorithm").is_some();
        let mut authorization = headers.get_all(header::AUTHORIZATION).iter();
        match (authorization.next(), presigned) {
            (None, false) => Ok(None),
            (Some(_), true) => Err(Refusal::Ambiguous),
            (Some(_), false) if authorization.next().is_some() => Err(Refusal::Ambiguous),
            (Some(value), false) => from_header(headers, value.as_bytes()).map(Some),
            (None, true) => from_query(query).map(Some),
        }
    }

    /// Path and query as they were signed: a presigned address without what the signer adds.
    pub(super) fn target<'a>(&self, target: &'a str) -> Cow<'a, str> {
        let Some((path, query)) = target.split_once('?') else { return target.into() };
        if self.location == Location::Header {
            return target.into();
        }
        let own = [
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Date",
            "X-Amz-Expires",
            "X-Amz-SignedHeaders",
            "X-Amz-Signature",
            "X-Amz-Security-Token",
        ];
        let is_own = |pair: &&str| own.contains(&pair.split('=').next().unwrap_or_default());
        let rest: Vec<&str> = query.split('&').filter(|pair| !is_own(pair)).collect();
        if rest.is_empty() { path.into() } else { format!("{path}?{}", rest.join("&")).into() }
    }
}

/// The parts of a claim before they are judged.
struct Parts<'a> {
    location: Location,
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
    time: Timestamp,
    expires: Option<Duration>,
    session_token: Option<String>,
}

fn from_header(headers: &HeaderMap, value: &[u8]) -> Result<Claim, Refusal> {
    let text = String::from_utf8_lossy(value);
    let hash = || base64(&Sha256::digest(value));
    let Some(parameters) = text.strip_prefix(ALGORITHM) else {
        return Err(Refusal::Incomplete(format!(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
             Base64): '{}'.",
            hash()
        )));
    };
    let field = |name: &str| {
        let mut pairs = parameters.split(',').map(str::trim);
        pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).filter(|value| !value.is_empty())
    };
    let date = headers.get("x-amz-date").and_then(|value| value.to_str().ok());
    let (credential, signature, signed_headers) = (field("Credential"), field("Signature"), field("SignedHeaders"));
    let mut missing = String::new();
    for (name, value) in [("Credential", credential), ("Signature", signature), ("SignedHeaders", signed_headers)] {
        if value.is_none() {
            missing.push_str(&format!("Authorization header requires '{name}' parameter. "));
        }
    }
    if date.is_none() {
        missing.push_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    }
    let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
        (credential, signature, signed_headers, date)
    else {
        missing.push_str(&format!("(Hashed with SHA-256 and encoded with Base64) Authorization={}", hash()));
        return Err(Refusal::Incomplete(missing));
    };
    let time = Timestamp::parse(date).ok_or_else(|| bad_date(date))?;
    let token = headers.get("x-amz-security-token").and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let expires = None;
    judged(&Parts {
        location: Location::Header,
        credential,
        signed_headers,
        signature,
        time,
        expires,
        session_token: token,
    })
}

fn from_query(query: &str) -> Result<Claim, Refusal> {
    let field = |name: &str| parameter(query, name).filter(|value| !value.is_empty());
    if field("X-Amz-Algorithm").as_deref() != Some(ALGORITHM) {
        return Err(Refusal::Incomplete("AWS query-string parameters must include 'X-Amz-Algorithm'. ".to_owned()));
    }
    let required = |name: &'static str| {
        field(name).ok_or_else(|| {
            Refusal::Incomplete(format!(
                "AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."
            ))
        })
    };
    let (credential, signature) = (required("X-Amz-Credential")?, required("X-Amz-Signature")?);
    let (signed_headers, date) = (required("X-Amz-SignedHeaders")?, required("X-Amz-Date")?);
    let expires = required("X-Amz-Expires")?;
    let seconds: u64 = expires.parse().map_err(|_| Refusal::Invalid("X-Amz-Expires should be a number".to_owned()))?;
    judged(&Parts {
        location: Location::Query,
        credential: &credential,
        signed_headers: &signed_headers,
        signature: &signature,
        time: Timestamp::parse(&date).ok_or_else(|| bad_date(&date))?,
        expires: Some(Duration::from_secs(seconds)),
        session_token: field("X-Amz-Security-Token").map(Cow::into_owned),
    })
}

fn bad_date(date: &str) -> Refusal {
    Refusal::Incomplete(format!("Date must be in ISO-8601 'basic format'. Got '{date}'. "))
}

fn judged(parts: &Parts<'_>) -> Result<Claim, Refusal> {
    let mut scope = parts.credential.rsplitn(5, '/');
    let mut next = || scope.next().filter(|part| !part.is_empty());
    let (Some(terminator), Some(service), Some(region), Some(date), Some(access_key)) =
        (next(), next(), next(), next(), next())
    else {
        return Err(Refusal::Incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
            parts.credential
        )));
    };
    let signed_headers: Vec<String> = parts.signed_headers.split(';').map(str::to_ascii_lowercase).collect();
    // A signature that is not bound to the host is good for every host.
    if !signed_headers.iter().any(|name| name == "host") {
        return Err(Refusal::Invalid(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
        ));
    }
    if parts.location == Location::Header && !signed_headers.iter().any(|name| name == "x-amz-date") {
        return Err(Refusal::Invalid("'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.".to_owned()));
    }
    Ok(Claim {
        location: parts.location,
        access_key: access_key.to_owned(),
        date: date.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        terminator: terminator.to_owned(),
        signed_headers,
        signature: parts.signature.to_owned(),
        time: parts.time,
        expires: parts.expires,
        session_token: parts.session_token.clone(),
    })
}

/// The first value of a query parameter, decoded.
fn parameter<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let value = query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    })?;
    Some(percent_decode_str(value).decode_utf8_lossy())
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(bytes)
}
