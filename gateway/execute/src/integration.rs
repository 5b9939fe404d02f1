//! The integration: what stands behind a method, compiled, and the call to it.
//!
//! A proxy integration has no transformation in its variant, so no step can apply one to it.

pub mod aws_service;
pub mod custom;
pub mod function_name;
pub mod http;
pub mod http_proxy;
pub mod lambda;
pub mod lambda_proxy;
pub mod mock;

use crate::{
    backends::{Backends, FunctionResponse, HttpFailure, HttpRequest, HttpResponse, Moment, ServiceRequest},
    body::Body,
    deployment::Method,
    exchange::{Endpoint, Exchange},
    failure::Failure,
    limits,
    stage::StageSnapshot,
    trace::Step,
};
use ::http::StatusCode;
use bytes::Bytes;
use fanlight_definition::resources::TransferMode;
use futures_util::future::{Either, select};
use std::{future::Future, pin::pin, sync::Arc, time::Duration};

/// A compiled integration.
#[derive(Debug)]
pub enum Integration {
    /// `AWS_PROXY`
    LambdaProxy(lambda_proxy::LambdaProxy),
    /// `HTTP_PROXY`
    HttpProxy(http_proxy::HttpProxy),
    /// `AWS` with a Lambda function
    Lambda(lambda::Lambda),
    /// `HTTP`
    Http(http::Http),
    /// `AWS` with another service
    AwsService(aws_service::AwsService),
    /// `MOCK`
    Mock(mock::Mock),
}

/// What the integration request step hands to the call.
#[derive(Debug)]
pub enum IntegrationRequest {
    /// An event for a function.
    Event(Bytes),
    /// A request for a web server.
    Http(HttpRequest),
    /// A call of a service.
    Service(ServiceRequest),
    /// The status that a mock's request template names.
    Mock(u16),
}

/// What the call hands to the integration response step.
#[derive(Debug)]
pub enum EndpointResponse {
    /// What a function returned or failed with.
    Function(FunctionResponse),
    /// A web server's response.
    Http(HttpResponse),
    /// A mock's status.
    Mock(u16),
}

/// Calls the endpoint, for no longer than the integration's timeout.
///
/// # Errors
/// `INTEGRATION_TIMEOUT` or `INTEGRATION_FAILURE`.
pub async fn call(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    request: IntegrationRequest,
) -> Result<EndpointResponse, Failure> {
    let started = backends.now();
    let response = match (method.integration.as_ref(), request) {
        (Integration::LambdaProxy(integration), IntegrationRequest::Event(payload)) => {
            let call = lambda_proxy::call(integration, (stage, backends), exchange, payload);
            within(integration.timeout, backends, started, call).await?
        }
        (Integration::Lambda(integration), IntegrationRequest::Event(payload)) => {
            let call = lambda::call(integration, (stage, backends), exchange, payload);
            within(integration.timeout, backends, started, call).await?
        }
        (Integration::Http(integration), IntegrationRequest::Http(request)) => {
            let call = http_call(backends.send(request));
            within(integration.timeout, backends, started, call).await?
        }
        (Integration::AwsService(integration), IntegrationRequest::Service(request)) => {
            let call = http_call(backends.service(request));
            within(integration.http.timeout, backends, started, call).await?
        }
        (Integration::HttpProxy(integration), IntegrationRequest::Http(request)) => {
            let call = http_call(backends.send(request));
            within(integration.timeout, backends, started, call).await?
        }
        (Integration::Mock(_), IntegrationRequest::Mock(status)) => Ok(EndpointResponse::Mock(status)),
        (_, request) => Err(Failure::ApiConfigurationError(format!("no integration takes {request:?}"))),
    };
    observed(backends, exchange, started, response).await
}

/// Notes what came of a call that was started then.
pub(crate) async fn observed(
    backends: &dyn Backends,
    exchange: &mut Exchange,
    started: Moment,
    response: Result<EndpointResponse, Failure>,
) -> Result<EndpointResponse, Failure> {
    let response = match response {
        Ok(EndpointResponse::Http(response)) if exchange.trace.capture.is_some() => watched(response).await,
        other => other,
    };
    let now = backends.now().monotonic;
    exchange.endpoint = seen(&response, now.saturating_sub(started.monotonic));
    let elapsed = || now.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::Integration, elapsed, || outcome(&response));
    response
}

pub(crate) async fn within<T>(
    timeout: Duration,
    backends: &dyn Backends,
    started: Moment,
    call: impl Future<Output = T>,
) -> Result<T, Failure> {
    match select(pin!(call), backends.sleep_until(started.monotonic + timeout)).await {
        Either::Left((response, _)) => Ok(response),
        Either::Right(((), _)) => {
            Err(Failure::IntegrationTimeout(format!("no answer within {} ms", timeout.as_millis())))
        }
    }
}

pub(crate) async fn http_call(
    call: impl Future<Output = Result<HttpResponse, HttpFailure>>,
) -> Result<EndpointResponse, Failure> {
    call.await.map(EndpointResponse::Http).map_err(|failure| match failure {
        HttpFailure::InvalidAddress(reason) => Failure::ApiConfigurationError(reason),
        HttpFailure::Network(reason) => Failure::IntegrationFailure(reason),
        HttpFailure::RequestBody(error) => error.into(),
    })
}

/// While somebody looks, a small body is awaited, so that it can be shown.
async fn watched(mut response: HttpResponse) -> Result<EndpointResponse, Failure> {
    if response.body.len().is_some_and(|length| length <= limits::CAPTURE_VALUE_BYTES as u64) {
        let body = response.body.read_limited(limits::CAPTURE_VALUE_BYTES as u64).await;
        let body = body.map_err(|error| Failure::IntegrationFailure(format!("the response broke off: {error}")))?;
        response.body = Body::Buffered(body);
    }
    Ok(EndpointResponse::Http(response))
}

fn seen(response: &Result<EndpointResponse, Failure>, latency: Duration) -> Endpoint {
    let called = Endpoint { latency: Some(latency), ..Endpoint::default() };
    match response {
        Ok(EndpointResponse::Function(response)) => {
            Endpoint { request_id: Some(response.request_id.clone()), status: Some(200), ..called }
        }
        Ok(EndpointResponse::Http(response)) => {
            let id = response.headers.get("x-amzn-requestid").and_then(|id| id.to_str().ok());
            Endpoint { request_id: id.map(ToOwned::to_owned), status: Some(response.status.as_u16()), ..called }
        }
        Ok(EndpointResponse::Mock(_)) => Endpoint::default(),
        Err(_) => called,
    }
}

fn outcome(response: &Result<EndpointResponse, Failure>) -> Vec<(&'static str, String)> {
    match response {
        Ok(EndpointResponse::Function(FunctionResponse { payload, error: None, .. })) => {
            vec![("payload", crate::trace::document(payload))]
        }
        Ok(EndpointResponse::Function(FunctionResponse { payload, error: Some(_), .. })) => {
            vec![("function error", crate::trace::document(payload))]
        }
        Ok(EndpointResponse::Http(response)) => vec![
            ("status", response.status.as_u16().to_string()),
            ("headers", crate::trace::headers(&response.headers)),
            ("body", crate::trace::body(&response.body)),
        ],
        Ok(EndpointResponse::Mock(status)) => vec![("status", status.to_string())],
        Err(failure) => vec![("failure", failure.reason().to_owned())],
    }
}

/// A status that AWS lets pass.
#[must_use]
pub fn status(code: u16) -> Option<StatusCode> {
    StatusCode::from_u16(code).ok().filter(|status| (200..600).contains(&status.as_u16()))
}

impl Integration {
    /// AWS's name of the type.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::LambdaProxy(_) => "AWS_PROXY",
            Self::Lambda(_) | Self::AwsService(_) => "AWS",
            Self::Http(_) => "HTTP",
            Self::HttpProxy(_) => "HTTP_PROXY",
            Self::Mock(_) => "MOCK",
        }
    }

    /// Whether its response is passed on as it comes.
    #[must_use]
    pub const fn streams(&self) -> bool {
        match self {
            Self::HttpProxy(integration) => matches!(integration.transfer_mode, TransferMode::Stream),
            Self::LambdaProxy(_) | Self::Lambda(_) | Self::Http(_) | Self::AwsService(_) | Self::Mock(_) => false,
        }
    }

    /// The function or address that it calls.
    #[must_use]
    pub fn target(&self) -> Option<Arc<str>> {
        match self {
            Self::LambdaProxy(integration) => Some(integration.function.written()),
            Self::Lambda(integration) => Some(integration.function.written()),
            Self::Http(integration) => Some(Arc::clone(&integration.server.target)),
            Self::HttpProxy(integration) => Some(Arc::clone(&integration.target)),
            Self::AwsService(integration) => Some(Arc::clone(&integration.target)),
            Self::Mock(_) => None,
        }
    }
}
