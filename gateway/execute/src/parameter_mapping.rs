//! Parameter mappings: `integration.request.header.X: method.request.path.y` and their kin, compiled.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping.html>

use crate::{
    body_mapping::BodyMember,
    context_variable::{ContextVariable, Facts},
    deployment::Method,
    exchange::Exchange,
    query, route,
    stage::StageSnapshot,
};
use http::HeaderMap;
use std::borrow::Cow;

/// Which way a mapping goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the method request to the integration request.
    Request,
    /// From the integration response to the method response.
    Response,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `'text'`
    Literal(String),
    /// `method.request.path.X`
    Path(String),
    /// `method.request.querystring.X`: the last value.
    Query(String),
    /// `method.request.multivaluequerystring.X`: all values.
    MultiValueQuery(String),
    /// `method.request.header.X`: the last value.
    Header(String),
    /// `method.request.multivalueheader.X`: all values, joined by commas.
    MultiValueHeader(String),
    /// `stageVariables.X`
    StageVariable(String),
    /// `context.X`
    Context(ContextVariable),
    /// `integration.response.header.X`: the last value.
    IntegrationResponseHeader(String),
    /// `integration.response.multivalueheader.X`: all values, joined by commas.
    IntegrationResponseMultiValueHeader(String),
    /// `method.request.body` or `integration.response.body`, whichever there is at this point.
    Body,
    /// `method.request.body.X` or `integration.response.body.X`
    BodyMember(BodyMember),
}

/// What mappings read of the client's body: with nothing read, it can stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadsBody {
    /// Nothing.
    No,
    /// All of it, as text.
    Whole,
    /// Members of a JSON document.
    Members,
}

impl Source {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it, for a diagnostic.
    pub fn parse(direction: Direction, expression: &str) -> Result<Self, String> {
        if let Some(text) = expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Ok(Self::Literal(text.to_owned()));
        }
        let (scope, name) = split_scope(expression).ok_or_else(|| {
            format!("`{expression}` is no mapping expression; a static value stands in single quotes")
        })?;
        let foreign = match direction {
            Direction::Request => "integration.response.",
            Direction::Response => "method.request.",
        };
        if scope.starts_with(foreign) {
            return Err(format!("`{expression}` cannot be mapped here: there is no `{scope}` at this point"));
        }
        let owned = name.to_owned();
        match scope {
            "method.request.body" | "integration.response.body" if name.is_empty() => Ok(Self::Body),
            "method.request.body" | "integration.response.body" => BodyMember::parse(name).map(Self::BodyMember),
            "method.request.path" => Ok(Self::Path(owned)),
            "method.request.querystring" => Ok(Self::Query(owned)),
            "method.request.multivaluequerystring" => Ok(Self::MultiValueQuery(owned)),
            "method.request.header" => Ok(Self::Header(owned)),
            "method.request.multivalueheader" => Ok(Self::MultiValueHeader(owned)),
            "stageVariables" => Ok(Self::StageVariable(owned)),
            "integration.response.header" => Ok(Self::IntegrationResponseHeader(owned)),
            "integration.response.multivalueheader" => Ok(Self::IntegrationResponseMultiValueHeader(owned)),
            "context" => {
                ContextVariable::parse(name).map(Self::Context).ok_or_else(|| format!("there is no `context.{name}`"))
            }
            other => Err(format!("there is no source `{other}`")),
        }
    }

    /// What it reads of the client's body.
    #[must_use]
    pub const fn reads_body(&self) -> ReadsBody {
        match self {
            Self::BodyMember(_) => ReadsBody::Members,
            Self::Body => ReadsBody::Whole,
            Self::Literal(_)
            | Self::Path(_)
            | Self::Query(_)
            | Self::MultiValueQuery(_)
            | Self::Header(_)
            | Self::MultiValueHeader(_)
            | Self::StageVariable(_)
            | Self::Context(_)
            | Self::IntegrationResponseHeader(_)
            | Self::IntegrationResponseMultiValueHeader(_) => ReadsBody::No,
        }
    }

    /// The value for a request; `None` when the source is absent, and then its target is left out.
    #[must_use]
    pub fn value<'a>(&'a self, scope: &Scope<'a>) -> Option<Cow<'a, str>> {
        let request = &scope.exchange.request;
        match self {
            Self::Literal(text) => Some(Cow::Borrowed(text)),
            Self::Path(name) => {
                let mut all = route::parameters(&scope.method.path_parameters, scope.exchange.path());
                all.find(|(known, _)| known.as_ref() == name).map(|(_, value)| Cow::Borrowed(value))
            }
            Self::Query(name) => values(scope, name).last(),
            Self::MultiValueQuery(name) => join(values(scope, name)),
            Self::Header(name) => last(&request.headers, name),
            Self::MultiValueHeader(name) => all(&request.headers, name),
            Self::StageVariable(name) => scope.stage.variables.get(name).map(|value| Cow::Borrowed(value.as_str())),
            Self::Context(variable) => {
                let Scope { stage, exchange, method, .. } = *scope;
                variable.value(&Facts { stage, exchange, method: Some(method) })
            }
            Self::IntegrationResponseHeader(name) => last(scope.endpoint_headers?, name),
            Self::IntegrationResponseMultiValueHeader(name) => all(scope.endpoint_headers?, name),
            // AWS: an empty body is an empty document.
            Self::Body if scope.body.is_empty() => Some(Cow::Borrowed("{}")),
            Self::Body => Some(String::from_utf8_lossy(scope.body)),
            Self::BodyMember(member) => member.value(scope.body).map(Cow::Owned),
        }
    }

    /// All values, for a query target: only a multi-value source has more than one.
    #[must_use]
    pub fn values<'a>(&'a self, scope: &Scope<'a>) -> Vec<Cow<'a, str>> {
        match self {
            Self::MultiValueQuery(name) => values(scope, name).collect(),
            Self::MultiValueHeader(_)
            | Self::Literal(_)
            | Self::Path(_)
            | Self::Query(_)
            | Self::Header(_)
            | Self::StageVariable(_)
            | Self::Context(_)
            | Self::IntegrationResponseHeader(_)
            | Self::IntegrationResponseMultiValueHeader(_)
            | Self::Body
            | Self::BodyMember(_) => self.value(scope).into_iter().collect(),
        }
    }
}

/// What expressions are evaluated against.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The stage.
    pub stage: &'a StageSnapshot,
    /// The exchange.
    pub exchange: &'a Exchange,
    /// The method.
    pub method: &'a Method,
    /// The headers of the endpoint's response, once there is one.
    pub endpoint_headers: Option<&'a HeaderMap>,
    /// The body at this point: the method request's, then the endpoint's.
    pub body: &'a [u8],
}

fn values<'a>(scope: &Scope<'a>, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
    let query = scope.exchange.request.uri.query().unwrap_or_default();
    query::pairs(query).filter(move |(known, _)| known == name).map(|(_, value)| value)
}

fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    headers.get_all(name).iter().next_back().map(|value| String::from_utf8_lossy(value.as_bytes()))
}

fn all<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    join(headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())))
}

fn join<'a>(values: impl Iterator<Item = Cow<'a, str>>) -> Option<Cow<'a, str>> {
    let all: Vec<_> = values.collect();
    (!all.is_empty()).then(|| Cow::Owned(all.join(",")))
}

fn split_scope(expression: &str) -> Option<(&str, &str)> {
    const SCOPES: [&str; 11] = [
        "method.request.body",
        "integration.response.body",
        "method.request.path",
        "method.request.querystring",
        "method.request.multivaluequerystring",
        "method.request.header",
        "method.request.multivalueheader",
        "stageVariables",
        "integration.response.header",
        "integration.response.multivalueheader",
        "context",
    ];
    let name = |scope: &'static str| Some((scope, expression.strip_prefix(scope)?.strip_prefix('.')?));
    let whole = || {
        let bodies = ["method.request.body", "integration.response.body"];
        bodies.into_iter().find(|body| *body == expression).map(|body| (body, ""))
    };
    SCOPES.into_iter().find_map(name).or_else(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context_variable::Named;

    #[test]
    fn expressions() {
        let rows: [(&str, Option<Source>); 12] = [
            ("'a.b'", Some(Source::Literal("a.b".into()))),
            ("method.request.path.proxy", Some(Source::Path("proxy".into()))),
            ("method.request.header.X-A.b", Some(Source::Header("X-A.b".into()))),
            ("context.identity.sourceIp", Some(Source::Context(ContextVariable::Named(Named::SourceIp)))),
            ("stageVariables.v", Some(Source::StageVariable("v".into()))),
            ("method.request.body", Some(Source::Body)),
            ("method.request.bodyguard", None),
            ("method.request.body.a[", None),
            ("integration.response.body.a", None),
            ("integration.response.header.x", None),
            ("context.authoriser.principalId", None),
            ("unquoted", None),
        ];
        for (expression, expected) in rows {
            assert_eq!(Source::parse(Direction::Request, expression).ok(), expected, "{expression}");
        }
    }
}
