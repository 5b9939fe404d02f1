//! `HTTP_PROXY`: a web server gets the request as it is, and its response is the client's.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html>

use crate::{
    backends::{HttpRequest, HttpResponse},
    body::Body,
    exchange::{Exchange, Response},
    failure::Failure,
    header_rules,
    limits::GATHER_BYTES,
    mapping_template,
    parameter_mapping::{Scope, Source},
    query,
    stage::StageSnapshot,
};
use fanlight_definition::resources::HttpMethod;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;
use std::{borrow::Cow, sync::Arc, time::Duration};

/// A compiled HTTP proxy integration.
#[derive(Debug)]
pub struct HttpProxy {
    /// The address.
    pub uri: UriTemplate,
    /// `None` sends the client's verb.
    pub http_method: Option<http::Method>,
    /// `integration.request.header.X`
    pub headers: Vec<(HeaderName, Source)>,
    /// `integration.request.querystring.X`
    pub query: Vec<(String, Source)>,
    /// A mapping that fails each call.
    pub forbidden_mapping: Option<String>,
    /// How long the server may take to answer.
    pub timeout: Duration,
    /// The address as defined, for people.
    pub target: Arc<str>,
}

/// An address with its variable parts.
#[derive(Debug, Default)]
pub struct UriTemplate {
    /// The parts in order.
    pub parts: Vec<UriPart>,
}

/// A part of an address.
#[derive(Debug, PartialEq, Eq)]
pub enum UriPart {
    /// Text as it is.
    Text(String),
    /// `{name}` with the source that is mapped to it.
    Path {
        /// The name.
        name: String,
        /// What is mapped to it.
        source: Source,
    },
    /// `${stageVariables.name}`; an unknown one is empty.
    StageVariable(String),
}

impl UriTemplate {
    /// Compiles an address. A `{name}` that nothing is mapped to stays as it stands.
    #[must_use]
    pub fn new(uri: &str, mapped: impl Fn(&str) -> Option<Source>) -> Self {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = uri;
        while let Some(start) = rest.find('{') {
            let (before, from) = rest.split_at(start);
            let Some((name, after)) = from.strip_prefix('{').and_then(|inner| inner.split_once('}')) else { break };
            let variable = before.strip_suffix('$').zip(name.strip_prefix("stageVariables."));
            let part = match variable {
                Some((_, name)) => Some(UriPart::StageVariable(name.to_owned())),
                None => mapped(name).map(|source| UriPart::Path { name: name.to_owned(), source }),
            };
            text.push_str(variable.map_or(before, |(before, _)| before));
            match part {
                Some(part) => parts.extend([UriPart::Text(std::mem::take(&mut text)), part]),
                None => text.push_str(&format!("{{{name}}}")),
            }
            rest = after;
        }
        text.push_str(rest);
        parts.push(UriPart::Text(text));
        Self { parts }
    }

    /// `overridden` are path parameters that a template has written.
    fn expand(&self, scope: &Scope<'_>, overridden: &Value) -> String {
        let mut uri = String::new();
        for part in &self.parts {
            match part {
                UriPart::Text(text) => uri.push_str(text),
                UriPart::Path { name, source } => {
                    let written = overridden.get(name).map(mapping_template::text);
                    let value = written.map(Cow::Owned).or_else(|| source.value(scope)).unwrap_or_default();
                    // AWS decodes a path parameter before it writes it into the address: `%2F` becomes `/`.
                    // Behind a `?` it stays one value.
                    let allowed = if uri.contains('?') { query::IN_QUERY_VALUE } else { query::IN_PATH };
                    query::percent_encode(&query::percent_decode(&value), allowed, &mut uri);
                }
                UriPart::StageVariable(name) => {
                    uri.push_str(scope.stage.variables.get(name).map_or("", String::as_str))
                }
            }
        }
        uri
    }
}

/// Makes the server's request of the client's.
///
/// # Errors
/// A configuration error for a mapping that AWS refuses at run time; the client's own body may break off.
pub async fn request(integration: &HttpProxy, scope: &Scope<'_>, body: Body) -> Result<HttpRequest, Failure> {
    integration.check()?;
    let mut uri = integration.uri(scope, &Value::Null);
    if let Some(sent) = scope.exchange.request.uri.query().filter(|query| !query.is_empty()) {
        uri.push(separator(&uri));
        uri.push_str(sent);
    }
    let headers = headers(integration, scope);
    let body = body.gather(GATHER_BYTES).await?;
    Ok(HttpRequest { method: integration.verb(scope.exchange), uri, headers, body })
}

impl HttpProxy {
    /// Some mappings are accepted in a definition and fail each call.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match &self.forbidden_mapping {
            None => Ok(()),
            Some(header) => {
                Err(Failure::ApiConfigurationError(format!("mapping the header `{header}` is not allowed")))
            }
        }
    }

    /// The verb to send.
    pub(super) fn verb(&self, exchange: &Exchange) -> http::Method {
        let client = || verb(exchange.verb()?);
        self.http_method.clone().or_else(client).unwrap_or_else(|| exchange.request.method.clone())
    }

    /// The address's own query, then the mapped parameters; a name in several of them keeps all its values.
    pub(super) fn uri(&self, scope: &Scope<'_>, overrides: &Value) -> String {
        let member = |name: &str| overrides.get(name).unwrap_or(&Value::Null);
        let mut uri = self.uri.expand(scope, member("path"));
        let written = member("querystring").as_object();
        let overridden = |name: &str| written.is_some_and(|written| written.contains_key(name));
        for (name, source) in self.query.iter().filter(|(name, _)| !overridden(name)) {
            for value in source.values(scope) {
                push_query(&mut uri, name, &value);
            }
        }
        for (name, value) in written.into_iter().flatten() {
            push_query(&mut uri, name, &mapping_template::text(value));
        }
        uri
    }

    /// Sets the mapped headers.
    pub(super) fn map_headers(&self, scope: &Scope<'_>, headers: &mut HeaderMap) {
        for (name, source) in &self.headers {
            let value = source.value(scope).filter(|_| header_rules::seen_by_http(name));
            if let Some(value) = value.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok()) {
                headers.insert(name.clone(), value);
            }
        }
    }
}

fn separator(uri: &str) -> char {
    if uri.contains('?') { '&' } else { '?' }
}

fn push_query(uri: &mut String, name: &str, value: &str) {
    uri.push(separator(uri));
    query::percent_encode(name.as_bytes(), query::IN_QUERY_VALUE, uri);
    uri.push('=');
    query::percent_encode(value.as_bytes(), query::IN_QUERY_VALUE, uri);
}

fn headers(integration: &HttpProxy, scope: &Scope<'_>) -> HeaderMap {
    let exchange = scope.exchange;
    let api_id = &scope.stage.deployment.api_id;
    let mut headers = HeaderMap::with_capacity(exchange.request.headers.len() + 6);
    let nominated = header_rules::nominated(&exchange.request.headers);
    for (name, value) in &exchange.request.headers {
        if header_rules::forwarded(name) && !nominated.contains(&name.as_str()) {
            headers.append(name.clone(), value.clone());
        }
    }
    let mut insert = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    let (proto, port) = exchange.forwarded();
    insert(HeaderName::from_static("x-forwarded-for"), &exchange.forwarded_for());
    insert(HeaderName::from_static("x-forwarded-port"), &port);
    insert(HeaderName::from_static("x-forwarded-proto"), proto);
    insert(HeaderName::from_static("x-amzn-apigateway-api-id"), api_id);
    insert(header_rules::TRACE_ID, &exchange.trace_id);
    if !exchange.request.headers.contains_key(header::USER_AGENT) {
        insert(header::USER_AGENT, &format!("AmazonAPIGateway_{api_id}"));
    }
    integration.map_headers(scope, &mut headers);
    headers
}

/// Makes the client's response of the server's.
///
/// # Errors
/// `INTEGRATION_FAILURE` for a response that announces more than API Gateway passes.
pub fn response(stage: &StageSnapshot, endpoint: HttpResponse) -> Result<Response, Failure> {
    let limit = stage.limits.payload_bytes;
    let status = super::status(endpoint.status.as_u16())
        .ok_or_else(|| Failure::IntegrationFailure(format!("the status {} is no response", endpoint.status)))?;
    if endpoint.body.len().is_some_and(|length| length > limit) {
        return Err(Failure::InvokeRejected(format!("the response is larger than {limit} bytes")));
    }
    let mut headers = header_rules::all_from_integration(&endpoint.headers);
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(crate::media_type::DEFAULT));
    Ok(Response { status, headers, body: endpoint.body.limited(limit) })
}

/// The verb to send: `ANY` passes the client's on.
#[must_use]
pub fn verb(http_method: HttpMethod) -> Option<http::Method> {
    (http_method != HttpMethod::Any).then(|| http::Method::from_bytes(http_method.as_str().as_bytes()).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uri_templates() {
        let mapped = |name: &str| (name == "id").then(|| Source::Path("id".into()));
        let text = |text: &str| UriPart::Text(text.into());
        let id = || UriPart::Path { name: "id".into(), source: Source::Path("id".into()) };
        let variable = |name: &str| UriPart::StageVariable(name.into());
        let rows = [
            ("http://h/x", vec![text("http://h/x")]),
            ("http://h/{id}?q={id}", vec![text("http://h/"), id(), text("?q="), id(), text("")]),
            ("http://h/{raw}", vec![text("http://h/{raw}")]),
            ("https://${stageVariables.host}/a", vec![text("https://"), variable("host"), text("/a")]),
            ("http://h/${other.x}{", vec![text("http://h/${other.x}{")]),
        ];
        for (uri, expected) in rows {
            assert_eq!(UriTemplate::new(uri, mapped).parts, expected, "{uri}");
        }
    }
}
