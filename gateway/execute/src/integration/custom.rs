//! What custom integrations share: a body that templates make of another one, on the way there and on the way back.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html>

use crate::{
    body::Body,
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    header_rules,
    integration_response::{IntegrationResponse, IntegrationResponses},
    mapping_template::{self, Choice, Templates},
    media_type,
    parameter_mapping::Scope,
    stage::StageSnapshot,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use fanlight_definition::resources::PassthroughBehavior;
use http::{HeaderMap, HeaderValue, header};

/// The templates and responses of an integration.
#[derive(Debug)]
pub struct Transformation {
    /// Media type to request template.
    pub request_templates: Templates,
    /// What happens to a body that no template matches.
    pub passthrough_behavior: PassthroughBehavior,
    /// The responses.
    pub responses: IntegrationResponses,
}

/// The endpoint's body: what the template for the request's media type renders, or the client's own.
///
/// # Errors
/// `UNSUPPORTED_MEDIA_TYPE`, or what a template fails with.
pub fn request_body(
    transformation: &Transformation,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    body: Bytes,
) -> Result<Bytes, Failure> {
    let media_type = media_type::content_type(&exchange.request.headers);
    let binary = stage.deployment.binary_media_types.contains(Some(media_type));
    let choice =
        mapping_template::choose(&transformation.request_templates, transformation.passthrough_behavior, media_type)?;
    match choice {
        Choice::PassThrough => Ok(body),
        Choice::Transform(template) => {
            // A template sees a binary body as base64.
            let text = if binary { BASE64_STANDARD.encode(&body).into() } else { String::from_utf8_lossy(&body) };
            mapping_template::render(template, stage, method, exchange, &text).map(Bytes::from)
        }
    }
}

/// The client's response: the selected integration response, with its mapped headers and what its template renders.
/// Without a template the endpoint's body passes. Of the endpoint's headers only mapped ones come back.
///
/// # Errors
/// What a template fails with.
pub fn response(
    selected: &IntegrationResponse,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    (endpoint_headers, body): (&HeaderMap, Bytes),
) -> Result<Response, Failure> {
    let mut headers = selected.headers(&Scope { stage, method, exchange, endpoint_headers: Some(endpoint_headers) });
    let template = selected.template(&exchange.request.headers);
    let (media_type, body) = match template {
        None => (media_type::DEFAULT, body),
        Some((media_type, template)) => (media_type, template.render(stage, method, exchange, &body)?),
    };
    if let (false, Ok(value)) = (headers.contains_key(header::CONTENT_TYPE), HeaderValue::from_str(media_type)) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Ok(trace_id) = HeaderValue::from_str(&exchange.trace_id) {
        headers.insert(header_rules::TRACE_ID, trace_id);
    }
    let mut response = Response { status: selected.status, headers, body: Body::Buffered(body) };
    mapping_template::override_response(&exchange.overrides, &mut response)?;
    Ok(response)
}
