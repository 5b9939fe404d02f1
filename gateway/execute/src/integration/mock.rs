//! `MOCK`: the gateway answers by itself, with the status that the request template names.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html>

use crate::{
    body::Body,
    exchange::{Exchange, Response},
    failure::Failure,
    integration_response::{IntegrationResponses, ResponseHeader},
    media_type,
    parameter_mapping::Scope,
    stage::StageSnapshot,
};
use bytes::Bytes;
use fanlight_definition::resources::PassthroughBehavior;
use http::{HeaderMap, HeaderValue, header};
use indexmap::IndexMap;
use std::sync::Arc;

/// A compiled mock.
#[derive(Debug)]
pub struct Mock {
    /// Media type to what its literal request template says.
    pub request_templates: IndexMap<String, TemplateStatus>,
    /// What happens to a body that no template matches.
    pub passthrough_behavior: PassthroughBehavior,
    /// The responses.
    pub responses: IntegrationResponses,
}

/// The status in a rendered request template, or why there is none.
pub type TemplateStatus = Result<u16, Arc<str>>;

/// Reads `{"statusCode": 200}` as AWS does: the value must be a whole number.
pub fn template_status(rendered: &str) -> TemplateStatus {
    let parsed: serde_json::Value = serde_json::from_str(rendered)
        .map_err(|error| format!("the request template gives no JSON object: {error}"))?;
    let status = parsed.get("statusCode").ok_or("the request template gives no `statusCode`")?;
    let number = status.as_i64().ok_or_else(|| format!("`statusCode` is {status}, not a whole number"))?;
    // Any whole number is accepted here; one that is no status finds no integration response but the default.
    Ok(u16::try_from(number).unwrap_or(0))
}

/// The status for this request.
///
/// # Errors
/// `UNSUPPORTED_MEDIA_TYPE`, or a configuration error when nothing names a status.
pub fn status(mock: &Mock, exchange: &Exchange, body: &[u8]) -> Result<u16, Failure> {
    let media_type = media_type::content_type(&exchange.request.headers);
    let status = match mock.request_templates.get(media_type) {
        Some(status) => status.clone(),
        None => {
            pass_through(mock, media_type)?;
            template_status(&String::from_utf8_lossy(body))
        }
    };
    status.map_err(|reason| Failure::ApiConfigurationError(reason.as_ref().to_owned()))
}

fn pass_through(mock: &Mock, media_type: &str) -> Result<(), Failure> {
    let passes = match mock.passthrough_behavior {
        PassthroughBehavior::WhenNoMatch => true,
        PassthroughBehavior::WhenNoTemplates => mock.request_templates.is_empty(),
        PassthroughBehavior::Never => false,
    };
    if passes { Ok(()) } else { Err(Failure::UnsupportedMediaType(format!("no request template for `{media_type}`"))) }
}

/// Makes the response of a status.
///
/// # Errors
/// A configuration error when no integration response matches.
pub fn response(mock: &Mock, stage: &StageSnapshot, exchange: &Exchange, status: u16) -> Result<Response, Failure> {
    let selected = mock.responses.select(&status.to_string(), status)?;
    let scope = Scope { stage, exchange, path_parameters: &[], path: "" };
    let mut headers = HeaderMap::new();
    for ResponseHeader { name, source } in &selected.headers {
        if let Some(value) = source.value(&scope).and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok()) {
            headers.insert(name.clone(), value);
        }
    }
    let template = selected.template(&exchange.request.headers);
    let body = template.map_or_else(Bytes::new, |(media_type, text)| {
        if let (false, Ok(value)) = (headers.contains_key(header::CONTENT_TYPE), HeaderValue::from_str(media_type)) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        text.clone()
    });
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(media_type::DEFAULT));
    Ok(Response { status: selected.status, headers, body: Body::Buffered(body) })
}
