//! Identity sources of HTTP APIs: the parts of a request that say who calls.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>

use crate::{
    context_variable::{ContextVariable, Facts, Named},
    exchange::Exchange,
    query,
    stage::StageSnapshot,
};
use http::HeaderName;

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentitySource {
    /// `$request.header.X`, in any case
    Header(HeaderName),
    /// `$request.querystring.X`
    Query(String),
    /// `$stageVariables.X`
    StageVariable(String),
    /// `$context.X`
    Context(ContextVariable),
}

impl IdentitySource {
    /// Reads an expression.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(expression: &str) -> Result<Self, String> {
        let is = |scope: &str| expression.strip_prefix(scope).filter(|name| !name.is_empty()).map(ToOwned::to_owned);
        if let Some(name) = is("$request.header.") {
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))?;
            return Ok(Self::Header(header));
        }
        let query = is("$request.querystring.").map(Self::Query);
        let variable = || is("$stageVariables.").map(Self::StageVariable);
        // What comes of the request itself, not of an authorizer, which comes later.
        let of_request =
            |variable: &ContextVariable| matches!(variable, ContextVariable::Named(named) if *named != Named::Absent);
        let context = || ContextVariable::parse(&is("$context.")?).filter(of_request).map(Self::Context);
        query.or_else(variable).or_else(context).ok_or_else(|| format!("`{expression}` is no identity source"))
    }

    /// All values, in order; an empty one says nothing.
    #[must_use]
    pub fn values(&self, stage: &StageSnapshot, exchange: &Exchange) -> Vec<String> {
        let values: Vec<String> = match self {
            Self::Header(name) => {
                let values = exchange.request.headers.get_all(name).iter();
                values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
            }
            Self::Query(name) => {
                let pairs = query::pairs(exchange.request.uri.query().unwrap_or_default());
                pairs.filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect()
            }
            Self::StageVariable(name) => stage.variables.get(name).cloned().into_iter().collect(),
            Self::Context(variable) => {
                let value = variable.value(&Facts { stage, exchange, method: None });
                value.map(std::borrow::Cow::into_owned).into_iter().collect()
            }
        };
        values.into_iter().filter(|value| !value.is_empty()).collect()
    }
}
