//! `AWS_IAM`: a request that somebody signed whose key is known.
//!
//! AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>

use crate::{
    backends::{Backends, Moment},
    body::Body,
    caller::SignedIdentity,
    exchange::Exchange,
    failure::Failure,
    policy::Decision,
    stage::StageSnapshot,
    trace::Step,
};
use fanlight_aws_wire::signature::{self, Claim, Refusal, Scope, Secret, Signed, Timestamp};
use http::uri::PathAndQuery;
use std::sync::Arc;

/// The service that signed requests to APIs name.
pub const EXECUTE_API: &str = "execute-api";

const METHOD_OVERRIDE: &str = "x-http-method-override";

/// A key that requests may be signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// What its owner knows.
    pub secret: Secret,
    /// When temporary credentials end, in milliseconds since 1970.
    pub expires_unix_ms: Option<i64>,
    /// Whose it is.
    pub identity: Arc<SignedIdentity>,
}

/// What the request says of its signature.
///
/// # Errors
/// The claim is none, or two.
pub fn claim(exchange: &Exchange) -> Result<Option<Claim>, Refusal> {
    Claim::read(&exchange.request.headers, target(exchange))
}

/// Verifies the signature of a request to a REST API.
///
/// # Errors
/// As [`verified`].
pub(super) async fn decide(
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    body: &mut Body,
) -> Result<Decision, Failure> {
    verified((stage, EXECUTE_API), backends, exchange, body).await.map(|()| Decision::Allow)
}

/// Verifies a signature for a service, and remembers whose it is. It covers the body, which is all read for it.
///
/// # Errors
/// One of the failures of a signature, or of the body.
pub(crate) async fn verified(
    (stage, service): (&StageSnapshot, &str),
    backends: &dyn Backends,
    exchange: &mut Exchange,
    body: &mut Body,
) -> Result<(), Failure> {
    let claim =
        claim(exchange).map_err(failure)?.ok_or(Failure::MissingAuthenticationToken("the request is not signed"))?;
    // Who has no key cannot make the gateway wait for a body.
    let key = backends.access_key(&claim.access_key).ok_or_else(|| unknown(&claim))?;
    let bytes = std::mem::replace(body, Body::EMPTY).read_limited(stage.limits.payload_bytes).await?;
    let now = backends.now();
    verify(&claim, &key, (stage, service, exchange), &bytes, now)?;
    *body = Body::Buffered(bytes);
    exchange.caller.identity = Some(Arc::clone(&key.identity));
    let elapsed = || now.monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::Authorize, elapsed, || {
        vec![("access key", claim.access_key.clone()), ("signed by", key.identity.user_arn.clone())]
    });
    Ok(())
}

fn verify(
    claim: &Claim,
    key: &AccessKey,
    (stage, service, exchange): (&StageSnapshot, &str, &Exchange),
    body: &[u8],
    now: Moment,
) -> Result<(), Failure> {
    let request = &exchange.request;
    let signed = Signed {
        method: request.method.as_str(),
        target: target(exchange),
        headers: &request.headers,
        host: exchange.host(),
        body,
    };
    let scope = Scope { region: &stage.deployment.region, service };
    let seconds = Timestamp::from_unix(u64::try_from(now.unix_ms / 1000).unwrap_or_default());
    signature::verify(claim, &signed, &key.secret, scope, seconds).map_err(|refusal| match refusal {
        Refusal::UnknownKey => unknown(claim),
        other => failure(other),
    })?;
    // The method that is called is signed: by the request line, or by the header that overrides it.
    if request.headers.contains_key(METHOD_OVERRIDE) && !claim.signed_headers.iter().any(|name| name == METHOD_OVERRIDE)
    {
        return Err(Failure::InvalidSignature(
            "'X-HTTP-Method-Override' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
        ));
    }
    match key.expires_unix_ms {
        Some(end) if end <= now.unix_ms => {
            Err(Failure::ExpiredToken(format!("the key `{}` has ended", claim.access_key)))
        }
        Some(_) | None => Ok(()),
    }
}

fn target(exchange: &Exchange) -> &str {
    exchange.request.uri.path_and_query().map_or("/", PathAndQuery::as_str)
}

fn unknown(claim: &Claim) -> Failure {
    Failure::UnrecognizedClient(format!("no access key `{}` with this session token is known", claim.access_key))
}

/// How API Gateway answers what is wrong with a signature.
fn failure(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Incomplete(message) => Failure::IncompleteSignature(message),
        Refusal::Invalid(message) => Failure::InvalidSignature(message),
        Refusal::UnknownKey => Failure::UnrecognizedClient("the session token is another one".to_owned()),
        Refusal::Ambiguous => Failure::AmbiguousSignature,
    }
}

/// Whether a caller belongs to the account of the API; then one of its own policy and the API's is enough.
#[must_use]
pub fn is_of_account(exchange: &Exchange, account_id: &str) -> bool {
    exchange.caller.identity.as_ref().is_none_or(|identity| identity.account_id == account_id)
}
