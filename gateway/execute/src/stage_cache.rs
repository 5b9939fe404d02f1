//! Stage cache: answers of endpoints, kept for the next request that asks the same.
//!
//! Kept is what the client would get, whatever its status, unless it is a part (206), sets a cookie, is streamed or too
//! large. Refusals of the gateway itself are not answers of an endpoint and never come here. Of those who ask the same at
//! the same time, one asks the endpoint.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html>

pub mod entries;
pub mod key;
pub mod settings;

use crate::{
    authorize::cache::{Key, Scope},
    backends::Backends,
    body::{Body, BodyError},
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    limits, method_arn, parameter_mapping,
    policy::{Action, Decision, Facts},
    single_flight::{Leader, Role},
    stage::StageSnapshot,
    trace::Step,
};
use bytes::Bytes;
use entries::{Answer, Entry};
use fanlight_definition::resources::UnauthorizedCacheControl;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use settings::{Invalidation, MethodCache};
use std::{mem, sync::Arc, time::Duration};

const WARNING: HeaderValue =
    HeaderValue::from_static("199 Cache-control headers were ignored because the caller was unauthorized.");

/// Belong to one exchange, not to an answer.
const OF_ONE_EXCHANGE: [HeaderName; 3] = [HeaderName::from_static("x-amzn-trace-id"), header::CONNECTION, header::DATE];

/// What the cache knows of a request.
#[derive(Debug)]
pub enum Lookup<'a> {
    /// The answer.
    Hit(Response),
    /// Nothing; what the endpoint answers may be kept.
    Miss(Miss<'a>),
}

/// What to do with the endpoint's answer.
#[derive(Debug)]
pub enum Miss<'a> {
    /// Nothing: the method is not cached.
    NotCached,
    /// Keep it.
    Fill(Fill<'a>),
}

/// A place in the cache that waits for an answer.
#[derive(Debug)]
pub struct Fill<'a> {
    key: Key,
    ttl: Duration,
    /// How often the cache had been flushed when this began.
    flushes: u64,
    /// Hands the answer to those who wait for the same.
    leader: Option<Leader<'a, Key, Answer>>,
    warning: Warning,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Warning {
    None,
    /// The client asked for a fresh answer and may not.
    Ignored,
}

/// What a client asks of the cache.
enum Wish {
    Any(Warning),
    Fresh,
}

/// Looks for an answer.
///
/// # Errors
/// `ACCESS_DENIED` for a client that asks for a fresh answer and may not, when the stage wants it so. A body that the key
/// is made of may break off.
pub async fn lookup<'a>(
    method: &Method,
    stage: &StageSnapshot,
    backends: &'a dyn Backends,
    exchange: &mut Exchange,
    body: &mut Body,
) -> Result<Lookup<'a>, Failure> {
    let Some((settings, identity)) = cached(method, stage, exchange) else {
        return Ok(Lookup::Miss(Miss::NotCached));
    };
    let scope = Scope::new(&stage.deployment.api_id, &stage.name);
    let read = if identity.reads_body() { read(body, stage).await? } else { Bytes::new() };
    let reading = parameter_mapping::Scope { stage, method, exchange, endpoint_headers: None, body: &read };
    let key = key::of(identity, scope, &reading);
    let wish = wish(settings, stage, backends, exchange)?;
    let cache = backends.stage_cache();
    let fill = |leader, warning| Fill { key, ttl: settings.ttl, flushes: cache.flushes(), leader, warning };
    let warning = match wish {
        Wish::Fresh => {
            note(backends, exchange, "refresh");
            return Ok(Lookup::Miss(Miss::Fill(fill(None, Warning::None))));
        }
        Wish::Any(warning) => warning,
    };
    loop {
        let now = backends.now().monotonic;
        if let Some(entry) = cache.get(&key, now) {
            note(backends, exchange, "hit");
            return Ok(Lookup::Hit(answer(&entry, warning)));
        }
        match cache.join(&key) {
            Role::Leader(leader) => {
                let leader = Some(leader);
                // The flight before may have landed after this request had looked.
                if let Some(entry) = cache.get(&key, now) {
                    return Ok(Lookup::Hit(answer(&entry, warning)));
                }
                note(backends, exchange, "miss");
                return Ok(Lookup::Miss(Miss::Fill(fill(leader, warning))));
            }
            Role::Follower(follower) => match follower.await {
                Some(Answer::Kept(entry)) => {
                    note(backends, exchange, "shared");
                    return Ok(Lookup::Hit(answer(&entry, warning)));
                }
                // What cannot be kept cannot be shared either.
                Some(Answer::NotKept) => {
                    note(backends, exchange, "miss");
                    return Ok(Lookup::Miss(Miss::Fill(fill(None, warning))));
                }
                None => {}
            },
        }
    }
}

async fn read(body: &mut Body, stage: &StageSnapshot) -> Result<Bytes, Failure> {
    let read = mem::replace(body, Body::EMPTY).read_limited(stage.limits.payload_bytes).await?;
    *body = Body::Buffered(read.clone());
    Ok(read)
}

/// Keeps an answer, and hands it to those who wait for it.
///
/// # Errors
/// A failure of the integration when the endpoint's body breaks off while it is read.
pub async fn store(miss: Miss<'_>, backends: &dyn Backends, mut response: Response) -> Result<Response, Failure> {
    let Fill { key, ttl, flushes, leader, warning } = match miss {
        Miss::NotCached => return Ok(response),
        Miss::Fill(fill) => fill,
    };
    if may_be_kept(&response) {
        response.body = gathered(response.body).await?;
    }
    let kept = match &response.body {
        Body::Buffered(body) if may_be_kept(&response) && body.len() <= limits::CACHED_BYTES => {
            let mut headers = response.headers.clone();
            for name in OF_ONE_EXCHANGE {
                headers.remove(name);
            }
            let until = backends.now().monotonic + ttl;
            let entry = Arc::new(Entry { status: response.status, headers, body: body.clone(), until });
            backends.stage_cache().insert(key, &entry, flushes);
            Answer::Kept(entry)
        }
        Body::Buffered(_) | Body::Stream(_) => Answer::NotKept,
    };
    if let Some(leader) = leader {
        leader.land(kept);
    }
    warn(warning, &mut response.headers);
    Ok(response)
}

fn cached<'s, 'm>(
    method: &'m Method,
    stage: &'s StageSnapshot,
    exchange: &Exchange,
) -> Option<(&'s MethodCache, &'m key::CacheKey)> {
    let settings = stage.cache.of(method.number, exchange.verb()?)?;
    Some((settings, method.cache_key.as_ref()?))
}

fn wish(
    settings: &MethodCache,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &Exchange,
) -> Result<Wish, Failure> {
    if !asks_for_fresh(&exchange.request.headers) {
        return Ok(Wish::Any(Warning::None));
    }
    let strategy = match settings.invalidation {
        Invalidation::Anybody => return Ok(Wish::Fresh),
        Invalidation::WithPermission(strategy) => strategy,
    };
    let facts = Facts::of(exchange, backends.now());
    let arn = method_arn::of(stage, exchange);
    let policy = stage.deployment.resource_policy.as_ref();
    if policy.is_some_and(|policy| policy.decide(Action::InvalidateCache, &arn, &facts) == Decision::Allow) {
        return Ok(Wish::Fresh);
    }
    match strategy {
        UnauthorizedCacheControl::SucceedWithResponseHeader => Ok(Wish::Any(Warning::Ignored)),
        UnauthorizedCacheControl::SucceedWithoutResponseHeader => Ok(Wish::Any(Warning::None)),
        UnauthorizedCacheControl::FailWith403 => {
            let user = exchange.caller.identity.as_ref().map_or("anonymous", |identity| identity.user_arn.as_str());
            let arn = method_arn::masked(stage, exchange);
            Err(Failure::AccessDenied(format!(
                "User: {user} is not authorized to perform: execute-api:InvalidateCache on resource: {arn}"
            )))
        }
    }
}

/// `Cache-Control: max-age=0`; AWS looks at no other directive.
fn asks_for_fresh(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|directive| directive.trim().eq_ignore_ascii_case("max-age=0"))
}

fn may_be_kept(response: &Response) -> bool {
    let short = response.body.len().is_none_or(|length| length <= limits::CACHED_BYTES as u64);
    short && response.status != StatusCode::PARTIAL_CONTENT && !response.headers.contains_key(header::SET_COOKIE)
}

/// Reads a body that may be kept; one that turns out to be too large goes on as a stream.
async fn gathered(body: Body) -> Result<Body, Failure> {
    let gathered = match body.len() {
        Some(_) => body.read_limited(limits::CACHED_BYTES as u64).await.map(Body::Buffered),
        None => body.gather(limits::CACHED_BYTES).await,
    };
    gathered.map_err(|error| match error {
        BodyError::TimedOut => Failure::IntegrationTimeout(error.to_string()),
        BodyError::Broken(_) | BodyError::TooLarge { .. } => Failure::IntegrationFailure(error.to_string()),
    })
}

fn answer(entry: &Entry, warning: Warning) -> Response {
    let mut headers = entry.headers.clone();
    warn(warning, &mut headers);
    Response { status: entry.status, headers, body: Body::Buffered(entry.body.clone()) }
}

fn warn(warning: Warning, headers: &mut HeaderMap) {
    match warning {
        Warning::None => {}
        Warning::Ignored => {
            headers.insert(header::WARNING, WARNING);
        }
    }
}

fn note(backends: &dyn Backends, exchange: &mut Exchange, outcome: &'static str) {
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::StageCache, elapsed, || vec![("cache", outcome.to_owned())]);
}
