//! Integration response: which one is selected, and what it makes of the endpoint's answer.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html>

use crate::{
    backends::Backends,
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    header_rules,
    integration::{EndpointResponse, Integration, http, http_proxy, lambda, lambda_proxy, mock},
    mapping_template::{self, Templates},
    media_type,
    parameter_mapping::{Scope, Source},
    stage::StageSnapshot,
    trace::{self, Step},
};
use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use fanlight_definition::resources::ContentHandling;
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
    /// Conversion of the endpoint's body.
    pub content_handling: Option<ContentHandling>,
    /// Headers to set.
    pub headers: Vec<ResponseHeader>,
    /// Media type to template.
    pub templates: Templates<mapping_template::Body>,
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
    pub fn select(&self, text: &str, preferred: Option<u16>) -> Result<&IntegrationResponse, Failure> {
        let matches =
            || self.patterns.iter().filter(|(pattern, _)| pattern.is_match(text)).map(|(_, response)| response);
        let selected = matches()
            .find(|response| Some(response.status.as_u16()) == preferred)
            .or_else(|| matches().next())
            .or(self.default.as_ref())
            .ok_or_else(|| {
                Failure::ApiConfigurationError(format!(
                    "No match for output mapping and no default output mapping configured. Endpoint Response Status \
                     Code: {text}"
                ))
            })?;
        selected.checked()
    }

    /// The response to a success, with which no pattern is matched: the default one, or one whose pattern takes anything.
    ///
    /// # Errors
    /// As [`Self::select`].
    pub fn for_success(&self) -> Result<&IntegrationResponse, Failure> {
        match &self.default {
            Some(response) => response.checked(),
            None => self.select("", None),
        }
    }
}

impl IntegrationResponse {
    fn checked(&self) -> Result<&Self, Failure> {
        if self.declared {
            return Ok(self);
        }
        let status = self.status.as_u16();
        Err(Failure::ApiConfigurationError(format!("Output mapping refers to an invalid method response: {status}")))
    }

    /// The template for what the client accepts, and the media type it gives: the first type of `Accept`, else
    /// `application/json`, else the first template.
    #[must_use]
    pub fn template(&self, request: &HeaderMap) -> Option<(&str, &mapping_template::Body)> {
        let wanted = media_type::accept(request).unwrap_or(media_type::DEFAULT);
        let found = self.templates.get_key_value(wanted).or_else(|| self.templates.get_key_value(media_type::DEFAULT));
        found.or_else(|| self.templates.first()).map(|(media_type, template)| (media_type.as_str(), template))
    }

    /// The mapped headers. A source that is absent leaves its header out.
    ///
    /// # Errors
    /// A configuration error for a value that would end the header and begin another.
    pub fn headers(&self, scope: &Scope<'_>) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 6);
        for ResponseHeader { name, source } in &self.headers {
            let Some(value) = source.value(scope) else { continue };
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
                Failure::ApiConfigurationError(format!(
                    "the value mapped to the header `{name}` has a control character"
                ))
            })?;
            headers.extend(header_rules::mapped_to_client(name).map(|name| (name, value)));
        }
        Ok(headers)
    }
}

/// Makes the client's response of the endpoint's.
///
/// # Errors
/// 502 for a function's payload that is no response, 500 when the integration responses do not fit.
pub async fn transform(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    endpoint: EndpointResponse,
) -> Result<Response, Failure> {
    let response = match (method.integration.as_ref(), endpoint) {
        (Integration::LambdaProxy(_), EndpointResponse::Function(returned)) => {
            lambda_proxy::response(&stage.deployment, exchange, &returned)
        }
        (Integration::HttpProxy(integration), EndpointResponse::Http(response)) => {
            http_proxy::response(integration, stage, response)
        }
        (Integration::Lambda(integration), EndpointResponse::Function(returned)) => {
            lambda::response(integration, method, stage, exchange, returned)
        }
        (Integration::Http(integration), EndpointResponse::Http(endpoint)) => {
            http::response(integration, method, stage, exchange, endpoint).await
        }
        (Integration::AwsService(integration), EndpointResponse::Http(endpoint)) => {
            http::response(&integration.http, method, stage, exchange, endpoint).await
        }
        (Integration::Mock(mock), EndpointResponse::Mock(status)) => {
            mock::response(mock, method, stage, exchange, status)
        }
        (_, endpoint) => Err(Failure::ApiConfigurationError(format!("no integration gives {endpoint:?}"))),
    };
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::IntegrationResponse, elapsed, || match &response {
        Ok(response) => {
            vec![
                ("status", response.status.as_u16().to_string()),
                ("headers", trace::headers(&response.headers)),
                ("body", trace::body(&response.body)),
            ]
        }
        Err(failure) => vec![("failure", failure.reason().to_owned())],
    });
    response
}
