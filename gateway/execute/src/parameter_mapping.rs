//! Parameter mappings: `integration.request.header.X: method.request.path.y` and their kin, compiled.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping.html>

use crate::{context, deployment::Method, exchange::Exchange, query, route, stage::StageSnapshot};
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
}

/// The `$context` variables that mappings may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextVariable {
    /// `accountId`
    AccountId,
    /// `apiId`
    ApiId,
    /// `domainName`
    DomainName,
    /// `extendedRequestId`
    ExtendedRequestId,
    /// `httpMethod`
    HttpMethod,
    /// `identity.sourceIp`
    SourceIp,
    /// `identity.userAgent`
    UserAgent,
    /// `path`
    Path,
    /// `protocol`
    Protocol,
    /// `requestId`
    RequestId,
    /// `requestTimeEpoch`
    RequestTimeEpoch,
    /// `deploymentId`
    DeploymentId,
    /// `domainPrefix`
    DomainPrefix,
    /// `requestTime`
    RequestTime,
    /// `resourceId`
    ResourceId,
    /// `resourcePath`
    ResourcePath,
    /// `stage`
    Stage,
}

impl ContextVariable {
    const ALL: [(&'static str, Self); 17] = [
        ("accountId", Self::AccountId),
        ("apiId", Self::ApiId),
        ("domainName", Self::DomainName),
        ("extendedRequestId", Self::ExtendedRequestId),
        ("httpMethod", Self::HttpMethod),
        ("identity.sourceIp", Self::SourceIp),
        ("identity.userAgent", Self::UserAgent),
        ("path", Self::Path),
        ("protocol", Self::Protocol),
        ("requestId", Self::RequestId),
        ("requestTimeEpoch", Self::RequestTimeEpoch),
        ("deploymentId", Self::DeploymentId),
        ("domainPrefix", Self::DomainPrefix),
        ("requestTime", Self::RequestTime),
        ("resourceId", Self::ResourceId),
        ("resourcePath", Self::ResourcePath),
        ("stage", Self::Stage),
    ];

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, variable)| *variable)
    }
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
            "method.request.path" => Ok(Self::Path(owned)),
            "method.request.querystring" => Ok(Self::Query(owned)),
            "method.request.multivaluequerystring" => Ok(Self::MultiValueQuery(owned)),
            "method.request.header" => Ok(Self::Header(owned)),
            "method.request.multivalueheader" => Ok(Self::MultiValueHeader(owned)),
            "stageVariables" => Ok(Self::StageVariable(owned)),
            "integration.response.header" => Ok(Self::IntegrationResponseHeader(owned)),
            "context" => ContextVariable::parse(name)
                .map(Self::Context)
                .ok_or_else(|| format!("`context.{name}` is not served in mappings yet")),
            other => Err(format!("the source `{other}` is not served in mappings yet")),
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
            Self::MultiValueHeader(name) => {
                join(request.headers.get_all(name.as_str()).iter().map(|v| String::from_utf8_lossy(v.as_bytes())))
            }
            Self::StageVariable(name) => scope.stage.variables.get(name).map(|value| Cow::Borrowed(value.as_str())),
            Self::Context(variable) => context_variable(*variable, scope),
            Self::IntegrationResponseHeader(name) => last(scope.endpoint_headers?, name),
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
            | Self::IntegrationResponseHeader(_) => self.value(scope).into_iter().collect(),
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
}

fn values<'a>(scope: &Scope<'a>, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
    let query = scope.exchange.request.uri.query().unwrap_or_default();
    query::pairs(query).filter(move |(known, _)| known == name).map(|(_, value)| value)
}

fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    headers.get_all(name).iter().next_back().map(|value| String::from_utf8_lossy(value.as_bytes()))
}

fn join<'a>(values: impl Iterator<Item = Cow<'a, str>>) -> Option<Cow<'a, str>> {
    let all: Vec<_> = values.collect();
    (!all.is_empty()).then(|| Cow::Owned(all.join(",")))
}

fn split_scope(expression: &str) -> Option<(&str, &str)> {
    const SCOPES: [&str; 9] = [
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
    match SCOPES.into_iter().find_map(name) {
        Some((scope, name)) => Some((scope, name)),
        None if expression.starts_with("method.request.body")
            || expression.starts_with("integration.response.body") =>
        {
            Some((expression, ""))
        }
        None => None,
    }
}

fn context_variable<'a>(variable: ContextVariable, scope: &Scope<'a>) -> Option<Cow<'a, str>> {
    let Scope { stage, method, exchange, .. } = *scope;
    Some(match variable {
        ContextVariable::AccountId => stage.deployment.account_id.as_str().into(),
        ContextVariable::ApiId => stage.deployment.api_id.as_str().into(),
        ContextVariable::DomainName => exchange.host().into(),
        ContextVariable::ExtendedRequestId => exchange.extended_id.as_str().into(),
        ContextVariable::HttpMethod => exchange.verb_name().into(),
        ContextVariable::SourceIp => exchange.request.client.source_ip.to_string().into(),
        ContextVariable::UserAgent => exchange.request.headers.get(http::header::USER_AGENT)?.to_str().ok()?.into(),
        ContextVariable::Path => exchange.path_with_stage(stage).into(),
        ContextVariable::Protocol => "HTTP/1.1".into(),
        ContextVariable::RequestId => exchange.id.as_str().into(),
        ContextVariable::RequestTimeEpoch => exchange.started.unix_ms.to_string().into(),
        ContextVariable::DeploymentId => stage.deployment.id.as_str().into(),
        ContextVariable::DomainPrefix => context::domain_prefix(stage, exchange).into(),
        ContextVariable::RequestTime => context::request_time(exchange).into(),
        ContextVariable::ResourceId => method.resource_id.as_str().into(),
        ContextVariable::ResourcePath => method.resource_path.as_ref().into(),
        ContextVariable::Stage => stage.name.as_str().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let rows: [(&str, Option<Source>); 9] = [
            ("'a.b'", Some(Source::Literal("a.b".into()))),
            ("method.request.path.proxy", Some(Source::Path("proxy".into()))),
            ("method.request.header.X-A.b", Some(Source::Header("X-A.b".into()))),
            ("context.identity.sourceIp", Some(Source::Context(ContextVariable::SourceIp))),
            ("stageVariables.v", Some(Source::StageVariable("v".into()))),
            ("method.request.body", None),
            ("integration.response.header.x", None),
            ("context.authorizer.principalId", None),
            ("unquoted", None),
        ];
        for (expression, expected) in rows {
            assert_eq!(Source::parse(Direction::Request, expression).ok(), expected, "{expression}");
        }
    }
}
