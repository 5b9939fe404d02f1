//! `HTTP_PROXY`: a web server gets the request as it is, and its response is the client's.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html>

use super::function_name::FunctionName;
use crate::{
    backends::{HttpRequest, HttpResponse, Verification},
    body::Body,
    body_mapping,
    deployment::Method,
    exchange::{Exchange, Response},
    failure::Failure,
    header_rules,
    limits::GATHER_BYTES,
    mapping_template,
    parameter_mapping::{ReadsBody, Scope, Source},
    query,
    stage::StageSnapshot,
};
use bytes::Bytes;
use fanlight_definition::resources::{HttpMethod, TransferMode};
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
    /// What mappings read of the client's body.
    pub reads_body: ReadsBody,
    /// The VPC link that leads to the server.
    pub vpc_link: Option<FunctionName>,
    /// What is checked of the server's certificate.
    pub verification: Verification,
    /// Whether the response is passed on as it comes, however large.
    pub transfer_mode: TransferMode,
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
    fn expand(&self, scope: &Scope<'_>, overridden: &Value) -> Result<String, Failure> {
        let mut uri = String::new();
        for part in &self.parts {
            match part {
                UriPart::Text(text) => uri.push_str(text),
                UriPart::Path { name, source } => {
                    let written = overridden.get(name).map(mapping_template::text);
                    let value = written.map(Cow::Owned).or_else(|| source.value(scope)).unwrap_or_default();
                    // AWS decodes a path parameter before it writes it into the address.
                    if uri.contains('?') {
                        query::percent_encode(&query::percent_decode(&value), query::IN_QUERY_VALUE, &mut uri);
                    } else {
                        push_path(&mut uri, name, &value)?;
                    }
                }
                UriPart::StageVariable(name) => {
                    uri.push_str(scope.stage.variables.get(name).map_or("", String::as_str))
                }
            }
        }
        checked(uri)
    }
}

/// Writes a value into the path of an address. An escaped slash stays escaped, so that it parts no segments, and no value
/// leads out of the path it stands in.
fn push_path(uri: &mut String, name: &str, value: &str) -> Result<(), Failure> {
    let mut rest = value;
    while let Some(at) = rest.as_bytes().windows(3).position(|escape| escape.eq_ignore_ascii_case(b"%2f")) {
        let (before, after) = rest.split_at(at);
        query::percent_encode(&query::percent_decode(before), query::IN_PATH, uri);
        uri.push_str("%2F");
        rest = after.get(3..).unwrap_or_default();
    }
    query::percent_encode(&query::percent_decode(rest), query::IN_PATH, uri);
    if query::has_dot_segments(value) {
        return Err(Failure::BadParameter(format!("Invalid value of path parameter {name}")));
    }
    Ok(())
}

/// A stage variable may bring a whole address, but neither credentials nor what would hide the rest of it.
fn checked(uri: String) -> Result<String, Failure> {
    let authority = uri.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?', '#']).next();
    let bad = authority.is_none_or(|authority| authority.contains('@'))
        || uri.contains(|character: char| character == '#' || character == ' ' || character.is_control());
    if bad { Err(Failure::ApiConfigurationError("Invalid endpoint address".to_owned())) } else { Ok(uri) }
}

/// Makes the server's request of the client's.
///
/// # Errors
/// A configuration error for a mapping that AWS refuses at run time; the client's own body may break off.
pub async fn request(
    integration: &HttpProxy,
    (stage, method, exchange): (&StageSnapshot, &Method, &Exchange),
    body: Body,
) -> Result<HttpRequest, Failure> {
    let (read, body) = match integration.reads_body {
        ReadsBody::No => (Bytes::new(), body.gather(GATHER_BYTES).await?),
        ReadsBody::Whole | ReadsBody::Members => {
            let read = body.read_limited(stage.limits.payload_bytes).await?;
            (read.clone(), Body::Buffered(read))
        }
    };
    integration.check(&read)?;
    let scope = &Scope { stage, method, exchange, endpoint_headers: None, body: &read };
    let mut uri = integration.uri(scope, &Value::Null)?;
    if let Some(sent) = scope.exchange.request.uri.query().filter(|query| !query.is_empty()) {
        uri.push(separator(&uri));
        uri.push_str(sent);
    }
    let headers = headers(integration, scope)?;
    Ok(integration.sent(scope, uri, headers, body))
}

impl HttpProxy {
    /// Some mappings are accepted in a definition and fail each call, others with some bodies.
    pub(super) fn check(&self, body: &[u8]) -> Result<(), Failure> {
        match &self.forbidden_mapping {
            None if self.reads_body == ReadsBody::Members && body_mapping::is_broken(body) => {
                Err(Failure::BadParameter("Invalid JSON in request body".to_owned()))
            }
            None => Ok(()),
            Some(header) => {
                Err(Failure::ApiConfigurationError(format!("mapping the header `{header}` is not allowed")))
            }
        }
    }

    /// The whole request.
    pub(super) fn sent(&self, scope: &Scope<'_>, uri: String, headers: HeaderMap, body: Body) -> HttpRequest {
        let vpc_link = self.vpc_link.as_ref().map(|link| link.of(&scope.stage.variables).into_owned());
        let method = self.verb(scope.exchange);
        HttpRequest { method, uri, headers, body, vpc_link, verification: self.verification }
    }

    /// The verb to send.
    pub(super) fn verb(&self, exchange: &Exchange) -> http::Method {
        let client = || verb(exchange.verb()?);
        self.http_method.clone().or_else(client).unwrap_or_else(|| exchange.request.method.clone())
    }

    /// The address's own query, then the mapped parameters; a name in several of them keeps all its values.
    pub(super) fn uri(&self, scope: &Scope<'_>, overrides: &Value) -> Result<String, Failure> {
        let member = |name: &str| overrides.get(name).unwrap_or(&Value::Null);
        let mut uri = self.uri.expand(scope, member("path"))?;
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
        Ok(uri)
    }

    /// Sets the mapped headers. A value that would end the header and begin another is the client's fault.
    pub(super) fn map_headers(&self, scope: &Scope<'_>, headers: &mut HeaderMap) -> Result<(), Failure> {
        for (name, source) in &self.headers {
            let value = source.value(scope).filter(|_| header_rules::seen_by_http(name));
            let Some(value) = value else { continue };
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| Failure::BadParameter(format!("Invalid value of header {name}")))?;
            headers.insert(name.clone(), value);
        }
        Ok(())
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

fn headers(integration: &HttpProxy, scope: &Scope<'_>) -> Result<HeaderMap, Failure> {
    let exchange = scope.exchange;
    let api_id = &scope.stage.deployment.api_id;
    let mut headers = HeaderMap::with_capacity(exchange.request.headers.len() + 6);
    let nominated = header_rules::nominated(&exchange.request.headers);
    for (name, value) in &exchange.request.headers {
        if header_rules::forwarded(name) && !nominated.contains(name) {
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
    integration.map_headers(scope, &mut headers)?;
    Ok(headers)
}

/// Makes the client's response of the server's.
///
/// # Errors
/// `INTEGRATION_FAILURE` for a response that announces more than API Gateway passes.
pub fn response(integration: &HttpProxy, stage: &StageSnapshot, endpoint: HttpResponse) -> Result<Response, Failure> {
    let limit = stage.limits.payload_bytes;
    let status = super::status(endpoint.status.as_u16())
        .ok_or_else(|| Failure::IntegrationFailure(format!("the status {} is no response", endpoint.status)))?;
    let body = match integration.transfer_mode {
        TransferMode::Stream => endpoint.body,
        TransferMode::Buffered if endpoint.body.len().is_some_and(|length| length > limit) => {
            return Err(Failure::InvokeRejected(format!("the response is larger than {limit} bytes")));
        }
        TransferMode::Buffered => endpoint.body.limited(limit),
    };
    let mut headers = header_rules::all_from_integration(&endpoint.headers);
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(crate::media_type::DEFAULT));
    Ok(Response { status, headers, body })
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

    #[test]
    fn values_stay_in_their_path() {
        let rows = [
            ("a%2Fb%20c", Some("a%2Fb%20c")),
            ("a/b", Some("a/b")),
            ("a%2f", Some("a%2F")),
            ("é%25", Some("%C3%A9%25")),
            ("..", None),
            ("a/%2E./b", None),
            ("a%2F..%2Fb", None),
            ("a\\..\\b", None),
            ("a..b", Some("a..b")),
        ];
        for (value, expected) in rows {
            let mut uri = String::new();
            let pushed = push_path(&mut uri, "p", value).map(|()| uri);
            assert_eq!(pushed.ok().as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn addresses_with_something_hidden_are_none() {
        for bad in ["http://a@b/", "http://h/x#y", "http://h/a b", "nothing@all", "http://h\r\n/"] {
            assert_eq!(checked(bad.to_owned()).is_err(), bad != "nothing@all", "{bad}");
        }
        assert_eq!(checked("http://h:1/a@b?c@d".to_owned()), Ok("http://h:1/a@b?c@d".to_owned()));
    }
}
