//! What is kept, how long, and that many who come at once ask once.

use crate::harness::{Host, answer, block_on, request, send, stage, token};
use fanlight_execute::{authorize::cache::Scope, backends::Backends};
use futures_util::{FutureExt, StreamExt, future::join_all, stream};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

fn allowing() -> Host {
    Host::new(|_| Ok(answer("Allow", "*")))
}

const ME: [(&str, &str); 1] = [("authorization", "me")];

#[test]
fn an_answer_ends_with_its_time() {
    let (host, stage) = (allowing(), stage("ttl", &token(60)));
    block_on(async {
        for (pass, calls) in [(0, 1), (59_999, 1), (1, 2), (30_000, 2), (30_000, 3)] {
            host.pass(pass);
            assert_eq!(send(&stage, &host, "GET /a", &ME).await.0, 200);
            assert_eq!(host.calls(), calls, "after {pass} ms more");
        }
    });
}

#[test]
fn without_a_time_each_request_asks() {
    let (host, stage) = (allowing(), stage("ttl0", &token(0)));
    block_on(async {
        for calls in 1..4 {
            send(&stage, &host, "GET /a", &ME).await;
            assert_eq!(host.calls(), calls);
        }
    });
}

#[test]
fn answers_are_kept_and_failures_are_not() {
    let rows: [(&str, Result<Value, Value>, u16, u64); 7] = [
        ("allow", Ok(answer("Allow", "*")), 200, 1),
        ("deny", Ok(answer("Deny", "*")), 403, 1),
        ("implicit", Ok(answer("Allow", "nothing")), 403, 1),
        ("unauthorized", Err(json!({ "errorMessage": "Unauthorized" })), 401, 2),
        ("other", Err(json!({ "errorMessage": "Unauthorized " })), 500, 2),
        ("malformed", Ok(json!("yes")), 500, 2),
        ("context", Ok(json!({ "principalId": "me", "policyDocument": {}, "context": { "a": {} } })), 500, 2),
    ];
    for (name, outcome, status, calls) in rows {
        let (host, stage) = (Host::new(move |_| outcome.clone()), stage(name, &token(300)));
        block_on(async {
            for _ in 0..2 {
                assert_eq!(send(&stage, &host, "GET /a", &ME).await.0, status, "{name}");
            }
        });
        assert_eq!(host.calls(), calls, "{name}");
    }
}

#[test]
fn a_flush_forgets_a_stage_or_all() {
    let (host, stage) = (allowing(), stage("flush", &token(300)));
    let own = Scope::new(&stage.deployment.api_id, &stage.name);
    let other = Scope::new(&stage.deployment.api_id, "another");
    block_on(async {
        for (flushed, calls) in [(Some(other), 1), (Some(own), 2), (None, 3)] {
            send(&stage, &host, "GET /a", &ME).await;
            host.authorizer_cache().flush(flushed);
            send(&stage, &host, "GET /a", &ME).await;
            assert_eq!(host.calls(), calls, "{flushed:?}");
        }
    });
}

#[test]
fn what_was_asked_before_a_flush_is_not_kept() {
    let (host, stage) = (allowing(), stage("flush_under_way", &token(300)));
    host.delay.store(3, Ordering::SeqCst);
    block_on(async {
        let mut early = Box::pin(send(&stage, &host, "GET /a", &ME));
        assert!(early.as_mut().now_or_never().is_none());
        host.authorizer_cache().flush(None);
        let mut late = Box::pin(send(&stage, &host, "GET /a", &ME));
        assert!(late.as_mut().now_or_never().is_none());
        assert_eq!(host.calls(), 2, "what came after the flush asks anew");
        assert_eq!((early.await.0, late.await.0), (200, 200));
        send(&stage, &host, "GET /a", &ME).await;
        assert_eq!(host.calls(), 2, "the later answer is kept");
    });
}

#[test]
fn a_herd_asks_once() {
    let (host, stage) = (allowing(), stage("herd", &token(300)));
    host.delay.store(5, Ordering::SeqCst);
    let herd = join_all((0..200).map(|_| send(&stage, &host, "GET /a", &ME)));
    assert!(block_on(herd).iter().all(|(status, _)| *status == 200));
    assert_eq!(host.calls(), 1);
}

#[test]
fn a_herd_of_many_identities_asks_once_for_each() {
    let (host, stage) = (allowing(), stage("herds", &token(300)));
    host.delay.store(5, Ordering::SeqCst);
    let herd = stream::iter(0..200).map(|number| {
        let (stage, host) = (&stage, &host);
        async move { send(stage, host, "GET /a", &[("authorization", &format!("user {}", number % 10))]).await.0 }
    });
    assert!(block_on(herd.buffer_unordered(200).all(|status| async move { status == 200 })));
    assert_eq!(host.calls(), 10);
}

#[test]
fn a_failure_is_shared_by_those_who_want_the_same_method() {
    let failing = || Host::new(|_| Err(json!({ "errorMessage": "Unauthorized" })));
    let (host, stage) = (failing(), stage("herd_fails", &token(300)));
    host.delay.store(5, Ordering::SeqCst);
    let herd = join_all((0..50).map(|_| send(&stage, &host, "GET /a", &ME)));
    assert!(block_on(herd).iter().all(|(status, _)| *status == 401));
    assert_eq!(host.calls(), 1);
}

#[test]
fn a_failure_for_one_path_is_none_for_another() {
    // An authorizer that knows the caller on one path only.
    let host = Host::new(|event| match event["path"].as_str() {
        Some("/secret") => Err(json!({ "errorMessage": "Unauthorized" })),
        _ => Ok(answer("Allow", "*")),
    });
    let stage = stage("herd_paths", &request(300, "method.request.header.authorization"));
    host.delay.store(5, Ordering::SeqCst);
    let lines = ["GET /secret", "GET /a", "GET /secret", "GET /b"];
    let herd = join_all(lines.map(|line| send(&stage, &host, line, &ME)));
    let statuses: Vec<u16> = block_on(herd).into_iter().map(|(status, _)| status).collect();
    assert_eq!(statuses, [401, 200, 401, 200]);
}

#[test]
fn a_caller_that_leaves_takes_nobody_along() {
    let (host, stage) = (allowing(), stage("leaver", &token(300)));
    host.delay.store(4, Ordering::SeqCst);
    block_on(async {
        let mut leader = Box::pin(send(&stage, &host, "GET /a", &ME));
        assert!(leader.as_mut().now_or_never().is_none());
        let mut follower = Box::pin(send(&stage, &host, "GET /a", &ME));
        assert!(follower.as_mut().now_or_never().is_none());
        assert_eq!(host.calls(), 1);
        drop(leader);
        assert_eq!(follower.await.0, 200);
        assert_eq!(host.calls(), 2);
    });
}

#[test]
fn identities_that_look_alike_are_kept_apart() {
    type Sent = (&'static str, &'static [(&'static str, &'static str)]);
    let rows: [(&str, [Sent; 2]); 5] = [
        (
            "method.request.header.X-A, method.request.querystring.b",
            [("GET /a?b=3", &[("x-a", "1,2")]), ("GET /a?b=2,3", &[("x-a", "1")])],
        ),
        (
            "method.request.header.X-A, method.request.header.X-B",
            [("GET /a", &[("x-a", "1"), ("x-b", "2")]), ("GET /a", &[("x-a", "2"), ("x-b", "1")])],
        ),
        // The last value is the same, those before it differ.
        ("method.request.header.X-A", [("GET /a", &[("x-a", "2")]), ("GET /a", &[("x-a", "1"), ("x-a", "2")])]),
        ("method.request.header.X-A", [("GET /a", &[("x-a", "1, 2")]), ("GET /a", &[("x-a", "1"), ("x-a", "2")])]),
        ("method.request.querystring.b", [("GET /a?b=1&b=2", &[]), ("GET /a?b=2", &[])]),
    ];
    for (index, (sources, requests)) in rows.into_iter().enumerate() {
        let (host, stage) = (allowing(), stage(&format!("alike{index}"), &request(300, sources)));
        block_on(async {
            for (line, headers) in requests {
                assert_eq!(send(&stage, &host, line, headers).await.0, 200);
            }
        });
        assert_eq!(host.calls(), 2, "{sources}");
    }
}

#[test]
fn the_case_of_a_header_name_and_other_headers_make_no_other_identity() {
    let (host, stage) = (allowing(), stage("case", &token(300)));
    block_on(async {
        for headers in [&[("Authorization", "me")][..], &[("AUTHORIZATION", "me"), ("x-other", "1")][..]] {
            send(&stage, &host, "GET /a", headers).await;
        }
    });
    assert_eq!(host.calls(), 1);
}
