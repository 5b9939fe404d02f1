//! The name of a Lambda function, which a stage may choose.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html>

use indexmap::IndexMap;
use std::{borrow::Cow, sync::Arc};

/// A function's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionName {
    /// As the definition has it.
    written: Arc<str>,
    /// Texts and the variables after them; without a variable, empty.
    parts: Vec<(String, String)>,
    end: String,
}

const OPEN: &str = "${stageVariables.";

impl FunctionName {
    /// Compiles a name that may hold `${stageVariables.X}`.
    #[must_use]
    pub fn new(written: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = written;
        while let Some((before, after)) = rest.split_once(OPEN) {
            let Some((variable, after)) = after.split_once('}') else { break };
            parts.push((before.to_owned(), variable.to_owned()));
            rest = after;
        }
        Self { written: written.into(), parts, end: rest.to_owned() }
    }

    /// As the definition has it.
    #[must_use]
    pub fn written(&self) -> Arc<str> {
        Arc::clone(&self.written)
    }

    /// Whether a stage chooses.
    #[must_use]
    pub const fn is_chosen_by_stage(&self) -> bool {
        !self.parts.is_empty()
    }

    /// A variable that is in the name and not among these.
    #[must_use]
    pub fn missing<'a>(&'a self, variables: &IndexMap<String, String>) -> Option<&'a str> {
        self.parts.iter().map(|(_, variable)| variable.as_str()).find(|variable| !variables.contains_key(*variable))
    }

    /// The name for a stage with these variables. A variable may bring a version or an alias, or a whole ARN.
    #[must_use]
    pub fn of<'a>(&'a self, variables: &IndexMap<String, String>) -> Cow<'a, str> {
        if self.parts.is_empty() {
            return Cow::Borrowed(&self.written);
        }
        let mut name = String::new();
        for (text, variable) in &self.parts {
            name.push_str(text);
            name.push_str(variables.get(variable).map_or("", String::as_str));
        }
        name.push_str(&self.end);
        let skipped = if name.starts_with("arn:") { 6 } else { 0 };
        let own = name.split(':').nth(skipped).map(ToOwned::to_owned);
        Cow::Owned(own.unwrap_or(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_chooses_the_function() {
        let variables = IndexMap::from(
            [("fn", "pets"), ("alias", "pets:live"), ("arn", "arn:aws:lambda:us-east-1:1:function:pets:live")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let rows = [
            ("pets", "pets"),
            ("${stageVariables.fn}", "pets"),
            ("${stageVariables.alias}", "pets"),
            ("${stageVariables.arn}", "pets"),
            ("my-${stageVariables.fn}-${stageVariables.fn}", "my-pets-pets"),
            ("${stageVariables.none}", ""),
            ("${stageVariables.fn", "${stageVariables.fn"),
        ];
        for (written, expected) in rows {
            assert_eq!(FunctionName::new(written).of(&variables), expected, "{written}");
        }
        assert_eq!(FunctionName::new("${stageVariables.fn}-${stageVariables.none}").missing(&variables), Some("none"));
    }
}
