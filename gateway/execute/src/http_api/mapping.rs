//! Parameter mappings of HTTP APIs, compiled: `overwrite:header.X: $request.path.y` and their kin.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html>

use super::{path, route::Route};
use crate::{
    body_mapping::BodyMember,
    context_variable::{ContextVariable, Facts},
    exchange::Exchange,
    failure::Failure,
    query,
    stage::StageSnapshot,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::borrow::Cow;

/// One mapping.
#[derive(Debug, PartialEq, Eq)]
pub struct Mapping {
    /// What is done.
    pub operation: Operation,
    /// To what.
    pub target: Target,
    /// With what.
    pub value: Expression,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `append:`
    Append,
    /// `overwrite:`
    Overwrite,
    /// `remove:`
    Remove,
}

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `header.X`
    Header(HeaderName),
    /// `querystring.X`
    Query(String),
    /// `path`
    Path,
    /// `statuscode`
    Status,
}

/// A text with variables in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Expression(Vec<Part>);

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Header(String),
    Query(String),
    Path,
    PathParameter(String),
    Body,
    BodyMember(BodyMember),
    ResponseHeader(String),
    ResponseBody,
    ResponseBodyMember(BodyMember),
    StageVariable(String),
    Context(ContextVariable),
}

/// What an expression may speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The request.
    Request,
    /// The endpoint's response, for which the request is gone.
    Response,
}

/// What expressions are evaluated against.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The stage.
    pub stage: &'a StageSnapshot,
    /// The exchange.
    pub exchange: &'a Exchange,
    /// The route.
    pub route: &'a Route,
    /// The body: the client's, then the endpoint's.
    pub body: &'a [u8],
    /// The headers of the endpoint's response, once there is one.
    pub response: Option<&'a HeaderMap>,
}

/// AWS refuses to map these.
const RESERVED: [&str; 17] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-location",
    "forwarded",
    "keep-alive",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailers",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-forwarded-for",
    "x-forwarded-proto",
];

/// And all that begin so.
const RESERVED_PREFIXES: [&str; 4] = ["access-control-", "apigw-", "x-amz-", "x-amzn-"];

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// What is wrong with it, for a diagnostic.
    pub fn parse(direction: Direction, target: &str, value: &str) -> Result<Self, String> {
        let none = || format!("`{target}` is no target of a parameter mapping");
        let (operation, place) = target.split_once(':').ok_or_else(none)?;
        let operation = match operation {
            "append" => Operation::Append,
            "overwrite" => Operation::Overwrite,
            "remove" => Operation::Remove,
            _ => return Err(none()),
        };
        let target = match (place.split_once('.'), place) {
            (Some(("header", name)), _) => Target::Header(header(name)?),
            (Some(("querystring", name)), _) => Target::Query(name.to_owned()),
            (None, "path") => Target::Path,
            (None, "statuscode") => Target::Status,
            (_, _) => return Err(none()),
        };
        Ok(Self { operation, target, value: Expression::parse(direction, value)? })
    }

    /// Changes a header. A value that would end it and begin another is the client's fault.
    ///
    /// # Errors
    /// 400
    pub fn change(&self, headers: &mut HeaderMap, name: &HeaderName, scope: &Scope<'_>) -> Result<(), Failure> {
        if self.operation == Operation::Remove {
            headers.remove(name);
            return Ok(());
        }
        let value = HeaderValue::from_str(&self.value.text(scope))
            .or_else(|_| HeaderValue::from_bytes(self.value.text(scope).as_bytes()))
            .map_err(|_| Failure::BadParameter(format!("the value mapped to the header {name} cannot stand there")))?;
        match self.operation {
            Operation::Append => {
                headers.append(name.clone(), value);
            }
            Operation::Overwrite | Operation::Remove => {
                headers.insert(name.clone(), value);
            }
        }
        Ok(())
    }
}

fn header(name: &str) -> Result<HeaderName, String> {
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))?;
    let reserved = RESERVED.contains(&parsed.as_str())
        || RESERVED_PREFIXES.iter().any(|prefix| parsed.as_str().starts_with(prefix));
    if reserved { Err(format!("the header `{name}` is reserved, and AWS refuses to map it")) } else { Ok(parsed) }
}

impl Expression {
    /// Reads an expression: text with `$request.header.X` or `${request.header.X}` in it.
    ///
    /// # Errors
    /// What is wrong with it, for a diagnostic.
    pub fn parse(direction: Direction, text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            parts.push(Part::Text(before.to_owned()));
            let (name, after) = match after.strip_prefix('{') {
                Some(inner) => inner.split_once('}').ok_or_else(|| format!("`{text}` has a `${{` without `}}`"))?,
                None => {
                    let letters = |letter: char| letter.is_ascii_alphanumeric() || "._-[]".contains(letter);
                    let end = after.find(|letter| !letters(letter)).unwrap_or(after.len());
                    let name = after.get(..end).unwrap_or_default().trim_end_matches('.');
                    (name, after.get(name.len()..).unwrap_or_default())
                }
            };
            parts.push(Part::parse(direction, name)?);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        parts.retain(|part| *part != Part::Text(String::new()));
        Ok(Self(parts))
    }

    /// The text for an exchange; what is not there is empty.
    #[must_use]
    pub fn text(&self, scope: &Scope<'_>) -> String {
        self.0.iter().filter_map(|part| part.value(scope)).collect()
    }

    /// Whether it reads a body.
    #[must_use]
    pub fn reads_body(&self) -> bool {
        self.0.iter().any(|part| match part {
            Part::Body | Part::BodyMember(_) | Part::ResponseBody | Part::ResponseBodyMember(_) => true,
            Part::Text(_)
            | Part::Header(_)
            | Part::Query(_)
            | Part::Path
            | Part::PathParameter(_)
            | Part::ResponseHeader(_)
            | Part::StageVariable(_)
            | Part::Context(_) => false,
        })
    }
}

impl Part {
    fn parse(direction: Direction, name: &str) -> Result<Self, String> {
        let unknown = || format!("`${name}` is no variable of a parameter mapping");
        if let Some(variable) = name.strip_prefix("stageVariables.") {
            return Ok(Self::StageVariable(variable.to_owned()));
        }
        if let Some(variable) = name.strip_prefix("context.") {
            return ContextVariable::parse(variable).map(Self::Context).ok_or_else(unknown);
        }
        match (direction, name) {
            (Direction::Request, "request.path") => return Ok(Self::Path),
            (Direction::Request, "request.body") => return Ok(Self::Body),
            (Direction::Response, "response.body") => return Ok(Self::ResponseBody),
            (_, _) => {}
        }
        let under = |prefix: &str| name.strip_prefix(prefix).filter(|rest| !rest.is_empty()).map(ToOwned::to_owned);
        let found = match direction {
            Direction::Request => None
                .or_else(|| under("request.header.").map(Self::Header))
                .or_else(|| under("request.querystring.").map(Self::Query))
                .or_else(|| under("request.path.").map(Self::PathParameter)),
            Direction::Response => under("response.header.").map(Self::ResponseHeader),
        };
        let member = match direction {
            Direction::Request => under("request.body.").map(|path| BodyMember::parse(&path).map(Self::BodyMember)),
            Direction::Response => {
                under("response.body.").map(|path| BodyMember::parse(&path).map(Self::ResponseBodyMember))
            }
        };
        found.map(Ok).or(member).ok_or_else(unknown)?
    }

    fn value<'a>(&'a self, scope: &Scope<'a>) -> Option<Cow<'a, str>> {
        let Scope { stage, exchange, route, body, response } = *scope;
        let request = &exchange.request;
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Header(name) => joined(&request.headers, name),
            Self::Query(name) => {
                let all = query::pairs(request.uri.query().unwrap_or_default());
                let values: Vec<_> = all.filter(|(known, _)| known == name).map(|(_, value)| value).collect();
                (!values.is_empty()).then(|| Cow::Owned(values.join(",")))
            }
            Self::Path => Some(path::decoded(exchange.path())),
            Self::PathParameter(name) => {
                route.parameters(exchange).find(|(known, _)| known.as_ref() == name).map(|(_, value)| value)
            }
            Self::Body | Self::ResponseBody => Some(String::from_utf8_lossy(body)),
            Self::BodyMember(member) | Self::ResponseBodyMember(member) => member.value(body).map(Cow::Owned),
            Self::ResponseHeader(name) => joined(response?, name),
            Self::StageVariable(name) => stage.variables.get(name).map(|value| value.as_str().into()),
            Self::Context(variable) => variable.value(&Facts { stage, exchange, method: None }),
        }
    }
}

fn joined<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| Cow::Owned(values.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let text = |text: &str| Part::Text(text.to_owned());
        let rows = [
            ("plain", Ok(vec![text("plain")])),
            ("$request.header.X-A", Ok(vec![Part::Header("X-A".into())])),
            (
                "/a/${request.path.id}-$request.path.",
                Ok(vec![text("/a/"), Part::PathParameter("id".into()), text("-"), Part::Path, text(".")]),
            ),
            ("$stageVariables.v, b", Ok(vec![Part::StageVariable("v".into()), text(", b")])),
            ("$response.header.x", Err(())),
            ("$request.cookie.x", Err(())),
            ("$context.nothing", Err(())),
            ("${request.path", Err(())),
        ];
        for (expression, expected) in rows {
            let parsed = Expression::parse(Direction::Request, expression);
            assert_eq!(parsed.map(|parsed| parsed.0).map_err(|_| ()), expected, "{expression}");
        }
    }

    #[test]
    fn targets() {
        let rows = [
            ("append:header.x", true),
            ("remove:querystring.x", true),
            ("overwrite:path", true),
            ("overwrite:header.Authorization", false),
            ("overwrite:header.x-amzn-a", false),
            ("set:header.x", false),
            ("append:cookie.x", false),
        ];
        for (target, expected) in rows {
            assert_eq!(Mapping::parse(Direction::Request, target, "a").is_ok(), expected, "{target}");
        }
    }
}
