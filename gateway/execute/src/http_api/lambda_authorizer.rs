//! Lambda authorizers of HTTP APIs: a function gets the request without its body, and answers with yes or no, or with a
//! policy.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>

use super::{event, event_v1, identity::IdentitySource, mapping, outgoing::Outgoing, path, route::Route};
use crate::{
    authorize::{
        cache::{self, Kept, Key, KeyWriter, Origin},
        lambda::{Answer, FunctionName, called},
    },
    backends::Backends,
    caller::{AuthorizerResult, LambdaResult},
    exchange::Exchange,
    failure::Failure,
    policy::{self, Action, Decision, Facts, Policy},
    stage::StageSnapshot,
    trace::Step,
};
use fanlight_definition::resources::PayloadFormat;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// A compiled authorizer.
#[derive(Debug)]
pub struct LambdaAuthorizer {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The function that decides.
    pub function: FunctionName,
    /// How its event looks.
    pub format: PayloadFormat,
    /// How it answers.
    pub answers: Answers,
    /// What tells identities apart.
    pub sources: Vec<IdentitySource>,
    /// How long an answer may be kept; zero asks for each request.
    pub ttl: Duration,
}

/// How a function answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// `isAuthorized`
    Simply,
    /// `policyDocument`
    ByPolicy,
}

/// Asks the authorizer, or what it answered before.
///
/// # Errors
/// 401 without an identity, 403 when it says no, or a failure of the authorizer.
pub async fn decide(
    authorizer: &LambdaAuthorizer,
    route: &Route,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
) -> Result<(), Failure> {
    let identity: Vec<Vec<String>> = authorizer.sources.iter().map(|source| source.values(stage, exchange)).collect();
    if let Some(missing) = identity.iter().position(Vec::is_empty) {
        let source = authorizer.sources.get(missing);
        return Err(Failure::Unauthorized(format!("{source:?} is missing or empty")));
    }
    let arn = path::route_arn(stage, exchange);
    let now = || backends.now().monotonic;
    let started = now();
    let sent = Sent { authorizer, route, stage, exchange: &*exchange, identity: &identity };
    let (kept, origin) = if authorizer.ttl.is_zero() {
        (Arc::new(sent.ask(backends).await?), Origin::Miss)
    } else {
        let key = sent.key();
        match backends.authorizer_cache().get(&key, now()) {
            Some(kept) => (kept, Origin::Hit),
            None => {
                let ask = Box::pin(sent.ask(backends));
                backends.authorizer_cache().get_or_ask(key, &arn, now, ask).await?
            }
        }
    };
    let latency = if origin == Origin::Hit { Duration::ZERO } else { now().saturating_sub(started) };
    let facts = Facts::of(exchange, backends.now());
    let decision = kept.answer.policy.decide(Action::Invoke, &arn, &facts);
    remember(authorizer, backends, exchange, (&kept.answer, origin, latency), decision);
    match decision {
        Decision::Allow => Ok(()),
        Decision::ExplicitDeny | Decision::ImplicitDeny => {
            Err(Failure::AccessDenied(format!("the authorizer `{}` says no", authorizer.name)))
        }
    }
}

/// A question to an authorizer.
struct Sent<'a> {
    authorizer: &'a LambdaAuthorizer,
    route: &'a Route,
    stage: &'a StageSnapshot,
    exchange: &'a Exchange,
    identity: &'a [Vec<String>],
}

impl Sent<'_> {
    fn key(&self) -> Key {
        let scope = cache::Scope::new(&self.stage.deployment.api_id, &self.stage.name);
        let mut writer = KeyWriter::new(scope, &self.authorizer.id);
        for values in self.identity {
            writer.count(values.len());
            values.iter().for_each(|value| writer.value(value.as_bytes()));
        }
        writer.finish(scope)
    }

    async fn ask(&self, backends: &dyn Backends) -> Result<Kept, Failure> {
        let Self { authorizer, route, stage, exchange, identity } = *self;
        let misconfigured = Failure::AuthorizerConfigurationError;
        let function = authorizer.function.of(|name| stage.variables.get(name).map(String::as_str));
        let function =
            function.ok_or_else(|| misconfigured("a stage variable of the function's name is missing".into()))?;
        let scope = mapping::Scope { stage, exchange, route, body: b"", response: None };
        let outgoing = Outgoing::mapped(&[], &scope)?;
        let identity: Vec<String> = identity.iter().map(|values| values.join(",")).collect();
        let payload = match authorizer.format {
            PayloadFormat::V1 => event_v1::authorizer(stage, route, exchange, &outgoing, &identity),
            PayloadFormat::V2 => event::authorizer(stage, route, exchange, &outgoing, &identity),
        };
        let payload = payload.map_err(|error| misconfigured(format!("the event cannot be written: {error}")))?;
        let payload = called(&function, payload, backends, exchange).await?;
        let answer = parsed(authorizer.answers, &payload)
            .map_err(|reason| misconfigured(format!("what `{function}` answers is none: {reason}")))?;
        Ok(Kept { answer, until: backends.now().monotonic + authorizer.ttl })
    }
}

/// Reads an answer. Values of its context stay what they are.
fn parsed(answers: Answers, payload: &[u8]) -> Result<Answer, String> {
    let answer: Value = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
    let answer = answer.as_object().ok_or("it is no object")?;
    let policy = match answers {
        Answers::Simply => simple(answer.get("isAuthorized"))?,
        Answers::ByPolicy => {
            let document = answer.get("policyDocument").ok_or("it has no `policyDocument`")?;
            policy::parse(document, policy::Kind::Identity)?.policy
        }
    };
    let principal_id = answer.get("principalId").and_then(Value::as_str).unwrap_or_default();
    let context = match answer.get("context") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(context)) => context.clone(),
        Some(_) => return Err("its `context` is no object".to_owned()),
    };
    Ok(Answer { principal_id: principal_id.into(), policy, context: Arc::new(context), usage_identifier_key: None })
}

/// Yes is a policy that allows everything, no one that says nothing.
fn simple(value: Option<&Value>) -> Result<Policy, String> {
    let statements = match value {
        Some(Value::Bool(true)) => json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]),
        Some(Value::Bool(false)) => json!([]),
        Some(_) | None => return Err("it has no `isAuthorized` that is true or false".to_owned()),
    };
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    Ok(policy::parse(&document, policy::Kind::Identity)?.policy)
}

fn remember(
    authorizer: &LambdaAuthorizer,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    (answer, origin, latency): (&Answer, Origin, Duration),
    decision: Decision,
) {
    exchange.caller.authorizer = Some(AuthorizerResult::Lambda(LambdaResult {
        principal_id: Arc::clone(&answer.principal_id),
        context: Arc::clone(&answer.context),
        usage_identifier_key: None,
        integration_latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
    }));
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::Authorize, elapsed, || {
        vec![
            ("authorizer", authorizer.name.clone()),
            ("cache", format!("{origin:?}").to_ascii_lowercase()),
            ("decision", format!("{decision:?}")),
        ]
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let policy = json!({ "Version": "2012-10-17", "Statement": [] });
        let rows = [
            (Answers::Simply, json!({ "isAuthorized": true, "context": { "a": [1] } }), true),
            (Answers::Simply, json!({ "isAuthorized": false }), true),
            (Answers::Simply, json!({ "isAuthorized": "true" }), false),
            (Answers::Simply, json!({ "policyDocument": policy }), false),
            (Answers::ByPolicy, json!({ "principalId": "me", "policyDocument": policy }), true),
            (Answers::ByPolicy, json!({ "isAuthorized": true }), false),
            (Answers::ByPolicy, json!({ "policyDocument": policy, "context": "a" }), false),
            (Answers::Simply, json!(null), false),
        ];
        for (answers, answer, expected) in rows {
            assert_eq!(parsed(answers, answer.to_string().as_bytes()).is_ok(), expected, "{answers:?} {answer}");
        }
    }
}
