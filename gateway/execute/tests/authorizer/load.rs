//! What keeps an API from being served.

use crate::harness::{compiled, definition, request, token};
use fanlight_definition::Severity;
use serde_json::{Value, json};

/// The only error about a definition.
fn error(name: &str, definition: &Value) -> String {
    let (stage, diagnostics) = compiled(name, definition);
    assert!(stage.is_none(), "{name} is served: {diagnostics:?}");
    let errors: Vec<String> = diagnostics
        .into_iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| diagnostic.message)
        .collect();
    let [error] = errors.as_slice() else { panic!("{name}: {errors:?}") };
    error.clone()
}

#[test]
fn patterns_that_mean_something_else_in_java() {
    for (index, expression) in ["a++b", "(?=a)b", "[[:alpha:]]+", "("].into_iter().enumerate() {
        let mut authorizer = token(300);
        authorizer["identityValidationExpression"] = expression.into();
        let message = error(&format!("pattern{index}"), &definition(&authorizer, None));
        assert!(message.starts_with(&format!("`{expression}` cannot validate identities: ")), "{message}");
    }
}

#[test]
fn sources_that_are_not_served() {
    let message = error("source", &definition(&request(300, "context.identity.apiKey"), None));
    assert!(message.starts_with("`context.identity.apiKey` is no identity source"), "{message}");
}

#[test]
fn resource_policies() {
    let statement = |condition: Value| {
        json!({ "Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
            "Condition": condition,
        }] })
    };
    let rows = [
        (json!({ "Statement": [{ "Effect": "Allow" }] }), "this is no resource policy: "),
        (
            json!({ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }),
            "this is no resource policy: ",
        ),
        (
            statement(json!({ "StringEquals": { "aws:RequestedRegion": "eu-west-1" } })),
            "the resource policy cannot be served: the condition key `aws:RequestedRegion` is not supported",
        ),
        (
            statement(json!({ "IpAddress": { "aws:SourceIp": "everywhere" } })),
            "the resource policy cannot be served: `everywhere` is no value",
        ),
    ];
    for (index, (policy, expected)) in rows.into_iter().enumerate() {
        let message = error(&format!("policy{index}"), &definition(&token(300), Some(&policy)));
        assert!(message.starts_with(expected), "{message}");
    }
}
