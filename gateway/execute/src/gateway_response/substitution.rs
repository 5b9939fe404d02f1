//! Values in the texts of gateway responses. This is no mapping template: a name is replaced by its value, and nothing
//! else happens.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>

use super::answer::Answer;
use crate::{context, deployment::Method, exchange::Exchange, query, route, stage::StageSnapshot};
use serde_json::Value;
use std::{borrow::Cow, cell::OnceCell};

/// A template, cut at its variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(Variable),
}

/// A value of the request, the stage or the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// `context.error.X`
    Error(ErrorVariable),
    /// `context.X.Y`, one name after the other.
    Context(Vec<String>),
    /// `stageVariables.X`
    StageVariable(String),
    /// `method.request.header.X`: the last value.
    Header(String),
    /// `method.request.querystring.X`: the last value.
    Query(String),
    /// `method.request.path.X`
    Path(String),
    /// A name that means nothing, and has no value.
    Unknown,
}

/// `$context.error`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorVariable {
    /// `message`
    Message,
    /// `messageString`: the message in quotes, or `null`.
    MessageString,
    /// `responseType`
    ResponseType,
    /// `validationErrorString`
    ValidationErrorString,
}

/// What variables are read from.
#[derive(Debug)]
pub struct Scope<'a> {
    stage: &'a StageSnapshot,
    method: Option<&'a Method>,
    pub(super) exchange: &'a Exchange,
    pub(super) answer: &'a Answer<'a>,
    /// Made when the first variable asks for it.
    context: OnceCell<Value>,
}

impl<'a> Scope<'a> {
    /// The scope of one refusal; `method` is there when the request had found one.
    #[must_use]
    pub const fn new(
        stage: &'a StageSnapshot,
        method: Option<&'a Method>,
        exchange: &'a Exchange,
        answer: &'a Answer<'a>,
    ) -> Self {
        Self { stage, method, exchange, answer, context: OnceCell::new() }
    }
}

impl Template {
    /// Cuts a text at its variables: `$context.a.b`, `$stageVariables.a`, `$method.request.header.a`; any other name
    /// after a `$` is one without a value.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        let mut literal = String::new();
        while let Some((before, after)) = rest.split_once('$') {
            literal.push_str(before);
            let (names, length) = names(after);
            if names.is_empty() {
                literal.push('$');
            } else {
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                parts.push(Part::Variable(Variable::of(names)));
            }
            rest = after.get(length..).unwrap_or_default();
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Self(parts)
    }

    /// The text itself when there is nothing to put in.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            [_, ..] => None,
        }
    }

    /// The text with the values in it.
    #[must_use]
    pub fn render(&self, scope: &Scope<'_>) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Variable(variable) => out.push_str(&variable.value(scope).unwrap_or_default()),
            }
        }
        out
    }

    /// Names that have no value here.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Variable(Variable::Unknown)))
    }
}

impl Variable {
    /// Reads an expression without `$`, as header mappings write it.
    #[must_use]
    pub fn parse(expression: &str) -> Self {
        // Names of headers may hold what ends a name in a text.
        match expression.strip_prefix("method.request.").or_else(|| expression.strip_prefix("method.input.params.")) {
            Some(rest) => Self::of_request(rest.split_once('.').unwrap_or((rest, ""))),
            None => match names(expression) {
                (names, length) if length == expression.len() => Self::of(names),
                (_, _) => Self::Unknown,
            },
        }
    }

    fn of(names: Vec<String>) -> Self {
        let words: Vec<&str> = names.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["context", "error", name] => ErrorVariable::parse(name).map_or(Self::Unknown, Self::Error),
            ["context", _, ..] => Self::Context(names.into_iter().skip(1).collect()),
            ["stageVariables", name] => Self::StageVariable((*name).to_owned()),
            ["method", "request", location, rest @ ..] if !rest.is_empty() => {
                Self::of_request((location, &rest.join(".")))
            }
            ["method", "input", "params", location, rest @ ..] if !rest.is_empty() => {
                Self::of_request((location, &rest.join(".")))
            }
            _ => Self::Unknown,
        }
    }

    fn of_request((location, name): (&str, &str)) -> Self {
        match location {
            _ if name.is_empty() => Self::Unknown,
            "header" => Self::Header(name.to_owned()),
            "querystring" => Self::Query(name.to_owned()),
            "path" => Self::Path(name.to_owned()),
            _ => Self::Unknown,
        }
    }

    /// The value; `None` when there is none.
    #[must_use]
    pub fn value<'a>(&'a self, scope: &'a Scope<'_>) -> Option<Cow<'a, str>> {
        let request = &scope.exchange.request;
        match self {
            Self::Error(variable) => variable.value(scope),
            Self::Context(names) => {
                let context = scope
                    .context
                    .get_or_init(|| context::variables(scope.stage, scope.method, scope.exchange, |_| true));
                text(names.iter().try_fold(context, |value, name| value.get(name))?)
            }
            Self::StageVariable(name) => scope.stage.variables.get(name).map(|value| value.as_str().into()),
            Self::Header(name) => {
                let last = request.headers.get_all(name).iter().next_back()?;
                Some(String::from_utf8_lossy(last.as_bytes()))
            }
            Self::Query(name) => {
                let pairs = query::pairs(request.uri.query().unwrap_or_default());
                pairs.filter(|(known, _)| known == name).map(|(_, value)| value).last()
            }
            Self::Path(name) => {
                let mut all = route::parameters(&scope.method?.path_parameters, scope.exchange.path());
                all.find(|(known, _)| known.as_ref() == name).map(|(_, value)| value.into())
            }
            Self::Unknown => None,
        }
    }
}

impl ErrorVariable {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "message" => Some(Self::Message),
            "messageString" => Some(Self::MessageString),
            "responseType" => Some(Self::ResponseType),
            "validationErrorString" => Some(Self::ValidationErrorString),
            _ => None,
        }
    }

    fn value<'a>(self, scope: &'a Scope<'_>) -> Option<Cow<'a, str>> {
        let answer = scope.answer;
        match self {
            Self::Message => answer.message.text().map(Cow::Borrowed),
            Self::MessageString => Some(super::message_string(answer).into()),
            Self::ResponseType => Some(answer.response_type.as_str().into()),
            Self::ValidationErrorString => answer.validation_error.map(Cow::Borrowed),
        }
    }
}

fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.as_str().into()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(value.to_string().into()),
    }
}

/// The names at the start of a text, separated by dots, the later ones also as `['name']`, and how long that is.
fn names(text: &str) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    let mut rest = text;
    loop {
        let name = match names.as_slice() {
            [] => rest,
            [_, ..] => match (rest.strip_prefix('.'), rest.strip_prefix('[').and_then(quoted)) {
                (Some(name), _) => name,
                (None, Some((name, after))) => {
                    names.push(name.to_owned());
                    rest = after;
                    continue;
                }
                (None, None) => break,
            },
        };
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c)).unwrap_or(name.len());
        let (name, after) = name.split_at_checked(end).unwrap_or((name, ""));
        if name.is_empty() || (names.is_empty() && !name.starts_with(|c: char| c.is_ascii_alphabetic())) {
            break;
        }
        names.push(name.to_owned());
        rest = after;
    }
    (names, text.len() - rest.len())
}

/// `'name']` or `"name"]`, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|quote| ['\'', '"'].contains(quote))?;
    let (name, after) = text.strip_prefix(quote)?.split_once(quote)?;
    Some((name, after.strip_prefix(']')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn context(names: &[&str]) -> Part {
        Part::Variable(Variable::Context(names.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn templates_are_cut_at_their_variables() {
        let rows: [(&str, Vec<Part>); 9] = [
            ("", vec![]),
            ("costs $5 or $ 6$", vec![part("costs $5 or $ 6$")]),
            ("\"$context.requestId.\"", vec![part("\""), context(&["requestId"]), part(".\"")]),
            (
                "$context.error.messageString,$stageVariables.v",
                vec![
                    Part::Variable(Variable::Error(ErrorVariable::MessageString)),
                    part(","),
                    Part::Variable(Variable::StageVariable("v".to_owned())),
                ],
            ),
            (
                "$context.authorizer.claims['custom:x']!",
                vec![context(&["authorizer", "claims", "custom:x"]), part("!")],
            ),
            ("$method.request.header.X-A", vec![Part::Variable(Variable::Header("X-A".to_owned()))]),
            ("$method.request.body", vec![Part::Variable(Variable::Unknown)]),
            ("$input.path('$')", vec![Part::Variable(Variable::Unknown), part("('$')")]),
            ("$context", vec![Part::Variable(Variable::Unknown)]),
        ];
        for (text, expected) in rows {
            assert_eq!(Template::parse(text).0, expected, "{text}");
        }
    }

    #[test]
    fn header_expressions() {
        let rows = [
            ("method.request.header.X-A.b", Variable::Header("X-A.b".to_owned())),
            ("method.input.params.path.id", Variable::Path("id".to_owned())),
            ("method.request.querystring.q", Variable::Query("q".to_owned())),
            ("context.requestId", Variable::Context(vec!["requestId".to_owned()])),
            ("stageVariables.v", Variable::StageVariable("v".to_owned())),
            ("method.request.body", Variable::Unknown),
            ("integration.response.header.X", Variable::Unknown),
            ("context.requestId more", Variable::Unknown),
        ];
        for (expression, expected) in rows {
            assert_eq!(Variable::parse(expression), expected, "{expression}");
        }
    }
}
