//! What custom integrations share: a body that templates make of another one, on the way there and on the way back.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html>

use crate::{
    body::Body,
    content_handling::{self, Kind, Payload},
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
use bytes::Bytes;
use fanlight_definition::resources::{ContentHandling, PassthroughBehavior};
use http::{HeaderMap, HeaderValue, header};

/// The templates and responses of an integration.
#[derive(Debug)]
pub struct Transformation {
    /// Media type to request template.
    pub request_templates: Templates,
    /// What happens to a body that no template matches.
    pub passthrough_behavior: PassthroughBehavior,
    /// Conversion of the client's body.
    pub content_handling: Option<ContentHandling>,
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
    let kind = Kind::of(&stage.deployment.binary_media_types, Some(media_type));
    let choice =
        mapping_template::choose(&transformation.request_templates, transformation.passthrough_behavior, media_type)?;
    let payload = content_handling::request(transformation.content_handling, kind, body)?;
    match choice {
        Choice::PassThrough => Ok(payload.into_bytes()),
        Choice::Transform(template) => {
            let text = payload.text("request")?;
            mapping_template::render(template, stage, method, exchange, &String::from_utf8_lossy(&text))
                .map(Bytes::from)
        }
    }
}

/// What an endpoint answered, beside the status that has selected the integration response.
#[derive(Debug)]
pub struct Endpoint<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// Its body as mappings see it.
    pub mapped: Bytes,
}

/// The client's response: the selected integration response, with its mapped headers and what its template renders.
/// Without a template the endpoint's body passes. Of the endpoint's headers only mapped ones come back.
///
/// # Errors
/// What a template, a mapping or a conversion fails with.
pub fn response(
    selected: &IntegrationResponse,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    Endpoint { headers: endpoint_headers, body, mapped }: Endpoint<'_>,
) -> Result<Response, Failure> {
    let scope = Scope { stage, method, exchange, endpoint_headers: Some(endpoint_headers), body: &mapped };
    let mut headers = selected.headers(&scope)?;
    let payload = converted(selected, stage, exchange, (endpoint_headers, body))?;
    let template = selected.template(&exchange.request.headers);
    let (media_type, body) = match template {
        None => (media_type::DEFAULT, payload.into_bytes()),
        Some((media_type, template)) => {
            (media_type, template.render(stage, method, exchange, &payload.text("response")?)?)
        }
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

/// The endpoint's body after `contentHandling` and `binaryMediaTypes`.
///
/// # Errors
/// A configuration error for what should be base64 and is not.
pub fn converted(
    selected: &IntegrationResponse,
    stage: &StageSnapshot,
    exchange: &Exchange,
    (headers, body): (&HeaderMap, Bytes),
) -> Result<Payload, Failure> {
    let types = &stage.deployment.binary_media_types;
    let sent = Kind::of(types, headers.contains_key(header::CONTENT_TYPE).then(|| media_type::content_type(headers)));
    let wanted = Kind::of(types, media_type::accept(&exchange.request.headers));
    content_handling::response(selected.content_handling, sent, wanted, body)
}
