//! The events of payload format 1.0, which differ from those of REST APIs in a few keys.

use crate::rest::{Identity, MultiValueMap, ValueMap};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;

/// A Lambda proxy event. What is empty is `null`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProxyRequestV1<'a> {
    /// `1.0`
    pub version: &'a str,
    /// The path template, or `$default`.
    pub resource: &'a str,
    /// The path.
    pub path: &'a str,
    /// The verb.
    pub http_method: &'a str,
    /// The last value of each header.
    pub headers: ValueMap<'a>,
    /// All values of each header.
    pub multi_value_headers: MultiValueMap<'a>,
    /// The last value of each query parameter.
    pub query_string_parameters: ValueMap<'a>,
    /// All values of each query parameter.
    pub multi_value_query_string_parameters: MultiValueMap<'a>,
    /// Who asked, and where the request went.
    pub request_context: RequestContextV1<'a>,
    /// Decoded.
    pub path_parameters: ValueMap<'a>,
    /// The stage's variables.
    pub stage_variables: ValueMap<'a>,
    /// The body as text, or base64.
    pub body: Option<Cow<'a, str>>,
    /// Whether `body` is base64.
    pub is_base64_encoded: bool,
}

/// The event of a Lambda authorizer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizerRequestV1<'a> {
    /// `1.0`
    pub version: &'a str,
    /// `REQUEST`
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// The ARN of the route and the path.
    pub method_arn: &'a str,
    /// The values of the identity sources, with commas between.
    pub identity_source: Option<&'a str>,
    /// The same.
    pub authorization_token: Option<&'a str>,
    /// As in a proxy event, as all that follow.
    pub resource: &'a str,
    /// The path.
    pub path: &'a str,
    /// The verb.
    pub http_method: &'a str,
    /// The last value of each header.
    pub headers: ValueMap<'a>,
    /// The last value of each query parameter.
    pub query_string_parameters: ValueMap<'a>,
    /// Decoded.
    pub path_parameters: ValueMap<'a>,
    /// The stage's variables.
    pub stage_variables: ValueMap<'a>,
    /// Who asked, and where the request went.
    pub request_context: RequestContextV1<'a>,
}

/// `requestContext`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContextV1<'a> {
    /// The account.
    pub account_id: &'a str,
    /// The API's id.
    pub api_id: &'a str,
    /// What an authorizer found out; claims and scopes are `null` without one.
    pub authorizer: &'a Value,
    /// The host the client named.
    pub domain_name: &'a str,
    /// The first label of the domain name.
    pub domain_prefix: &'a str,
    /// The request's id.
    pub extended_request_id: &'a str,
    /// The verb.
    pub http_method: &'a str,
    /// The caller.
    pub identity: Identity<'a>,
    /// The path.
    pub path: &'a str,
    /// `HTTP/1.1`
    pub protocol: &'a str,
    /// The request's id.
    pub request_id: &'a str,
    /// `22/Nov/2026:10:44:26 +0000`.
    pub request_time: &'a str,
    /// Milliseconds since 1970.
    pub request_time_epoch: i64,
    /// `null`
    pub resource_id: Option<&'a str>,
    /// The path template, or `$default`.
    pub resource_path: &'a str,
    /// The stage's name.
    pub stage: &'a str,
}
