//! The second evaluator: no compiled form, patterns by trying everything.

use crate::policy::{Decision, Facts};
use serde_json::Value;

pub(super) fn decide(document: &Value, action: &str, resource: &str, facts: &Facts<'_>) -> Decision {
    let statements = all(&document["Statement"]);
    let concerned: Vec<&&Value> =
        statements.iter().filter(|statement| concerns(statement, action, resource, facts)).collect();
    if concerned.iter().any(|statement| statement["Effect"] == "Deny") {
        Decision::ExplicitDeny
    } else if concerned.is_empty() {
        Decision::ImplicitDeny
    } else {
        Decision::Allow
    }
}

fn all(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |values| values.iter().collect())
}

fn concerns(statement: &Value, action: &str, resource: &str, facts: &Facts<'_>) -> bool {
    let named =
        |name: &str, text: &str| all(&statement[name]).iter().any(|pattern| glob(pattern.as_str().unwrap(), text));
    let lower = |name: &str| {
        all(&statement[name])
            .iter()
            .any(|pattern| glob(&pattern.as_str().unwrap().to_lowercase(), &action.to_lowercase()))
    };
    let action = if statement["Action"].is_null() { !lower("NotAction") } else { lower("Action") };
    let resource =
        if statement["Resource"].is_null() { !named("NotResource", resource) } else { named("Resource", resource) };
    let conditions = statement["Condition"].as_object().into_iter().flatten();
    action
        && resource
        && conditions
            .flat_map(|(operator, keys)| {
                keys.as_object().unwrap().iter().map(move |(key, values)| (operator, key, values))
            })
            .all(|(operator, key, values)| holds(operator, key, values, facts))
}

fn holds(operator: &str, key: &str, values: &Value, facts: &Facts<'_>) -> bool {
    let values: Vec<String> =
        all(values).iter().map(|value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)).collect();
    let found = match key {
        "aws:UserAgent" => facts.user_agent.map(ToOwned::to_owned),
        "aws:Referer" => facts.referer.map(ToOwned::to_owned),
        "aws:SourceIp" => Some(facts.source_ip.to_string()),
        other => panic!("{other}"),
    };
    if operator == "Null" {
        return values.contains(&found.is_none().to_string());
    }
    let Some(found) = found else {
        return match operator {
            "StringNotEquals" | "StringNotLike" | "NotIpAddress" => true,
            other => other.ends_with("IfExists") || other.starts_with("ForAllValues:"),
        };
    };
    let any = |test: &dyn Fn(&str, &str) -> bool| values.iter().any(|value| test(value, &found));
    match operator.trim_start_matches("ForAllValues:").trim_start_matches("ForAnyValue:").trim_end_matches("IfExists") {
        "StringEquals" => any(&|value, found| value == found),
        "StringNotEquals" => !any(&|value, found| value == found),
        "StringLike" => any(&glob),
        "StringNotLike" => !any(&glob),
        "IpAddress" => any(&within),
        "NotIpAddress" => !any(&within),
        other => panic!("{other}"),
    }
}

/// By bits.
fn within(network: &str, address: &str) -> bool {
    let bits = |text: &str| -> Vec<bool> {
        let octets = match text.parse().unwrap() {
            std::net::IpAddr::V4(address) => address.octets().to_vec(),
            std::net::IpAddr::V6(address) => address.octets().to_vec(),
        };
        octets.iter().flat_map(|octet| (0..8).map(move |bit| octet & (128 >> bit) != 0)).collect()
    };
    let (start, length) = network.split_once('/').map_or((network, None), |(start, length)| (start, Some(length)));
    let (start, address) = (bits(start), bits(address));
    let length = length.map_or(start.len(), |length| length.parse().unwrap());
    start.len() == address.len() && start[..length] == address[..length]
}

fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    matches(&pattern, &text)
}

/// By trying everything.
fn matches(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], [_, after @ ..]) => matches(rest, text) || matches(pattern, after),
        (['*', rest @ ..], []) => matches(rest, text),
        (['?', rest @ ..], [_, after @ ..]) => matches(rest, after),
        ([expected, rest @ ..], [found, after @ ..]) => expected == found && matches(rest, after),
        (_, _) => false,
    }
}
