//! What stands behind a route, compiled, and the call to it.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations.html>

use super::{
    event, event_v1,
    mapping::{Mapping, Scope, Target},
    outgoing::Outgoing,
    path, proxy_response,
    route::Route,
};
use crate::{
    backends::{Backends, HttpRequest, Verification},
    body::Body,
    exchange::{Exchange, Response},
    failure::Failure,
    header_rules,
    integration::{self, EndpointResponse, IntegrationRequest, function_name::FunctionName, lambda_proxy},
    limits::GATHER_BYTES,
    query, route,
    stage::StageSnapshot,
    trace::{self, Step},
};
use bytes::Bytes;
use fanlight_definition::resources::{HttpMethod, PayloadFormat};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::{sync::Arc, time::Duration};

/// A compiled integration.
#[derive(Debug)]
pub struct Integration {
    /// What it calls.
    pub endpoint: Endpoint,
    /// What is changed of the request.
    pub request: Vec<Mapping>,
    /// What is changed of the response, by its status.
    pub responses: Vec<(u16, Vec<Mapping>)>,
    /// How long the endpoint may take.
    pub timeout: Duration,
}

/// What an integration calls.
#[derive(Debug)]
pub enum Endpoint {
    /// A function.
    Function {
        /// Its name.
        name: FunctionName,
        /// How the event looks.
        format: PayloadFormat,
    },
    /// A web server.
    Server {
        /// The address; `None` is that of the request, behind a VPC link.
        uri: Option<Vec<UriPart>>,
        /// `None` sends the client's verb.
        http_method: Option<http::Method>,
        /// The VPC link that leads to the server.
        vpc_link: Option<FunctionName>,
        /// The address as defined, for people.
        target: Arc<str>,
    },
}

/// A part of an address.
#[derive(Debug, PartialEq, Eq)]
pub enum UriPart {
    /// Text as it is.
    Text(String),
    /// `{name}`
    Path(String),
    /// `${stageVariables.name}`
    StageVariable(String),
}

impl Integration {
    /// AWS's name of the type.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.endpoint {
            Endpoint::Function { .. } => "AWS_PROXY",
            Endpoint::Server { .. } => "HTTP_PROXY",
        }
    }

    /// The function or address that it calls.
    #[must_use]
    pub fn target(&self) -> Arc<str> {
        match &self.endpoint {
            Endpoint::Function { name, .. } => name.written(),
            Endpoint::Server { target, .. } => Arc::clone(target),
        }
    }

    fn reads_body(&self) -> bool {
        self.request.iter().any(|mapping| mapping.value.reads_body())
    }
}

/// Makes the endpoint's request.
///
/// # Errors
/// What the client's body or values fail with.
pub async fn request(
    route: &Route,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    body: Body,
) -> Result<IntegrationRequest, Failure> {
    let integration = &route.integration;
    let limit = stage.limits.payload_bytes;
    let request = match &integration.endpoint {
        Endpoint::Function { format, .. } => {
            let body = body.read_limited(limit).await?;
            let scope = Scope { stage, exchange, route, body: &body, response: None };
            let outgoing = Outgoing::mapped(&integration.request, &scope)?;
            let event = match format {
                PayloadFormat::V1 => event_v1::write(stage, route, exchange, &outgoing, &body),
                PayloadFormat::V2 => event::write(stage, route, exchange, &outgoing, &body),
            };
            let failed = |error| Failure::ApiConfigurationError(format!("the event cannot be written: {error}"));
            IntegrationRequest::Event(event.map_err(failed)?)
        }
        Endpoint::Server { .. } => {
            let (read, body) = if integration.reads_body() {
                let read = body.read_limited(limit).await?;
                (read.clone(), Body::Buffered(read))
            } else {
                (Bytes::new(), body.gather(GATHER_BYTES).await?)
            };
            let scope = Scope { stage, exchange, route, body: &read, response: None };
            IntegrationRequest::Http(server_request(integration, &scope, body)?)
        }
    };
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::IntegrationRequest, elapsed, || match &request {
        IntegrationRequest::Event(event) => vec![("event", trace::document(event))],
        IntegrationRequest::Http(request) => vec![
            ("uri", request.uri.clone()),
            ("method", request.method.to_string()),
            ("headers", trace::headers(&request.headers)),
            ("body", trace::body(&request.body)),
        ],
        IntegrationRequest::Mock(_) | IntegrationRequest::Service(_) => Vec::new(),
    });
    Ok(request)
}

fn server_request(integration: &Integration, scope: &Scope<'_>, body: Body) -> Result<HttpRequest, Failure> {
    let Endpoint::Server { uri, http_method, vpc_link, .. } = &integration.endpoint else {
        return Err(Failure::ApiConfigurationError("the integration has no server".to_owned()));
    };
    let Scope { stage, exchange, .. } = *scope;
    let outgoing = Outgoing::mapped(&integration.request, scope)?;
    let mut address = match uri {
        Some(parts) => expanded(parts, scope),
        None => format!("http://{}{}", exchange.domain_name(), path::sent(stage, exchange)),
    };
    if let Some(path) = &outgoing.path {
        address = with_path(&address, path);
    }
    if !outgoing.query.is_empty() {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(&outgoing.query);
    }
    Ok(HttpRequest {
        method: http_method.clone().unwrap_or_else(|| exchange.request.method.clone()),
        uri: checked(address)?,
        headers: server_headers(exchange, &outgoing.headers),
        body,
        vpc_link: vpc_link.as_ref().map(|link| link.of(&stage.variables).into_owned()),
        verification: Verification::Full,
    })
}

/// Values of path parameters go on as they were sent: they are parts of an address already.
fn expanded(parts: &[UriPart], scope: &Scope<'_>) -> String {
    let path = scope.exchange.path();
    let value = |wanted: &str| {
        let mut all = route::parameters(&scope.route.path_parameters, path);
        all.find(|(name, _)| name.as_ref() == wanted).map_or("", |(_, value)| value)
    };
    parts
        .iter()
        .map(|part| match part {
            UriPart::Text(text) => text.as_str(),
            UriPart::Path(name) => value(name),
            UriPart::StageVariable(name) => scope.stage.variables.get(name).map_or("", String::as_str),
        })
        .collect()
}

/// The address with another path; its own query goes with the old one.
fn with_path(address: &str, path: &str) -> String {
    let authority = address.find("://").map_or(0, |at| at + 3);
    let end =
        address.get(authority..).and_then(|rest| rest.find(['/', '?'])).map_or(address.len(), |at| authority + at);
    format!("{}{path}", address.get(..end).unwrap_or(address))
}

/// A stage variable may bring a whole address, but neither credentials nor what would hide the rest of it.
fn checked(uri: String) -> Result<String, Failure> {
    let authority = uri.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?', '#']).next();
    let bad = authority.is_none_or(|authority| authority.is_empty() || authority.contains('@'))
        || uri.contains(|letter: char| letter == '#' || letter == ' ' || letter.is_control())
        || query::has_dot_segments(uri.split('?').next().unwrap_or_default());
    if bad { Err(Failure::ApiConfigurationError("Invalid endpoint address".to_owned())) } else { Ok(uri) }
}

/// What was forwarded stands in one header, `Forwarded`.
fn server_headers(exchange: &Exchange, sent: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(sent.len() + 3);
    let forwarded_by_client = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto"];
    for (name, value) in sent {
        if header_rules::forwarded(name) && !forwarded_by_client.contains(&name.as_str()) {
            headers.append(name.clone(), value.clone());
        }
    }
    let (proto, _) = exchange.forwarded();
    let chain: Vec<String> =
        exchange.forwarded_for().split(',').map(|hop| format!("for={}", node(hop.trim()))).collect();
    let forwarded = format!("{};host={};proto={proto}", chain.join(", "), exchange.host());
    let mut insert = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    insert(header::FORWARDED, &forwarded);
    insert(header::VIA, "HTTP/1.1 AmazonAPIGateway");
    insert(header_rules::TRACE_ID, &exchange.trace_id);
    headers
}

/// An address in `Forwarded`: one with colons stands in brackets and quotes.
fn node(address: &str) -> String {
    let plain = address.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter));
    if plain { address.to_owned() } else { format!("\"[{}]\"", address.replace(['"', '[', ']', '\\'], "")) }
}

/// Calls the endpoint, for no longer than the integration's timeout.
///
/// # Errors
/// `INTEGRATION_TIMEOUT` or `INTEGRATION_FAILURE`, or what Lambda rejects.
pub async fn call(
    route: &Route,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    request: IntegrationRequest,
) -> Result<EndpointResponse, Failure> {
    let started = backends.now();
    let timeout = route.integration.timeout;
    let response = match (&route.integration.endpoint, request) {
        (Endpoint::Function { name, .. }, IntegrationRequest::Event(payload)) => {
            let name = name.of(&stage.variables);
            let call = lambda_proxy::invoke((&name, HttpMethod::Post), backends, exchange, payload);
            integration::within(timeout, backends, started, call).await?.map(EndpointResponse::Function)
        }
        (Endpoint::Server { .. }, IntegrationRequest::Http(request)) => {
            integration::within(timeout, backends, started, integration::http_call(backends.send(request))).await?
        }
        (_, request) => Err(Failure::ApiConfigurationError(format!("no integration takes {request:?}"))),
    };
    integration::observed(backends, exchange, started, response).await
}

/// Makes the client's response of the endpoint's.
///
/// # Errors
/// 500 for a function's payload that is no response.
pub fn response(
    route: &Route,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    endpoint: EndpointResponse,
) -> Result<Response, Failure> {
    let made = match (&route.integration.endpoint, endpoint) {
        (Endpoint::Function { format, .. }, EndpointResponse::Function(returned)) => {
            proxy_response::of(*format, exchange, &returned)
        }
        (Endpoint::Server { .. }, EndpointResponse::Http(response)) => server_response(stage, response),
        (_, endpoint) => Err(Failure::ApiConfigurationError(format!("no integration gives {endpoint:?}"))),
    };
    let response = made.and_then(|response| mapped(route, stage, exchange, response));
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::IntegrationResponse, elapsed, || match &response {
        Ok(response) => vec![
            ("status", response.status.as_u16().to_string()),
            ("headers", trace::headers(&response.headers)),
            ("body", trace::body(&response.body)),
        ],
        Err(failure) => vec![("failure", failure.reason().to_owned())],
    });
    response
}

fn server_response(stage: &StageSnapshot, endpoint: crate::backends::HttpResponse) -> Result<Response, Failure> {
    let limit = stage.limits.payload_bytes;
    let status = integration::status(endpoint.status.as_u16())
        .ok_or_else(|| Failure::IntegrationFailure(format!("the status {} is no response", endpoint.status)))?;
    if endpoint.body.len().is_some_and(|length| length > limit) {
        return Err(Failure::InvokeRejected(format!("the response is larger than {limit} bytes")));
    }
    let headers = header_rules::all_from_integration(&endpoint.headers);
    Ok(Response { status, headers, body: endpoint.body.limited(limit) })
}

/// Maps a response; its body can be read only when it is there as a whole.
fn mapped(
    route: &Route,
    stage: &StageSnapshot,
    exchange: &Exchange,
    mut response: Response,
) -> Result<Response, Failure> {
    let status = response.status.as_u16();
    let Some((_, mappings)) = route.integration.responses.iter().find(|(known, _)| *known == status) else {
        return Ok(response);
    };
    let original = response.headers.clone();
    let body = match &response.body {
        Body::Buffered(bytes) => bytes.clone(),
        Body::Stream(_) => Bytes::new(),
    };
    let scope = Scope { stage, exchange, route, body: &body, response: Some(&original) };
    for mapping in mappings {
        match &mapping.target {
            Target::Header(name) => mapping.change(&mut response.headers, name, &scope)?,
            Target::Status => {
                let text = mapping.value.text(&scope);
                let status = text.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
                response.status = status
                    .filter(|status| status.as_u16() >= 200)
                    .ok_or_else(|| Failure::ApiConfigurationError(format!("`{text}` is mapped to the status")))?;
            }
            Target::Query(_) | Target::Path => {}
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_path_in_an_address() {
        let rows = [("http://h/a?b=c", "http://h/x"), ("http://h", "http://h/x"), ("https://h:1?b", "https://h:1/x")];
        for (address, expected) in rows {
            assert_eq!(with_path(address, "/x"), expected, "{address}");
        }
    }

    #[test]
    fn addresses_that_hide_something_are_none() {
        for bad in ["http://a@b/", "http://h/x#y", "http://h/a b", "http:///x", "http://h/a/../b", "nothing"] {
            assert!(checked(bad.to_owned()).is_err(), "{bad}");
        }
        assert!(checked("http://h/a?b=../c".to_owned()).is_ok());
    }
}
