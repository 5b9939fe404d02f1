//! The lifecycle of a request to an HTTP API or a function URL, one line per AWS term.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html>

pub mod authorize;
pub mod cors;
pub mod event;
pub mod event_v1;
pub mod identity;
pub mod integration;
pub mod jwt;
pub mod lambda_authorizer;
pub mod mapping;
pub mod outgoing;
pub mod path;
pub mod proxy_response;
pub mod route;
pub mod throttle;

use crate::{
    backends::Backends,
    body::Body,
    context_variable::Facts,
    exchange::{Exchange, Request, Response},
    failure::Failure,
    gateway_response::http_api as refusal,
    rest,
    stage::StageSnapshot,
    trace::{Step, Trace},
};
use fanlight_definition::resources::HttpApiKind;
use route::{Route, Routes};
use std::sync::Arc;

/// What a deployment of an HTTP API has besides its identity.
#[derive(Debug)]
pub struct HttpApi {
    /// Whether it is an API or the URL of a function.
    pub kind: HttpApiKind,
    /// Finds a route.
    pub routes: Routes,
    /// What browsers are told.
    pub cors: Option<cors::Cors>,
}

/// Serves one request. What always runs, refused or not, stands here; the rest is the lifecycle.
pub async fn serve(
    (api, stage): (&HttpApi, &StageSnapshot),
    backends: &dyn Backends,
    request: Request,
    body: Body,
    trace: Trace,
) -> (Response, Exchange) {
    let mut exchange = Exchange::begin(request, backends, trace);
    if api.kind == HttpApiKind::Api {
        // It has one id, the short one.
        exchange.id.clone_from(&exchange.extended_id);
    }
    let mut response = match cors::preflight(api.cors.as_ref(), &exchange) {
        Some(response) => response,
        None => match answered(api, stage, backends, &mut exchange, body).await {
            Ok(response) => response,
            Err(failure) => refuse(api.kind, backends, &mut exchange, failure),
        },
    };
    cors::allow(api.cors.as_ref(), &exchange, &mut response.headers);
    refusal::identify(api.kind, &exchange, &mut response.headers);
    if let Some(format) = &stage.access_log {
        let facts = Facts { stage, exchange: &exchange, method: None };
        exchange.access_log = Some(format.line(&facts, &response, backends));
    }
    (response, exchange)
}

async fn answered(
    api: &HttpApi,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    body: Body,
) -> Result<Response, Failure> {
    let body = rest::admit(stage, exchange, body).await?;
    let route = api.routes.find(exchange).ok_or(Failure::RouteNotFound)?;
    entered(route, backends, exchange, &body);
    lifecycle(route, stage, backends, exchange, body).await
}

async fn lifecycle(
    route: &Route,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    mut body: Body,
) -> Result<Response, Failure> {
    authorize::caller(route, stage, backends, exchange, &mut body).await?;
    throttle::admit(route, stage, backends, exchange)?;
    let request = integration::request(route, stage, backends, exchange, body).await?;
    let endpoint = integration::call(route, stage, backends, exchange, request).await?;
    integration::response(route, stage, backends, exchange, endpoint)
}

fn entered(route: &Route, backends: &dyn Backends, exchange: &mut Exchange, body: &Body) {
    exchange.trace.resource_path = Some(Arc::clone(&route.key));
    exchange.trace.target = Some(route.integration.target());
    let elapsed = backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    let Exchange { trace, request, .. } = exchange;
    let values = || {
        vec![
            ("route", route.key.to_string()),
            ("integration", route.integration.kind().to_owned()),
            ("headers", crate::trace::headers(&request.headers)),
            ("body", crate::trace::body(body)),
        ]
    };
    trace.step(Step::Route, || elapsed, values);
}

fn refuse(kind: HttpApiKind, backends: &dyn Backends, exchange: &mut Exchange, failure: Failure) -> Response {
    let response = refusal::respond(kind, &failure);
    let status = response.status.as_u16();
    exchange.trace.failure = Some((refusal::name(&failure), failure.reason().to_owned()));
    let elapsed = backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    let values = || vec![("status", status.to_string()), ("reason", failure.reason().to_owned())];
    exchange.trace.step(Step::GatewayResponse, || elapsed, values);
    exchange.failure = Some(failure);
    response
}
