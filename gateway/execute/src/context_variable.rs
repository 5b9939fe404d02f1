//! A single `$context` variable by its name, compiled: for parameter mappings and access logs. Templates see all of them at
//! once, from [`crate::context`].
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html>

use crate::{
    caller::{AuthorizerResult, SignedIdentity},
    context,
    deployment::{Method, Protocol},
    exchange::Exchange,
    mapping_template,
    stage::StageSnapshot,
};
use http::header;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextVariable {
    /// One that has a name of its own.
    Named(Named),
    /// `authorizer.X`, beside `principalId` what the authorizer's answer has under `context`.
    Authorizer(String),
    /// `authorizer.claims.X`
    Claim(String),
    /// `requestOverride.{header|path|querystring}.X`
    RequestOverride(Vec<String>),
    /// `responseOverride.header.X`, `responseOverride.status`
    ResponseOverride(Vec<String>),
}

/// The variables with names of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// `accountId`
    AccountId,
    /// `apiId`
    ApiId,
    /// `awsEndpointRequestId`
    AwsEndpointRequestId,
    /// `deploymentId`
    DeploymentId,
    /// `domainName`
    DomainName,
    /// `domainPrefix`
    DomainPrefix,
    /// `extendedRequestId`
    ExtendedRequestId,
    /// `httpMethod`
    HttpMethod,
    /// `identity.accessKey`
    AccessKey,
    /// `identity.accountId`
    IdentityAccountId,
    /// `identity.apiKey`
    ApiKey,
    /// `identity.apiKeyId`
    ApiKeyId,
    /// `identity.caller`
    Caller,
    /// `identity.sourceIp`
    SourceIp,
    /// `identity.user`
    User,
    /// `identity.userAgent`
    UserAgent,
    /// `identity.userArn`
    UserArn,
    /// `isCanaryRequest`
    IsCanaryRequest,
    /// `path`
    Path,
    /// `protocol`
    Protocol,
    /// `requestId`
    RequestId,
    /// `requestTime`
    RequestTime,
    /// `requestTimeEpoch`
    RequestTimeEpoch,
    /// `resourceId`
    ResourceId,
    /// `resourcePath`
    ResourcePath,
    /// `routeKey`, of an HTTP API
    RouteKey,
    /// `stage`
    Stage,
    /// One that AWS knows and that no request here has: of Cognito identity pools, client certificates, private
    /// endpoints, organisations, and WAF.
    Absent,
}

/// Names of AWS for what no request here has.
const ABSENT: [&str; 14] = [
    "identity.clientCert.clientCertPem",
    "identity.clientCert.issuerDN",
    "identity.clientCert.serialNumber",
    "identity.clientCert.subjectDN",
    "identity.clientCert.validity.notAfter",
    "identity.clientCert.validity.notBefore",
    "identity.cognitoAuthenticationProvider",
    "identity.cognitoAuthenticationType",
    "identity.cognitoIdentityId",
    "identity.cognitoIdentityPoolId",
    "identity.principalOrgId",
    "identity.vpcId",
    "identity.vpceId",
    "webaclArn",
];

const NAMED: [(&str, Named); 27] = [
    ("accountId", Named::AccountId),
    ("apiId", Named::ApiId),
    ("awsEndpointRequestId", Named::AwsEndpointRequestId),
    ("deploymentId", Named::DeploymentId),
    ("domainName", Named::DomainName),
    ("domainPrefix", Named::DomainPrefix),
    ("extendedRequestId", Named::ExtendedRequestId),
    ("httpMethod", Named::HttpMethod),
    ("identity.accessKey", Named::AccessKey),
    ("identity.accountId", Named::IdentityAccountId),
    ("identity.apiKey", Named::ApiKey),
    ("identity.apiKeyId", Named::ApiKeyId),
    ("identity.caller", Named::Caller),
    ("identity.sourceIp", Named::SourceIp),
    ("identity.user", Named::User),
    ("identity.userAgent", Named::UserAgent),
    ("identity.userArn", Named::UserArn),
    ("isCanaryRequest", Named::IsCanaryRequest),
    ("path", Named::Path),
    ("protocol", Named::Protocol),
    ("requestId", Named::RequestId),
    ("requestTime", Named::RequestTime),
    ("requestTimeEpoch", Named::RequestTimeEpoch),
    ("resourceId", Named::ResourceId),
    ("resourcePath", Named::ResourcePath),
    ("routeKey", Named::RouteKey),
    ("stage", Named::Stage),
];

/// What a variable is looked up in.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The stage.
    pub stage: &'a StageSnapshot,
    /// The exchange.
    pub exchange: &'a Exchange,
    /// The method, if one was found.
    pub method: Option<&'a Method>,
}

impl ContextVariable {
    /// Reads a name without `$context.`; `None` is a name that AWS does not know.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let parts = |path: &str| path.split('.').map(ToOwned::to_owned).collect();
        if let Some((_, named)) = NAMED.iter().find(|(known, _)| *known == name) {
            return Some(Self::Named(*named));
        }
        if ABSENT.contains(&name) || name == "wafResponseCode" {
            return Some(Self::Named(Named::Absent));
        }
        let under = |prefix: &str| name.strip_prefix(prefix).filter(|rest| !rest.is_empty());
        None.or_else(|| under("authorizer.claims.").map(|claim| Self::Claim(claim.to_owned())))
            .or_else(|| under("authorizer.").map(|property| Self::Authorizer(property.to_owned())))
            .or_else(|| under("requestOverride.").map(|path| Self::RequestOverride(parts(path))))
            .or_else(|| under("responseOverride.").map(|path| Self::ResponseOverride(parts(path))))
    }

    /// The value; `None` when this exchange has none.
    #[must_use]
    pub fn value<'a>(&'a self, facts: &Facts<'a>) -> Option<Cow<'a, str>> {
        let exchange = facts.exchange;
        match self {
            Self::Named(named) => value(*named, facts),
            Self::Authorizer(property) => authorizer(exchange, property),
            Self::Claim(claim) => match exchange.caller.authorizer.as_ref()? {
                AuthorizerResult::Claims(claims) => member(claims, claim),
                AuthorizerResult::Jwt(result) => member(&result.claims, claim),
                AuthorizerResult::Lambda(_) => None,
            },
            Self::RequestOverride(path) => written(&exchange.overrides.request, path),
            Self::ResponseOverride(path) => written(&exchange.overrides.response, path),
        }
    }
}

fn authorizer<'a>(exchange: &'a Exchange, property: &str) -> Option<Cow<'a, str>> {
    match exchange.caller.authorizer.as_ref()? {
        AuthorizerResult::Lambda(result) if property == "principalId" => Some(result.principal_id.as_ref().into()),
        AuthorizerResult::Lambda(result) => member(&result.context, property),
        AuthorizerResult::Claims(_) | AuthorizerResult::Jwt(_) => None,
    }
}

fn member<'a>(map: &'a Map<String, Value>, name: &str) -> Option<Cow<'a, str>> {
    match map.get(name)? {
        Value::Null => None,
        Value::String(text) => Some(text.as_str().into()),
        value @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Some(value.to_string().into())
        }
    }
}

fn written<'a>(overrides: &'a Value, path: &[String]) -> Option<Cow<'a, str>> {
    let found = path.iter().try_fold(overrides, |value, name| value.get(name))?;
    (!found.is_null()).then(|| mapping_template::text(found).into())
}

fn value<'a>(named: Named, facts: &Facts<'a>) -> Option<Cow<'a, str>> {
    let Facts { stage, exchange, method } = *facts;
    let signed = |part: fn(&SignedIdentity) -> &String| {
        exchange.caller.identity.as_deref().map(|identity| Cow::Borrowed(part(identity).as_str()))
    };
    let key = exchange.caller.api_key.as_ref();
    Some(match named {
        Named::AccountId => stage.deployment.account_id.as_str().into(),
        Named::ApiId => stage.deployment.api_id.as_str().into(),
        Named::AwsEndpointRequestId => exchange.endpoint.request_id.as_deref()?.into(),
        Named::DeploymentId => stage.deployment.id.as_str().into(),
        Named::DomainName => exchange.domain_name().into(),
        Named::DomainPrefix => context::domain_prefix(stage, exchange).into(),
        Named::ExtendedRequestId => exchange.extended_id.as_str().into(),
        Named::HttpMethod => exchange.verb_name().into(),
        Named::AccessKey => signed(|identity| &identity.access_key)?,
        Named::IdentityAccountId => signed(|identity| &identity.account_id)?,
        Named::ApiKey => key?.value.as_ref().into(),
        Named::ApiKeyId => key?.id.as_ref().into(),
        Named::Caller => signed(|identity| &identity.caller)?,
        Named::SourceIp => exchange.request.client.source_ip.to_string().into(),
        Named::User => signed(|identity| &identity.user)?,
        Named::UserAgent => exchange.request.headers.get(header::USER_AGENT)?.to_str().ok()?.into(),
        Named::UserArn => signed(|identity| &identity.user_arn)?,
        Named::IsCanaryRequest => stage.is_canary?.to_string().into(),
        Named::Path => exchange.path_with_stage(stage).into(),
        Named::Protocol => "HTTP/1.1".into(),
        Named::RequestId => exchange.id.as_str().into(),
        Named::RequestTime => context::request_time(exchange).into(),
        Named::RequestTimeEpoch => exchange.started.unix_ms.to_string().into(),
        Named::ResourceId => method?.resource_id.as_str().into(),
        Named::ResourcePath => method?.resource_path.as_ref().into(),
        Named::RouteKey => match &stage.deployment.protocol {
            Protocol::Rest => return None,
            Protocol::Http(_) => exchange.trace.resource_path.as_deref()?.into(),
        },
        Named::Stage => stage.name.as_str().into(),
        Named::Absent => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let rows = [
            ("requestId", Some(ContextVariable::Named(Named::RequestId))),
            ("identity.vpcId", Some(ContextVariable::Named(Named::Absent))),
            ("authorizer.principalId", Some(ContextVariable::Authorizer("principalId".into()))),
            ("authorizer.claims.custom:x", Some(ContextVariable::Claim("custom:x".into()))),
            ("responseOverride.status", Some(ContextVariable::ResponseOverride(vec!["status".into()]))),
            ("requestID", None),
            ("authorizer.", None),
            ("identity", None),
        ];
        for (name, expected) in rows {
            assert_eq!(ContextVariable::parse(name), expected, "{name}");
        }
    }
}
