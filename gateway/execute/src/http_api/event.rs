//! The events of payload format 2.0, and what those of 1.0 are made of too.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use super::{outgoing::Outgoing, path, route::Route};
use crate::{
    caller::{AuthorizerResult, SignedIdentity},
    context,
    deployment::Protocol,
    exchange::Exchange,
    header_rules, query,
    stage::StageSnapshot,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use fanlight_definition::resources::HttpApiKind;
use fanlight_events::http::{AuthorizerRequest, Http, ProxyRequest, RequestContext, Values};
use http::{HeaderMap, header};
use serde_json::{Value, json};
use std::borrow::Cow;

/// Writes the event of a function.
///
/// # Errors
/// Never in practice: every part of the event has a JSON form.
pub fn write(
    stage: &StageSnapshot,
    route: &Route,
    exchange: &Exchange,
    outgoing: &Outgoing,
    body: &[u8],
) -> Result<Bytes, serde_json::Error> {
    let parts = Parts::new(stage, route, exchange, (outgoing, Some(body.len())));
    let binary = !is_text(&outgoing.headers);
    let event = ProxyRequest {
        version: "2.0",
        route_key: &route.key,
        raw_path: &parts.raw_path,
        raw_query_string: &outgoing.query,
        cookies: &parts.cookies,
        headers: &parts.headers,
        query_string_parameters: &parts.query,
        request_context: parts.context(),
        body: text(body, binary),
        path_parameters: &parts.parameters,
        is_base64_encoded: binary && !body.is_empty(),
        stage_variables: &parts.variables,
    };
    let mut out = Vec::with_capacity(2048 + body.len() + body.len() / 2);
    serde_json::to_writer(&mut out, &event)?;
    Ok(out.into())
}

/// Writes the event of a Lambda authorizer: the same without a body.
///
/// # Errors
/// Never in practice.
pub fn authorizer(
    stage: &StageSnapshot,
    route: &Route,
    exchange: &Exchange,
    outgoing: &Outgoing,
    identity: &[String],
) -> Result<Bytes, serde_json::Error> {
    let parts = Parts::new(stage, route, exchange, (outgoing, None));
    let event = AuthorizerRequest {
        version: "2.0",
        kind: "REQUEST",
        route_arn: &path::route_arn(stage, exchange),
        identity_source: (!identity.is_empty()).then_some(identity),
        route_key: &route.key,
        raw_path: &parts.raw_path,
        raw_query_string: &outgoing.query,
        cookies: &parts.cookies,
        headers: &parts.headers,
        query_string_parameters: &parts.query,
        request_context: parts.context(),
        path_parameters: &parts.parameters,
        stage_variables: &parts.variables,
    };
    serde_json::to_vec(&event).map(Bytes::from)
}

/// Whether a body is text: AWS goes by its media type alone, and a body without one is binary.
pub(super) fn is_text(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(essence.as_str(), "application/json" | "application/xml" | "application/javascript")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
}

pub(super) fn text(body: &[u8], binary: bool) -> Option<Cow<'_, str>> {
    if body.is_empty() {
        None
    } else if binary {
        Some(BASE64_STANDARD.encode(body).into())
    } else {
        Some(String::from_utf8_lossy(body))
    }
}

/// All values of each header with their names in order, and the headers that the gateway adds.
pub(super) fn headers<'a>(
    exchange: &'a Exchange,
    (outgoing, length): (&'a Outgoing, Option<usize>),
) -> Vec<(Cow<'a, str>, Vec<Cow<'a, str>>)> {
    let added = ["x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "content-length"];
    let mut all: Vec<(Cow<'a, str>, Vec<Cow<'a, str>>)> = Vec::with_capacity(outgoing.headers.len() + 5);
    for name in outgoing.headers.keys().filter(|name| !added.contains(&name.as_str())) {
        let values = outgoing.headers.get_all(name).iter();
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        all.push((name.as_str().into(), values));
    }
    let (proto, port) = exchange.forwarded();
    all.push(("x-amzn-trace-id".into(), vec![trace(exchange)]));
    all.push(("x-forwarded-for".into(), vec![exchange.forwarded_for().into()]));
    all.push(("x-forwarded-port".into(), vec![port]));
    all.push(("x-forwarded-proto".into(), vec![proto.into()]));
    all.extend(length.map(|length| ("content-length".into(), vec![length.to_string().into()])));
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all
}

/// The client's own trace completed; a new one shows its root only.
fn trace(exchange: &Exchange) -> Cow<'_, str> {
    let whole = exchange.trace_id.as_str();
    if exchange.request.headers.contains_key(header_rules::TRACE_ID) {
        whole.into()
    } else {
        whole.split(';').next().unwrap_or(whole).into()
    }
}

/// What one event is made of.
struct Parts<'a> {
    stage: &'a StageSnapshot,
    exchange: &'a Exchange,
    route: &'a Route,
    kind: HttpApiKind,
    raw_path: Cow<'a, str>,
    path: Cow<'a, str>,
    headers: Values<'a>,
    cookies: Vec<Cow<'a, str>>,
    query: Values<'a>,
    parameters: Values<'a>,
    variables: Values<'a>,
    authorizer: Option<Value>,
    time: String,
    source_ip: String,
}

impl<'a> Parts<'a> {
    fn new(
        stage: &'a StageSnapshot,
        route: &'a Route,
        exchange: &'a Exchange,
        (outgoing, length): (&'a Outgoing, Option<usize>),
    ) -> Self {
        let kind = kind(stage);
        let mut parts = Self {
            stage,
            exchange,
            route,
            kind,
            raw_path: outgoing.path.as_deref().map_or_else(|| path::raw(kind, stage, exchange), Cow::Borrowed),
            path: Cow::Owned(path::decoded(&path::sent(stage, exchange)).into_owned()),
            headers: Values::default(),
            cookies: Vec::new(),
            query: Values::default(),
            parameters: Values(route.parameters(exchange).map(|(name, value)| (name.as_ref().into(), value)).collect()),
            variables: Values(
                stage.variables.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect(),
            ),
            authorizer: authorizer_context(exchange),
            time: context::request_time(exchange),
            source_ip: exchange.request.client.source_ip.to_string(),
        };
        for (name, values) in headers(exchange, (outgoing, length)) {
            if name == "cookie" {
                let cookies = values.iter().flat_map(|value| value.split(';')).map(|cookie| cookie.trim().to_owned());
                parts.cookies = cookies.filter(|cookie| !cookie.is_empty()).map(Cow::Owned).collect();
                if kind == HttpApiKind::Api {
                    continue;
                }
            }
            parts.headers.0.push((name, values.join(",").into()));
        }
        for (name, value) in query::pairs(&outgoing.query) {
            parts.query.join(name, value);
        }
        parts
    }

    fn context(&self) -> RequestContext<'_> {
        let Self { stage, exchange, .. } = self;
        let deployment = &stage.deployment;
        let user_agent = exchange.request.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let anonymous = self.kind == HttpApiKind::FunctionUrl && exchange.caller.identity.is_none();
        RequestContext {
            account_id: if anonymous { "anonymous" } else { &deployment.account_id },
            api_id: &deployment.api_id,
            authorizer: self.authorizer.as_ref(),
            domain_name: exchange.domain_name(),
            domain_prefix: context::domain_prefix(stage, exchange),
            http: Http {
                method: exchange.request.method.as_str(),
                path: &self.path,
                protocol: "HTTP/1.1",
                source_ip: &self.source_ip,
                user_agent: user_agent.unwrap_or_default(),
            },
            request_id: &exchange.id,
            route_key: &self.route.key,
            stage: &stage.name,
            time: &self.time,
            time_epoch: exchange.started.unix_ms,
        }
    }
}

fn kind(stage: &StageSnapshot) -> HttpApiKind {
    match &stage.deployment.protocol {
        Protocol::Http(api) => api.kind,
        Protocol::Rest => HttpApiKind::Api,
    }
}

/// `requestContext.authorizer`; none on an open route.
fn authorizer_context(exchange: &Exchange) -> Option<Value> {
    let signed = |identity: &SignedIdentity| {
        json!({ "iam": {
            "accessKey": identity.access_key,
            "accountId": identity.account_id,
            "callerId": identity.caller,
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": identity.user_arn,
            "userId": identity.user,
        } })
    };
    match (&exchange.caller.authorizer, &exchange.caller.identity) {
        (Some(AuthorizerResult::Lambda(result)), _) => Some(json!({ "lambda": &*result.context })),
        (Some(AuthorizerResult::Jwt(result)), _) => {
            Some(json!({ "jwt": { "claims": &result.claims, "scopes": result.scopes } }))
        }
        (Some(AuthorizerResult::Claims(claims)), _) => Some(json!({ "jwt": { "claims": &**claims, "scopes": null } })),
        (None, Some(identity)) => Some(signed(identity)),
        (None, None) => None,
    }
}
