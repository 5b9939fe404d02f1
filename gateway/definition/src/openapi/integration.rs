//! `x-amazon-apigateway-integration`.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html>

use super::{Scope, integration_response, unknown_word, uri};
use crate::{
    Diagnostic,
    document::{Map, Node},
    limits,
    read::Reading,
    resources::{
        ContentHandling, HttpMethod, Integration, IntegrationKind, MethodResponse, PassthroughBehavior, TemplateText,
    },
    shape,
    vocabulary::{
        self,
        Treatment::{LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

/// The keys of an integration.
const INTEGRATION: &Vocabulary = &[
    ("$ref", Missing),
    ("cacheKeyParameters", LeftOut),
    ("cacheNamespace", LeftOut),
    ("connectionId", Missing),
    ("connectionType", Read),
    ("contentHandling", Read),
    // A role to assume; nothing here is refused for the lack of one.
    ("credentials", Silent),
    ("httpMethod", Read),
    ("integrationSubtype", Missing),
    ("integrationTarget", Missing),
    ("passthroughBehavior", Read),
    ("payloadFormatVersion", Read),
    ("requestParameters", Read),
    ("requestTemplates", Read),
    ("responseTransferMode", Read),
    ("responses", Read),
    ("timeoutInMillis", Read),
    ("tlsConfig", Missing),
    ("type", Read),
    ("uri", Read),
];

/// Milliseconds that an integration may take when it does not say.
pub(crate) const DEFAULT_TIMEOUT_MS: u32 = 29_000;

/// Reads an integration; `declared` are the responses of its method.
pub(super) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    node: &Node,
    declared: &[MethodResponse],
) -> Option<Integration> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check_extensible(&mut reading.findings, map, "an integration", INTEGRATION);
    check_connection(reading, map);
    let kind = read_kind(reading, scope, map, node);
    let timeout_ms = match map.get("timeoutInMillis") {
        Some(timeout) => timeout_ms(reading, timeout)?,
        None => DEFAULT_TIMEOUT_MS,
    };
    let request_parameters = read_request_parameters(reading, map);
    let request_templates = read_templates(reading, map.get("requestTemplates"));
    let passthrough_behavior = read_passthrough(reading, map.get("passthroughBehavior"));
    let content_handling = content_handling(reading, map.get("contentHandling"));
    let kind = kind?;
    let responses = match map.get("responses") {
        Some(responses) => integration_response::read(reading, (&kind, declared), responses),
        None => Vec::new(),
    };
    Some(Integration {
        request_parameters,
        request_templates,
        passthrough_behavior,
        content_handling,
        responses,
        ..Integration::new(kind, timeout_ms, node.place())
    })
}

/// `timeoutInMillis`.
pub(crate) fn timeout_ms(reading: &mut Reading<'_>, node: &Node) -> Option<u32> {
    let timeout = shape::integer(&mut reading.findings, node, &limits::INTEGRATION_TIMEOUT)?;
    u32::try_from(timeout).ok()
}

fn read_kind(reading: &mut Reading<'_>, scope: &Scope, map: &Map, node: &Node) -> Option<IntegrationKind> {
    let Some(kind) = map.get("type") else {
        let message = "the integration has no `type`";
        reading.findings.push(
            Diagnostic::error(&node.place(), message).help("one of `aws_proxy`, `http_proxy`, `mock`, `aws`, `http`"),
        );
        return None;
    };
    let text = shape::text(&mut reading.findings, kind)?;
    match text.to_ascii_lowercase().as_str() {
        "aws_proxy" => {
            let (function, http_method) = lambda(reading, scope, map, node)?;
            Some(IntegrationKind::LambdaProxy { function, http_method })
        }
        "aws" => {
            let (function, http_method) = lambda(reading, scope, map, node)?;
            Some(IntegrationKind::Lambda { function, http_method })
        }
        "http_proxy" => {
            let (uri, http_method) = http(reading, map, node)?;
            Some(IntegrationKind::HttpProxy { uri, http_method })
        }
        "http" => {
            let (uri, http_method) = http(reading, map, node)?;
            Some(IntegrationKind::Http { uri, http_method })
        }
        "mock" => Some(IntegrationKind::Mock),
        _ => {
            let message = format!("unknown integration type `{}`", shape::brief(&text));
            reading.findings.push(unknown_word(kind, message, &["aws_proxy", "http_proxy", "mock", "aws", "http"]));
            None
        }
    }
}

fn lambda(reading: &mut Reading<'_>, scope: &Scope, map: &Map, node: &Node) -> Option<(String, HttpMethod)> {
    let own = map.get("uri").and_then(Node::as_text).is_some_and(|text| text.starts_with(uri::OWN_SCHEME));
    // AWS wants the verb for every Lambda URI; our own spelling is always invoked with POST.
    let http_method = match map.get("httpMethod") {
        None if own => Some(HttpMethod::Post),
        _ => integration_method(reading, map, node),
    };
    let Some(address) = map.get("uri") else {
        reading.findings.error(&node.place(), "the integration has no `uri`");
        return None;
    };
    let text = shape::text(&mut reading.findings, address)?;
    let function = uri::function(reading, scope, address, &text)?;
    Some((function, http_method?))
}

fn http(reading: &mut Reading<'_>, map: &Map, node: &Node) -> Option<(String, HttpMethod)> {
    let http_method = integration_method(reading, map, node);
    let Some(address) = map.get("uri") else {
        reading.findings.error(&node.place(), "the integration has no `uri`");
        return None;
    };
    let uri = shape::text(&mut reading.findings, address)?;
    if !uri.starts_with("http://") && !uri.starts_with("https://") {
        let message = format!("`{}` is no HTTP endpoint", shape::brief(&uri));
        reading.findings.push(Diagnostic::error(&address.place(), message).help("write `http://..` or `https://..`"));
        return None;
    }
    Some((uri, http_method?))
}

/// `httpMethod`, which AWS demands of everything but MOCK.
fn integration_method(reading: &mut Reading<'_>, map: &Map, node: &Node) -> Option<HttpMethod> {
    let Some(method) = map.get("httpMethod") else {
        let message = "the integration has no `httpMethod`";
        let help = "`POST` for a function, `ANY` for the client's verb";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        return None;
    };
    let text = shape::text(&mut reading.findings, method)?;
    if text == super::operation::ANY {
        return Some(HttpMethod::Any);
    }
    let parsed = HttpMethod::parse(&text);
    if parsed.is_none() {
        let message = format!("unknown method `{}`", shape::brief(&text));
        reading.findings.push(unknown_word(method, message, &HttpMethod::ALL.map(HttpMethod::as_str)));
    }
    parsed
}

/// The keys that say how the endpoint is reached: only what is done anyway is accepted.
fn check_connection(reading: &mut Reading<'_>, map: &Map) {
    for (key, accepted) in
        [("connectionType", "INTERNET"), ("responseTransferMode", "BUFFERED"), ("payloadFormatVersion", "1.0")]
    {
        let Some(node) = map.get(key) else { continue };
        let Some(text) = shape::text(&mut reading.findings, node) else { continue };
        if !text.eq_ignore_ascii_case(accepted) {
            let message = format!("`{key}: {}` is not served yet", shape::brief(&text));
            reading.findings.push(Diagnostic::error(&node.place(), message).help(format!("`{accepted}` is served")));
        }
    }
}

fn read_request_parameters(reading: &mut Reading<'_>, map: &Map) -> IndexMap<String, TemplateText> {
    const PREFIXES: [&str; 3] =
        ["integration.request.header.", "integration.request.querystring.", "integration.request.path."];
    let mut parameters = IndexMap::new();
    let Some(node) = map.get("requestParameters") else { return parameters };
    for (key, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let named = PREFIXES.iter().any(|prefix| key.strip_prefix(prefix).is_some_and(|name| !name.is_empty()));
        if !named {
            let message = format!("`{}` is no parameter of an integration request", shape::brief(key));
            let help = "write `integration.request.header.X`, `.querystring.X` or `.path.X`";
            reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
        } else if entry.node.as_boolean().is_some() {
            // AWS: "Invalid format for 'requestParameters'. Expected type string .. but got 'true'".
            let message = format!("`{key}` is not text; AWS leaves it out");
            reading.findings.warn(&entry.node.place(), message);
        } else if let Some(text) = shape::text(&mut reading.findings, &entry.node) {
            parameters.insert(key.to_owned(), TemplateText { text, place: entry.node.place() });
        }
    }
    parameters
}

/// `requestTemplates` and `responseTemplates`: media type to template. No text is an empty template.
pub(super) fn read_templates(reading: &mut Reading<'_>, node: Option<&Node>) -> IndexMap<String, TemplateText> {
    let mut templates = IndexMap::new();
    let Some(node) = node else { return templates };
    for (media_type, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        if !media_type.contains('/') {
            let message = format!("`{}` is no media type", shape::brief(media_type));
            reading.findings.error(&entry.key_place(), message);
            continue;
        }
        let text = if entry.node.says_no() && entry.node.as_boolean().is_none() {
            Some(String::new())
        } else {
            shape::text(&mut reading.findings, &entry.node)
        };
        if let Some(text) = text {
            templates.insert(media_type.to_owned(), TemplateText { text, place: entry.node.place() });
        }
    }
    templates
}

fn read_passthrough(reading: &mut Reading<'_>, node: Option<&Node>) -> PassthroughBehavior {
    let Some(node) = node else { return PassthroughBehavior::default() };
    let Some(text) = shape::text(&mut reading.findings, node) else { return PassthroughBehavior::default() };
    match text.to_ascii_lowercase().as_str() {
        "when_no_match" => PassthroughBehavior::WhenNoMatch,
        "when_no_templates" => PassthroughBehavior::WhenNoTemplates,
        "never" => PassthroughBehavior::Never,
        _ => {
            let message = format!("unknown passthrough behavior `{}`", shape::brief(&text));
            let known = ["when_no_match", "when_no_templates", "never"];
            reading.findings.push(unknown_word(node, message, &known));
            PassthroughBehavior::default()
        }
    }
}

/// `contentHandling`.
pub(super) fn content_handling(reading: &mut Reading<'_>, node: Option<&Node>) -> Option<ContentHandling> {
    let node = node?;
    let text = shape::text(&mut reading.findings, node)?;
    match text.to_ascii_uppercase().as_str() {
        "CONVERT_TO_BINARY" => Some(ContentHandling::ConvertToBinary),
        "CONVERT_TO_TEXT" => Some(ContentHandling::ConvertToText),
        _ => {
            let message = format!("unknown content handling `{}`", shape::brief(&text));
            reading.findings.push(unknown_word(node, message, &["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"]));
            None
        }
    }
}
