//! Identity sources: the parts of a request that say who calls.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html>

use super::cache::KeyWriter;
use crate::{
    context_variable::{ContextVariable, Facts, Named},
    parameter_mapping::Scope,
    query,
};
use http::HeaderName;
use std::borrow::Cow;

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentitySource {
    /// `method.request.header.X`, in any case
    Header(HeaderName),
    /// `method.request.querystring.X`
    Query(String),
    /// `stageVariables.X`
    StageVariable(String),
    /// `context.X`
    Context(ContextVariable),
}

impl IdentitySource {
    /// Reads an expression.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(expression: &str) -> Result<Self, String> {
        let is = |scope: &str| expression.strip_prefix(scope).filter(|name| !name.is_empty()).map(ToOwned::to_owned);
        if let Some(name) = is("method.request.header.") {
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))?;
            return Ok(Self::Header(header));
        }
        let query = is("method.request.querystring.").map(Self::Query);
        let variable = || is("stageVariables.").map(Self::StageVariable);
        // What comes of the request itself, not of an authorizer or a template, which come later.
        let of_request = |variable: &ContextVariable| {
            let later = [Named::ApiKey, Named::ApiKeyId, Named::Absent];
            matches!(variable, ContextVariable::Named(named) if !later.contains(named))
        };
        let context = || ContextVariable::parse(&is("context.")?).filter(of_request).map(Self::Context);
        query.or_else(variable).or_else(context).ok_or_else(|| {
            format!(
                "`{expression}` is no identity source; write `method.request.header.X`, \
                 `method.request.querystring.X`, `stageVariables.X` or a served `context.X`"
            )
        })
    }

    /// Adds every value to a key: two requests with the same last value may differ in those before it.
    pub fn write(&self, scope: &Scope<'_>, writer: &mut KeyWriter) {
        match self {
            Self::Header(name) => {
                let values = scope.exchange.request.headers.get_all(name);
                writer.count(values.iter().count());
                values.iter().for_each(|value| writer.value(value.as_bytes()));
            }
            Self::Query(name) => {
                writer.count(parameters(scope, name).count());
                parameters(scope, name).for_each(|value| writer.value(value.as_bytes()));
            }
            Self::StageVariable(_) | Self::Context(_) => {
                let value = self.value(scope);
                writer.count(usize::from(value.is_some()));
                value.into_iter().for_each(|value| writer.value(value.as_bytes()));
            }
        }
    }

    /// Whether a request says anything here; an empty value says nothing.
    #[must_use]
    pub fn is_present(&self, scope: &Scope<'_>) -> bool {
        match self {
            Self::Header(name) => {
                scope.exchange.request.headers.get_all(name).iter().next_back().is_some_and(|value| !value.is_empty())
            }
            Self::Query(_) | Self::StageVariable(_) | Self::Context(_) => {
                self.value(scope).is_some_and(|value| !value.is_empty())
            }
        }
    }

    fn value<'a>(&'a self, scope: &Scope<'a>) -> Option<Cow<'a, str>> {
        match self {
            Self::Header(name) => {
                let value = scope.exchange.request.headers.get_all(name).iter().next_back()?;
                Some(String::from_utf8_lossy(value.as_bytes()))
            }
            Self::Query(name) => parameters(scope, name).last(),
            Self::StageVariable(name) => scope.stage.variables.get(name).map(|value| value.as_str().into()),
            Self::Context(variable) => {
                let Scope { stage, method, exchange, .. } = *scope;
                variable.value(&Facts { stage, exchange, method: Some(method) })
            }
        }
    }
}

fn parameters<'a>(scope: &Scope<'a>, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
    let query = scope.exchange.request.uri.query().unwrap_or_default();
    query::pairs(query).filter(move |(known, _)| known == name).map(|(_, value)| value)
}
