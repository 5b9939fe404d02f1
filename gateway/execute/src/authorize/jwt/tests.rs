use super::{
    key_source::{FetchedKeys, KeySource},
    *,
};
use crate::{
    authorize::{cache::Cache, cognito::UserPools, iam::AccessKey},
    backends::{
        Backends, BoxFuture, FunctionRequest, FunctionResponse, HttpFailure, HttpRequest, HttpResponse, InvokeFailure,
        Moment, ServiceRequest,
    },
    body::Body,
    quota::{self, CountFailure, Counter},
    stage_cache,
    throttle::{self, BucketId, Throttle},
};
use futures_util::{FutureExt, future::join_all};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use std::{
    future::{pending, ready},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

const K1: &str = include_str!("../../../../../tests/keys/k1.jwk");
const K2: &str = include_str!("../../../../../tests/keys/k2.jwk");

fn claims(value: &Value) -> Claims {
    Claims(value.as_object().cloned().unwrap())
}

#[test]
fn times() {
    let rows = [
        (json!({ "exp": 11 }), Ok(())),
        (json!({ "exp": 10.5, "nbf": 10, "iat": 10 }), Ok(())),
        (json!({ "exp": 10 }), Err(Refusal::Expired)),
        (json!({ "exp": -1 }), Err(Refusal::Expired)),
        (json!({}), Err(invalid("the token has no `exp`"))),
        (json!({ "exp": null }), Err(invalid("`exp` is no number"))),
        (json!({ "exp": "11" }), Err(invalid("`exp` is no number"))),
        (json!({ "exp": 11, "nbf": 10.1 }), Err(invalid("the token is from the future"))),
        (json!({ "exp": 11, "iat": 11 }), Err(invalid("the token is from the future"))),
        (json!({ "exp": 11, "nbf": "0" }), Err(invalid("`nbf` is no number"))),
    ];
    for (value, expected) in rows {
        assert_eq!(claims(&value).check_times(10_000), expected, "{value}");
    }
}

#[test]
fn audiences_and_scopes() {
    let of = |value: Value| {
        let claims = claims(&value);
        let owned = |words: Vec<&str>| words.join("|");
        (owned(claims.audiences().collect()), owned(claims.scopes().collect()))
    };
    let rows = [
        (json!({ "aud": "a b", "scope": "x  y" }), ("a b", "x|y")),
        (json!({ "aud": ["a", 1, "b"], "scp": ["x", "y"] }), ("a|b", "x|y")),
        (json!({ "aud": {}, "scope": "", "scp": "z" }), ("", "")),
    ];
    for (value, (audiences, scopes)) in rows {
        assert_eq!(of(value.clone()), (audiences.to_owned(), scopes.to_owned()), "{value}");
    }
}

#[test]
fn a_set_holds_what_verifies() {
    let key = |changes: Value| {
        let mut key: Value = serde_json::from_str(K1).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            key[name] = value.clone();
        }
        KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes())
    };
    for changes in [
        json!({ "use": "enc" }),
        json!({ "key_ops": ["sign"] }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "none" }),
        json!({ "alg": "ES256" }),
        json!({ "kty": "oct", "k": "AAAA" }),
        json!({ "kid": null }),
        json!({ "n": "AQAB" }),
        json!({ "n": "!" }),
    ] {
        assert!(key(changes.clone()).is_err(), "{changes}");
    }
    let set = key(json!({ "alg": null, "key_ops": ["verify"] })).unwrap();
    let found = |id: &str, algorithm| set.find(id, algorithm).count();
    assert_eq!(found("k1", Algorithm::RS256), 1);
    assert_eq!(found("k1", Algorithm::RS512), 1);
    assert_eq!(found("k1", Algorithm::HS256), 0);
    assert_eq!(found("k1", Algorithm::ES256), 0);
    assert_eq!(found("K1", Algorithm::RS256), 0);
    assert!(KeySet::parse(b"[]").is_err());
    assert!(KeySet::parse(b"{\"keys\":{}}").is_err());
}

/// A web server with key sets, and a clock.
#[derive(Debug)]
struct Issuer {
    answer: Mutex<Option<String>>,
    asked: AtomicUsize,
    seconds: AtomicU64,
    pools: UserPools,
}

impl Issuer {
    fn new(keys: &str) -> Self {
        Self {
            answer: Mutex::new(Some(format!("{{\"keys\":[{keys}]}}"))),
            asked: AtomicUsize::new(0),
            seconds: AtomicU64::new(0),
            pools: UserPools::default(),
        }
    }

    fn answers(&self, keys: Option<&str>) {
        *self.answer.lock().unwrap() = keys.map(|keys| format!("{{\"keys\":[{keys}]}}"));
    }

    fn pass(&self, time: Duration) {
        self.seconds.fetch_add(time.as_secs(), Ordering::Relaxed);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Backends for Issuer {
    fn now(&self) -> Moment {
        Moment { unix_ms: 0, monotonic: Duration::from_secs(self.seconds.load(Ordering::Relaxed)) }
    }

    /// The time is up when nothing else will happen.
    fn sleep_until(&self, _: Duration) -> BoxFuture<'_, ()> {
        if self.answer.lock().unwrap().is_some() { Box::pin(pending()) } else { Box::pin(ready(())) }
    }

    fn random(&self) -> u64 {
        0
    }

    fn invoke<'a>(
        &'a self,
        function: &'a str,
        _: FunctionRequest,
    ) -> BoxFuture<'a, Result<FunctionResponse, InvokeFailure>> {
        Box::pin(async move { Err(InvokeFailure(function.to_owned())) })
    }

    fn access_key(&self, _: &str) -> Option<Arc<AccessKey>> {
        None
    }

    fn user_pools(&self) -> &UserPools {
        &self.pools
    }

    fn authorizer_cache(&self) -> &Cache {
        panic!("no authorizer is a function")
    }

    fn stage_cache(&self) -> &stage_cache::entries::Cache {
        panic!("no stage is cached")
    }

    fn take_token(&self, _: BucketId, _: &Throttle, _: Duration) -> throttle::Decision {
        panic!("no method is throttled")
    }

    fn count<'a>(&'a self, _: Counter<'a>) -> BoxFuture<'a, Result<quota::Decision, CountFailure>> {
        panic!("no plan has a quota")
    }

    fn service(&self, _: ServiceRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>> {
        Box::pin(pending())
    }

    fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpFailure>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            // Others come while it is under way.
            YieldOnce(false).await;
            let answer = self.answer.lock().unwrap().clone();
            let Some(text) = answer else { return pending().await };
            Ok(HttpResponse { status: StatusCode::OK, headers: HeaderMap::new(), body: Body::Buffered(text.into()) })
        })
    }
}

struct YieldOnce(bool);

impl Future for YieldOnce {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    }
}

/// Whether the keys, asked for by `count` tokens at once, have that one.
fn known(issuer: &Issuer, fetched: &FetchedKeys, id: &str, count: usize) -> Vec<Result<bool, String>> {
    let source = KeySource::Address("https://issuer.test/keys".into());
    let asks = (0..count).map(|_| source.keys(id, fetched, issuer));
    let mut all = Box::pin(join_all(asks));
    let came = std::iter::from_fn(|| Some((&mut all).now_or_never())).take(10).flatten().next();
    came.unwrap().into_iter().map(|keys| keys.map(|keys| keys.knows(id))).collect()
}

#[test]
fn keys_are_found_by_the_issuers_configuration() {
    let (issuer, fetched) = (Issuer::new(K1), FetchedKeys::default());
    let source = KeySource::Configuration("https://issuer.test/.well-known/openid-configuration".into());
    let ask = |fetched: &FetchedKeys| {
        let mut asked = Box::pin(source.keys("k1", fetched, &issuer));
        std::iter::from_fn(|| Some((&mut asked).now_or_never())).take(10).flatten().next().unwrap()
    };
    assert!(ask(&fetched).unwrap_err().contains("jwks_uri"));
    // One document that is both: the fake issuer has one answer for all addresses.
    *issuer.answer.lock().unwrap() = Some(format!("{{\"jwks_uri\":\"https://issuer.test/keys\",\"keys\":[{K1}]}}"));
    let fetched = FetchedKeys::default();
    let before = issuer.asked();
    assert!(ask(&fetched).unwrap().knows("k1"));
    assert!(ask(&fetched).unwrap().knows("k1"));
    assert_eq!(issuer.asked() - before, 2);
    for bad in ["", "ftp://issuer.test/keys", "/etc/passwd"] {
        *issuer.answer.lock().unwrap() = Some(format!("{{\"jwks_uri\":\"{bad}\",\"keys\":[{K1}]}}"));
        assert!(ask(&FetchedKeys::default()).is_err(), "{bad}");
    }
}

#[test]
fn a_thousand_tokens_cause_one_fetch() {
    let (issuer, fetched) = (Issuer::new(K1), FetchedKeys::default());
    assert_eq!(known(&issuer, &fetched, "k1", 1000), vec![Ok(true); 1000]);
    assert_eq!(issuer.asked(), 1);
    for unknown in 0..1000 {
        assert_eq!(known(&issuer, &fetched, &format!("random{unknown}"), 1), [Ok(false)]);
    }
    assert_eq!(issuer.asked(), 1);
    issuer.pass(limits::JWKS_REFETCH);
    assert_eq!(known(&issuer, &fetched, "random", 1000), vec![Ok(false); 1000]);
    assert_eq!(issuer.asked(), 2);
}

#[test]
fn new_keys_are_found_and_old_ones_forgotten() {
    let (issuer, fetched) = (Issuer::new(K1), FetchedKeys::default());
    assert_eq!(known(&issuer, &fetched, "k1", 1), [Ok(true)]);
    issuer.answers(Some(K2));
    issuer.pass(limits::JWKS_REFETCH);
    assert_eq!(known(&issuer, &fetched, "k1", 1), [Ok(true)]);
    assert_eq!(known(&issuer, &fetched, "k2", 1), [Ok(true)]);
    assert_eq!(known(&issuer, &fetched, "k1", 1), [Ok(false)]);
    assert_eq!(issuer.asked(), 2);
    issuer.pass(limits::JWKS_KEPT);
    assert_eq!(known(&issuer, &fetched, "k2", 1), [Ok(true)]);
    assert_eq!(issuer.asked(), 3);
}

#[test]
fn an_issuer_that_does_not_answer_is_left_alone_for_a_while() {
    let (issuer, fetched) = (Issuer::new(K1), FetchedKeys::default());
    issuer.answers(None);
    assert!(known(&issuer, &fetched, "k1", 10).iter().all(Result::is_err));
    assert!(known(&issuer, &fetched, "k1", 10).iter().all(Result::is_err));
    assert_eq!(issuer.asked(), 1);
    issuer.answers(Some(K1));
    issuer.pass(limits::JWKS_RETRY);
    assert_eq!(known(&issuer, &fetched, "k1", 1), [Ok(true)]);
    // What came before is better than nothing.
    issuer.answers(None);
    issuer.pass(limits::JWKS_KEPT);
    assert_eq!(known(&issuer, &fetched, "k1", 1), [Ok(true)]);
    assert_eq!(issuer.asked(), 3);
}
