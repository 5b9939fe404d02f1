//! `$context`: what templates may know of the exchange.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use crate::{
    caller::{AuthorizerResult, LambdaResult},
    deployment::Method,
    exchange::Exchange,
    stage::StageSnapshot,
};
use http::header;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, net::IpAddr};

/// The members of `$context` that are wanted, without overrides, which templates write themselves. A gateway response may
/// have no method.
#[must_use]
pub fn variables(
    stage: &StageSnapshot,
    method: Option<&Method>,
    exchange: &Exchange,
    wanted: impl Fn(&str) -> bool,
) -> Value {
    let mut variables = Map::new();
    for name in MEMBERS.into_iter().filter(|name| wanted(name)) {
        if let Some(value) = member(name, stage, method, exchange) {
            variables.insert(name.to_owned(), value);
        }
    }
    Value::Object(variables)
}

const MEMBERS: [&str; 18] = [
    "resourceId",
    "resourcePath",
    "httpMethod",
    "extendedRequestId",
    "requestTime",
    "path",
    "accountId",
    "protocol",
    "stage",
    "domainPrefix",
    "requestTimeEpoch",
    "requestId",
    "identity",
    "domainName",
    "deploymentId",
    "apiId",
    "authorizer",
    "isCanaryRequest",
];

fn member(name: &str, stage: &StageSnapshot, method: Option<&Method>, exchange: &Exchange) -> Option<Value> {
    let deployment = &stage.deployment;
    Some(match name {
        "resourceId" => json!(method.map(|method| &method.resource_id)),
        "resourcePath" => json!(method.map(|method| &*method.resource_path)),
        "httpMethod" => json!(exchange.verb_name()),
        "extendedRequestId" => json!(exchange.extended_id),
        "requestTime" => json!(request_time(exchange)),
        "path" => json!(exchange.path_with_stage(stage)),
        "accountId" => json!(deployment.account_id),
        "protocol" => json!("HTTP/1.1"),
        "stage" => json!(stage.name),
        "domainPrefix" => json!(domain_prefix(stage, exchange)),
        "requestTimeEpoch" => json!(exchange.started.unix_ms),
        "requestId" => json!(exchange.id),
        "identity" => identity(exchange),
        "domainName" => json!(exchange.domain_name()),
        "deploymentId" => json!(deployment.id),
        "apiId" => json!(deployment.api_id),
        "authorizer" => authorizer(exchange)?,
        "isCanaryRequest" => stage.is_canary?.into(),
        _ => return None,
    })
}

/// `$context.authorizer`: what an authorizer found out, each value as text. Claims are there one by one only.
fn authorizer(exchange: &Exchange) -> Option<Value> {
    Some(match exchange.caller.authorizer.as_ref()? {
        AuthorizerResult::Lambda(LambdaResult { principal_id, context, integration_latency_ms, .. }) => {
            let mut members = context.as_ref().clone();
            members.insert("principalId".to_owned(), Value::from(&**principal_id));
            members.insert("integrationLatency".to_owned(), integration_latency_ms.to_string().into());
            Value::Object(members)
        }
        AuthorizerResult::Claims(claims) => json!({ "claims": &**claims }),
        AuthorizerResult::Jwt(result) => json!({ "claims": &result.claims }),
    })
}

/// `$context.authorizer.X`, and `claims.X` for a user pool.
#[must_use]
pub fn authorizer_property<'a>(exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    match exchange.caller.authorizer.as_ref()? {
        AuthorizerResult::Lambda(LambdaResult { principal_id, context, integration_latency_ms, .. }) => match name {
            "principalId" => Some(Cow::Borrowed(principal_id)),
            "integrationLatency" => Some(integration_latency_ms.to_string().into()),
            name => context.get(name).and_then(Value::as_str).map(Cow::Borrowed),
        },
        AuthorizerResult::Claims(claims) => {
            claims.get(name.strip_prefix("claims.")?).and_then(Value::as_str).map(Cow::Borrowed)
        }
        AuthorizerResult::Jwt(result) => {
            result.claims.get(name.strip_prefix("claims.")?).and_then(Value::as_str).map(Cow::Borrowed)
        }
    }
}

fn identity(exchange: &Exchange) -> Value {
    let user_agent = exchange.request.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let signed = exchange.caller.identity.as_deref();
    let mut identity = json!({
        "cognitoIdentityPoolId": null,
        "accountId": signed.map(|identity| &identity.account_id),
        "cognitoIdentityId": null,
        "caller": signed.map(|identity| &identity.caller),
        "sourceIp": exchange.request.client.source_ip.to_string(),
        "principalOrgId": null,
        "accessKey": signed.map(|identity| &identity.access_key),
        "cognitoAuthenticationType": null,
        "cognitoAuthenticationProvider": null,
        "userArn": signed.map(|identity| &identity.user_arn),
        "userAgent": user_agent,
        "user": signed.map(|identity| &identity.user),
    });
    if let (Value::Object(members), Some(key)) = (&mut identity, &exchange.caller.api_key) {
        members.insert("apiKey".to_owned(), Value::from(&*key.value));
        members.insert("apiKeyId".to_owned(), Value::from(&*key.id));
    }
    identity
}

/// `22/Nov/2026:10:44:26 +0000`
#[must_use]
pub fn request_time(exchange: &Exchange) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let at = TimeZone::UTC.to_datetime(Timestamp::from_millisecond(exchange.started.unix_ms).unwrap_or_default());
    let month = MONTHS.get(usize::from(at.month().unsigned_abs()).saturating_sub(1)).copied().unwrap_or_default();
    let (day, year, hour, minute, second) = (at.day(), at.year(), at.hour(), at.minute(), at.second());
    format!("{day:02}/{month}/{year:04}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// The first label of the host; an address has none and shows the API's id, which is that label on AWS.
#[must_use]
pub fn domain_prefix<'a>(stage: &'a StageSnapshot, exchange: &'a Exchange) -> &'a str {
    let name = exchange.domain_name();
    if name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        &stage.deployment.api_id
    } else {
        name.split('.').next().unwrap_or_default()
    }
}
