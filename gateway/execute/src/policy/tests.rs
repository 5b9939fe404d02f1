//! Policies against a second evaluator that reads the document itself, slowly and to the letter, and the answers to what
//! is not supported.

mod naive;

use super::*;
use crate::caller::SignedIdentity;
use proptest::{collection::vec, prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:execute-api:us-east-1:000000000000:api/dev/GET/a";

fn facts(source_ip: &str) -> Facts<'static> {
    // 2026-11-22T10:44:26Z
    Facts {
        source_ip: source_ip.parse().unwrap(),
        unix_ms: 1_795_344_266_000,
        referer: None,
        user_agent: Some("curl/8"),
        identity: None,
    }
}

fn identity() -> SignedIdentity {
    SignedIdentity {
        access_key: "AKIDEXAMPLE".to_owned(),
        account_id: "111122223333".to_owned(),
        caller: "AIDAEXAMPLE".to_owned(),
        user: "AIDAEXAMPLE".to_owned(),
        user_arn: "arn:aws:iam::111122223333:user/dev/ann".to_owned(),
    }
}

fn decide(document: &Value, kind: Kind<'_>) -> Decision {
    parse(document, kind).unwrap().policy.decide(Action::Invoke, ARN, &facts("203.0.113.9"))
}

/// A statement about everything, with a condition.
fn conditional(effect: &str, condition: &Value) -> Value {
    let allow = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let own = json!({ "Effect": effect, "Action": "*", "Resource": "*", "Condition": condition });
    let statements = if effect == "Deny" { json!([allow, own]) } else { json!([own]) };
    json!({ "Version": "2012-10-17", "Statement": statements })
}

#[test]
fn conditions() {
    let rows = [
        (json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }), true),
        (json!({ "IpAddress": { "AWS:sourceip": ["10.0.0.0/8", "203.0.113.9"] } }), true),
        (json!({ "IpAddress": { "aws:SourceIp": "2001:db8::/32" } }), false),
        (json!({ "NotIpAddress": { "aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"] } }), false),
        (json!({ "IpAddress": { "aws:VpcSourceIp": "0.0.0.0/0" } }), false),
        (json!({ "NotIpAddress": { "aws:VpcSourceIp": "10.0.0.0/8" } }), true),
        (json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } }), false),
        (json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-1" } }), true),
        (json!({ "StringEqualsIfExists": { "aws:SourceVpce": "vpce-1" } }), true),
        (json!({ "ForAnyValue:StringNotEquals": { "aws:SourceVpc": "vpc-1" } }), false),
        (json!({ "ForAllValues:StringEquals": { "aws:SourceVpc": "vpc-1" } }), true),
        (json!({ "StringLike": { "aws:UserAgent": ["wget*", "curl/?"] } }), true),
        (json!({ "StringNotLike": { "aws:UserAgent": "curl*" } }), false),
        (json!({ "StringEqualsIgnoreCase": { "aws:UserAgent": "CURL/8" } }), true),
        (json!({ "StringEquals": { "aws:UserAgent": "CURL/8" } }), false),
        (json!({ "StringEquals": { "aws:Referer": "x" } }), false),
        (json!({ "Null": { "aws:Referer": "true" } }), true),
        (json!({ "Null": { "aws:UserAgent": true } }), false),
        (json!({ "Bool": { "aws:SecureTransport": "false" } }), true),
        (json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "true" } }), true),
        (json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }), false),
        (json!({ "DateLessThan": { "aws:CurrentTime": "2026-11-22T10:44:26Z" } }), false),
        (json!({ "DateLessThanEquals": { "aws:CurrentTime": "2026-11-22T10:44:26Z" } }), true),
        (json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-11-22" } }), true),
        (json!({ "DateGreaterThan": { "aws:EpochTime": "1795344265" } }), true),
        (json!({ "DateLessThan": { "aws:TokenIssueTime": "2030-01-01" } }), false),
        (json!({ "NumericGreaterThanEquals": { "aws:EpochTime": 1_795_344_266 } }), true),
        (json!({ "NumericNotEquals": { "aws:EpochTime": "1795344266" } }), false),
        (json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:user/*" } }), false),
        (json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" }, "Null": { "aws:Referer": "false" } }), false),
    ];
    for (condition, holds) in rows {
        let (allowed, denied) = match holds {
            true => (Decision::Allow, Decision::ExplicitDeny),
            false => (Decision::ImplicitDeny, Decision::Allow),
        };
        assert_eq!(parse(&conditional("Allow", &condition), Kind::Identity).unwrap().unsupported, [""; 0]);
        assert_eq!(decide(&conditional("Allow", &condition), Kind::Identity), allowed, "allow {condition}");
        assert_eq!(decide(&conditional("Deny", &condition), Kind::Identity), denied, "deny {condition}");
    }
}

#[test]
fn what_is_not_supported_grants_nothing() {
    let rows = [
        json!({ "StringEquals": { "aws:RequestTag/team": "a" } }),
        json!({ "StringMatches": { "aws:UserAgent": "curl/8" } }),
        json!({ "ForSomeValues:StringEquals": { "aws:UserAgent": "curl/8" } }),
        json!({ "IpAddress": { "aws:SourceIp": "somewhere" } }),
        json!({ "IpAddress": { "aws:UserAgent": "0.0.0.0/0" } }),
        json!({ "IpAddress": { "aws:SourceIp": [] } }),
        json!({ "StringLike": { "aws:UserAgent": "${aws:username}*" } }),
        json!({ "BinaryEquals": { "aws:UserAgent": "eA==" } }),
        json!({ "DateLessThan": { "aws:CurrentTime": "soon" } }),
    ];
    for condition in rows {
        let allow = parse(&conditional("Allow", &condition), Kind::Identity).unwrap();
        assert_eq!(allow.unsupported.len(), 1, "{condition}");
        assert_eq!(decide(&conditional("Allow", &condition), Kind::Identity), Decision::ImplicitDeny);
        assert_eq!(decide(&conditional("Deny", &condition), Kind::Identity), Decision::ExplicitDeny);
    }
    let variable = |effect| {
        let allow = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        let own = json!({ "Effect": effect, "Action": "*", "Resource": "arn:aws:execute-api:*/${aws:username}" });
        json!({ "Version": "2012-10-17", "Statement": if effect == "Deny" { json!([allow, own]) } else { own } })
    };
    assert_eq!(decide(&variable("Allow"), Kind::Identity), Decision::ImplicitDeny);
    assert_eq!(decide(&variable("Deny"), Kind::Identity), Decision::ExplicitDeny);
}

#[test]
fn what_is_no_policy() {
    let statement = |change: &str, value: Value| {
        let mut statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        statement[change] = value;
        json!({ "Statement": [statement] })
    };
    let rows = [
        json!([]),
        json!({}),
        json!({ "Version": "2020-01-01", "Statement": [] }),
        json!({ "Statement": ["x"] }),
        json!({ "Statement": [{ "Action": "*", "Resource": "*" }] }),
        json!({ "Statement": [{ "Effect": "Allow", "Resource": "*" }] }),
        json!({ "Statement": [{ "Effect": "Allow", "Action": "*" }] }),
        json!({ "Statment": [] }),
        statement("Effect", json!("allow")),
        statement("NotAction", json!("*")),
        statement("Resource", json!([])),
        statement("Resource", json!([1])),
        statement("Resource", json!("x".repeat(513))),
        statement("Condition", json!([])),
        statement("Principal", json!("me")),
        statement("Principal", json!({ "AWS": "arn:aws:iam::1:user/*" })),
    ];
    for document in rows {
        assert!(parse(&document, Kind::Identity).is_err(), "{document}");
    }
    let nobody = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    assert!(parse(&nobody, Kind::Resource("arn:aws:execute-api:us-east-1:000000000000:api")).is_err());
}

#[test]
fn principals() {
    let identity = identity();
    let rows = [
        (json!("*"), true, true),
        (json!({ "AWS": "*" }), true, true),
        (json!({ "AWS": "111122223333" }), false, true),
        (json!({ "AWS": "arn:aws:iam::111122223333:root" }), false, true),
        (json!({ "AWS": ["arn:aws:iam::111122223333:user/dev/ann"] }), false, true),
        (json!({ "AWS": "AIDAEXAMPLE" }), false, true),
        (json!({ "AWS": "arn:aws:iam::111122223333:user/ann" }), false, false),
        (json!({ "Service": "apigateway.amazonaws.com" }), false, false),
    ];
    for (principal, anonymous, signed) in rows {
        for (key, turned) in [("Principal", false), ("NotPrincipal", true)] {
            let mut statement = json!({ "Effect": "Deny", "Action": "*", "Resource": "*" });
            statement[key] = principal.clone();
            let policy = parse(&json!({ "Statement": statement }), Kind::Resource("")).unwrap().policy;
            for (who, expected) in [(None, anonymous), (Some(&identity), signed)] {
                let facts = Facts { identity: who, ..facts("203.0.113.9") };
                let expected = if expected ^ turned { Decision::ExplicitDeny } else { Decision::ImplicitDeny };
                assert_eq!(policy.decide(Action::Invoke, ARN, &facts), expected, "{key} {principal} {who:?}");
            }
        }
    }
}

#[test]
fn abbreviated_resources_are_of_this_api() {
    let policy = |resource: &str| {
        let statement =
            json!({ "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource });
        decide(&json!({ "Statement": statement }), Kind::Resource("arn:aws:execute-api:us-east-1:000000000000:api"))
    };
    let rows = [
        ("execute-api:/*", Decision::Allow),
        ("execute-api:/dev/GET/a", Decision::Allow),
        ("execute-api:/*/GET/*", Decision::Allow),
        ("execute-api:/prod/*", Decision::ImplicitDeny),
        ("arn:aws:execute-api:us-east-1:*:api/dev/GET/a", Decision::Allow),
        ("arn:aws:execute-api:us-east-1:000000000000:other/*", Decision::ImplicitDeny),
    ];
    for (resource, expected) in rows {
        assert_eq!(policy(resource), expected, "{resource}");
    }
}

fn one_or_many(values: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let one = select(values).prop_map(Value::from);
    prop_oneof![one.clone(), vec(one, 1..4).prop_map(Value::from)]
}

fn resource() -> impl Strategy<Value = Value> {
    // Pieces that often make something that matches.
    let piece = select(&["*", "?", "api", "/", "dev", "GET", "a", "b", "arn:*:", "/GET/"][..]);
    let made = vec(piece, 1..7).prop_map(|pieces| Value::from(pieces.concat()));
    prop_oneof![
        3 => one_or_many(&["*", "api/dev/GET/a", "api/*", "api/*/GET/*", "api/dev/*/a", "*/b", "api/dev/GET/?", "other/*"]),
        2 => made,
    ]
}

fn condition() -> impl Strategy<Value = Value> {
    let addresses = one_or_many(&["203.0.113.0/24", "10.0.0.0/8", "0.0.0.0/0", "203.0.113.9", "::/0"]);
    let address = (select(&["IpAddress", "NotIpAddress", "IpAddressIfExists"][..]), addresses)
        .prop_map(|(operator, values)| json!({ operator: { "aws:SourceIp": values } }));
    let operators = &[
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIfExists",
        "ForAllValues:StringLike",
        "ForAnyValue:StringNotLike",
    ][..];
    let text = (
        select(operators),
        select(&["aws:UserAgent", "aws:Referer"][..]),
        one_or_many(&["curl/8", "curl*", "*", "?", "x"]),
    )
        .prop_map(|(operator, key, values)| json!({ operator: { key: values } }));
    let null = (select(&["aws:UserAgent", "aws:Referer"][..]), any::<bool>())
        .prop_map(|(key, absent)| json!({ "Null": { key: absent } }));
    prop_oneof![address, text, null]
}

fn statement() -> impl Strategy<Value = Value> {
    let actions = one_or_many(&[
        "*",
        "execute-api:*",
        "execute-api:Invoke",
        "EXECUTE-API:inv?ke",
        "execute-api:InvalidateCache",
        "s3:*",
    ]);
    let keys = (any::<bool>(), prop::bool::weighted(0.15), prop::bool::weighted(0.15));
    (keys, actions, resource(), prop::option::weighted(0.4, condition())).prop_map(
        |((deny, not_action, not_resource), actions, resources, condition)| {
            let mut statement = json!({ "Effect": if deny { "Deny" } else { "Allow" } });
            statement[if not_action { "NotAction" } else { "Action" }] = actions;
            statement[if not_resource { "NotResource" } else { "Resource" }] = resources;
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            statement
        },
    )
}

#[test]
fn decides_as_a_second_evaluator() {
    let config = ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() };
    let requests = (
        select(&["api/dev/GET/a", "api/dev/POST/b", "other/prod/GET/a/b", "api/dev/GET/"][..]),
        select(&["203.0.113.9", "10.1.2.3", "2001:db8::1"][..]),
        prop::option::of(select(&["curl/8", "x"][..])),
    );
    let mut counts = [0_u32; 3];
    let pairs = (vec(statement(), 1..5), any::<bool>(), requests);
    TestRunner::new(config)
        .run(&pairs, |(mut statements, list, (resource, source_ip, user_agent))| {
            let statement = if list { Value::from(statements) } else { statements.remove(0) };
            let document = json!({ "Version": "2012-10-17", "Statement": statement });
            let facts = Facts { user_agent, ..facts(source_ip) };
            let parsed = parse(&document, Kind::Identity).unwrap();
            prop_assert_eq!(parsed.unsupported.len(), 0, "{}", document);
            let decision = parsed.policy.decide(Action::Invoke, resource, &facts);
            let expected = naive::decide(&document, "execute-api:Invoke", resource, &facts);
            prop_assert_eq!(decision, expected, "{} on {}", document, resource);
            Ok(())
        })
        .unwrap();
    // Each decision must have been common, or the comparison says little.
    let mut runner = TestRunner::deterministic();
    for _ in 0..3000 {
        let (statements, _, (resource, source_ip, user_agent)) = pairs.new_tree(&mut runner).unwrap().current();
        let facts = Facts { user_agent, ..facts(source_ip) };
        let document = json!({ "Statement": statements });
        counts[naive::decide(&document, "execute-api:Invoke", resource, &facts) as usize] += 1;
    }
    assert!(counts.iter().all(|count| *count > 300), "{counts:?}");
}
