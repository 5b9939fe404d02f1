//! Reads policy documents.
//!
//! AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use super::{
    Action, Concerned, Effect, Policy, Principal, Principals, Resources, Statement, condition::Condition,
    pattern::Pattern,
};
use crate::limits;
use serde_json::{Map, Value};

/// Where a policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// What an authorizer answers, or what a user may do: nobody is named.
    Identity,
    /// A resource policy names principals, and may leave out the beginning of ARNs, which is this one.
    Resource(&'a str),
}

/// A policy, and what of it is not supported; it grants nothing for that.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The policy.
    pub policy: Policy,
    /// What is not supported.
    pub unsupported: Vec<String>,
}

/// Reads a document.
///
/// # Errors
/// Why it is no policy.
pub fn parse(document: &Value, kind: Kind<'_>) -> Result<Parsed, String> {
    let document = document.as_object().ok_or("a policy is an object")?;
    let mut reading = Reading { kind, variables: Variables::AreText, unsupported: Vec::new() };
    for (name, value) in document {
        match name.as_str() {
            "Version" => reading.variables = version(value)?,
            "Id" | "Statement" => {}
            other => return Err(format!("a policy has no `{other}`")),
        }
    }
    let statements = match document.get("Statement").ok_or("the policy has no `Statement`")? {
        Value::Array(statements) => statements.as_slice(),
        statement => std::slice::from_ref(statement),
    };
    let statements = statements.iter().filter_map(|statement| reading.statement(statement).transpose());
    let statements = statements.collect::<Result<Box<[Statement]>, String>>()?;
    Ok(Parsed { policy: Policy { statements }, unsupported: reading.unsupported })
}

/// The current version of the language has variables, `${aws:username}`, the old one has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variables {
    AreText,
    AreNotSupported,
}

fn version(value: &Value) -> Result<Variables, String> {
    match value.as_str() {
        Some("2012-10-17") => Ok(Variables::AreNotSupported),
        Some("2008-10-17") => Ok(Variables::AreText),
        Some(_) | None => Err(format!("{value} is no version of the policy language")),
    }
}

struct Reading<'a> {
    kind: Kind<'a>,
    variables: Variables,
    unsupported: Vec<String>,
}

impl Reading<'_> {
    /// `None` for an `Allow` that says something unsupported. A `Deny` that does applies to more than it says.
    fn statement(&mut self, value: &Value) -> Result<Option<Statement>, String> {
        let map = value.as_object().ok_or("a statement is an object")?;
        let effect = match map.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            Some(_) | None => return Err("the `Effect` of a statement is `Allow` or `Deny`".to_owned()),
        };
        let before = self.unsupported.len();
        for name in map.keys().filter(|name| !KEYS.contains(&name.as_str())) {
            self.unsupported.push(format!("`{name}` of a statement is not supported"));
        }
        let statement = Statement {
            effect,
            actions: self.actions(map)?,
            principals: self.principals(map)?,
            resources: self.resources(map)?,
            conditions: self.conditions(map)?,
        };
        let understood = self.unsupported.len() == before;
        Ok((understood || effect == Effect::Deny).then_some(statement))
    }

    fn actions(&self, map: &Map<String, Value>) -> Result<[Concerned; Action::ALL.len()], String> {
        let (texts, inside, outside) = match alternatives(map, "Action", "NotAction")? {
            Given::In(value) => (list(value, "Action")?, Concerned::Yes, Concerned::No),
            Given::NotIn(value) => (list(value, "NotAction")?, Concerned::No, Concerned::Yes),
            Given::Neither => return Err("a statement has an `Action` or a `NotAction`".to_owned()),
        };
        let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::new(&text.to_ascii_lowercase())).collect();
        Ok(Action::ALL.map(|action| {
            let named = patterns.iter().any(|pattern| pattern.matches(action.lower_case()));
            if named { inside } else { outside }
        }))
    }

    fn resources(&mut self, map: &Map<String, Value>) -> Result<Resources, String> {
        match alternatives(map, "Resource", "NotResource")? {
            Given::In(value) => {
                // A pattern that is not understood may mean any resource; whether the statement counts at all is decided
                // by its effect.
                let all = self.patterns(value, "Resource")?.into_iter();
                Ok(Resources::In(all.map(|pattern| pattern.unwrap_or(Pattern::Any)).collect()))
            }
            Given::NotIn(value) => {
                Ok(Resources::NotIn(self.patterns(value, "NotResource")?.into_iter().flatten().collect()))
            }
            Given::Neither => Err("a statement has a `Resource` or a `NotResource`".to_owned()),
        }
    }

    fn patterns(&mut self, value: &Value, name: &str) -> Result<Vec<Option<Pattern>>, String> {
        list(value, name)?.into_iter().map(|text| self.pattern(text)).collect()
    }

    fn pattern(&mut self, text: &str) -> Result<Option<Pattern>, String> {
        if text.len() > limits::POLICY_RESOURCE_BYTES {
            return Err(format!("a resource is longer than {} bytes", limits::POLICY_RESOURCE_BYTES));
        }
        if self.has_variables(text) {
            return Ok(None);
        }
        let whole = match (self.kind, text.strip_prefix("execute-api:/")) {
            (Kind::Resource(prefix), Some(rest)) => Pattern::new(&format!("{prefix}/{rest}")),
            (Kind::Resource(_) | Kind::Identity, _) => Pattern::new(text),
        };
        Ok(Some(whole))
    }

    fn has_variables(&mut self, text: &str) -> bool {
        let found = self.variables == Variables::AreNotSupported && text.contains("${");
        if found {
            self.unsupported.push(format!("the policy variable in `{text}` is not supported"));
        }
        found
    }

    fn principals(&self, map: &Map<String, Value>) -> Result<Principals, String> {
        match (alternatives(map, "Principal", "NotPrincipal")?, self.kind) {
            (Given::In(value), _) => Ok(Principals::In(principals(value)?)),
            (Given::NotIn(value), _) => Ok(Principals::NotIn(principals(value)?)),
            (Given::Neither, Kind::Identity) => Ok(Principals::Everybody),
            (Given::Neither, Kind::Resource(_)) => Err("a statement of a resource policy has a `Principal`".to_owned()),
        }
    }

    /// All that are supported; leaving one out of a `Deny` makes it apply to more requests.
    fn conditions(&mut self, map: &Map<String, Value>) -> Result<Box<[Condition]>, String> {
        let Some(operators) = map.get("Condition") else { return Ok(Box::default()) };
        let operators = operators.as_object().ok_or("a `Condition` is an object")?;
        let mut conditions = Vec::new();
        for (operator, keys) in operators {
            for (key, values) in keys.as_object().ok_or_else(|| format!("`{operator}` is an object of keys"))? {
                if self.has_variables(&values.to_string()) {
                    continue;
                }
                match Condition::new(operator, key, values) {
                    Ok(condition) => conditions.push(condition),
                    Err(reason) => self.unsupported.push(reason),
                }
            }
        }
        Ok(conditions.into())
    }
}

const KEYS: [&str; 9] =
    ["Action", "Condition", "Effect", "NotAction", "NotPrincipal", "NotResource", "Principal", "Resource", "Sid"];

enum Given<'a> {
    In(&'a Value),
    NotIn(&'a Value),
    Neither,
}

fn alternatives<'a>(map: &'a Map<String, Value>, name: &str, negated: &str) -> Result<Given<'a>, String> {
    match (map.get(name), map.get(negated)) {
        (Some(value), None) => Ok(Given::In(value)),
        (None, Some(value)) => Ok(Given::NotIn(value)),
        (None, None) => Ok(Given::Neither),
        (Some(_), Some(_)) => Err(format!("a statement has `{name}` or `{negated}`, not both")),
    }
}

fn list<'a>(value: &'a Value, name: &str) -> Result<Vec<&'a str>, String> {
    let values = match value {
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
    texts.filter(|texts| !texts.is_empty()).ok_or_else(|| format!("`{name}` is a text or a list of texts"))
}

fn principals(value: &Value) -> Result<Box<[Principal]>, String> {
    match value {
        Value::String(text) if text == "*" => Ok([Principal::Everybody].into()),
        Value::Object(kinds) => {
            let mut all = Vec::new();
            for (kind, names) in kinds {
                let names = list(names, kind)?;
                match kind.as_str() {
                    "AWS" => {
                        for name in names {
                            all.push(principal(name)?);
                        }
                    }
                    "CanonicalUser" | "Federated" | "Service" => all.push(Principal::Nobody),
                    other => return Err(format!("`{other}` is no kind of principal")),
                }
            }
            Ok(all.into())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err("a `Principal` is `*` or an object".to_owned())
        }
    }
}

fn principal(name: &str) -> Result<Principal, String> {
    let account = name.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next());
    match account {
        Some(account) => Ok(Principal::Account(account.into())),
        None if name == "*" => Ok(Principal::Everybody),
        None if name.contains(['*', '?']) => {
            Err(format!("the principal `{name}` has a wildcard, which IAM does not allow"))
        }
        None if name.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Principal::Account(name.into())),
        None => Ok(Principal::Arn(name.into())),
    }
}
