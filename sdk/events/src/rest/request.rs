//! The event.

use super::AuthorizerContext;
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::borrow::Cow;

/// A Lambda proxy event. Keys in AWS's order; what is empty is `null`, never `{}`.
///
/// ```
/// use fanlight_events::rest::{MultiValueMap, ValueMap};
/// assert_eq!(serde_json::to_string(&ValueMap(vec![])).unwrap(), "null");
/// let query = MultiValueMap(vec![("a".into(), vec!["1".into(), "2".into()])]);
/// assert_eq!(serde_json::to_string(&query).unwrap(), r#"{"a":["1","2"]}"#);
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProxyRequest<'a> {
    /// The path template, such as `/pets/{id}`.
    pub resource: &'a str,
    /// The path without the stage, percent-encoding kept.
    pub path: &'a str,
    /// The verb.
    pub http_method: &'a str,
    /// The last value of each header, names as the client spelled them.
    pub headers: ValueMap<'a>,
    /// All values of each header.
    pub multi_value_headers: MultiValueMap<'a>,
    /// The last value of each query parameter, decoded.
    pub query_string_parameters: ValueMap<'a>,
    /// All values of each query parameter, decoded.
    pub multi_value_query_string_parameters: MultiValueMap<'a>,
    /// Path parameters, not decoded.
    pub path_parameters: ValueMap<'a>,
    /// The stage's variables.
    pub stage_variables: ValueMap<'a>,
    /// Who asked, and where the request went.
    pub request_context: RequestContext<'a>,
    /// The body as text, or base64.
    pub body: Option<Cow<'a, str>>,
    /// Whether `body` is base64.
    pub is_base64_encoded: bool,
}

/// `requestContext`. There is no `authorizer` key when the method has no authorizer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext<'a> {
    /// The resource's id.
    pub resource_id: &'a str,
    /// What an authorizer found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer: Option<AuthorizerContext<'a>>,
    /// The path template.
    pub resource_path: &'a str,
    /// `operationId`, only when the method has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation_name: Option<&'a str>,
    /// The verb.
    pub http_method: &'a str,
    /// `x-amz-apigw-id`.
    pub extended_request_id: &'a str,
    /// `22/Nov/2026:10:44:26 +0000`.
    pub request_time: &'a str,
    /// The path with the stage, percent-encoding kept.
    pub path: &'a str,
    /// The account.
    pub account_id: &'a str,
    /// `HTTP/1.1`.
    pub protocol: &'a str,
    /// The stage's name.
    pub stage: &'a str,
    /// The first label of the domain name.
    pub domain_prefix: &'a str,
    /// Milliseconds since 1970.
    pub request_time_epoch: i64,
    /// `x-amzn-RequestId`.
    pub request_id: &'a str,
    /// The caller.
    pub identity: Identity<'a>,
    /// The host the client named.
    pub domain_name: &'a str,
    /// The deployment that answered.
    pub deployment_id: &'a str,
    /// The API's id.
    pub api_id: &'a str,
}

/// `requestContext.identity`: twelve keys, nearly all `null` without authorization.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity<'a> {
    /// Cognito identity pool.
    pub cognito_identity_pool_id: Option<&'a str>,
    /// Account of the signing caller.
    pub account_id: Option<&'a str>,
    /// Cognito identity.
    pub cognito_identity_id: Option<&'a str>,
    /// Value of the API key, only when the method asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<&'a str>,
    /// Id of the API key, only when the method asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_id: Option<&'a str>,
    /// Principal of the signing caller.
    pub caller: Option<&'a str>,
    /// Address of the client.
    pub source_ip: Option<&'a str>,
    /// Organisation of the signing caller.
    pub principal_org_id: Option<&'a str>,
    /// Access key of the signing caller.
    pub access_key: Option<&'a str>,
    /// `authenticated` or `unauthenticated`.
    pub cognito_authentication_type: Option<&'a str>,
    /// Cognito provider.
    pub cognito_authentication_provider: Option<&'a str>,
    /// ARN of the signing caller.
    pub user_arn: Option<&'a str>,
    /// `User-Agent`.
    pub user_agent: Option<&'a str>,
    /// User id of the signing caller.
    pub user: Option<&'a str>,
}

/// A JSON object of strings that is `null` when it has no entries.
#[derive(Debug, Clone, Default)]
pub struct ValueMap<'a>(pub Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// A JSON object of lists of strings that is `null` when it has no entries.
#[derive(Debug, Clone, Default)]
pub struct MultiValueMap<'a>(pub Vec<(Cow<'a, str>, Vec<Cow<'a, str>>)>);

impl<'a> MultiValueMap<'a> {
    /// Adds a value to the list of `name`.
    pub fn push(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => self.0.push((name, vec![value])),
        }
    }

    /// The last value of each name, as the single-value maps of the event show it.
    #[must_use]
    pub fn last_values(&self) -> ValueMap<'a> {
        ValueMap(
            self.0.iter().filter_map(|(name, values)| Some((name.clone(), values.last()?.clone()))).collect::<Vec<_>>(),
        )
    }
}

impl Serialize for ValueMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serializer.serialize_none();
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for MultiValueMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serializer.serialize_none();
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, values) in &self.0 {
            map.serialize_entry(name, values)?;
        }
        map.end()
    }
}
