//! API keys and usage plans: who may call a method that asks for a key, how often, and how often anybody may call it.
//!
//! The order is AWS's: the key and its plan, the plan's throttle, the method's own. The quota comes last, so that a request
//! that is throttled does not count against it.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>

mod log;
mod subscription;

pub use log::{log_lines, masked};
pub use subscription::{Plan, Subscription, UsagePlans};

use crate::{
    backends::Backends,
    caller::AuthorizerResult,
    deployment::Method,
    exchange::Exchange,
    failure::Failure,
    quota::{self, Counter},
    stage::StageSnapshot,
    throttle::{Decision, Limit},
    trace::Step,
};
use fanlight_definition::resources::ApiKeySource;
use http::HeaderMap;

const API_KEY: &str = "x-api-key";

/// Lets the exchange pass, or says why not.
///
/// # Errors
/// `INVALID_API_KEY`, `THROTTLED`, `QUOTA_EXCEEDED`.
pub async fn admit(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
) -> Result<(), Failure> {
    let throttle = stage.throttle(method);
    let outcome = match (method.api_key, throttle) {
        (None, None) => return Ok(()),
        (Some(source), _) => {
            let subscribed = subscription(source, stage, exchange);
            match subscribed.ok_or_else(|| log::invalid(source, method, stage, exchange)) {
                Ok(subscription) => limits(subscription, method, stage, backends, exchange).await,
                Err(failure) => Err(failure),
            }
        }
        (None, Some(limit)) => throttled(limit, method, stage, backends, exchange),
    };
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    let shown = exchange.caller.api_key.as_ref().map(|key| masked(&key.value));
    exchange.trace.step(Step::UsagePlan, elapsed, || {
        let refused = outcome.as_ref().err().map(|failure| ("refused", failure.reason().to_owned()));
        let limit = throttle.map(|limit| ("method throttle", limit.throttle.to_string()));
        shown.map(|key| ("api key", key)).into_iter().chain(limit).chain(refused).collect()
    });
    outcome
}

/// The subscription of the key that the request carries, which is the caller's from then on.
fn subscription<'a>(
    source: ApiKeySource,
    stage: &'a StageSnapshot,
    exchange: &mut Exchange,
) -> Option<&'a Subscription> {
    let key = presented(source, &exchange.request.headers, exchange.caller.authorizer.as_ref())?;
    let found = stage.usage_plans.find(key)?;
    exchange.caller.api_key = Some(found.key.clone());
    Some(found)
}

/// The key that a request carries. Two headers are no key: which of them counts is not for the sender to choose.
fn presented<'a>(
    source: ApiKeySource,
    headers: &'a HeaderMap,
    authorizer: Option<&'a AuthorizerResult>,
) -> Option<&'a [u8]> {
    match source {
        ApiKeySource::Header => {
            let mut values = headers.get_all(API_KEY).iter();
            let first = values.next()?;
            values.next().is_none().then_some(first.as_bytes())
        }
        ApiKeySource::Authorizer => match authorizer? {
            AuthorizerResult::Lambda(result) => result.usage_identifier_key.as_deref().map(str::as_bytes),
            AuthorizerResult::Claims(_) | AuthorizerResult::Jwt(_) => None,
        },
    }
}

async fn limits(
    subscription: &Subscription,
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &Exchange,
) -> Result<(), Failure> {
    let Subscription { plan, .. } = subscription;
    if let Some(Limit { throttle, bucket }) = subscription.limit(method) {
        match backends.take_token(bucket, &throttle, backends.now().monotonic) {
            Decision::Admitted => {}
            Decision::Throttled => return Err(log::throttled(Some(plan), &throttle, method, stage, exchange)),
        }
    }
    if let Some(limit) = stage.throttle(method) {
        throttled(limit, method, stage, backends, exchange)?;
    }
    count(subscription, stage, backends, exchange).await
}

fn throttled(
    Limit { throttle, bucket }: Limit,
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &Exchange,
) -> Result<(), Failure> {
    match backends.take_token(bucket, &throttle, backends.now().monotonic) {
        Decision::Admitted => Ok(()),
        Decision::Throttled => Err(log::throttled(None, &throttle, method, stage, exchange)),
    }
}

async fn count(
    subscription: &Subscription,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &Exchange,
) -> Result<(), Failure> {
    let Subscription { plan, key, bucket, .. } = subscription;
    let Some(limited) = plan.quota else { return Ok(()) };
    let day = quota::day(backends.now().unix_ms);
    let window = quota::window(limited, day);
    let (plan_id, key_id) = (plan.id.as_str(), &*key.id);
    let counter = Counter { id: *bucket, plan_id, key_id, window, day, limit: limited.limit };
    match backends.count(counter).await {
        Ok(quota::Decision::Counted) => Ok(()),
        Ok(quota::Decision::Exceeded) => Err(log::exceeded(plan, limited, stage, exchange)),
        // As AWS does, whose log then says `Usage Plan check failed due to an internal error`. The host reports it.
        Err(quota::CountFailure(_)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::LambdaResult;
    use http::HeaderValue;
    use std::sync::Arc;

    fn headers(values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (http::HeaderName::from_static(API_KEY), HeaderValue::from_static(value))).collect()
    }

    fn lambda(usage_identifier_key: Option<&str>) -> AuthorizerResult {
        AuthorizerResult::Lambda(LambdaResult {
            principal_id: "user".into(),
            context: Arc::default(),
            usage_identifier_key: usage_identifier_key.map(Into::into),
            integration_latency_ms: 0,
        })
    }

    #[test]
    fn the_header_is_the_key_and_nothing_else() {
        let authorizer = lambda(Some("of-the-authorizer"));
        let of = |values| presented(ApiKeySource::Header, &headers(values), Some(&authorizer)).map(<[u8]>::to_vec);
        assert_eq!(of(&["one"]), Some(b"one".to_vec()));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["one", "two"]), None);
    }

    #[test]
    fn the_authorizer_says_the_key_and_the_header_is_ignored() {
        let sent = headers(&["of-the-header"]);
        let of = |authorizer: Option<&AuthorizerResult>| {
            presented(ApiKeySource::Authorizer, &sent, authorizer).map(<[u8]>::to_vec)
        };
        assert_eq!(of(Some(&lambda(Some("of-the-authorizer")))), Some(b"of-the-authorizer".to_vec()));
        assert_eq!(of(Some(&lambda(None))), None);
        assert_eq!(of(Some(&AuthorizerResult::Claims(Arc::default()))), None);
        assert_eq!(of(None), None);
    }

    #[test]
    fn a_key_is_shown_by_its_end() {
        assert_eq!(masked("0123456789abcdefghij"), "**************efghij");
        assert_eq!(masked("abc"), "abc");
        assert_eq!(masked(""), "");
    }
}
