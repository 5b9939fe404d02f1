//! Integration request: what the endpoint gets of the client's request.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-request.html>

use crate::{
    backends::{Backends, ServiceRequest},
    body::Body,
    deployment::Method,
    event,
    exchange::Exchange,
    failure::Failure,
    integration::{
        Integration, IntegrationRequest, aws_service, http, http_proxy, lambda, lambda_proxy::LambdaProxy, mock,
    },
    stage::StageSnapshot,
    trace::{self, Step},
};

/// Makes the endpoint's request.
///
/// # Errors
/// `REQUEST_TOO_LARGE` when the body grows past its limit, `UNSUPPORTED_MEDIA_TYPE` when nothing may take it, 500 when the
/// definition asks for something impossible.
pub async fn transform(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    body: Body,
) -> Result<IntegrationRequest, Failure> {
    let request = match method.integration.as_ref() {
        Integration::LambdaProxy(integration) => lambda_event(integration, method, stage, exchange, body).await,
        Integration::HttpProxy(integration) => {
            http_proxy::request(integration, (stage, method, exchange), body).await.map(IntegrationRequest::Http)
        }
        Integration::Lambda(integration) => {
            let body = body.read_limited(stage.limits.payload_bytes).await?;
            lambda::event(integration, method, stage, exchange, body).map(IntegrationRequest::Event)
        }
        Integration::Http(integration) => {
            let body = body.read_limited(stage.limits.payload_bytes).await?;
            http::request(integration, method, stage, exchange, body).map(IntegrationRequest::Http)
        }
        Integration::AwsService(integration) => {
            let body = body.read_limited(stage.limits.payload_bytes).await?;
            aws_service::request(integration, method, stage, exchange, body).map(IntegrationRequest::Service)
        }
        Integration::Mock(mock) => {
            let body = body.read_limited(stage.limits.payload_bytes).await?;
            mock::status(mock, method, stage, exchange, body).map(IntegrationRequest::Mock)
        }
    }?;
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::IntegrationRequest, elapsed, || match &request {
        IntegrationRequest::Event(event) => vec![("event", trace::document(event))],
        IntegrationRequest::Http(request) | IntegrationRequest::Service(ServiceRequest { http: request, .. }) => vec![
            ("uri", request.uri.clone()),
            ("method", request.method.to_string()),
            ("headers", trace::headers(&request.headers)),
            ("body", trace::body(&request.body)),
        ],
        IntegrationRequest::Mock(status) => vec![("status", status.to_string())],
    });
    Ok(request)
}

async fn lambda_event(
    integration: &LambdaProxy,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &Exchange,
    body: Body,
) -> Result<IntegrationRequest, Failure> {
    if let Some(header) = &integration.forbidden_mapping {
        return Err(Failure::ApiConfigurationError(format!("mapping the header `{header}` is not allowed")));
    }
    let body = body.read_limited(stage.limits.payload_bytes).await?;
    event::write(stage, method, exchange, &body)
        .map(IntegrationRequest::Event)
        .map_err(|error| Failure::ApiConfigurationError(format!("the event cannot be written: {error}")))
}
