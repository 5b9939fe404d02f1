//! Conditions of a statement, compiled.
//!
//! AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use super::{
    facts::{Facts, Key},
    pattern::Pattern,
};
use ipnet::IpNet;
use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::Value;
use std::{cmp::Ordering, net::IpAddr};

/// One key of one operator.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    key: Key,
    absent: Absent,
    sense: Sense,
    test: Test,
}

/// What holds when the request does not have the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absent {
    Holds,
    Fails,
}

/// `StringNotEquals` and its kin hold when no value matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    AnyMatches,
    NoneMatches,
}

/// What is compared; values are alternatives.
#[derive(Debug, Clone, PartialEq)]
enum Test {
    Text(Box<[Box<str>]>),
    /// Compared in lower case.
    AnyCase(Box<[Box<str>]>),
    Like(Box<[Pattern]>),
    /// Six patterns for the six parts of an ARN.
    Arn(Box<[[Pattern; 6]]>),
    Address(Box<[IpNet]>),
    Flag(Box<[bool]>),
    Date(Comparison, Box<[i64]>),
    Number(Comparison, Box<[f64]>),
    /// `Null`: `true` wants the key to be absent.
    Presence(Box<[bool]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Compiles one key of an operator.
    ///
    /// # Errors
    /// What about it is not supported.
    pub(super) fn new(operator: &str, key: &str, values: &Value) -> Result<Self, String> {
        let unknown = || format!("the condition operator `{operator}` is not supported");
        let lower = operator.to_ascii_lowercase();
        let (quantifier, rest) = lower.split_once(':').map_or((None, &*lower), |(set, rest)| (Some(set), rest));
        let (name, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |name| (name, true));
        let known = Key::parse(key).ok_or_else(|| format!("the condition key `{key}` is not supported"))?;
        let texts = texts(values).filter(|texts| !texts.is_empty());
        let texts = texts.ok_or_else(|| format!("the values of `{key}` are no texts"))?;
        let (sense, test) = test(name, known, &texts)?.ok_or_else(unknown)?;
        let absent = match (quantifier, sense) {
            _ if if_exists => Absent::Holds,
            (Some("forallvalues"), _) | (None, Sense::NoneMatches) => Absent::Holds,
            (Some("foranyvalue"), _) | (None, Sense::AnyMatches) => Absent::Fails,
            (Some(_), _) => return Err(unknown()),
        };
        Ok(Self { key: known, absent, sense, test })
    }

    pub(super) fn holds(&self, facts: &Facts<'_>) -> bool {
        let Some(matches) = self.test.matches(self.key, facts) else { return self.absent == Absent::Holds };
        match self.sense {
            Sense::AnyMatches => matches,
            Sense::NoneMatches => !matches,
        }
    }

    pub(super) fn weight(&self) -> usize {
        let own = match &self.test {
            Test::Text(texts) | Test::AnyCase(texts) => {
                texts.iter().map(|text| size_of::<Box<str>>() + text.len()).sum()
            }
            Test::Like(patterns) => patterns.iter().map(Pattern::weight).sum(),
            Test::Arn(arns) => arns.iter().flatten().map(Pattern::weight).sum(),
            Test::Address(networks) => size_of_val(&**networks),
            Test::Flag(flags) | Test::Presence(flags) => flags.len(),
            Test::Date(_, times) => size_of_val(&**times),
            Test::Number(_, numbers) => size_of_val(&**numbers),
        };
        size_of::<Self>() + own
    }
}

/// A value, or a list of them, as texts.
fn texts(values: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match values {
        Value::Array(values) => values.iter().map(one).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Some(vec![one(values)?])
        }
    }
}

/// `None` for an operator that is none.
fn test(name: &str, key: Key, texts: &[String]) -> Result<Option<(Sense, Test)>, String> {
    let (family, relation) = ["string", "numeric", "date", "arn"]
        .into_iter()
        .find_map(|family| Some((family, name.strip_prefix(family)?)))
        .unwrap_or((name, ""));
    let (sense, relation) = match (family, relation) {
        ("notipaddress", "") => (Sense::NoneMatches, "ipaddress"),
        (_, relation) => {
            relation.strip_prefix("not").map_or((Sense::AnyMatches, relation), |rest| (Sense::NoneMatches, rest))
        }
    };
    let test = match (family, relation) {
        ("string", "equals") => Test::Text(texts.iter().map(|text| text.as_str().into()).collect()),
        ("string", "equalsignorecase") => Test::AnyCase(texts.iter().map(|text| text.to_lowercase().into()).collect()),
        ("string", "like") => Test::Like(texts.iter().map(|text| Pattern::new(text)).collect()),
        ("arn", "equals" | "like") if matches!(key, Key::PrincipalArn | Key::SourceArn) => Test::Arn(all(texts, arn)?),
        ("ipaddress", "") | ("notipaddress", "ipaddress") if matches!(key, Key::SourceIp | Key::VpcSourceIp) => {
            Test::Address(all(texts, network)?)
        }
        ("bool", "") if matches!(key, Key::SecureTransport | Key::MultiFactorAuthPresent) => {
            Test::Flag(all(texts, flag)?)
        }
        ("null", "") => Test::Presence(all(texts, flag)?),
        ("date", relation) if matches!(key, Key::CurrentTime | Key::EpochTime | Key::TokenIssueTime) => {
            let Some(comparison) = comparison(relation) else { return Ok(None) };
            Test::Date(comparison, all(texts, date)?)
        }
        ("numeric", relation) if matches!(key, Key::EpochTime | Key::MultiFactorAuthAge) => {
            let Some(comparison) = comparison(relation) else { return Ok(None) };
            Test::Number(comparison, all(texts, number)?)
        }
        ("arn" | "ipaddress" | "notipaddress" | "bool" | "date" | "numeric", _) => {
            return Err(format!("`{name}` cannot compare {key:?}"));
        }
        _ => return Ok(None),
    };
    Ok(Some((sense, test)))
}

fn comparison(relation: &str) -> Option<Comparison> {
    match relation {
        "equals" => Some(Comparison::Equal),
        "lessthan" => Some(Comparison::Less),
        "lessthanequals" => Some(Comparison::LessOrEqual),
        "greaterthan" => Some(Comparison::Greater),
        "greaterthanequals" => Some(Comparison::GreaterOrEqual),
        _ => None,
    }
}

fn all<T>(texts: &[String], one: fn(&str) -> Option<T>) -> Result<Box<[T]>, String> {
    texts.iter().map(|text| one(text).ok_or_else(|| format!("`{text}` is no value for this condition"))).collect()
}

fn arn(text: &str) -> Option<[Pattern; 6]> {
    let parts: Vec<Pattern> = text.splitn(6, ':').map(Pattern::new).collect();
    parts.try_into().ok()
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// ISO 8601 with or without a time and an offset, or seconds since 1970.
fn date(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1000);
    }
    let local = |time: civil::DateTime| Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp());
    let timestamp = text.parse::<Timestamp>().ok();
    let timestamp = timestamp.or_else(|| local(text.parse::<civil::DateTime>().ok()?));
    let timestamp = timestamp.or_else(|| local(text.parse::<civil::Date>().ok()?.at(0, 0, 0, 0)));
    timestamp.map(Timestamp::as_millisecond)
}

impl Test {
    /// `None` when the request does not have the key.
    fn matches(&self, key: Key, facts: &Facts<'_>) -> Option<bool> {
        match self {
            Self::Text(texts) => facts.text(key).map(|found| texts.iter().any(|text| **text == *found)),
            Self::AnyCase(texts) => {
                facts.text(key).map(|found| found.to_lowercase()).map(|found| texts.iter().any(|text| **text == *found))
            }
            Self::Like(patterns) => facts.text(key).map(|found| patterns.iter().any(|pattern| pattern.matches(&found))),
            Self::Arn(arns) => facts.text(key).map(|found| arns.iter().any(|arn| is_like(arn, &found))),
            Self::Address(networks) => {
                facts.address(key).map(|found| networks.iter().any(|network| network.contains(&found)))
            }
            Self::Flag(flags) => facts.flag(key).map(|found| flags.contains(&found)),
            Self::Date(comparison, times) => {
                facts.unix_ms(key).map(|found| times.iter().any(|time| comparison.holds(Some(found.cmp(time)))))
            }
            Self::Number(comparison, numbers) => {
                facts.number(key).map(|found| numbers.iter().any(|number| comparison.holds(found.partial_cmp(number))))
            }
            Self::Presence(flags) => Some(flags.contains(&facts.text(key).is_none())),
        }
    }
}

fn is_like(arn: &[Pattern; 6], found: &str) -> bool {
    let mut parts = found.splitn(6, ':');
    arn.iter().all(|pattern| parts.next().is_some_and(|part| pattern.matches(part)))
}

impl Comparison {
    fn holds(self, found: Option<Ordering>) -> bool {
        match (self, found) {
            (_, None) => false,
            (Self::Equal, Some(found)) => found == Ordering::Equal,
            (Self::Less, Some(found)) => found == Ordering::Less,
            (Self::LessOrEqual, Some(found)) => found != Ordering::Greater,
            (Self::Greater, Some(found)) => found == Ordering::Greater,
            (Self::GreaterOrEqual, Some(found)) => found != Ordering::Less,
        }
    }
}
