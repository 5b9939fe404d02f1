//! Keeping answers changes no decision: the same requests get the same statuses with and without a cache.

use crate::harness::{Host, answer, block_on, request, send, stage, token};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};
use serde_json::Value;

/// One request: what it asks for, who asks, and how much later than the one before.
type Step = (&'static str, Vec<(&'static str, &'static str)>, u64);

/// Decides by the identity alone, as an authorizer whose answers may be kept has to.
fn by_identity(event: &Value) -> Result<Value, Value> {
    let token = event["authorizationToken"].as_str().map(ToOwned::to_owned);
    let identity = token.unwrap_or_else(|| {
        format!("{}|{}", event["multiValueHeaders"]["x-a"], event["multiValueQueryStringParameters"]["b"])
    });
    // Some sum of the identity's bytes, so that each has an opinion of its own.
    let sum: usize = identity.bytes().enumerate().map(|(index, byte)| (index + 1) * usize::from(byte)).sum();
    match sum % 7 {
        0 => Err(serde_json::json!({ "errorMessage": "Unauthorized" })),
        1 => Ok(Value::from("no policy")),
        2 => Ok(answer("Deny", "*")),
        3 => Ok(answer("Allow", "*/GET/a")),
        4 => Ok(answer("Allow", "*/POST/*")),
        5 => Ok(answer("Allow", "*/GET/b/*")),
        _ => Ok(answer("Allow", "*")),
    }
}

fn steps(values: &'static [&'static str]) -> impl Strategy<Value = Vec<Step>> {
    let lines =
        &["GET /a", "POST /a", "GET /b/c", "GET /a/", "GET /b?b=1", "GET /b/c?b=1&b=2", "GET /a?b=2", "GET /a?b="];
    let headers = vec((select(&["authorization", "x-a"][..]), select(values)), 0..4);
    vec((select(&lines[..]), headers, select(&[0, 1, 60_000, 300_000][..])), 1..40)
}

#[test]
fn with_and_without_a_cache() {
    let values = &["", "1", "2", "1,2", "1, 2", "bearer x", "Bearer x"][..];
    for (name, authorizer) in [
        ("token", token as fn(u32) -> Value),
        ("request", |ttl| request(ttl, "method.request.header.x-a, method.request.querystring.b")),
    ] {
        let kept = stage(&format!("same_{name}"), &authorizer(300));
        let fresh = stage(&format!("same_{name}_fresh"), &authorizer(0));
        let config = ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() };
        let outcome = TestRunner::new(config).run(&steps(values), |steps| {
            let (keeping, asking) = (Host::new(by_identity), Host::new(by_identity));
            for (line, headers, pass) in steps {
                keeping.pass(pass);
                asking.pass(pass);
                // Without a cache a `REQUEST` authorizer is asked even when a source is empty.
                let (status, body) = block_on(send(&kept, &keeping, line, &headers));
                if status == 401 && name == "request" {
                    continue;
                }
                prop_assert_eq!(
                    (status, body),
                    block_on(send(&fresh, &asking, line, &headers)),
                    "{} {:?}",
                    line,
                    headers
                );
            }
            prop_assert!(keeping.calls() <= asking.calls() || name == "request");
            Ok(())
        });
        outcome.unwrap();
    }
}
