//! What the lifecycle reaches in process: a clock that stands still until somebody waits, chance with a seed, functions and
//! web servers that follow their blocks.

use crate::{
    Outcome, message,
    plan::{Code, Plan, Script},
    upstream::{Received, described, parsed},
};
use bytes::Bytes;
use fanlight_execute::{
    Body,
    authorize::{
        cache::{Cache, Key, Scope, Store},
        cognito::UserPools,
        iam::AccessKey,
    },
    backends::{
        Backends, BoxFuture, FunctionRequest, FunctionResponse, HttpFailure, HttpRequest, HttpResponse, InvokeFailure,
        Moment, ServiceRequest,
    },
    quota::{self, CountFailure, Counter},
    stage_cache::entries,
    throttle::{self, BucketId, Buckets, Throttle},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// 2026-11-22T10:44:26Z
const NOW_MS: i64 = 1_795_344_266_000;

/// Web servers answer at `NAME.upstream.test`.
pub const DOMAIN: &str = ".upstream.test";

/// The backends of a trial.
#[derive(Debug)]
pub struct Scripted {
    functions: HashMap<String, Code>,
    upstreams: HashMap<String, Script>,
    events: Mutex<HashMap<String, Vec<Value>>>,
    /// What web servers got.
    pub received: Received,
    authorizer_cache: Cache,
    access_keys: HashMap<String, Arc<AccessKey>>,
    user_pools: UserPools,
    stage_cache: entries::Cache,
    elapsed_us: AtomicU64,
    buckets: Buckets,
    counted: Mutex<HashMap<(BucketId, i32), u64>>,
    chance: AtomicU64,
}

impl Scripted {
    /// As the blocks of a scenario say.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            functions: plan.functions.iter().map(|function| (function.name.clone(), function.code.clone())).collect(),
            upstreams: plan.upstreams.iter().map(|upstream| (upstream.name.clone(), upstream.script.clone())).collect(),
            events: Mutex::default(),
            received: Received::default(),
            access_keys: crate::settings::access_keys(plan),
            user_pools: crate::settings::user_pools(plan),
            authorizer_cache: Cache::new(Box::new(Answers(Mutex::default()))),
            stage_cache: entries::Cache::new(Box::new(Answers(Mutex::default()))),
            elapsed_us: AtomicU64::new(0),
            buckets: Buckets::default(),
            counted: Mutex::default(),
            chance: AtomicU64::new(0),
        }
    }

    /// Lets time pass: `+1500ms`, `+2s`, `+13h`, `+1d`.
    ///
    /// # Errors
    /// The text is something else.
    pub fn pass(&self, text: &str) -> Outcome<()> {
        let wrong = || format!("`{text}` is no time to pass: write `+1500ms`, `+2s`, `+13h` or `+1d`");
        let amount = text.trim().strip_prefix('+').ok_or_else(wrong)?;
        let digits = amount.len() - amount.trim_start_matches(|character: char| character.is_ascii_digit()).len();
        let (number, unit) = amount.split_at_checked(digits).ok_or_else(wrong)?;
        let micros = match unit {
            "ms" => 1_000,
            "s" => 1_000_000,
            "h" => 3_600 * 1_000_000,
            "d" => 24 * 3_600 * 1_000_000,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        self.elapsed_us.fetch_add(number * micros, Ordering::Relaxed);
        Ok(())
    }

    /// The time of its clock.
    pub fn unix_seconds(&self) -> u64 {
        u64::try_from(self.now().unix_ms / 1000).unwrap_or_default()
    }

    /// The events of a function since the last call.
    pub fn take_events(&self, function: &str) -> Vec<Value> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).remove(function).unwrap_or_default()
    }

    fn run(&self, function: &str, request: &FunctionRequest) -> Result<Result<Value, Value>, String> {
        let event: Value = serde_json::from_slice(&request.payload).map_err(|error| error.to_string())?;
        let code = self.functions.get(function).ok_or_else(|| format!("no function `{function}`"))?;
        let parse = |text: &str| serde_json::from_str(text).map_err(|error: serde_json::Error| error.to_string());
        let outcome = match code {
            Code::Returns(payload) => Ok(parse(payload)?),
            Code::ReturnsEvent => Ok(json!({ "statusCode": 200, "body": event.to_string() })),
            Code::ReturnsBody => parse(event.get("body").and_then(Value::as_str).unwrap_or_default())
                .map_err(|error| json!({ "errorType": "SyntaxError", "errorMessage": error })),
            Code::Fails(document) => Err(parse(document)?),
            Code::Never | Code::Source(..) => Err(Value::Null),
        };
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.entry(function.to_owned()).or_default().push(event);
        Ok(outcome)
    }

    async fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let invalid = |reason: String| HttpFailure::InvalidAddress(reason);
        let uri: http::Uri = request.uri.parse().map_err(|error| invalid(format!("`{}`: {error}", request.uri)))?;
        let host = uri.host().unwrap_or_default();
        let name = host.strip_suffix(DOMAIN).ok_or_else(|| invalid(format!("the host `{host}` is not known")))?;
        let script = self.upstreams.get(name).ok_or_else(|| invalid(format!("the host `{host}` is not known")))?;
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut headers: Vec<(String, String)> =
            request.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        if message::values(&headers, "host").is_empty() {
            headers.push(("host".to_owned(), host.to_owned()));
        }
        let body = request.body.read_limited(u64::MAX).await.map_err(HttpFailure::RequestBody)?;
        // The outbound client adds it.
        if !body.is_empty() && message::values(&headers, "content-length").is_empty() {
            headers.push(("content-length".to_owned(), body.len().to_string()));
        }
        let target = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let seen = described(&format!("{} {target}", request.method), &headers, &body);
        let answer = match script {
            Script::Refuses => return Err(HttpFailure::Network("connection refused".to_owned())),
            Script::Answers(text) => text.clone(),
            Script::Echo => format!("200\ncontent-type: application/json\n\n{seen}"),
            Script::Mirror => format!("200\n\n{}", message::escape(&body)),
            Script::Closes | Script::Silent => String::new(),
        };
        self.received.push(name, seen);
        match script {
            Script::Closes => return Err(HttpFailure::Network("connection closed".to_owned())),
            Script::Silent => return std::future::pending().await,
            Script::Refuses | Script::Answers(_) | Script::Echo | Script::Mirror => {}
        }
        response(&answer).map_err(HttpFailure::Network)
    }
}

/// As the outbound client would hand it on.
fn response(text: &str) -> Result<HttpResponse, String> {
    let answer = parsed(text)?;
    let mut headers = http::HeaderMap::new();
    for (name, value) in &answer.headers {
        let name = http::HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        headers.append(name, http::HeaderValue::from_str(value).map_err(|error| error.to_string())?);
    }
    let length = http::HeaderValue::from(answer.body.len());
    headers.entry(http::header::CONTENT_LENGTH).or_insert(length);
    let status = http::StatusCode::from_u16(answer.status).map_err(|error| error.to_string())?;
    Ok(HttpResponse { status, headers, body: Body::Buffered(answer.body.into()) })
}

/// Keeps all answers.
#[derive(Debug)]
struct Answers<T>(Mutex<HashMap<Key, Arc<T>>>);

impl<T: fmt::Debug + Send + Sync> Store<T> for Answers<T> {
    fn get(&self, key: &Key) -> Option<Arc<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn insert(&self, key: Key, kept: Arc<T>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, kept);
    }

    fn forget(&self, scope: Option<Scope>) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|key, _| scope.is_some_and(|scope| key.scope != scope));
    }
}

impl Backends for Scripted {
    fn now(&self) -> Moment {
        let monotonic = Duration::from_micros(self.elapsed_us.load(Ordering::Relaxed));
        Moment { unix_ms: NOW_MS + i64::try_from(monotonic.as_millis()).unwrap_or(0), monotonic }
    }

    /// Whoever waits moves the clock: it is asked only when nothing else is ready.
    fn sleep_until(&self, deadline: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let micros = u64::try_from(deadline.as_micros()).unwrap_or(u64::MAX);
            self.elapsed_us.fetch_max(micros, Ordering::Relaxed);
        })
    }

    fn random(&self) -> u64 {
        // SplitMix64
        let mut bits = self.chance.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn invoke<'a>(
        &'a self,
        function: &'a str,
        request: FunctionRequest,
    ) -> BoxFuture<'a, Result<FunctionResponse, InvokeFailure>> {
        Box::pin(async move {
            let outcome = self.run(function, &request).map_err(InvokeFailure)?;
            if self.functions.get(function) == Some(&Code::Never) {
                return std::future::pending().await;
            }
            let error = outcome
                .as_ref()
                .err()
                .map(|document| document.get("errorMessage").and_then(Value::as_str).unwrap_or("null").to_owned());
            let (Ok(payload) | Err(payload)) = outcome;
            let payload = Bytes::from(payload.to_string());
            Ok(FunctionResponse { request_id: "00000000-0000-4000-8000-000000000000".to_owned(), payload, error })
        })
    }

    fn access_key(&self, id: &str) -> Option<Arc<AccessKey>> {
        self.access_keys.get(id).cloned()
    }

    fn user_pools(&self) -> &UserPools {
        &self.user_pools
    }

    fn authorizer_cache(&self) -> &Cache {
        &self.authorizer_cache
    }

    fn stage_cache(&self) -> &entries::Cache {
        &self.stage_cache
    }

    fn take_token(&self, bucket: BucketId, throttle: &Throttle, now: Duration) -> throttle::Decision {
        self.buckets.take(bucket, throttle, now)
    }

    fn count<'a>(&'a self, counter: Counter<'a>) -> BoxFuture<'a, Result<quota::Decision, CountFailure>> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let used = counted.entry((counter.id, counter.window.start)).or_default();
        let decision = if *used < counter.limit {
            *used += 1;
            quota::Decision::Counted
        } else {
            quota::Decision::Exceeded
        };
        Box::pin(std::future::ready(Ok(decision)))
    }

    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>> {
        Box::pin(self.fetch(request))
    }

    fn service(&self, request: ServiceRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>> {
        let reason = format!("nothing stands for `{}` here", request.service.name());
        Box::pin(std::future::ready(Err(HttpFailure::InvalidAddress(reason))))
    }
}
