//! The events of payload format 1.0.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use super::{event, outgoing::Outgoing, path, route::Route};
use crate::{caller::AuthorizerResult, context, exchange::Exchange, query, stage::StageSnapshot};
use bytes::Bytes;
use fanlight_definition::resources::HttpApiKind;
use fanlight_events::{
    http::{AuthorizerRequestV1, ProxyRequestV1, RequestContextV1},
    rest::{Identity, MultiValueMap, ValueMap},
};
use http::header;
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
    let binary = !event::is_text(&outgoing.headers);
    let event = ProxyRequestV1 {
        version: "1.0",
        resource: &route.resource_path,
        path: &parts.path,
        http_method: exchange.request.method.as_str(),
        headers: parts.headers.last_values(),
        multi_value_headers: parts.headers.clone(),
        query_string_parameters: parts.query.last_values(),
        multi_value_query_string_parameters: parts.query.clone(),
        request_context: parts.context(),
        path_parameters: parts.parameters(),
        stage_variables: parts.variables(),
        body: event::text(body, binary),
        is_base64_encoded: binary && !body.is_empty(),
    };
    let mut out = Vec::with_capacity(2048 + body.len() + body.len() / 2);
    serde_json::to_writer(&mut out, &event)?;
    Ok(out.into())
}

/// Writes the event of a Lambda authorizer.
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
    let identity = (!identity.is_empty()).then(|| identity.join(","));
    let event = AuthorizerRequestV1 {
        version: "1.0",
        kind: "REQUEST",
        method_arn: &path::route_arn(stage, exchange),
        identity_source: identity.as_deref(),
        authorization_token: identity.as_deref(),
        resource: &route.resource_path,
        path: &parts.path,
        http_method: exchange.request.method.as_str(),
        headers: parts.headers.last_values(),
        query_string_parameters: parts.query.last_values(),
        path_parameters: parts.parameters(),
        stage_variables: parts.variables(),
        request_context: parts.context(),
    };
    serde_json::to_vec(&event).map(Bytes::from)
}

/// What one event is made of.
struct Parts<'a> {
    stage: &'a StageSnapshot,
    exchange: &'a Exchange,
    route: &'a Route,
    path: Cow<'a, str>,
    headers: MultiValueMap<'a>,
    query: MultiValueMap<'a>,
    authorizer: Value,
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
        let mut query = MultiValueMap::default();
        for (name, value) in query::pairs(&outgoing.query) {
            query.push(name, value);
        }
        let raw = || path::raw(HttpApiKind::Api, stage, exchange);
        Self {
            stage,
            exchange,
            route,
            path: outgoing.path.as_deref().map_or_else(raw, Cow::Borrowed),
            headers: MultiValueMap(event::headers(exchange, (outgoing, length))),
            query,
            authorizer: authorizer_context(exchange),
            time: context::request_time(exchange),
            source_ip: exchange.request.client.source_ip.to_string(),
        }
    }

    fn parameters(&self) -> ValueMap<'_> {
        let parameters = self.route.parameters(self.exchange);
        ValueMap(parameters.map(|(name, value)| (name.as_ref().into(), value)).collect())
    }

    fn variables(&self) -> ValueMap<'_> {
        let variables = self.stage.variables.iter();
        ValueMap(variables.map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect())
    }

    fn context(&self) -> RequestContextV1<'_> {
        let Self { stage, exchange, .. } = self;
        let signed = exchange.caller.identity.as_deref();
        RequestContextV1 {
            account_id: &stage.deployment.account_id,
            api_id: &stage.deployment.api_id,
            authorizer: &self.authorizer,
            domain_name: exchange.domain_name(),
            domain_prefix: context::domain_prefix(stage, exchange),
            extended_request_id: &exchange.extended_id,
            http_method: exchange.request.method.as_str(),
            identity: Identity {
                access_key: signed.map(|identity| identity.access_key.as_str()),
                account_id: signed.map(|identity| identity.account_id.as_str()),
                caller: signed.map(|identity| identity.caller.as_str()),
                source_ip: Some(&self.source_ip),
                user: signed.map(|identity| identity.user.as_str()),
                user_agent: exchange.request.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()),
                user_arn: signed.map(|identity| identity.user_arn.as_str()),
                ..Identity::default()
            },
            path: &self.path,
            protocol: "HTTP/1.1",
            request_id: &exchange.id,
            request_time: &self.time,
            request_time_epoch: exchange.started.unix_ms,
            resource_id: None,
            resource_path: &self.route.resource_path,
            stage: &stage.name,
        }
    }
}

/// `requestContext.authorizer`: what a function answered, flat, or the claims of a token.
fn authorizer_context(exchange: &Exchange) -> Value {
    match &exchange.caller.authorizer {
        Some(AuthorizerResult::Lambda(result)) => {
            let mut members = (*result.context).clone();
            if !result.principal_id.is_empty() {
                members.insert("principalId".to_owned(), Value::from(&*result.principal_id));
            }
            members.insert("integrationLatency".to_owned(), result.integration_latency_ms.into());
            Value::Object(members)
        }
        Some(AuthorizerResult::Jwt(result)) => json!({ "claims": &result.claims, "scopes": result.scopes }),
        Some(AuthorizerResult::Claims(claims)) => json!({ "claims": &**claims, "scopes": null }),
        None => json!({ "claims": null, "scopes": null }),
    }
}
