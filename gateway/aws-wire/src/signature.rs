//! Signature Version 4: reads the claim that a request makes, and verifies it by signing the request again.
//!
//! AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>

mod claim;
mod time;

pub use claim::{Claim, Location};
pub use time::Timestamp;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use aws_smithy_runtime_api::client::identity::Identity;
use http::HeaderMap;
use sha2::{Digest, Sha256};
use std::{borrow::Cow, fmt, time::Duration};
use subtle::ConstantTimeEq;

/// How far the clocks may be apart.
pub const SKEW: Duration = Duration::from_secs(5 * 60);

/// The longest that a presigned address may be good for.
pub const LONGEST_EXPIRY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A request as its signer saw it.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The verb.
    pub method: &'a str,
    /// Path and query as sent.
    pub target: &'a str,
    /// The headers as sent.
    pub headers: &'a HeaderMap,
    /// The host as sent, where it is no header.
    pub host: &'a str,
    /// The whole body.
    pub body: &'a [u8],
}

/// What a key's owner knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The secret access key.
    pub key: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What a signature must be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope<'a> {
    /// The region.
    pub region: &'a str,
    /// The service, such as `execute-api`.
    pub service: &'a str,
}

/// Why a signed request is refused. Texts are AWS's, for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The claim lacks something, or is none.
    Incomplete(String),
    /// It is signed for something else, at another time, or wrongly.
    Invalid(String),
    /// Nobody has that key, or its session token is another one.
    UnknownKey,
    /// It is signed in the header and in the query at once.
    Ambiguous,
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                        Secret Access Key and signing method. Consult the service documentation for details.";

/// Verifies a claim. Its key's secret must have been looked up by [`Claim::access_key`] before.
///
/// # Errors
/// The [`Refusal`] with AWS's text.
pub fn verify(
    claim: &Claim,
    request: &Signed<'_>,
    secret: &Secret,
    scope: Scope<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    check_scope(claim, scope)?;
    check_time(claim, now)?;
    if claim.session_token != secret.session_token {
        return Err(Refusal::UnknownKey);
    }
    check_payload(claim, request)?;
    let expected = signature(claim, request, secret).ok_or_else(mismatch)?;
    let same = expected.as_bytes().ct_eq(claim.signature.as_bytes());
    if bool::from(same) { Ok(()) } else { Err(mismatch()) }
}

fn mismatch() -> Refusal {
    Refusal::Invalid(MISMATCH.to_owned())
}

fn check_scope(claim: &Claim, scope: Scope<'_>) -> Result<(), Refusal> {
    let mut message = String::new();
    if claim.terminator != "aws4_request" {
        message.push_str(&format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'. ",
            claim.terminator
        ));
    }
    if claim.region != scope.region {
        message.push_str(&format!("Credential should be scoped to a valid Region, not '{}'. ", claim.region));
    }
    if claim.service != scope.service {
        message.push_str(&format!("Credential should be scoped to correct service: '{}'. ", scope.service));
    }
    if claim.date != claim.time.date() {
        message.push_str(&format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', \
             from '{}'. ",
            claim.date,
            claim.time.date(),
            claim.time
        ));
    }
    if message.is_empty() { Ok(()) } else { Err(Refusal::Invalid(message)) }
}

fn check_time(claim: &Claim, now: Timestamp) -> Result<(), Refusal> {
    let (earliest, latest) = (now.minus(SKEW), now.plus(SKEW));
    if claim.time > latest {
        return Err(Refusal::Invalid(format!(
            "Signature not yet current: {} is still later than {latest} ({now} + 5 min.)",
            claim.time
        )));
    }
    let Some(expiry) = claim.expires else {
        return if claim.time < earliest {
            Err(Refusal::Invalid(format!(
                "Signature expired: {} is now earlier than {earliest} ({now} - 5 min.)",
                claim.time
            )))
        } else {
            Ok(())
        };
    };
    if expiry > LONGEST_EXPIRY {
        let most = LONGEST_EXPIRY.as_secs();
        return Err(Refusal::Invalid(format!("X-Amz-Expires must be less than a week (in seconds) i.e. {most}")));
    }
    let end = claim.time.plus(expiry);
    if end < now {
        return Err(Refusal::Invalid(format!("Signature expired: {end} is now earlier than {now}")));
    }
    Ok(())
}

/// A hash that the client names must be the body's.
fn check_payload(claim: &Claim, request: &Signed<'_>) -> Result<(), Refusal> {
    let Some(named) = content_hash(request) else { return Ok(()) };
    if named == "UNSIGNED-PAYLOAD" {
        // Only presigned requests may leave their body open.
        return if claim.location == Location::Query { Ok(()) } else { Err(mismatch()) };
    }
    if named.eq_ignore_ascii_case(&hex(&Sha256::digest(request.body))) { Ok(()) } else { Err(mismatch()) }
}

fn content_hash<'a>(request: &Signed<'a>) -> Option<&'a str> {
    request.headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok())
}

/// The signature that the request should have.
fn signature(claim: &Claim, request: &Signed<'_>, secret: &Secret) -> Option<String> {
    let credentials =
        Credentials::new(&claim.access_key, &secret.key, secret.session_token.clone(), None, "configuration");
    let identity = Identity::from(credentials);
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&claim.region)
        .name(&claim.service)
        .time(claim.time.into())
        .settings(settings(claim))
        .build()
        .ok()?;
    let headers = signed_headers(claim, request)?;
    let named = headers.iter().map(|(name, value)| (name.as_str(), value.as_ref()));
    let uri = format!("http://signed{}", claim.target(request.target));
    let body = match content_hash(request) {
        Some("UNSIGNED-PAYLOAD") => SignableBody::UnsignedPayload,
        Some(_) | None => SignableBody::Bytes(request.body),
    };
    let signable = SignableRequest::new(request.method, uri, named, body).ok()?;
    let (_, signature) = sign(signable, &parameters.into()).ok()?.into_parts();
    Some(signature)
}

fn settings(claim: &Claim) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Double;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Enabled;
    settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    // What the client has signed is what counts; nothing is taken out of it.
    settings.excluded_headers = Some(Vec::new());
    settings.signature_location = match claim.location {
        Location::Header => SignatureLocation::Headers,
        Location::Query => SignatureLocation::QueryParams,
    };
    settings.expires_in = claim.expires;
    settings
}

/// The headers that the client says it has signed; `None` when one of them is not there. The signer adds the date and
/// the session token itself.
fn signed_headers<'a>(claim: &'a Claim, request: &Signed<'a>) -> Option<Vec<(String, Cow<'a, str>)>> {
    let mut headers = Vec::new();
    for name in &claim.signed_headers {
        if matches!(name.as_str(), "x-amz-date" | "x-amz-security-token") && claim.location == Location::Header {
            continue;
        }
        let mut values = request.headers.get_all(name.as_str()).iter().peekable();
        if values.peek().is_none() && name == "host" {
            headers.push((name.clone(), Cow::Borrowed(request.host)));
            continue;
        }
        values.peek()?;
        for value in values {
            headers.push((name.clone(), Cow::Borrowed(value.to_str().ok()?)));
        }
    }
    Some(headers)
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
