//! `MOCK`: the gateway answers by itself, with the status that the request template names.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html>

use super::custom;
use crate::{
    body::Body,
    content_handling::{self, Kind},
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    integration_response::IntegrationResponses,
    mapping_template::{self, Choice, Templates},
    media_type,
    parameter_mapping::Scope,
    stage::StageSnapshot,
};
use bytes::Bytes;
use fanlight_definition::resources::{ContentHandling, PassthroughBehavior};
use fanlight_vtl::Template;
use http::{HeaderMap, HeaderValue, header};
use std::sync::Arc;

/// A compiled mock.
#[derive(Debug)]
pub struct Mock {
    /// Media type to request template.
    pub request_templates: Templates<RequestTemplate>,
    /// What happens to a body that no template matches.
    pub passthrough_behavior: PassthroughBehavior,
    /// Conversion of the client's body; a template cannot take a binary one, not even an empty one.
    pub content_handling: Option<ContentHandling>,
    /// The responses.
    pub responses: IntegrationResponses,
}

/// A request template; what a literal one says is known before any request.
#[derive(Debug)]
pub enum RequestTemplate {
    /// Without references and directives.
    Literal(TemplateStatus),
    /// Any other.
    Rendered(Template),
}

/// The status in a rendered request template, or why there is none.
pub type TemplateStatus = Result<u16, Arc<str>>;

impl RequestTemplate {
    /// Compiles a template.
    #[must_use]
    pub fn new(template: Template) -> Self {
        if template.is_literal() { Self::Literal(template_status(template.source())) } else { Self::Rendered(template) }
    }
}

/// Reads `{"statusCode": 200}` as AWS does: leniently as to quotes and commas, but the value must be a whole number.
pub fn template_status(rendered: &str) -> TemplateStatus {
    let parsed = fanlight_vtl::read_json(rendered).map_err(|_| "the request template gives no JSON")?;
    let status = parsed.get("statusCode").ok_or("the request template gives no `statusCode`")?;
    let number = status.as_i64().ok_or_else(|| format!("`statusCode` is {status}, not a whole number"))?;
    // Any whole number is accepted here; one that is no status finds no integration response but the default.
    Ok(u16::try_from(number).unwrap_or(0))
}

/// The status for this request.
///
/// # Errors
/// `UNSUPPORTED_MEDIA_TYPE`, or a configuration error when nothing names a status.
pub fn status(
    mock: &Mock,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    body: Bytes,
) -> Result<u16, Failure> {
    let media_type = media_type::content_type(&exchange.request.headers);
    let kind = Kind::of(&stage.deployment.binary_media_types, Some(media_type));
    let choice = mapping_template::choose(&mock.request_templates, mock.passthrough_behavior, media_type)?;
    let payload = content_handling::request(mock.content_handling, kind, body)?;
    let status = match choice {
        Choice::Transform(RequestTemplate::Literal(status)) => payload.text("request").map(|_| status.clone())?,
        Choice::Transform(RequestTemplate::Rendered(template)) => {
            let body = payload.text("request")?;
            let rendered =
                mapping_template::render(template, stage, method, exchange, &String::from_utf8_lossy(&body))?;
            template_status(&rendered)
        }
        Choice::PassThrough => template_status(&String::from_utf8_lossy(&payload.into_bytes())),
    };
    status.map_err(|reason| Failure::ApiConfigurationError(reason.as_ref().to_owned()))
}

/// Makes the response of a status.
///
/// # Errors
/// A configuration error when no integration response matches or its template fails.
pub fn response(
    mock: &Mock,
    method: &Method,
    stage: &StageSnapshot,
    exchange: &mut Exchange,
    status: u16,
) -> Result<Response, Failure> {
    let selected = mock.responses.select(&status.to_string(), Some(status))?;
    let scope = Scope { stage, method, exchange, endpoint_headers: None, body: b"" };
    let mut headers = selected.headers(&scope)?;
    // The request is not the endpoint's answer, so there is no body to see here.
    let payload = custom::converted(selected, stage, exchange, (&HeaderMap::new(), Bytes::new()))?;
    let template = selected.template(&exchange.request.headers);
    let body = match template {
        Some((_, template)) => template.render(stage, method, exchange, &payload.text("response")?)?,
        None => Bytes::new(),
    };
    let media_type = template.map_or(media_type::DEFAULT, |(media_type, _)| media_type);
    if let (false, Ok(value)) = (headers.contains_key(header::CONTENT_TYPE), HeaderValue::from_str(media_type)) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    let mut response = Response { status: selected.status, headers, body: Body::Buffered(body) };
    mapping_template::override_response(&exchange.overrides, &mut response)?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_leniently_and_must_be_a_whole_number() {
        let rows = [
            (r#"{"statusCode": 200}"#, Some(200)),
            ("{statusCode: 200}", Some(200)),
            ("\n\n{\n \"statusCode\": 404,\n}", Some(404)),
            ("{'statusCode': 201}", Some(201)),
            (r#"{"statusCode": "200"}"#, None),
            (r#"{"statusCode": 200.5}"#, None),
            (r#"{"statusCode": null}"#, None),
            ("statusCode: 200", None),
            (r#"{"status": 200}"#, None),
            ("", None),
            (r#"{"statusCode": -1000}"#, Some(0)),
        ];
        for (rendered, expected) in rows {
            assert_eq!(template_status(rendered).ok(), expected, "{rendered}");
        }
    }
}
