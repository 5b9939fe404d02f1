//! The events of payload format 2.0.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;
use std::borrow::Cow;

/// A Lambda proxy event. What is empty is not there.
///
/// ```
/// use fanlight_events::http::Values;
/// let values = Values(vec![("a".into(), "1,2".into())]);
/// assert_eq!(serde_json::to_string(&values).unwrap(), r#"{"a":"1,2"}"#);
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProxyRequest<'a> {
    /// `2.0`
    pub version: &'a str,
    /// `GET /pets/{id}` or `$default`.
    pub route_key: &'a str,
    /// The path.
    pub raw_path: &'a str,
    /// The query as it was sent.
    pub raw_query_string: &'a str,
    /// Each cookie.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub cookies: &'a [Cow<'a, str>],
    /// Names in lower case, several values with commas between.
    pub headers: &'a Values<'a>,
    /// Decoded, several values with commas between.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub query_string_parameters: &'a Values<'a>,
    /// Who asked, and where the request went.
    pub request_context: RequestContext<'a>,
    /// The body as text, or base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Cow<'a, str>>,
    /// Decoded.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub path_parameters: &'a Values<'a>,
    /// Whether `body` is base64.
    pub is_base64_encoded: bool,
    /// The stage's variables.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub stage_variables: &'a Values<'a>,
}

/// The event of a Lambda authorizer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizerRequest<'a> {
    /// `2.0`
    pub version: &'a str,
    /// `REQUEST`
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// The ARN of the route and the path.
    pub route_arn: &'a str,
    /// The values of the identity sources, in order.
    pub identity_source: Option<&'a [String]>,
    /// As in a proxy event, as all that follow.
    pub route_key: &'a str,
    /// The path.
    pub raw_path: &'a str,
    /// The query as it was sent.
    pub raw_query_string: &'a str,
    /// Each cookie.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub cookies: &'a [Cow<'a, str>],
    /// Names in lower case.
    pub headers: &'a Values<'a>,
    /// Decoded.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub query_string_parameters: &'a Values<'a>,
    /// Who asked, and where the request went.
    pub request_context: RequestContext<'a>,
    /// Decoded.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub path_parameters: &'a Values<'a>,
    /// The stage's variables.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub stage_variables: &'a Values<'a>,
}

/// `requestContext`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext<'a> {
    /// The account, or `anonymous` for a function URL that anybody may call.
    pub account_id: &'a str,
    /// The API's id.
    pub api_id: &'a str,
    /// `{"jwt":{..}}`, `{"lambda":{..}}` or `{"iam":{..}}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer: Option<&'a Value>,
    /// The host the client named.
    pub domain_name: &'a str,
    /// The first label of the domain name.
    pub domain_prefix: &'a str,
    /// The request itself.
    pub http: Http<'a>,
    /// The request's id.
    pub request_id: &'a str,
    /// `GET /pets/{id}` or `$default`.
    pub route_key: &'a str,
    /// The stage's name.
    pub stage: &'a str,
    /// `22/Nov/2026:10:44:26 +0000`.
    pub time: &'a str,
    /// Milliseconds since 1970.
    pub time_epoch: i64,
}

/// `requestContext.http`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Http<'a> {
    /// The verb.
    pub method: &'a str,
    /// The path, decoded.
    pub path: &'a str,
    /// `HTTP/1.1`
    pub protocol: &'a str,
    /// Address of the client.
    pub source_ip: &'a str,
    /// `User-Agent`
    pub user_agent: &'a str,
}

/// A JSON object of strings.
#[derive(Debug, Clone, Default)]
pub struct Values<'a>(pub Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Values<'a> {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a value; those of one name stand with commas between.
    pub fn join(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => {
                let values = values.to_mut();
                values.push(',');
                values.push_str(&value);
            }
            None => self.0.push((name, value)),
        }
    }
}

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
