//! The events of Lambda authorizers, and what an authorizer's answer becomes in a proxy event.

use super::{MultiValueMap, RequestContext, ValueMap};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};

/// The event of a `TOKEN` authorizer.
///
/// ```
/// use fanlight_events::rest::{TokenAuthorizerRequest, TokenAuthorizerType};
/// let event = TokenAuthorizerRequest { kind: TokenAuthorizerType::Token, method_arn: "arn", authorization_token: "t" };
/// let text = r#"{"type":"TOKEN","methodArn":"arn","authorizationToken":"t"}"#;
/// assert_eq!(serde_json::to_string(&event).unwrap(), text);
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenAuthorizerRequest<'a> {
    /// `TOKEN`
    #[serde(rename = "type")]
    pub kind: TokenAuthorizerType,
    /// The ARN of the method and the path.
    pub method_arn: &'a str,
    /// The header's value.
    pub authorization_token: &'a str,
}

/// The value of `type`.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TokenAuthorizerType {
    /// `TOKEN`
    Token,
}

/// The event of a `REQUEST` authorizer. Unlike in a proxy event, empty maps are `{}`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestAuthorizerRequest<'a> {
    /// `REQUEST`
    #[serde(rename = "type")]
    pub kind: RequestAuthorizerType,
    /// The ARN of the method and the path.
    pub method_arn: &'a str,
    /// The path template, such as `/pets/{id}`.
    pub resource: &'a str,
    /// The path without the stage, percent-encoding kept.
    pub path: &'a str,
    /// The verb.
    pub http_method: &'a str,
    /// The last value of each header, names as the client spelled them.
    #[serde(serialize_with = "values")]
    pub headers: ValueMap<'a>,
    /// All values of each header.
    #[serde(serialize_with = "multi_values")]
    pub multi_value_headers: MultiValueMap<'a>,
    /// The last value of each query parameter, decoded.
    #[serde(serialize_with = "values")]
    pub query_string_parameters: ValueMap<'a>,
    /// All values of each query parameter, decoded.
    #[serde(serialize_with = "multi_values")]
    pub multi_value_query_string_parameters: MultiValueMap<'a>,
    /// Path parameters, not decoded.
    #[serde(serialize_with = "values")]
    pub path_parameters: ValueMap<'a>,
    /// The stage's variables.
    #[serde(serialize_with = "values")]
    pub stage_variables: ValueMap<'a>,
    /// Who asked, and where the request went.
    pub request_context: RequestContext<'a>,
}

/// The value of `type`.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RequestAuthorizerType {
    /// `REQUEST`
    Request,
}

fn values<S: Serializer>(map: &ValueMap<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.0.iter().map(|(name, value)| (name, value)))
}

fn multi_values<S: Serializer>(map: &MultiValueMap<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.0.iter().map(|(name, values)| (name, values)))
}

/// `requestContext.authorizer`
///
/// ```
/// use fanlight_events::rest::AuthorizerContext;
/// let context = serde_json::from_str(r#"{"level":"3"}"#).unwrap();
/// let authorizer = AuthorizerContext::Lambda { principal_id: "me", integration_latency_ms: 7, context: &context };
/// let text = r#"{"principalId":"me","integrationLatency":7,"level":"3"}"#;
/// assert_eq!(serde_json::to_string(&authorizer).unwrap(), text);
/// ```
#[derive(Debug, Clone, Copy)]
pub enum AuthorizerContext<'a> {
    /// Of a Lambda authorizer: its context, flat, beside the principal.
    Lambda {
        /// `principalId`
        principal_id: &'a str,
        /// `integrationLatency`
        integration_latency_ms: u64,
        /// Each value as text.
        context: &'a Map<String, Value>,
    },
    /// Of a user pool: `{"claims":{..}}`
    Claims(&'a Map<String, Value>),
}

impl Serialize for AuthorizerContext<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Lambda { principal_id, integration_latency_ms, context } => {
                map.serialize_entry("principalId", principal_id)?;
                map.serialize_entry("integrationLatency", integration_latency_ms)?;
                // A context cannot pretend to be somebody else.
                let own = |name: &str| matches!(name, "principalId" | "integrationLatency");
                for (name, value) in context.iter().filter(|(name, _)| !own(name)) {
                    map.serialize_entry(name, value)?;
                }
            }
            Self::Claims(claims) => map.serialize_entry("claims", claims)?,
        }
        map.end()
    }
}
