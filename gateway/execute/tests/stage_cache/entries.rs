//! What is kept and how long, and that many who come at once ask once.

use crate::harness::{Host, block_on, get, stage};
use fanlight_definition::resources::{MethodSetting, Stage, UnauthorizedCacheControl};
use fanlight_execute::authorize::cache::Scope;
use futures_util::{FutureExt, future::join_all};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

fn setting(stage: &mut Stage, change: impl FnOnce(&mut MethodSetting)) {
    let mut setting = MethodSetting {
        resource_path: "/*".to_owned(),
        http_method: "*".to_owned(),
        throttling_rate_limit: None,
        throttling_burst_limit: None,
        caching_enabled: None,
        cache_ttl_seconds: None,
        require_authorization_for_cache_control: None,
        unauthorized_cache_control: None,
        logging_level: None,
        data_trace_enabled: None,
        place: stage.place.clone(),
    };
    change(&mut setting);
    stage.method_settings.push(setting);
}

#[test]
fn an_entry_ends_with_its_time() {
    let (host, stage) = (Host::new(), stage("ttl", |stage| setting(stage, |all| all.cache_ttl_seconds = Some(60))));
    block_on(async {
        for (pass, body) in [(0, "1"), (59_999, "1"), (1, "2"), (30_000, "2"), (30_000, "3")] {
            host.pass(pass);
            assert_eq!(get(&stage, &host, "/c?q=1", &[]).await.body, body, "after {pass} ms more");
        }
    });
}

#[test]
fn an_entry_lives_five_minutes_unless_told_otherwise() {
    let (host, stage) = (Host::new(), stage("default", |_| {}));
    block_on(async {
        for (pass, body) in [(0, "1"), (299_999, "1"), (1, "2")] {
            host.pass(pass);
            assert_eq!(get(&stage, &host, "/c", &[]).await.body, body);
        }
    });
}

#[test]
fn without_a_cluster_each_request_asks() {
    let (host, stage) = (Host::new(), stage("off", |stage| stage.cache_cluster_enabled = false));
    block_on(async {
        for body in ["1", "2"] {
            assert_eq!(get(&stage, &host, "/c", &[]).await.body, body);
        }
    });
}

#[test]
fn what_is_kept() {
    let long = |length: usize| "x".repeat(length);
    let rows: [(&str, Value, u64); 8] = [
        ("success", json!({}), 1),
        ("error", json!({ "statusCode": 429 }), 1),
        ("server error", json!({ "statusCode": 503 }), 1),
        ("part", json!({ "statusCode": 206 }), 2),
        ("cookie", json!({ "headers": { "Set-Cookie": "a=1" } }), 2),
        ("malformed", json!({ "statusCode": "none" }), 2),
        ("fits", json!({ "body": long(1_048_576) }), 1),
        ("too long", json!({ "body": long(1_048_577) }), 2),
    ];
    for (name, response, calls) in rows {
        let (host, stage) = (Host::answering(response), stage("kept", |_| {}));
        block_on(async {
            let first = get(&stage, &host, "/c", &[]).await;
            let second = get(&stage, &host, "/c", &[]).await;
            assert_eq!(first.status, second.status, "{name}");
            assert_eq!(first.body.len(), second.body.len(), "{name}");
        });
        assert_eq!(host.calls(), calls, "{name}");
    }
}

#[test]
fn a_hit_has_the_headers_of_the_answer_and_ids_of_its_own() {
    let (host, stage) = (Host::answering(json!({ "headers": { "X-Mine": "1" } })), stage("headers", |_| {}));
    block_on(async {
        get(&stage, &host, "/c", &[("x-amzn-requestid", "00000000-0000-4000-8000-000000000001")]).await;
        let id = "00000000-0000-4000-8000-000000000002";
        let hit = get(&stage, &host, "/c", &[("x-amzn-requestid", id)]).await;
        assert_eq!(hit.headers["x-mine"], "1");
        assert_eq!(hit.headers["content-type"], "application/json");
        assert_eq!(hit.headers["x-amzn-requestid"], id);
        assert!(!hit.headers.contains_key("x-amzn-trace-id"));
    });
    assert_eq!(host.calls(), 1);
}

#[test]
fn many_who_come_at_once_ask_once() {
    let (host, stage) = (Host::new(), stage("herd", |_| {}));
    host.delay.store(5, Ordering::SeqCst);
    let all = block_on(join_all((0..100).map(|_| get(&stage, &host, "/c?q=1", &[]))));
    assert!(all.iter().all(|got| got.body == "1"));
    assert_eq!(host.calls(), 1);
}

#[test]
fn what_cannot_be_kept_is_not_shared() {
    let (host, stage) = (Host::answering(json!({ "headers": { "Set-Cookie": "a=1" } })), stage("alone", |_| {}));
    host.delay.store(5, Ordering::SeqCst);
    let all = block_on(join_all((0..10).map(|_| get(&stage, &host, "/c", &[]))));
    let mut bodies: Vec<String> = all.into_iter().map(|got| got.body).collect();
    bodies.sort_unstable();
    bodies.dedup();
    assert_eq!(bodies.len(), 10);
}

#[test]
fn somebody_else_asks_when_the_first_one_goes_away() {
    let (host, stage) = (Host::new(), stage("gone", |_| {}));
    host.delay.store(1_000, Ordering::SeqCst);
    block_on(async {
        let mut first = Box::pin(get(&stage, &host, "/c", &[]));
        assert!((&mut first).now_or_never().is_none());
        host.delay.store(0, Ordering::SeqCst);
        let mut second = Box::pin(get(&stage, &host, "/c", &[]));
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        assert_eq!(second.await.body, "2");
    });
}

#[test]
fn a_flush_forgets_what_is_kept_and_what_is_on_its_way() {
    let (host, stage) = (Host::new(), stage("flush", |_| {}));
    let scope = Scope::new(&stage.deployment.api_id, &stage.name);
    let other = Scope::new(&stage.deployment.api_id, "other");
    block_on(async {
        get(&stage, &host, "/c", &[]).await;
        host.stage_cache.flush(Some(other));
        assert_eq!(get(&stage, &host, "/c", &[]).await.body, "1");
        host.stage_cache.flush(Some(scope));
        assert_eq!(get(&stage, &host, "/c", &[]).await.body, "2");
        host.stage_cache.flush(None);
        host.delay.store(5, Ordering::SeqCst);
        let mut late = Box::pin(get(&stage, &host, "/c", &[]));
        assert!((&mut late).now_or_never().is_none());
        host.stage_cache.flush(Some(scope));
        assert_eq!(late.await.body, "3");
        assert_eq!(get(&stage, &host, "/c", &[]).await.body, "4");
    });
}

#[test]
fn whoever_may_refreshes_for_all() {
    let anybody = |stage: &mut Stage| setting(stage, |all| all.require_authorization_for_cache_control = Some(false));
    let (host, stage) = (Host::new(), stage("refresh", anybody));
    block_on(async {
        for (headers, body) in [(None, "1"), (None, "1"), (Some(("cache-control", "max-age=0")), "2"), (None, "2")] {
            assert_eq!(get(&stage, &host, "/c", headers.as_slice()).await.body, body);
        }
    });
}

/// What templates cannot say and the control plane can: who may ask for a fresh answer, and what the others get.
#[test]
fn what_a_wish_for_a_fresh_answer_gets() {
    let strategy =
        |strategy| stage("strategy", |stage| setting(stage, |all| all.unauthorized_cache_control = Some(strategy)));
    let anybody =
        stage("anybody", |stage| setting(stage, |all| all.require_authorization_for_cache_control = Some(false)));
    let rows = [
        (anybody, 200, "2", false),
        (strategy(UnauthorizedCacheControl::SucceedWithResponseHeader), 200, "1", true),
        (strategy(UnauthorizedCacheControl::SucceedWithoutResponseHeader), 200, "1", false),
    ];
    for (stage, status, body, warned) in rows {
        let host = Host::new();
        block_on(async {
            assert_eq!(get(&stage, &host, "/c", &[]).await.body, "1");
            let fresh = get(&stage, &host, "/c", &[("cache-control", "max-age=0")]).await;
            assert_eq!(
                (fresh.status, fresh.body.as_str(), fresh.headers.contains_key("warning")),
                (status, body, warned)
            );
        });
    }
    let (host, strict) = (Host::new(), strategy(UnauthorizedCacheControl::FailWith403));
    block_on(async {
        let refused = get(&strict, &host, "/c", &[("cache-control", "max-age=0")]).await;
        assert_eq!((refused.status, host.calls()), (403, 0));
        let expected = "User: anonymous is not authorized to perform: execute-api:InvalidateCache on resource: ";
        assert!(refused.body.contains(expected), "{}", refused.body);
    });
}
