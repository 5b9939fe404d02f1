//! The lifecycle of a request to a REST API, one line per AWS term.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html>

use crate::{
    backends::Backends,
    body::Body,
    deployment::Method,
    exchange::{Exchange, Request, Response},
    failure::Failure,
    gateway_response, integration, integration_request, integration_response, method_response, route,
    stage::StageSnapshot,
    trace::{Step, Trace},
    usage_plan,
};
use std::sync::Arc;

/// Serves one request. What always runs, refused or not, stands here; the rest is the lifecycle.
pub async fn serve(
    stage: &StageSnapshot,
    backends: &dyn Backends,
    request: Request,
    body: Body,
    trace: Trace,
) -> (Response, Exchange) {
    let mut exchange = Exchange::begin(request, backends, trace);
    let arrived = admit(stage, body).and_then(|body| Ok((route::find(stage, &exchange)?, body)));
    let method = arrived.as_ref().ok().map(|(method, _)| *method);
    let result = match arrived {
        Ok((method, body)) => lifecycle(method, stage, backends, &mut exchange, body).await,
        Err(failure) => Err(failure),
    };
    let mut response = match result {
        Ok(response) => response,
        Err(failure) => refuse(method, stage, backends, &mut exchange, failure),
    };
    gateway_response::identify(&exchange, &mut response.headers);
    (response, exchange)
}

async fn lifecycle(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    body: Body,
) -> Result<Response, Failure> {
    entered(method, backends, exchange);
    usage_plan::admit(method, stage, backends, exchange).await?;
    let request = integration_request::transform(method, stage, backends, exchange, body).await?;
    let endpoint = integration::call(method, backends, exchange, request).await?;
    let response = integration_response::transform(method, stage, backends, exchange, endpoint).await?;
    Ok(method_response::finish(backends, exchange, response))
}

/// A body that announces more than the limit is refused before it arrives; any other is cut off when it gets there.
fn admit(stage: &StageSnapshot, body: Body) -> Result<Body, Failure> {
    let limit = stage.limits.payload_bytes;
    match body.len() {
        Some(length) if length > limit => Err(Failure::RequestTooLarge),
        Some(_) | None => Ok(body.limited(limit)),
    }
}

fn entered(method: &Method, backends: &dyn Backends, exchange: &mut Exchange) {
    exchange.trace.resource_path = Some(Arc::clone(&method.resource_path));
    exchange.trace.target = method.integration.target();
    let elapsed = backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    let Exchange { trace, request, .. } = exchange;
    trace.step(
        Step::Route,
        || elapsed,
        || {
            vec![
                ("resource", method.resource_path.to_string()),
                ("integration", method.integration.kind().to_owned()),
                ("headers", crate::trace::headers(&request.headers)),
            ]
        },
    );
}

fn refuse(
    method: Option<&Method>,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    failure: Failure,
) -> Response {
    let response_type = gateway_response::answer::to(&failure).response_type.as_str();
    exchange.trace.failure = Some((response_type, failure.reason().to_owned()));
    let response = gateway_response::respond(method, stage, exchange, &failure);
    let elapsed = backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(
        Step::GatewayResponse,
        || elapsed,
        || {
            vec![
                ("type", response_type.to_owned()),
                ("status", response.status.as_u16().to_string()),
                ("reason", failure.reason().to_owned()),
            ]
        },
    );
    exchange.failure = Some(failure);
    response
}
