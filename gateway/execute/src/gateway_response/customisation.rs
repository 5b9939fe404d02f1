//! Gateway responses as an API customises them.
//!
//! A type that is customised in any respect inherits nothing from `DEFAULT_4XX` and `DEFAULT_5XX`; these hold for all types
//! of their family that are not customised themselves.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>

use super::{
    answer::Answer,
    substitution::{Scope, Template, Variable},
};
use crate::media_type;
use fanlight_definition::resources::GatewayResponseType as Type;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use indexmap::IndexMap;
use std::collections::HashMap;

/// The customised gateway responses of an API; most have few or none.
#[derive(Debug, Default)]
pub struct GatewayResponses(pub HashMap<Type, Customisation>);

/// A customised gateway response.
#[derive(Debug)]
pub struct Customisation {
    /// `None`: the failure's own.
    pub status: Option<StatusCode>,
    /// Headers to add.
    pub headers: Vec<(HeaderName, HeaderSource)>,
    /// Media type, in lower case, to template; empty: AWS's own template.
    pub templates: IndexMap<String, Template>,
}

/// Where a header's value comes from.
#[derive(Debug)]
pub enum HeaderSource {
    /// `'text'`
    Literal(HeaderValue),
    /// An expression.
    Variable(Variable),
}

impl GatewayResponses {
    /// What applies to a failure.
    #[must_use]
    pub fn select(&self, answer: &Answer<'_>) -> Option<&Customisation> {
        if self.0.is_empty() || answer.response_type == Type::RequestTooLarge {
            return None; // AWS refuses a large body before it knows what the API customises
        }
        let family = if answer.status.is_server_error() { Type::Default5xx } else { Type::Default4xx };
        self.0.get(&answer.response_type).or_else(|| self.0.get(&family))
    }
}

impl Customisation {
    /// The template for what the client accepts and the media type it gives, chosen as among response templates: the
    /// first type of `Accept`, else `application/json`, else the first template.
    #[must_use]
    pub fn template(&self, request: &HeaderMap) -> Option<(&str, &Template)> {
        let wanted = media_type::accept(request).unwrap_or(media_type::DEFAULT).to_ascii_lowercase();
        let found = self.templates.get_key_value(&wanted).or_else(|| self.templates.get_key_value(media_type::DEFAULT));
        found.or_else(|| self.templates.first()).map(|(media_type, template)| (media_type.as_str(), template))
    }

    /// Sets the headers. One without a value, or with a value that no header can have, is left out.
    pub fn set_headers(&self, scope: &Scope<'_>, headers: &mut HeaderMap) {
        for (name, source) in &self.headers {
            let value = match source {
                HeaderSource::Literal(value) => Some(value.clone()),
                HeaderSource::Variable(variable) => {
                    variable.value(scope).and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok())
                }
            };
            if let Some(value) = value {
                headers.insert(name.clone(), value);
            }
        }
    }
}
