//! JWT authorizers: a token of an issuer, whose keys are found where `OpenID` Connect says.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>

use super::identity::IdentitySource;
use crate::{
    authorize::jwt::{Claims, Refusal, Unverified, key_source::KeySource},
    backends::Backends,
    caller::{AuthorizerResult, JwtResult},
    exchange::Exchange,
    failure::{Challenge, Failure},
    stage::StageSnapshot,
    trace::Step,
};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use std::sync::Arc;

/// AWS takes RSA signatures only.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512];

/// A compiled authorizer.
#[derive(Debug)]
pub struct JwtAuthorizer {
    /// Its name.
    pub name: String,
    /// Where the token stands.
    pub source: IdentitySource,
    /// `iss`, exactly.
    pub issuer: Arc<str>,
    /// The issuer's keys.
    pub keys: KeySource,
    /// The user pool that the issuer is, of which the host may know better.
    pub user_pool: Option<String>,
    /// One of them must be the token's.
    pub audience: Vec<String>,
}

/// Verifies the token, and remembers its claims.
///
/// # Errors
/// 401 for no token or a bad one, 403 for one without the route's scopes, 500 when the keys cannot be had.
pub async fn decide(
    authorizer: &JwtAuthorizer,
    scopes: &[String],
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
) -> Result<(), Failure> {
    let refused = |reason: String| Failure::Challenge(Challenge::Invalid { scopes: scopes.join(" "), reason });
    let token = token(authorizer, stage, exchange)?;
    let unverified = Unverified::read(&token, &ALGORITHMS).map_err(|refusal| refused(reason(refusal)))?;
    let pools = backends.user_pools();
    let configured = authorizer.user_pool.as_ref().and_then(|pool| pools.configured.get(pool));
    let issuer = configured.and_then(|pool| pool.issuer.as_ref()).unwrap_or(&authorizer.issuer);
    if unverified.issuer() != Some(issuer) {
        return Err(refused("the token does not have a valid issuer".to_owned()));
    }
    let keys = configured.map_or(&authorizer.keys, |pool| &pool.keys);
    let keys = keys.keys(&unverified.key_id, &pools.fetched, backends).await;
    let keys = keys.map_err(Failure::AuthorizerConfigurationError)?;
    let found = keys.find(&unverified.key_id, unverified.algorithm).collect::<Vec<_>>();
    let claims = unverified.verify(found).map_err(|refusal| refused(reason(refusal)))?;
    claims.check_times(backends.now().unix_ms).map_err(|refusal| refused(reason(refusal)))?;
    if !is_meant(&claims, &authorizer.audience) {
        return Err(refused("the token does not have a valid audience".to_owned()));
    }
    let shared: Vec<String> =
        claims.scopes().filter(|scope| scopes.iter().any(|wanted| wanted == scope)).map(str::to_owned).collect();
    if !scopes.is_empty() && shared.is_empty() {
        return Err(Failure::Challenge(Challenge::InsufficientScope { scopes: scopes.join(" ") }));
    }
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::Authorize, elapsed, || {
        let subject = claims.text("sub").unwrap_or_default().to_owned();
        vec![("authorizer", authorizer.name.clone()), ("subject", subject)]
    });
    let scopes = (!scopes.is_empty()).then_some(shared);
    exchange.caller.authorizer = Some(AuthorizerResult::Jwt(Arc::new(JwtResult { claims: texts(&claims), scopes })));
    Ok(())
}

fn reason(refusal: Refusal) -> String {
    match refusal {
        Refusal::Invalid(reason) => reason,
        Refusal::Expired => "the token has expired".to_owned(),
    }
}

/// The token, as it is or after `Bearer`. One that comes twice is none: nobody knows which the endpoint would take.
fn token(authorizer: &JwtAuthorizer, stage: &StageSnapshot, exchange: &Exchange) -> Result<String, Failure> {
    let values = authorizer.source.values(stage, exchange);
    let [value] = values.as_slice() else { return Err(Failure::Challenge(Challenge::Missing)) };
    let value = value.trim();
    Ok(match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start().to_owned(),
        Some(_) | None => value.to_owned(),
    })
}

/// `aud`, or `client_id` of a token without one.
fn is_meant(claims: &Claims, audience: &[String]) -> bool {
    let named = |name: &str| audience.iter().any(|wanted| wanted == name);
    if claims.0.contains_key("aud") {
        claims.audiences().any(named)
    } else {
        claims.text("client_id").is_some_and(named)
    }
}

/// The claims as events show them: all as texts.
fn texts(claims: &Claims) -> Map<String, Value> {
    let shown = claims.0.iter().filter_map(|(name, value)| Some((name.clone(), Value::String(shown(value)?))));
    shown.collect()
}

/// Lists stand in brackets, with blanks between.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => Some(format!("[{}]", values.iter().filter_map(shown).collect::<Vec<_>>().join(" "))),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Some(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn claims_are_texts() {
        let rows = [
            (json!(1_494_139_638), Some("1494139638")),
            (json!(true), Some("true")),
            (json!(["a", "b"]), Some("[a b]")),
            (json!({ "a": 1 }), Some("{\"a\":1}")),
            (Value::Null, None),
        ];
        for (value, expected) in rows {
            assert_eq!(shown(&value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_client_counts_only_without_an_audience() {
        let rows = [
            (json!({ "aud": "a" }), true),
            (json!({ "aud": ["x", "a"] }), true),
            (json!({ "client_id": "a" }), true),
            (json!({ "aud": "x", "client_id": "a" }), false),
            (json!({ "aud": [], "client_id": "a" }), false),
            (json!({}), false),
        ];
        for (claims, expected) in rows {
            let claims = Claims(claims.as_object().unwrap().clone());
            assert_eq!(is_meant(&claims, &["a".to_owned()]), expected, "{claims:?}");
        }
    }
}
