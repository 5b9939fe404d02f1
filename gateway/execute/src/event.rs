//! The Lambda proxy event of a request, payload format 1.0.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>

pub mod authorizer;

use crate::{
    caller::{AuthorizerResult, LambdaResult},
    context,
    deployment::Method,
    exchange::{Exchange, Request},
    header_rules, media_type, query, route,
    stage::StageSnapshot,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use fanlight_events::rest::{AuthorizerContext, Identity, MultiValueMap, ProxyRequest, RequestContext, ValueMap};
use http::header;
use std::borrow::Cow;

/// Writes the event.
///
/// # Errors
/// Never in practice: every part of the event has a JSON form.
pub fn write(
    stage: &StageSnapshot,
    method: &Method,
    exchange: &Exchange,
    body: &[u8],
) -> Result<Bytes, serde_json::Error> {
    let request = &exchange.request;
    let headers = headers(exchange);
    let query = query(request);
    let path = exchange.client_path();
    let binary = stage.deployment.binary_media_types.contains(Some(media_type::content_type(&request.headers)));
    let parameters = route::parameters(&method.path_parameters, exchange.path());
    let texts = Texts::new(stage, exchange);
    let event = ProxyRequest {
        resource: &method.resource_path,
        path,
        http_method: exchange.verb_name(),
        headers: headers.last_values(),
        multi_value_headers: headers,
        query_string_parameters: query.last_values(),
        multi_value_query_string_parameters: query,
        path_parameters: ValueMap(parameters.map(|(name, value)| (name.as_ref().into(), value.into())).collect()),
        stage_variables: ValueMap(
            stage.variables.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect(),
        ),
        request_context: request_context(stage, method, exchange, &texts),
        body: text(body, binary),
        is_base64_encoded: binary && !body.is_empty(),
    };
    let mut out = Vec::with_capacity(2048 + body.len() + body.len() / 2);
    serde_json::to_writer(&mut out, &event)?;
    Ok(out.into())
}

fn text(body: &[u8], binary: bool) -> Option<Cow<'_, str>> {
    if body.is_empty() {
        None
    } else if binary {
        Some(BASE64_STANDARD.encode(body).into())
    } else {
        Some(String::from_utf8_lossy(body))
    }
}

/// The client's headers as it spelled them, and those that the gateway adds.
fn headers(exchange: &Exchange) -> MultiValueMap<'_> {
    let request = &exchange.request;
    let mut headers = MultiValueMap(Vec::with_capacity(request.headers.len() + 5));
    for name in request.headers.keys().filter(|name| header_rules::shown_in_event(name)) {
        let spelled = match *name {
            header::HOST => "Host",
            header::USER_AGENT => "User-Agent",
            _ if is_added(name) => continue,
            _ => request.spelling.of(name),
        };
        let values = request.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        headers.0.push((spelled.into(), values.collect()));
    }
    if !request.headers.contains_key(header::HOST) {
        headers.0.push(("Host".into(), vec![exchange.host().into()]));
    }
    let (proto, port) = exchange.forwarded();
    headers.0.push(("X-Amzn-Trace-Id".into(), vec![trace_header(exchange)]));
    headers.0.push(("X-Forwarded-For".into(), vec![exchange.forwarded_for().into()]));
    headers.0.push(("X-Forwarded-Port".into(), vec![port]));
    headers.0.push(("X-Forwarded-Proto".into(), vec![proto.into()]));
    headers
}

fn is_added(name: &http::HeaderName) -> bool {
    matches!(name.as_str(), "x-amzn-trace-id" | "x-forwarded-for" | "x-forwarded-port" | "x-forwarded-proto")
}

/// The client's own trace completed; a new one shows its root only.
fn trace_header(exchange: &Exchange) -> Cow<'_, str> {
    let whole = exchange.trace_id.as_str();
    if exchange.request.headers.contains_key(header_rules::TRACE_ID) {
        whole.into()
    } else {
        whole.split(';').next().unwrap_or(whole).into()
    }
}

fn query(request: &Request) -> MultiValueMap<'_> {
    let mut map = MultiValueMap::default();
    for (name, value) in query::pairs(request.uri.query().unwrap_or_default()) {
        map.push(name, value);
    }
    map
}

/// Texts that are made for one event.
struct Texts {
    request_time: String,
    path: String,
    source_ip: String,
}

impl Texts {
    fn new(stage: &StageSnapshot, exchange: &Exchange) -> Self {
        Self {
            request_time: context::request_time(exchange),
            path: exchange.path_with_stage(stage),
            source_ip: exchange.request.client.source_ip.to_string(),
        }
    }
}

fn authorizer_context(exchange: &Exchange) -> Option<AuthorizerContext<'_>> {
    Some(match exchange.caller.authorizer.as_ref()? {
        AuthorizerResult::Lambda(LambdaResult { principal_id, context, integration_latency_ms, .. }) => {
            AuthorizerContext::Lambda { principal_id, integration_latency_ms: *integration_latency_ms, context }
        }
        AuthorizerResult::Claims(claims) => AuthorizerContext::Claims(claims),
        AuthorizerResult::Jwt(result) => AuthorizerContext::Claims(&result.claims),
    })
}

/// Who signed the request; all `null` when nobody did.
fn signed_identity(exchange: &Exchange) -> Identity<'_> {
    let Some(identity) = &exchange.caller.identity else { return Identity::default() };
    Identity {
        access_key: Some(&identity.access_key),
        account_id: Some(&identity.account_id),
        caller: Some(&identity.caller),
        user: Some(&identity.user),
        user_arn: Some(&identity.user_arn),
        ..Identity::default()
    }
}

fn request_context<'a>(
    stage: &'a StageSnapshot,
    method: &'a Method,
    exchange: &'a Exchange,
    texts: &'a Texts,
) -> RequestContext<'a> {
    let deployment = &stage.deployment;
    let user_agent = exchange.request.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    RequestContext {
        resource_id: &method.resource_id,
        authorizer: authorizer_context(exchange),
        resource_path: &method.resource_path,
        operation_name: method.operation_name.as_deref(),
        http_method: exchange.verb_name(),
        extended_request_id: &exchange.extended_id,
        request_time: &texts.request_time,
        path: &texts.path,
        account_id: &deployment.account_id,
        protocol: "HTTP/1.1",
        stage: &stage.name,
        domain_prefix: context::domain_prefix(stage, exchange),
        request_time_epoch: exchange.started.unix_ms,
        request_id: &exchange.id,
        identity: Identity {
            source_ip: Some(&texts.source_ip),
            user_agent,
            api_key: exchange.caller.api_key.as_ref().map(|key| &*key.value),
            api_key_id: exchange.caller.api_key.as_ref().map(|key| &*key.id),
            ..signed_identity(exchange)
        },
        domain_name: exchange.domain_name(),
        deployment_id: &deployment.id,
        api_id: &deployment.api_id,
    }
}
