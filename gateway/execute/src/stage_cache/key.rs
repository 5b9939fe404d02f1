//! Which requests ask the same.
//!
//! AWS's key is the method and its cache key parameters. Ours has more, so that nobody gets what was made for another one:
//! who calls, as far as authorization found out, the `Authorization` header, and headers that make a server believe it was
//! asked under another name. Each value stands with its length before it, each list with its count, so that no two
//! different requests write the same.

use crate::{
    authorize::{
        Authorization,
        cache::{Key, KeyWriter, Scope},
        lambda::Kind,
    },
    caller::AuthorizerResult,
    parameter_mapping::{self, ReadsBody, Source},
    query, route,
};
use http::{HeaderMap, HeaderName, header};

/// What tells the answers of a method apart.
#[derive(Debug, PartialEq, Eq)]
pub struct CacheKey {
    /// Methods of one namespace and verb share their answers.
    pub namespace: String,
    /// `cacheKeyParameters`
    pub parameters: Vec<KeyParameter>,
}

/// A parameter of the key, with all its values.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyParameter {
    /// `method.request.header.X`
    Header(HeaderName),
    /// `method.request.querystring.X`
    Query(String),
    /// `method.request.path.X`
    Path(String),
    /// `integration.request.X.Y`: what is mapped to it.
    Mapped(Source),
}

/// Headers by which a client can make a server write another address into its answer.
const OTHER_NAMES: [&str; 9] = [
    "forwarded",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-host",
    "x-original-url",
    "x-rewrite-url",
];

impl CacheKey {
    /// Whether a parameter is mapped from the client's body.
    #[must_use]
    pub fn reads_body(&self) -> bool {
        self.parameters.iter().any(|parameter| match parameter {
            KeyParameter::Mapped(source) => source.reads_body() != ReadsBody::No,
            KeyParameter::Header(_) | KeyParameter::Query(_) | KeyParameter::Path(_) => false,
        })
    }
}

/// The key of a request.
#[must_use]
pub fn of(key: &CacheKey, scope: Scope, reading: &parameter_mapping::Scope<'_>) -> Key {
    let parameter_mapping::Scope { stage, exchange, .. } = *reading;
    let mut writer = KeyWriter::new(scope, "stage cache");
    writer.value(stage.deployment.id.as_bytes());
    // The variables of a canary differ, so its answers may.
    writer.count(usize::from(stage.is_canary == Some(true)));
    writer.value(key.namespace.as_bytes());
    writer.value(exchange.verb_name().as_bytes());
    for parameter in &key.parameters {
        parameter.write(reading, &mut writer);
    }
    caller(reading, &mut writer);
    for name in OTHER_NAMES {
        all(&exchange.request.headers, name, &mut writer);
    }
    writer.finish(scope)
}

fn all<'h>(headers: &'h HeaderMap, name: impl header::AsHeaderName, writer: &mut KeyWriter) {
    let values: Vec<&'h [u8]> = headers.get_all(name).iter().map(|value| value.as_bytes()).collect();
    list(&values, writer);
}

fn list(values: &[impl AsRef<[u8]>], writer: &mut KeyWriter) {
    writer.count(values.len());
    values.iter().for_each(|value| writer.value(value.as_ref()));
}

impl KeyParameter {
    fn write(&self, scope: &parameter_mapping::Scope<'_>, writer: &mut KeyWriter) {
        let exchange = scope.exchange;
        match self {
            Self::Header(name) => all(&exchange.request.headers, name, writer),
            Self::Query(name) => {
                let pairs = query::pairs(exchange.request.uri.query().unwrap_or_default());
                let values: Vec<_> =
                    pairs.filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect();
                list(&values, writer);
            }
            Self::Path(name) => {
                let found = route::parameters(&scope.method.path_parameters, exchange.path());
                let values: Vec<_> =
                    found.filter(|(known, _)| known.as_ref() == name).map(|(_, value)| value).collect();
                list(&values, writer);
            }
            Self::Mapped(source) => {
                let values: Vec<_> = source.values(scope).into_iter().map(std::borrow::Cow::into_owned).collect();
                list(&values, writer);
            }
        }
    }
}

/// Who calls. A signature differs with each request, so the key that made it stands for it.
fn caller(scope: &parameter_mapping::Scope<'_>, writer: &mut KeyWriter) {
    let exchange = scope.exchange;
    match &exchange.caller.identity {
        Some(identity) => list(&[&identity.access_key], writer),
        None => all(&exchange.request.headers, header::AUTHORIZATION, writer),
    }
    match &scope.method.authorization {
        Authorization::None | Authorization::Iam => {}
        Authorization::UserPools(authorizer, _) => all(&exchange.request.headers, &authorizer.header, writer),
        Authorization::Lambda(authorizer) => match &authorizer.kind {
            Kind::Token { header, .. } => all(&exchange.request.headers, header, writer),
            Kind::Request { sources } => sources.iter().for_each(|source| source.write(scope, writer)),
        },
    }
    match &exchange.caller.authorizer {
        None => writer.count(0),
        Some(AuthorizerResult::Lambda(result)) => {
            let context = serde_json::to_vec(&*result.context).unwrap_or_default();
            list(&[result.principal_id.as_bytes(), &context], writer);
        }
        Some(AuthorizerResult::Claims(claims)) => {
            list(&[serde_json::to_vec(&**claims).unwrap_or_default()], writer);
        }
        Some(AuthorizerResult::Jwt(result)) => {
            list(&[serde_json::to_vec(&result.claims).unwrap_or_default()], writer);
        }
    }
}
