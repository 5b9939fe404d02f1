//! Filter policies: which messages a subscription gets.
//!
//! AWS: <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>

use ipnet::IpNet;
use serde_json::{Map, Value};
use std::net::IpAddr;

/// A filter policy.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Policy {
    of_body: bool,
    rule: Rule,
}

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    /// All members match.
    All(Vec<(String, Self)>),
    /// One of them matches: `$or`.
    Any(Vec<Self>),
    /// One of the conditions holds for one of the values.
    Values(Vec<Condition>),
}

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Exactly(Value),
    Prefix(String),
    Suffix(String),
    IgnoringCase(String),
    Wildcard(Vec<String>),
    Network(IpNet),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
    Not(Vec<Self>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

const MAX_KEYS: usize = 5;
const MAX_COMBINATIONS: usize = 150;
const MAX_STARS: usize = 3;

impl Policy {
    /// Reads a policy. `of_body` is whether it is about the message, not its attributes.
    pub(super) fn parse(text: &str, of_body: bool) -> Result<Self, String> {
        let document: Value =
            serde_json::from_str(text).map_err(|error| format!("FilterPolicy: failed to parse JSON. {error}"))?;
        let Value::Object(members) = document else {
            return Err("FilterPolicy: Filter policy must be a JSON object".to_owned());
        };
        let rule = all(&members, of_body)?;
        let (keys, combinations) = rule.size();
        if keys > MAX_KEYS {
            return Err(format!("FilterPolicy: Filter policy can not have more than {MAX_KEYS} keys"));
        }
        if combinations > MAX_COMBINATIONS {
            return Err("FilterPolicy: Filter policy is too complex".to_owned());
        }
        Ok(Self { of_body, rule })
    }

    /// Whether a message passes. `attributes` are as they were published.
    pub(super) fn accepts(&self, message: &str, attributes: &Map<String, Value>) -> bool {
        if self.of_body {
            return match serde_json::from_str(message) {
                Ok(body @ Value::Object(_)) => self.rule.holds(&[&body]),
                Ok(_) | Err(_) => false,
            };
        }
        let shown = attributes.iter().filter_map(|(name, attribute)| Some((name.clone(), value(attribute)?)));
        self.rule.holds(&[&Value::Object(shown.collect())])
    }
}

/// An attribute's value as conditions see it; that of a binary one is not seen.
fn value(attribute: &Value) -> Option<Value> {
    let text = attribute.get("StringValue")?.as_str()?;
    match attribute.get("DataType")?.as_str()? {
        "Number" => serde_json::from_str(text).ok(),
        "String.Array" => serde_json::from_str(text).ok(),
        kind if kind.starts_with("String") => Some(text.into()),
        _ => None,
    }
}

fn all(members: &Map<String, Value>, nested: bool) -> Result<Rule, String> {
    let rule = |(name, value): (&String, &Value)| {
        let rule = match value {
            Value::Array(choices) if name == "$or" => any(choices, nested)?,
            Value::Array(conditions) if !conditions.is_empty() => {
                Rule::Values(conditions.iter().map(condition).collect::<Result<_, _>>()?)
            }
            Value::Object(inner) if nested && !inner.is_empty() => all(inner, nested)?,
            _ => return Err(format!("FilterPolicy: \"{name}\" must be an object or an array")),
        };
        Ok((name.clone(), rule))
    };
    members.iter().map(rule).collect::<Result<_, String>>().map(Rule::All)
}

fn any(choices: &[Value], nested: bool) -> Result<Rule, String> {
    if choices.len() < 2 {
        return Err("FilterPolicy: \"$or\" must be an array of two or more objects".to_owned());
    }
    let choice = |choice: &Value| match choice {
        Value::Object(members) => all(members, nested),
        _ => Err("FilterPolicy: \"$or\" must be an array of objects".to_owned()),
    };
    choices.iter().map(choice).collect::<Result<_, _>>().map(Rule::Any)
}

fn condition(value: &Value) -> Result<Condition, String> {
    let Value::Object(operator) = value else {
        return match value {
            Value::Array(_) => Err("FilterPolicy: Match value must be String, number, true, false, or null".to_owned()),
            _ => Ok(Condition::Exactly(value.clone())),
        };
    };
    let mut entries = operator.iter();
    let (Some((name, operand)), None) = (entries.next(), entries.next()) else {
        return Err("FilterPolicy: Only one key allowed in match expression".to_owned());
    };
    let wrong = || format!("FilterPolicy: value of {name} is wrong");
    let text = || operand.as_str().map(str::to_owned).ok_or_else(wrong);
    Ok(match name.as_str() {
        "prefix" => Condition::Prefix(text()?),
        "suffix" => Condition::Suffix(text()?),
        "equals-ignore-case" => Condition::IgnoringCase(text()?.to_lowercase()),
        "wildcard" => {
            let parts: Vec<String> = text()?.split('*').map(str::to_owned).collect();
            if parts.len() > MAX_STARS + 1 {
                return Err(wrong());
            }
            Condition::Wildcard(parts)
        }
        "cidr" => Condition::Network(network(&text()?).ok_or_else(wrong)?),
        "exists" => Condition::Exists(operand.as_bool().ok_or_else(wrong)?),
        "numeric" => Condition::Numeric(numeric(operand).ok_or_else(wrong)?),
        "anything-but" => match operand {
            Value::Array(values) => Condition::Not(values.iter().map(condition).collect::<Result<_, _>>()?),
            other => Condition::Not(vec![condition(other)?]),
        },
        other => return Err(format!("FilterPolicy: Unrecognized match type {other}")),
    })
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// `["=", 1]` or `[">", 0, "<=", 150]`
fn numeric(operand: &Value) -> Option<Vec<(Comparison, f64)>> {
    let parts = operand.as_array().filter(|parts| parts.len() == 2 || parts.len() == 4)?;
    let comparison = |pair: &[Value]| {
        let [operator, number] = pair else { return None };
        let comparison = match operator.as_str()? {
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            "=" => Comparison::Equal,
            ">=" => Comparison::AtLeast,
            ">" => Comparison::More,
            _ => return None,
        };
        let number = number.as_f64().filter(|number| number.abs() <= 1e9)?;
        Some((comparison, number))
    };
    parts.chunks(2).map(comparison).collect()
}

impl Rule {
    /// Keys, and ways to match.
    fn size(&self) -> (usize, usize) {
        match self {
            Self::Values(conditions) => (1, conditions.len()),
            Self::All(members) => members
                .iter()
                .map(|(_, rule)| rule.size())
                .fold((0, 1), |(keys, ways), (more, times)| (keys + more, ways.saturating_mul(times.max(1)))),
            Self::Any(choices) => choices
                .iter()
                .map(Self::size)
                .fold((0, 0), |(keys, ways), (more, others)| (keys + more, ways.saturating_add(others))),
        }
    }

    /// Whether it holds for one of these values; of lists, for one of their items.
    fn holds(&self, values: &[&Value]) -> bool {
        match self {
            Self::Values(conditions) => conditions.iter().any(|condition| condition.holds(values)),
            Self::Any(choices) => choices.iter().any(|choice| choice.holds(values)),
            Self::All(members) => members.iter().all(|(name, rule)| match rule {
                Self::Any(_) => rule.holds(values),
                Self::All(_) | Self::Values(_) => {
                    let inner: Vec<&Value> =
                        values.iter().filter_map(|value| value.get(name)).flat_map(items).collect();
                    rule.holds(&inner)
                }
            }),
        }
    }
}

fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![value],
    }
}

impl Condition {
    fn holds(&self, values: &[&Value]) -> bool {
        match self {
            Self::Exists(wanted) => *wanted != values.is_empty(),
            Self::Exactly(_)
            | Self::Prefix(_)
            | Self::Suffix(_)
            | Self::IgnoringCase(_)
            | Self::Wildcard(_)
            | Self::Network(_)
            | Self::Numeric(_)
            | Self::Not(_) => values.iter().any(|value| self.holds_for(value)),
        }
    }

    fn holds_for(&self, value: &Value) -> bool {
        let text = || value.as_str();
        match self {
            Self::Exactly(Value::Number(wanted)) => {
                value.as_f64().is_some_and(|number| wanted.as_f64() == Some(number))
            }
            Self::Exactly(wanted) => wanted == value,
            Self::Prefix(prefix) => text().is_some_and(|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => text().is_some_and(|text| text.ends_with(suffix)),
            Self::IgnoringCase(wanted) => text().is_some_and(|text| text.to_lowercase() == *wanted),
            Self::Wildcard(parts) => text().is_some_and(|text| fits(parts, text)),
            Self::Network(network) => {
                text().and_then(|text| text.parse::<IpAddr>().ok()).is_some_and(|address| network.contains(&address))
            }
            Self::Numeric(comparisons) => value.as_f64().is_some_and(|number| {
                comparisons.iter().all(|(comparison, bound)| match comparison {
                    Comparison::Less => number < *bound,
                    Comparison::AtMost => number <= *bound,
                    Comparison::Equal => (number - bound).abs() < f64::EPSILON,
                    Comparison::AtLeast => number >= *bound,
                    Comparison::More => number > *bound,
                })
            }),
            Self::Exists(wanted) => *wanted,
            Self::Not(conditions) => !conditions.iter().any(|condition| condition.holds_for(value)),
        }
    }
}

/// Whether a text has these parts, with anything between them.
fn fits(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|whole| whole == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        match rest.split_once(part.as_str()) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn attributes() -> Map<String, Value> {
        let attributes = json!({
            "store": { "DataType": "String", "StringValue": "example_corp" },
            "price": { "DataType": "Number", "StringValue": "210.75" },
            "interests": { "DataType": "String.Array", "StringValue": "[\"soccer\", \"rugby\", 7]" },
            "address": { "DataType": "String", "StringValue": "10.0.0.7" },
            "photo": { "DataType": "Binary", "BinaryValue": "AA==" }
        });
        attributes.as_object().unwrap().clone()
    }

    #[test]
    fn policies_on_attributes() {
        let rows = [
            (json!({ "store": ["other", "example_corp"] }), true),
            (json!({ "store": ["Example_Corp"] }), false),
            (json!({ "store": [{ "equals-ignore-case": "EXAMPLE_corp" }] }), true),
            (json!({ "store": [{ "prefix": "example" }], "price": [{ "numeric": [">", 210, "<=", 210.75] }] }), true),
            (json!({ "store": [{ "prefix": "example" }], "price": [{ "numeric": ["<", 210.75] }] }), false),
            (json!({ "store": [{ "suffix": "_corp" }] }), true),
            (json!({ "store": [{ "wildcard": "ex*_c*p" }] }), true),
            (json!({ "store": [{ "wildcard": "ex*_x*" }] }), false),
            (json!({ "store": [{ "anything-but": ["a", "b"] }] }), true),
            (json!({ "store": [{ "anything-but": { "prefix": "example" } }] }), false),
            (json!({ "interests": ["rugby"] }), true),
            (json!({ "interests": [{ "numeric": ["=", 7] }] }), true),
            (json!({ "interests": ["chess"] }), false),
            (json!({ "address": [{ "cidr": "10.0.0.0/24" }] }), true),
            (json!({ "address": [{ "cidr": "10.0.1.0/24" }] }), false),
            (json!({ "missing": [{ "exists": false }] }), true),
            (json!({ "missing": [{ "anything-but": ["a"] }] }), false),
            (json!({ "photo": [{ "exists": true }] }), false),
            (json!({ "price": [210.750] }), true),
            (json!({ "$or": [{ "store": ["x"] }, { "price": [{ "numeric": [">", 1] }] }] }), true),
            (json!({ "$or": [{ "store": ["x"] }, { "price": [1] }] }), false),
        ];
        for (policy, expected) in rows {
            let parsed = Policy::parse(&policy.to_string(), false).unwrap();
            assert_eq!(parsed.accepts("", &attributes()), expected, "{policy}");
        }
    }

    #[test]
    fn policies_on_bodies() {
        let body = json!({ "order": { "lines": [{ "kind": "tea" }, { "kind": "milk" }], "paid": true, "note": null } });
        let rows = [
            (json!({ "order": { "lines": { "kind": ["milk"] } } }), true),
            (json!({ "order": { "lines": { "kind": ["rice"] } } }), false),
            (json!({ "order": { "paid": [true], "note": [null] } }), true),
            (json!({ "order": { "missing": [{ "exists": false }] } }), true),
        ];
        for (policy, expected) in rows {
            let parsed = Policy::parse(&policy.to_string(), true).unwrap();
            assert_eq!(parsed.accepts(&body.to_string(), &Map::new()), expected, "{policy}");
        }
        let any = Policy::parse(r#"{"a":[{"exists":false}]}"#, true).unwrap();
        assert!(!any.accepts("no JSON", &Map::new()));
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let many = json!({ "a": [1], "b": [1], "c": [1], "d": [1], "e": [1], "f": [1] });
        let rows = [
            json!([]),
            json!({ "a": "b" }),
            json!({ "a": { "b": ["c"] } }),
            json!({ "a": [{ "like": "b" }] }),
            json!({ "a": [{ "numeric": ["~", 1] }] }),
            json!({ "a": [{ "wildcard": "*a*b*c*" }] }),
            json!({ "a": [{ "cidr": "10.0.0.0/33" }] }),
            json!({ "a": [{ "prefix": "x", "suffix": "y" }] }),
            many,
        ];
        for policy in rows {
            assert!(Policy::parse(&policy.to_string(), false).is_err(), "{policy}");
        }
    }
}
