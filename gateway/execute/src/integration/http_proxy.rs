//! `HTTP_PROXY`: a web server gets the request as it is, and its response is the client's.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html>

use crate::{
    backends::{HttpRequest, HttpResponse},
    body::Body,
    exchange::Response,
    failure::Failure,
    header_rules,
    limits::GATHER_BYTES,
    parameter_mapping::{Scope, Source},
    query,
    stage::StageSnapshot,
};
use fanlight_definition::resources::HttpMethod;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::{sync::Arc, time::Duration};

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
    Path(Source),
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
                None => mapped(name).map(UriPart::Path),
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

    fn expand(&self, scope: &Scope<'_>) -> String {
        let mut uri = String::new();
        for part in &self.parts {
            match part {
                UriPart::Text(text) => uri.push_str(text),
                UriPart::Path(source) => {
                    let value = source.value(scope).unwrap_or_default();
                    // AWS decodes a path parameter before it writes it into the address: `%2F` becomes `/`.
                    query::percent_encode(&query::percent_decode(&value), query::IN_PATH, &mut uri);
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
    if let Some(header) = &integration.forbidden_mapping {
        return Err(Failure::ApiConfigurationError(format!("mapping the header `{header}` is not allowed")));
    }
    let exchange = scope.exchange;
    let verb = || verb(exchange.verb()?);
    let method = integration.http_method.clone().or_else(verb).unwrap_or_else(|| exchange.request.method.clone());
    let uri = with_query(integration.uri.expand(scope), integration, scope);
    let headers = headers(integration, scope);
    let body = body.gather(GATHER_BYTES).await?;
    Ok(HttpRequest { method, uri, headers, body })
}

/// The address's own query, then the mapped parameters, then the client's query as it came; a name in several of them
/// keeps all its values.
fn with_query(mut uri: String, integration: &HttpProxy, scope: &Scope<'_>) -> String {
    let mut separator = if uri.contains('?') { '&' } else { '?' };
    for (name, source) in &integration.query {
        for value in source.values(scope) {
            uri.push(separator);
            query::percent_encode(name.as_bytes(), query::IN_QUERY_VALUE, &mut uri);
            uri.push('=');
            query::percent_encode(value.as_bytes(), query::IN_QUERY_VALUE, &mut uri);
            separator = '&';
        }
    }
    if let Some(sent) = scope.exchange.request.uri.query().filter(|query| !query.is_empty()) {
        uri.push(separator);
        uri.push_str(sent);
    }
    uri
}

fn headers(integration: &HttpProxy, scope: &Scope<'_>) -> HeaderMap {
    let exchange = scope.exchange;
    let api_id = &scope.stage.deployment.api_id;
    let mut headers = HeaderMap::with_capacity(exchange.request.headers.len() + 6);
    for (name, value) in &exchange.request.headers {
        if header_rules::forwarded(name) {
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
    for (name, source) in &integration.headers {
        if let Some(value) = source.value(scope).filter(|_| header_rules::seen_by_http(name)) {
            insert(name.clone(), &value);
        }
    }
    headers
}

/// Makes the client's response of the server's.
///
/// # Errors
/// `INTEGRATION_FAILURE` for a response that announces more than API Gateway passes.
pub fn response(stage: &StageSnapshot, endpoint: HttpResponse) -> Result<Response, Failure> {
    let limit = stage.limits.payload_bytes;
    if endpoint.body.len().is_some_and(|length| length > limit) {
        return Err(Failure::InvokeRejected(format!("the response is larger than {limit} bytes")));
    }
    let mut headers = header_rules::all_from_integration(&endpoint.headers);
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(crate::media_type::DEFAULT));
    Ok(Response { status: endpoint.status, headers, body: endpoint.body.limited(limit) })
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
        let id = || UriPart::Path(Source::Path("id".into()));
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
