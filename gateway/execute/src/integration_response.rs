//! Integration response: which one is selected, and what it makes of the endpoint's answer.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html>

use crate::{
    backends::Backends,
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    integration::{EndpointResponse, Integration, http_proxy, lambda_proxy, mock},
    media_type,
    parameter_mapping::Source,
    stage::StageSnapshot,
    trace::{self, Step},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode};
use indexmap::IndexMap;
use regex::Regex;

/// The integration responses of a method.
#[derive(Debug, Default)]
pub struct IntegrationResponses {
    /// With a pattern, in the order of their statuses.
    pub patterns: Vec<(Regex, IntegrationResponse)>,
    /// Without a pattern.
    pub default: Option<IntegrationResponse>,
}

/// One integration response.
#[derive(Debug)]
pub struct IntegrationResponse {
    /// The status that the client sees.
    pub status: StatusCode,
    /// Whether the method declares that status; AWS notices only when the response is selected.
    pub declared: bool,
    /// Headers to set.
    pub headers: Vec<ResponseHeader>,
    /// Media type to template.
    pub templates: IndexMap<String, Bytes>,
}

/// `method.response.header.X`
#[derive(Debug)]
pub struct ResponseHeader {
    /// The header.
    pub name: HeaderName,
    /// Its value.
    pub source: Source,
}

impl IntegrationResponses {
    /// The response whose pattern matches all of `text`; among several the one whose own status is `preferred`.
    ///
    /// # Errors
    /// A configuration error in AWS's words when nothing matches, or when the method does not declare the status.
    pub fn select(&self, text: &str, preferred: u16) -> Result<&IntegrationResponse, Failure> {
        let matches =
            || self.patterns.iter().filter(|(pattern, _)| pattern.is_match(text)).map(|(_, response)| response);
        let selected = matches()
            .find(|response| response.status.as_u16() == preferred)
            .or_else(|| matches().next())
            .or(self.default.as_ref())
            .ok_or_else(|| {
                Failure::ApiConfigurationError(format!(
                    "No match for output mapping and no default output mapping configured. Endpoint Response Status \
                     Code: {text}"
                ))
            })?;
        if selected.declared {
            Ok(selected)
        } else {
            let status = selected.status.as_u16();
            Err(Failure::ApiConfigurationError(format!(
                "Output mapping refers to an invalid method response: {status}"
            )))
        }
    }
}

impl IntegrationResponse {
    /// The template for what the client accepts, and the media type it gives: the first type of `Accept`, else
    /// `application/json`, else the first template.
    #[must_use]
    pub fn template(&self, request: &HeaderMap) -> Option<(&str, &Bytes)> {
        let wanted = media_type::accept(request).unwrap_or(media_type::DEFAULT);
        let found = self.templates.get_key_value(wanted).or_else(|| self.templates.get_key_value(media_type::DEFAULT));
        found.or_else(|| self.templates.first()).map(|(media_type, text)| (media_type.as_str(), text))
    }
}

/// Makes the client's response of the endpoint's.
///
/// # Errors
/// 502 for a function's payload that is no response, 500 when the integration responses do not fit.
pub fn transform(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    endpoint: EndpointResponse,
) -> Result<Response, Failure> {
    let response = match (&method.integration, endpoint) {
        (Integration::LambdaProxy(_), EndpointResponse::Payload(payload)) => {
            lambda_proxy::response(&stage.deployment, exchange, &payload)
        }
        (Integration::HttpProxy(_), EndpointResponse::Http(response)) => http_proxy::response(stage, response),
        (Integration::Mock(mock), EndpointResponse::Mock(status)) => mock::response(mock, stage, exchange, status),
        (_, endpoint) => Err(Failure::ApiConfigurationError(format!("no integration gives {endpoint:?}"))),
    };
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::IntegrationResponse, elapsed, || match &response {
        Ok(response) => {
            vec![("status", response.status.as_u16().to_string()), ("headers", trace::headers(&response.headers))]
        }
        Err(failure) => vec![("failure", failure.reason().to_owned())],
    });
    response
}
