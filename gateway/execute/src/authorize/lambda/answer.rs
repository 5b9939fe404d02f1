//! What a Lambda authorizer answers.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>

use crate::policy::{self, Policy};
use serde_json::{Map, Value};
use std::sync::Arc;

/// An answer, ready to judge by.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// `principalId`
    pub principal_id: Arc<str>,
    /// `policyDocument`
    pub policy: Policy,
    /// `context`, each value as text.
    pub context: Arc<Map<String, Value>>,
    /// `usageIdentifierKey`
    pub usage_identifier_key: Option<Arc<str>>,
}

impl Answer {
    /// Reads an answer. What its policy says and is not supported grants nothing.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(payload: &[u8]) -> Result<Self, String> {
        let answer: Value = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        let answer = answer.as_object().ok_or("it is no object")?;
        let principal_id = answer.get("principalId").and_then(scalar).ok_or("it has no `principalId`")?;
        let document = answer.get("policyDocument").ok_or("it has no `policyDocument`")?;
        let policy = policy::parse(document, policy::Kind::Identity)?.policy;
        let context = match answer.get("context") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(context)) => texts(context)?,
            Some(_) => return Err("its `context` is no object".to_owned()),
        };
        let usage_identifier_key = match answer.get("usageIdentifierKey") {
            None | Some(Value::Null) => None,
            Some(Value::String(key)) => Some(key.as_str().into()),
            Some(_) => return Err("its `usageIdentifierKey` is no text".to_owned()),
        };
        Ok(Self { principal_id: principal_id.into(), policy, context: Arc::new(context), usage_identifier_key })
    }

    /// Roughly how many bytes it takes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let member = |(name, value): (&String, &Value)| {
            size_of::<(String, Value)>() + 2 * size_of::<usize>() + name.len() + length(value)
        };
        size_of::<Self>()
            + size_of::<Map<String, Value>>()
            + self.principal_id.len()
            + self.policy.weight()
            + self.context.iter().map(member).sum::<usize>()
            + self.usage_identifier_key.as_ref().map_or(0, |key| key.len())
    }
}

/// Roughly how long a value is; those of HTTP APIs may be lists and objects.
fn length(value: &Value) -> usize {
    value.as_str().map_or_else(|| 8 * value.to_string().len(), str::len)
}

/// Every value as text; `null` is left out.
fn texts(context: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let mut texts = Map::with_capacity(context.len());
    for (name, value) in context.iter().filter(|(_, value)| !value.is_null()) {
        let text = scalar(value).ok_or_else(|| format!("`{name}` of its `context` is an object or a list"))?;
        texts.insert(name.clone(), Value::String(text));
    }
    Ok(texts)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy() -> Value {
        json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } })
    }

    #[test]
    fn context_becomes_text() {
        let context = json!({ "a": "x", "b": 1, "c": 1.5, "d": true, "e": null });
        let answer = json!({ "principalId": 7, "policyDocument": policy(), "context": context });
        let answer = Answer::parse(answer.to_string().as_bytes()).unwrap();
        assert_eq!(&*answer.principal_id, "7");
        assert_eq!(Value::Object((*answer.context).clone()), json!({ "a": "x", "b": "1", "c": "1.5", "d": "true" }));
    }

    #[test]
    fn what_is_no_answer() {
        let rows = [
            json!(null),
            json!("yes"),
            json!([]),
            json!({ "policyDocument": policy() }),
            json!({ "principalId": null, "policyDocument": policy() }),
            json!({ "principalId": "me" }),
            json!({ "principalId": "me", "policyDocument": policy().to_string() }),
            json!({ "principalId": "me", "policyDocument": {} }),
            json!({ "principalId": "me", "policyDocument": policy(), "context": { "a": { "b": 1 } } }),
            json!({ "principalId": "me", "policyDocument": policy(), "context": { "a": [] } }),
            json!({ "principalId": "me", "policyDocument": policy(), "context": "text" }),
            json!({ "principalId": "me", "policyDocument": policy(), "usageIdentifierKey": 1 }),
        ];
        for row in rows {
            assert!(Answer::parse(row.to_string().as_bytes()).is_err(), "{row}");
        }
    }
}
