//! The integration: what stands behind a method, compiled, and the call to it.
//!
//! A proxy integration has no transformation in its variant, so no step can apply one to it.

pub mod custom;
pub mod http;
pub mod http_proxy;
pub mod lambda;
pub mod lambda_proxy;
pub mod mock;

use crate::{
    backends::{Backends, HttpFailure, HttpRequest, HttpResponse, Moment},
    deployment::Method,
    exchange::Exchange,
    failure::Failure,
    trace::Step,
};
use ::http::StatusCode;
use bytes::Bytes;
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
    /// The status that a mock's request template names.
    Mock(u16),
}

/// What the call hands to the integration response step.
#[derive(Debug)]
pub enum EndpointResponse {
    /// A function's payload.
    Payload(Bytes),
    /// What a function failed with.
    FunctionError(Bytes),
    /// A web server's response.
    Http(HttpResponse),
    /// A mock's status.
    Mock(u16),
}

/// Calls the endpoint, for no longer than the integration's timeout.
///
/// # Errors
/// `INTEGRATION_TIMEOUT`, `INTEGRATION_FAILURE`, or 502 for a function that failed.
pub async fn call(
    method: &Method,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    request: IntegrationRequest,
) -> Result<EndpointResponse, Failure> {
    let started = backends.now();
    let response = match (method.integration.as_ref(), request) {
        (Integration::LambdaProxy(integration), IntegrationRequest::Event(payload)) => {
            let call = lambda_proxy::call(integration, backends, exchange, payload);
            within(integration.timeout, backends, started, call).await?
        }
        (Integration::Lambda(integration), IntegrationRequest::Event(payload)) => {
            let call = lambda::call(integration, backends, exchange, payload);
            within(integration.timeout, backends, started, call).await?
        }
        (Integration::Http(integration), IntegrationRequest::Http(request)) => {
            let call = http_call(backends, request);
            within(integration.timeout, backends, started, call).await?
        }
        (Integration::HttpProxy(integration), IntegrationRequest::Http(request)) => {
            let call = http_call(backends, request);
            within(integration.timeout, backends, started, call).await?
        }
        (Integration::Mock(_), IntegrationRequest::Mock(status)) => Ok(EndpointResponse::Mock(status)),
        (_, request) => Err(Failure::ApiConfigurationError(format!("no integration takes {request:?}"))),
    };
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::Integration, elapsed, || outcome(&response));
    response
}

async fn within<T>(
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

async fn http_call(backends: &dyn Backends, request: HttpRequest) -> Result<EndpointResponse, Failure> {
    backends.send(request).await.map(EndpointResponse::Http).map_err(|failure| match failure {
        HttpFailure::InvalidAddress(reason) => Failure::ApiConfigurationError(reason),
        HttpFailure::Network(reason) => Failure::IntegrationFailure(reason),
        HttpFailure::RequestBody(error) => error.into(),
    })
}

fn outcome(response: &Result<EndpointResponse, Failure>) -> Vec<(&'static str, String)> {
    match response {
        Ok(EndpointResponse::Payload(payload)) => vec![("payload", crate::trace::document(payload))],
        Ok(EndpointResponse::FunctionError(payload)) => {
            vec![("function error", crate::trace::document(payload))]
        }
        Ok(EndpointResponse::Http(response)) => vec![
            ("status", response.status.as_u16().to_string()),
            ("headers", crate::trace::headers(&response.headers)),
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
            Self::Lambda(_) => "AWS",
            Self::Http(_) => "HTTP",
            Self::HttpProxy(_) => "HTTP_PROXY",
            Self::Mock(_) => "MOCK",
        }
    }

    /// The function or address that it calls.
    #[must_use]
    pub fn target(&self) -> Option<Arc<str>> {
        match self {
            Self::LambdaProxy(integration) => Some(Arc::clone(&integration.function)),
            Self::Lambda(integration) => Some(Arc::clone(&integration.function)),
            Self::Http(integration) => Some(Arc::clone(&integration.server.target)),
            Self::HttpProxy(integration) => Some(Arc::clone(&integration.target)),
            Self::Mock(_) => None,
        }
    }
}
