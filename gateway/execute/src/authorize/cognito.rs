//! `COGNITO_USER_POOLS`: a token of one of the authorizer's user pools.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html>

use super::jwt::{
    Claims, Refusal, Unverified,
    key_source::{FetchedKeys, KeySource},
};
use crate::{
    backends::Backends, caller::AuthorizerResult, exchange::Exchange, failure::Failure, policy::Decision, trace::Step,
};
use http::HeaderName;
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use regex::bytes::Regex;
use serde_json::{Map, Value};
use std::{collections::HashMap, sync::Arc};

/// A compiled authorizer.
#[derive(Debug)]
pub struct UserPoolAuthorizer {
    /// Its name.
    pub name: String,
    /// The header that the token stands in.
    pub header: HeaderName,
    /// `identityValidationExpression`, for the audience.
    pub expression: Option<Regex>,
    /// Whose tokens are taken.
    pub pools: Vec<UserPool>,
}

/// A user pool.
#[derive(Debug, Clone)]
pub struct UserPool {
    /// `us-east-1_Example`
    pub id: String,
    /// What its tokens say they are from, and its keys, unless the host knows better.
    pub issuer: Issuer,
}

/// Who makes tokens.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// `iss`
    pub name: Arc<str>,
    /// The keys.
    pub keys: KeySource,
}

/// What the host knows of user pools.
#[derive(Debug, Default)]
pub struct UserPools {
    /// By their ids; those of others are Cognito's own.
    pub configured: HashMap<String, Configured>,
    /// What was fetched.
    pub fetched: Arc<FetchedKeys>,
}

/// What is otherwise than Cognito would have it.
#[derive(Debug, Clone)]
pub struct Configured {
    /// `iss`
    pub issuer: Option<Arc<str>>,
    /// The keys.
    pub keys: KeySource,
}

impl UserPools {
    /// Whom a pool's tokens are from, and the keys that can tell.
    fn issuer<'a>(&'a self, pool: &'a UserPool) -> (&'a str, &'a KeySource) {
        match self.configured.get(&pool.id) {
            Some(Configured { issuer, keys }) => (issuer.as_ref().unwrap_or(&pool.issuer.name), keys),
            None => (&pool.issuer.name, &pool.issuer.keys),
        }
    }
}

/// What a token must be for: scopes ask for an access token, which has them; without any it is an ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenUse {
    Id,
    Access,
}

/// Verifies the token, and remembers its claims.
///
/// # Errors
/// `UNAUTHORIZED`, or a failure to get the keys.
pub(super) async fn decide(
    authorizer: &UserPoolAuthorizer,
    scopes: &[String],
    backends: &dyn Backends,
    exchange: &mut Exchange,
) -> Result<Decision, Failure> {
    let token = token(authorizer, exchange)?;
    let unverified = Unverified::read(token, &[Algorithm::RS256]).map_err(refused)?;
    let pools = backends.user_pools();
    let mut issuers = authorizer.pools.iter().map(|pool| pools.issuer(pool));
    let (_, source) = issuers
        .find(|(name, _)| unverified.issuer() == Some(name))
        .ok_or_else(|| unauthorized("the token is not from one of the user pools"))?;
    let keys = source.keys(&unverified.key_id, &pools.fetched, backends).await;
    let keys = keys.map_err(Failure::AuthorizerConfigurationError)?;
    let found = keys.find(&unverified.key_id, unverified.algorithm).collect::<Vec<_>>();
    let claims = unverified.verify(found).map_err(refused)?;
    judge(authorizer, scopes, &claims, backends.now().unix_ms)?;
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::Authorize, elapsed, || {
        let subject = claims.text("sub").unwrap_or_default().to_owned();
        vec![("authorizer", authorizer.name.clone()), ("subject", subject)]
    });
    exchange.caller.authorizer = Some(AuthorizerResult::Claims(Arc::new(texts(&claims))));
    Ok(Decision::Allow)
}

fn unauthorized(reason: impl Into<String>) -> Failure {
    Failure::Unauthorized(reason.into())
}

fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Invalid(reason) => Failure::Unauthorized(reason),
        Refusal::Expired => Failure::IncomingTokenExpired,
    }
}

/// The token, as it is or after `Bearer`.
fn token<'a>(authorizer: &UserPoolAuthorizer, exchange: &'a Exchange) -> Result<&'a str, Failure> {
    let mut values = exchange.request.headers.get_all(&authorizer.header).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| unauthorized("the token is no text"))?.trim(),
        (None, _) => return Err(unauthorized(format!("{} is missing", authorizer.header))),
        (Some(_), Some(_)) => return Err(unauthorized(format!("{} is there more than once", authorizer.header))),
    };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim_start()),
        Some(_) | None => Ok(value),
    }
}

fn judge(authorizer: &UserPoolAuthorizer, scopes: &[String], claims: &Claims, unix_ms: i64) -> Result<(), Failure> {
    claims.check_times(unix_ms).map_err(refused)?;
    let (wanted, name) =
        if scopes.is_empty() { (TokenUse::Id, "an ID token") } else { (TokenUse::Access, "an access token") };
    let found = match claims.text("token_use") {
        Some("id") => Some(TokenUse::Id),
        Some("access") => Some(TokenUse::Access),
        Some(_) | None => None,
    };
    if found != Some(wanted) {
        return Err(unauthorized(format!("the method asks for {name}")));
    }
    if !scopes.is_empty() && !claims.scopes().any(|scope| scopes.iter().any(|wanted| wanted == scope)) {
        return Err(unauthorized("the token has none of the method's scopes"));
    }
    match &authorizer.expression {
        // An access token names its client elsewhere.
        Some(expression) => {
            let client = claims.text("client_id").filter(|_| claims.audiences().next().is_none());
            let mut audiences = claims.audiences().chain(client);
            if audiences.any(|audience| expression.is_match(audience.as_bytes())) {
                Ok(())
            } else {
                Err(unauthorized("the audience does not match the identity validation expression"))
            }
        }
        None => Ok(()),
    }
}

/// The claims as events and templates show them: all as texts.
fn texts(claims: &Claims) -> Map<String, Value> {
    let shown = claims.0.iter().filter_map(|(name, value)| Some((name.clone(), Value::String(shown(name, value)?))));
    shown.collect()
}

/// `Sun May 07 06:47:18 UTC 2017` for the times that all tokens have; lists with commas between.
fn shown(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(seconds) if matches!(name, "exp" | "iat") => {
            let time = seconds.as_i64().and_then(|seconds| Timestamp::from_second(seconds).ok());
            let date = time.map(|time| time.strftime("%a %b %d %H:%M:%S UTC %Y").to_string());
            Some(date.unwrap_or_else(|| seconds.to_string()))
        }
        Value::Array(values) => Some(values.iter().filter_map(|value| shown("", value)).collect::<Vec<_>>().join(",")),
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
            ("exp", json!(1_494_139_638), Some("Sun May 07 06:47:18 UTC 2017")),
            ("auth_time", json!(1_494_136_038), Some("1494136038")),
            ("email_verified", json!(true), Some("true")),
            ("cognito:groups", json!(["a", "b"]), Some("a,b")),
            ("identities", json!([{ "userId": "1" }]), Some("{\"userId\":\"1\"}")),
            ("sub", json!("x"), Some("x")),
            ("nothing", Value::Null, None),
        ];
        for (name, value, expected) in rows {
            assert_eq!(shown(name, &value).as_deref(), expected, "{name}");
        }
    }
}
