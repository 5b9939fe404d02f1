//! Method request: is everything there that the method asks for, and does the body match its model?
//!
//! Only a method with a validator checks anything. Parameters come first; a body is read only when a model is there for its
//! media type.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html>

use crate::{
    backends::Backends, body::Body, deployment::Method, exchange::Exchange, failure::Failure, media_type, model::Model,
    query, route, stage::StageSnapshot, trace::Step,
};
use http::HeaderName;
use std::{borrow::Cow, sync::Arc};

/// What a method checks of a request.
#[derive(Debug, Default)]
pub struct MethodRequest {
    /// In the order in which AWS names those that are missing.
    pub required: Vec<RequiredParameter>,
    /// Media type, in lower case, to model.
    pub models: Vec<(String, Arc<Model>)>,
    /// The model of `$default`.
    pub default_model: Option<Arc<Model>>,
}

/// A parameter that must be there and not be blank.
#[derive(Debug)]
pub struct RequiredParameter {
    /// As the definition spells it.
    pub name: String,
    /// Where it is.
    pub location: Location,
}

/// Where a parameter is.
#[derive(Debug, PartialEq, Eq)]
pub enum Location {
    /// `method.request.header.X`
    Header(HeaderName),
    /// `method.request.path.X`
    Path,
    /// `method.request.querystring.X`
    Query,
}

/// Checks a request. The body comes back, read if it had to be.
///
/// # Errors
/// `BAD_REQUEST_PARAMETERS` and `BAD_REQUEST_BODY`; `REQUEST_TOO_LARGE` when the body grows past its limit.
pub async fn validate(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    body: Body,
) -> Result<Body, Failure> {
    let request = &method.request;
    if request.required.is_empty() && request.models.is_empty() && request.default_model.is_none() {
        return Ok(body);
    }
    let checked = match parameters(method, exchange) {
        Ok(()) => self::body(request, stage, exchange, body).await,
        Err(failure) => Err(failure),
    };
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::MethodRequest, elapsed, || match &checked {
        Ok(_) => vec![("valid", "yes".to_owned())],
        Err(failure) => vec![("valid", "no".to_owned()), ("reason", failure.reason().to_owned())],
    });
    checked
}

fn parameters(method: &Method, exchange: &Exchange) -> Result<(), Failure> {
    let missing: Vec<&str> = method
        .request
        .required
        .iter()
        .filter(|parameter| value(parameter, method, exchange).is_none_or(|value| value.trim().is_empty()))
        .map(|parameter| parameter.name.as_str())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::BadRequestParameters(format!("Missing required request parameters: [{}]", missing.join(", "))))
}

/// The last value, as everywhere.
fn value<'a>(parameter: &RequiredParameter, method: &'a Method, exchange: &'a Exchange) -> Option<Cow<'a, str>> {
    match &parameter.location {
        Location::Header(name) => {
            let last = exchange.request.headers.get_all(name).iter().next_back()?;
            Some(String::from_utf8_lossy(last.as_bytes()))
        }
        Location::Path => {
            let mut all = route::parameters(&method.path_parameters, exchange.path());
            all.find(|(name, _)| name.as_ref() == parameter.name).map(|(_, value)| Cow::Borrowed(value))
        }
        Location::Query => {
            let pairs = query::pairs(exchange.request.uri.query().unwrap_or_default());
            pairs.filter(|(name, _)| *name == parameter.name).map(|(_, value)| value).last()
        }
    }
}

async fn body(
    request: &MethodRequest,
    stage: &StageSnapshot,
    exchange: &Exchange,
    body: Body,
) -> Result<Body, Failure> {
    let media_type = media_type::content_type(&exchange.request.headers);
    let Some(model) = request.model(media_type) else { return Ok(body) };
    let bytes = body.read_limited(stage.limits.payload_bytes).await?;
    match model.check(&bytes) {
        Ok(()) => Ok(Body::Buffered(bytes)),
        Err(validation_error) => Err(Failure::BadRequestBody {
            reason: format!(
                "Request body does not match model schema for content type {media_type}: {validation_error}"
            ),
            validation_error,
        }),
    }
}

impl MethodRequest {
    fn model(&self, media_type: &str) -> Option<&Model> {
        let exact = self.models.iter().find(|(known, _)| known.eq_ignore_ascii_case(media_type));
        exact.map(|(_, model)| model).or(self.default_model.as_ref()).map(Arc::as_ref)
    }
}
