//! The lifecycle of a request to a REST API, one line per AWS term.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html>

use crate::{
    authorize,
    backends::Backends,
    body::Body,
    compression,
    context_variable::Facts,
    deployment::Method,
    exchange::{Exchange, Request, Response},
    failure::Failure,
    gateway_response, integration, integration_request, integration_response, limits, method_request, method_response,
    query, resource_policy, route,
    stage::StageSnapshot,
    stage_cache::{self, Lookup},
    trace::{Step, Trace},
    usage_plan,
};
use http::header;
use std::sync::Arc;

/// Serves one request. What always runs, refused or not, stands here; the rest is the lifecycle.
pub async fn serve(
    stage: &StageSnapshot,
    backends: &dyn Backends,
    request: Request,
    body: Body,
    trace: Trace,
) -> (Response, Exchange) {
    let stage = stage.chosen(backends);
    let mut exchange = Exchange::begin(request, backends, trace);
    let arrived = admit(stage, &exchange, body).await.and_then(|body| Ok((route::find(stage, &exchange)?, body)));
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
    if let Some(format) = &stage.access_log {
        let facts = Facts { stage, exchange: &exchange, method };
        exchange.access_log = Some(format.line(&facts, &response, backends));
    }
    (response, exchange)
}

async fn lifecycle(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    mut body: Body,
) -> Result<Response, Failure> {
    entered(method, backends, exchange, &body);
    resource_policy::before_authorizer(method, stage, backends, exchange)?;
    let decision = authorize::caller(method, stage, backends, exchange, &mut body).await?;
    resource_policy::after_authorizer(method, stage, backends, exchange, decision)?;
    usage_plan::admit(method, stage, backends, exchange).await?;
    let body = compression::undo(&exchange.request, body, stage.limits.payload_bytes).await?;
    let mut body = method_request::validate(method, stage, backends, exchange, body).await?;
    let miss = match stage_cache::lookup(method, stage, backends, exchange, &mut body).await? {
        Lookup::Hit(response) => {
            let response = method_response::finish(backends, exchange, response);
            return compressed(stage, exchange, response).await;
        }
        Lookup::Miss(miss) => miss,
    };
    let request = integration_request::transform(method, stage, backends, exchange, body).await?;
    let endpoint = integration::call(method, stage, backends, exchange, request).await?;
    let response = integration_response::transform(method, stage, backends, exchange, endpoint).await?;
    let response = method_response::finish(backends, exchange, response);
    let response = stage_cache::store(miss, backends, response).await?;
    if method.integration.streams() {
        return Ok(response);
    }
    compressed(stage, exchange, response).await
}

/// What is cached is not compressed: the next client may not accept it.
async fn compressed(stage: &StageSnapshot, exchange: &Exchange, mut response: Response) -> Result<Response, Failure> {
    let sizes = (stage.deployment.minimum_compression_size, stage.limits.payload_bytes);
    compression::compress(sizes, &exchange.request.headers, &mut response).await?;
    Ok(response)
}

/// A path that can be read in two ways is refused: whoever guards one reading does not guard the other. A body that
/// announces more than the limit is refused before it arrives; any other is cut off when it gets there. A small one is
/// read at once, as AWS reads all: a refusal then leaves the connection fit for the next request.
pub(crate) async fn admit(stage: &StageSnapshot, exchange: &Exchange, body: Body) -> Result<Body, Failure> {
    if query::is_ambiguous_path(exchange.request.uri.path()) {
        return Err(Failure::BadParameter("Bad Request".to_owned()));
    }
    let limit = stage.limits.payload_bytes;
    match body.len() {
        Some(length) if length > limit => Err(Failure::RequestTooLarge),
        // Who waits for a `100 Continue` may be spared the body.
        Some(_) | None if exchange.request.headers.contains_key(header::EXPECT) => Ok(body.limited(limit)),
        Some(length) if length <= limits::GATHER_BYTES as u64 => Ok(Body::Buffered(body.read_limited(limit).await?)),
        Some(_) => Ok(body.limited(limit)),
        None => Ok(body.limited(limit).gather(limits::GATHER_BYTES).await?),
    }
}

fn entered(method: &Method, backends: &dyn Backends, exchange: &mut Exchange, body: &Body) {
    exchange.trace.resource_path = Some(Arc::clone(&method.resource_path));
    exchange.trace.target = method.integration.target();
    let elapsed = backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    let parameters: Vec<String> = match exchange.trace.capture {
        Some(_) => route::parameters(&method.path_parameters, exchange.path())
            .map(|(name, value)| format!("{name}={value}"))
            .collect(),
        None => Vec::new(),
    };
    let Exchange { trace, request, .. } = exchange;
    trace.step(
        Step::Route,
        || elapsed,
        || {
            vec![
                ("resource", method.resource_path.to_string()),
                ("integration", method.integration.kind().to_owned()),
                ("path parameters", parameters.join(", ")),
                ("headers", crate::trace::headers(&request.headers)),
                ("body", crate::trace::body(body)),
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
