//! Lambda authorizers: a function gets a token, or the request without its body, and answers with a policy.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>

mod answer;

pub use answer::Answer;

use super::{
    cache::{Kept, Key, KeyWriter, Origin},
    identity::IdentitySource,
};
use crate::{
    backends::{Backends, FunctionRequest, FunctionResponse},
    caller::{AuthorizerResult, LambdaResult},
    deployment::Method,
    event,
    exchange::Exchange,
    failure::Failure,
    integration::lambda::error_message,
    limits, method_arn,
    parameter_mapping::Scope,
    policy::{Action, Decision, Facts},
    stage::StageSnapshot,
    trace::Step,
};
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::HeaderName;
use regex::bytes::Regex;
use std::{borrow::Cow, pin::pin, sync::Arc, time::Duration};

/// A compiled Lambda authorizer.
#[derive(Debug)]
pub struct LambdaAuthorizer {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The function that decides.
    pub function: FunctionName,
    /// What the function gets.
    pub kind: Kind,
    /// How long an answer may be kept; zero asks for each request.
    pub ttl: Duration,
}

/// What the function gets.
#[derive(Debug)]
pub enum Kind {
    /// One header's value, which must match the whole expression.
    Token {
        /// The header.
        header: HeaderName,
        /// `identityValidationExpression`
        expression: Option<Regex>,
    },
    /// The request. What its sources say tells identities apart.
    Request {
        /// `identitySource`
        sources: Vec<IdentitySource>,
    },
}

/// A function's name; stage variables may stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionName(pub Vec<NamePart>);

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamePart {
    /// Text.
    Text(String),
    /// `${stageVariables.X}`
    StageVariable(String),
}

impl FunctionName {
    /// The name for a stage; `None` without one of its variables.
    #[must_use]
    pub fn of<'a>(&'a self, variable: impl Fn(&str) -> Option<&'a str>) -> Option<Cow<'a, str>> {
        match self.0.as_slice() {
            [NamePart::Text(name)] => Some(Cow::Borrowed(name)),
            parts => parts
                .iter()
                .map(|part| match part {
                    NamePart::Text(text) => Some(text.as_str()),
                    NamePart::StageVariable(name) => variable(name),
                })
                .collect::<Option<String>>()
                .map(Cow::Owned),
        }
    }
}

/// Asks the authorizer, or what it answered before, and judges the request by its policy.
///
/// # Errors
/// `UNAUTHORIZED` without an identity or for a wrong one, or a failure of the authorizer.
pub(super) async fn decide(
    authorizer: &LambdaAuthorizer,
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
) -> Result<Decision, Failure> {
    let arn = method_arn::of(stage, exchange);
    if arn.len() > limits::METHOD_ARN_BYTES {
        return Err(Failure::UriTooLong);
    }
    let scope = Scope { stage, method, exchange, endpoint_headers: None, body: b"" };
    identify(authorizer, &scope)?;
    let (kept, origin, latency_ms) = if authorizer.ttl.is_zero() {
        let (kept, latency_ms) = Box::pin(ask(authorizer, &scope, backends, &arn)).await?;
        (Arc::new(kept), Origin::Miss, latency_ms)
    } else {
        recall(authorizer, &scope, backends, &arn).await?
    };
    let facts = Facts::of(exchange, backends.now());
    let decision = kept.answer.policy.decide(Action::Invoke, &arn, &facts);
    remember(authorizer, backends, exchange, (&kept.answer, origin, latency_ms), decision);
    Ok(decision)
}

/// Refuses a request that does not say who calls, without asking the authorizer.
fn identify(authorizer: &LambdaAuthorizer, scope: &Scope<'_>) -> Result<(), Failure> {
    let missing = |what: &str| Err(Failure::Unauthorized(format!("{what} is missing or empty")));
    match &authorizer.kind {
        Kind::Token { header, expression } => {
            let mut values = scope.exchange.request.headers.get_all(header).iter();
            let token = match (values.next().filter(|value| !value.is_empty()), values.next()) {
                (Some(token), None) => token,
                (None, None) => return missing(header.as_str()),
                // The authorizer would see one and the endpoint perhaps the other.
                (_, Some(_)) => return Err(Failure::Unauthorized(format!("{header} is there more than once"))),
            };
            match expression {
                Some(expression) if !expression.is_match(token.as_bytes()) => {
                    Err(Failure::Unauthorized(format!("{header} does not match the identity validation expression")))
                }
                Some(_) | None => Ok(()),
            }
        }
        // Without a cache nothing needs to tell identities apart, and the function sees for itself.
        Kind::Request { .. } if authorizer.ttl.is_zero() => Ok(()),
        Kind::Request { sources } => match sources.iter().find(|source| !source.is_present(scope)) {
            Some(source) => missing(&format!("{source:?}")),
            None => Ok(()),
        },
    }
}

/// The key of an identity.
fn key(authorizer: &LambdaAuthorizer, scope: &Scope<'_>) -> Key {
    let stage = super::cache::Scope::new(&scope.stage.deployment.api_id, &scope.stage.name);
    let mut writer = KeyWriter::new(stage, &authorizer.id);
    match &authorizer.kind {
        Kind::Token { header, .. } => IdentitySource::Header(header.clone()).write(scope, &mut writer),
        Kind::Request { sources } => sources.iter().for_each(|source| source.write(scope, &mut writer)),
    }
    writer.finish(stage)
}

async fn recall(
    authorizer: &LambdaAuthorizer,
    scope: &Scope<'_>,
    backends: &dyn Backends,
    arn: &str,
) -> Result<(Arc<Kept>, Origin, u64), Failure> {
    let cache = backends.authorizer_cache();
    let key = key(authorizer, scope);
    let now = || backends.now().monotonic;
    if let Some(kept) = cache.get(&key, now()) {
        return Ok((kept, Origin::Hit, 0));
    }
    let started = now();
    let ask = Box::pin(async { ask(authorizer, scope, backends, arn).await.map(|(kept, _)| kept) });
    let (kept, origin) = Box::pin(cache.get_or_ask(key, arn, now, ask)).await?;
    let latency_ms = match origin {
        Origin::Hit => 0,
        Origin::Miss | Origin::Shared => milliseconds(now().saturating_sub(started)),
    };
    Ok((kept, origin, latency_ms))
}

/// Invokes the function. The second value is how long that took.
async fn ask(
    authorizer: &LambdaAuthorizer,
    scope: &Scope<'_>,
    backends: &dyn Backends,
    arn: &str,
) -> Result<(Kept, u64), Failure> {
    let Scope { stage, exchange, .. } = *scope;
    let misconfigured = |reason: String| Failure::AuthorizerConfigurationError(reason);
    let function = authorizer.function.of(|name| stage.variables.get(name).map(String::as_str));
    let function =
        function.ok_or_else(|| misconfigured("a stage variable of the function's name is missing".into()))?;
    let payload = payload(authorizer, scope, arn)
        .map_err(|error| misconfigured(format!("the event cannot be written: {error}")))?;
    let started = backends.now().monotonic;
    let payload = called(&function, payload, backends, exchange).await?;
    let answer = Answer::parse(&payload)
        .map_err(|reason| misconfigured(format!("what `{function}` answers is no policy: {reason}")))?;
    let now = backends.now().monotonic;
    Ok((Kept { answer, until: now + authorizer.ttl }, milliseconds(now.saturating_sub(started))))
}

/// Invokes the function of an authorizer, and gives what it answers.
///
/// # Errors
/// `UNAUTHORIZED` when it says so, or its failure.
pub(crate) async fn called(
    function: &str,
    payload: Bytes,
    backends: &dyn Backends,
    exchange: &Exchange,
) -> Result<Bytes, Failure> {
    let request = FunctionRequest { request_id: exchange.id.clone(), payload, trace_id: exchange.trace_id.clone() };
    let started = backends.now().monotonic;
    let timeout = Duration::from_millis(limits::AUTHORIZER_TIMEOUT_MS);
    let response = match select(pin!(backends.invoke(function, request)), backends.sleep_until(started + timeout)).await
    {
        Either::Left((response, _)) => response,
        Either::Right(((), _)) => {
            let reason = format!("`{function}` did not answer within {} ms", timeout.as_millis());
            return Err(Failure::AuthorizerFailure(reason));
        }
    };
    let FunctionResponse { payload, error, .. } =
        response.map_err(|failure| Failure::AuthorizerConfigurationError(failure.0))?;
    if let Some(error) = error {
        let document = serde_json::from_slice(&payload).unwrap_or_default();
        return Err(if error_message(&document) == "Unauthorized" {
            Failure::Unauthorized(format!("`{function}` says so"))
        } else {
            Failure::AuthorizerFailure(format!("`{function}` failed: {error}"))
        });
    }
    Ok(payload)
}

fn payload(authorizer: &LambdaAuthorizer, scope: &Scope<'_>, arn: &str) -> Result<Bytes, serde_json::Error> {
    let Scope { stage, method, exchange, .. } = *scope;
    match &authorizer.kind {
        Kind::Token { header, .. } => {
            let token = exchange.request.headers.get(header).map(|value| String::from_utf8_lossy(value.as_bytes()));
            event::authorizer::token(arn, &token.unwrap_or_default())
        }
        Kind::Request { .. } => event::authorizer::request(stage, method, exchange, arn),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Tells the steps after this one who calls, and the trace what was found out.
fn remember(
    authorizer: &LambdaAuthorizer,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    (answer, origin, latency_ms): (&Answer, Origin, u64),
    decision: Decision,
) {
    exchange.caller.authorizer = Some(AuthorizerResult::Lambda(LambdaResult {
        principal_id: Arc::clone(&answer.principal_id),
        context: Arc::clone(&answer.context),
        usage_identifier_key: answer.usage_identifier_key.clone(),
        integration_latency_ms: latency_ms,
    }));
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::Authorize, elapsed, || {
        let origin = match origin {
            Origin::Hit => "hit",
            Origin::Shared => "shared",
            Origin::Miss => "miss",
        };
        vec![
            ("authorizer", authorizer.name.clone()),
            ("cache", origin.to_owned()),
            ("principal", answer.principal_id.to_string()),
            ("decision", format!("{decision:?}")),
        ]
    });
}
