//! Mapping templates: which one applies, what it sees, and what it leaves.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings.html>

use crate::{
    context,
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    header_rules, integration, query, route,
    stage::StageSnapshot,
};
use bytes::Bytes;
use fanlight_definition::resources::PassthroughBehavior;
use fanlight_vtl::{ErrorKind, Inputs, Overrides, Parameters, Template};
use http::{HeaderName, HeaderValue};
use indexmap::IndexMap;
use serde_json::Value;

/// Templates by media type, in lower case.
pub type Templates<T = Template> = IndexMap<String, T>;

/// A template; what a literal one renders is known before any request.
#[derive(Debug)]
pub enum Body {
    /// Without references and directives.
    Literal(Bytes),
    /// Any other.
    Rendered(Template),
}

impl Body {
    /// Compiles a template.
    #[must_use]
    pub fn new(template: Template) -> Self {
        if template.is_literal() {
            Self::Literal(Bytes::copy_from_slice(template.source().as_bytes()))
        } else {
            Self::Rendered(template)
        }
    }

    /// What it makes of a body.
    ///
    /// # Errors
    /// As [`render`].
    pub fn render(
        &self,
        stage: &StageSnapshot,
        method: &Method,
        exchange: &mut Exchange,
        body: &[u8],
    ) -> Result<Bytes, Failure> {
        match self {
            Self::Literal(text) => Ok(text.clone()),
            Self::Rendered(template) => {
                render(template, stage, method, exchange, &String::from_utf8_lossy(body)).map(Bytes::from)
            }
        }
    }
}

/// What happens to a request body.
#[derive(Debug, Clone, Copy)]
pub enum Choice<'a, T = Template> {
    /// This template makes the endpoint's body of it.
    Transform(&'a T),
    /// It goes through as it is.
    PassThrough,
}

/// The template for a request's media type; without one, `passthroughBehavior` decides.
///
/// # Errors
/// `UNSUPPORTED_MEDIA_TYPE` when the body may not pass.
pub fn choose<'a, T>(
    templates: &'a Templates<T>,
    behavior: PassthroughBehavior,
    media_type: &str,
) -> Result<Choice<'a, T>, Failure> {
    let exact = templates.get(media_type);
    let other_case =
        || templates.iter().find(|(known, _)| known.eq_ignore_ascii_case(media_type)).map(|(_, found)| found);
    if let Some(template) = exact.or_else(other_case) {
        return Ok(Choice::Transform(template));
    }
    let passes = match behavior {
        PassthroughBehavior::WhenNoMatch => true,
        PassthroughBehavior::WhenNoTemplates => templates.is_empty(),
        PassthroughBehavior::Never => false,
    };
    if passes {
        Ok(Choice::PassThrough)
    } else {
        Err(Failure::UnsupportedMediaType(format!("no request template for `{media_type}`")))
    }
}

/// Renders a template against a body. What it writes to `$context.requestOverride` and `responseOverride` stays with the
/// exchange, for the templates after it and for the request and response.
///
/// # Errors
/// A configuration error, as AWS answers for a template that fails, and for one that overrides a parameter twice; 400 for a
/// body that the template reads as JSON and that is none.
pub fn render(
    template: &Template,
    stage: &StageSnapshot,
    method: &Method,
    exchange: &mut Exchange,
    body: &str,
) -> Result<String, Failure> {
    let needs = template.needs();
    let parameters = if needs.parameters() { parameters(method, exchange) } else { Parameters::default() };
    let context = context::variables(stage, Some(method), exchange, |name| needs.context(name));
    let shown = stage.variables.iter().filter(|_| needs.stage_variables());
    let variables: Vec<(String, String)> = shown.map(|(name, value)| (name.clone(), value.clone())).collect();
    let inputs = Inputs { body, parameters: &parameters, context: &context, stage_variables: &variables };
    let rendered = inputs.render(template, &mut exchange.overrides).map_err(|error| {
        if error.kind() == ErrorKind::Payload {
            return Failure::UnprocessablePayload(format!("Could not process payload{}", error.message()));
        }
        let (line, column) = (error.line(), error.column());
        Failure::ApiConfigurationError(format!(
            "the template fails in line {line}, column {column}: {}",
            error.message()
        ))
    })?;
    match exchange.overrides.repeated.first() {
        Some(name) => Err(Failure::ApiConfigurationError(format!("the template overrides `{name}` twice"))),
        None => Ok(rendered),
    }
}

fn parameters(method: &Method, exchange: &Exchange) -> Parameters {
    let request = &exchange.request;
    let path = route::parameters(&method.path_parameters, exchange.path());
    let query = query::pairs(request.uri.query().unwrap_or_default());
    let shown = request.headers.iter().filter(|(name, _)| header_rules::shown_in_event(name));
    Parameters {
        path: path.map(|(name, value)| (name.to_string(), value.to_owned())).collect(),
        querystring: query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        header: shown
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (request.spelling.of(name).to_owned(), value)
            })
            .collect(),
    }
}

/// Applies `$context.responseOverride`: it wins over mappings and over the selected response's status.
///
/// # Errors
/// A configuration error for a header that is none.
pub fn override_response(overrides: &Overrides, response: &mut Response) -> Result<(), Failure> {
    // A status that is no whole number of a response is ignored.
    let status = overrides.response.get("status").and_then(whole).and_then(integration::status);
    if let Some(status) = status {
        response.status = status;
    }
    let headers = overrides.response.get("header").and_then(Value::as_object);
    for (name, value) in headers.into_iter().flatten() {
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&text(value)))
        else {
            return Err(Failure::ApiConfigurationError(format!(
                "the response override of header `{name}` is no header"
            )));
        };
        response.headers.insert(name, value);
    }
    Ok(())
}

fn whole(value: &Value) -> Option<u16> {
    match value {
        Value::Number(number) => u16::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An override's value as a parameter shows it; a list is joined by commas.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
