//! Who calls: what authorization found out, for the steps after it, for templates and for events.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use serde_json::{Map, Value};
use std::sync::Arc;

/// The caller of an exchange. An open method has the default one.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// What an authorizer found out.
    pub authorizer: Option<AuthorizerResult>,
    /// Who signed the request.
    pub identity: Option<Arc<SignedIdentity>>,
    /// The API key that a method asked for.
    pub api_key: Option<ApiKeyIdentity>,
}

/// What an authorizer found out.
#[derive(Debug, Clone)]
pub enum AuthorizerResult {
    /// A Lambda authorizer.
    Lambda(LambdaResult),
    /// A user pool: the claims, each as text, as events and templates show them.
    Claims(Arc<Map<String, Value>>),
    /// A JWT authorizer of an HTTP API.
    Jwt(Arc<JwtResult>),
}

/// What a JWT authorizer found out.
#[derive(Debug, Clone)]
pub struct JwtResult {
    /// The claims, each as text.
    pub claims: Map<String, Value>,
    /// Those of the route's scopes that the token has; `None` when the route asks for none.
    pub scopes: Option<Vec<String>>,
}

/// The answer of a Lambda authorizer.
#[derive(Debug, Clone)]
pub struct LambdaResult {
    /// `principalId`
    pub principal_id: Arc<str>,
    /// `context`, each value as text.
    pub context: Arc<Map<String, Value>>,
    /// `usageIdentifierKey`
    pub usage_identifier_key: Option<Arc<str>>,
    /// How long the function took; 0 when the answer was cached.
    pub integration_latency_ms: u64,
}

/// Whose key signed the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIdentity {
    /// `AKIA..`
    pub access_key: String,
    /// The account of the user.
    pub account_id: String,
    /// The unique id of the user, `AIDA..`.
    pub caller: String,
    /// The same, as AWS shows it once more.
    pub user: String,
    /// `arn:aws:iam::{account}:user/{name}`
    pub user_arn: String,
}

/// The API key of a request to a method that asks for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyIdentity {
    /// Its id.
    pub id: Arc<str>,
    /// Its value.
    pub value: Arc<str>,
}
