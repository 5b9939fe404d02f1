//! `x-amazon-apigateway-integration`.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html>

use super::{Scope, cache, connection, integration_response, unknown_word, uri, uri::Endpoint};
use crate::{
    Diagnostic,
    document::{Map, Node},
    limits,
    read::Reading,
    resources::{
        ContentHandling, HttpMethod, Integration, IntegrationKind, MethodResponse, PassthroughBehavior, TemplateText,
        TransferMode,
    },
    shape,
    vocabulary::{
        self,
        Treatment::{Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

/// The keys of an integration.
const INTEGRATION: &Vocabulary = &[
    ("$ref", Missing),
    ("cacheKeyParameters", Read),
    ("cacheNamespace", Read),
    ("connectionId", Read),
    ("connectionType", Read),
    ("contentHandling", Read),
    // A role to assume; nothing here is refused for the lack of one.
    ("credentials", Silent),
    ("httpMethod", Read),
    ("integrationSubtype", Missing),
    // Which balancer of the VPC; the link itself says here where it leads.
    ("integrationTarget", Silent),
    ("passthroughBehavior", Read),
    ("payloadFormatVersion", Read),
    ("requestParameters", Read),
    ("requestTemplates", Read),
    ("responseTransferMode", Read),
    ("responses", Read),
    ("timeoutInMillis", Read),
    ("tlsConfig", Read),
    ("type", Read),
    ("uri", Read),
];

/// Milliseconds that an integration may take when it does not say.
pub(crate) const DEFAULT_TIMEOUT_MS: u32 = 29_000;

/// What the method of an integration declares.
pub(crate) struct Declared<'a> {
    pub(crate) responses: &'a [MethodResponse],
    pub(crate) parameters: &'a IndexMap<String, bool>,
}

/// Reads an integration.
pub(crate) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    node: &Node,
    declared: &Declared<'_>,
) -> Option<Integration> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check_extensible(&mut reading.findings, map, "an integration", INTEGRATION);
    let kind = read_kind(reading, scope, map, node);
    let request_parameters = read_request_parameters(reading, map, declared.parameters);
    let request_templates = read_templates(reading, map.get("requestTemplates"));
    let passthrough_behavior = read_passthrough(reading, map.get("passthroughBehavior"));
    let content_handling = content_handling(reading, map.get("contentHandling"));
    let cache_key_parameters = match map.get("cacheKeyParameters") {
        Some(node) => cache::key_parameters(reading, node, declared.parameters),
        None => Vec::new(),
    };
    let cache_namespace = map.get("cacheNamespace").and_then(|node| cache::namespace(reading, node));
    let kind = kind?;
    let connection = connection::read(reading, map, &kind);
    check_streams(reading, map, connection.response_transfer_mode);
    let timeout_ms = match map.get("timeoutInMillis") {
        Some(timeout) => timeout_ms(reading, timeout)?,
        None => DEFAULT_TIMEOUT_MS,
    };
    let responses = match map.get("responses") {
        Some(responses) => integration_response::read(reading, (&kind, declared.responses), responses),
        None => Vec::new(),
    };
    Some(Integration {
        request_parameters,
        request_templates,
        passthrough_behavior,
        content_handling,
        cache_key_parameters,
        cache_namespace,
        vpc_link: connection.vpc_link,
        response_transfer_mode: connection.response_transfer_mode,
        insecure_skip_verification: connection.insecure_skip_verification,
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
        "aws_proxy" => match aws(reading, scope, map, node)? {
            (Endpoint::Function { name: function, .. }, http_method) => {
                Some(IntegrationKind::LambdaProxy { function, http_method })
            }
            (Endpoint::Service(target), _) => {
                let message =
                    format!("an `aws_proxy` integration leads to a Lambda function, not to `{}`", target.service);
                let place = map.get("uri").map_or_else(|| node.place(), Node::place);
                reading.findings.push(Diagnostic::error(&place, message).help("`aws` leads to other services"));
                None
            }
        },
        "aws" => match aws(reading, scope, map, node)? {
            (Endpoint::Function { name: function, .. }, http_method) => {
                Some(IntegrationKind::Lambda { function, http_method })
            }
            (Endpoint::Service(target), http_method) => Some(IntegrationKind::AwsService { target, http_method }),
        },
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

fn aws(reading: &mut Reading<'_>, scope: &Scope, map: &Map, node: &Node) -> Option<(Endpoint, HttpMethod)> {
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
    let endpoint = uri::endpoint(reading, scope, address, &text)?;
    Some((endpoint, http_method?))
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

/// A function streams by both: its URI and the transfer mode.
fn check_streams(reading: &mut Reading<'_>, map: &Map, mode: TransferMode) {
    let Some(node) = map.get("uri") else { return };
    let Some(text) = node.as_text() else { return };
    let streams = text.ends_with("/response-streaming-invocations");
    let (message, help) = match mode {
        TransferMode::Stream if text.ends_with("/invocations") => (
            "a function that streams is invoked by another URI",
            "write `..:lambda:path/2021-11-15/functions/{function's ARN}/response-streaming-invocations`",
        ),
        TransferMode::Buffered if streams => {
            ("this URI is for a response that is passed on as a stream", "add `responseTransferMode: STREAM`")
        }
        TransferMode::Stream | TransferMode::Buffered => return,
    };
    reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
}

fn read_request_parameters(
    reading: &mut Reading<'_>,
    map: &Map,
    declared: &IndexMap<String, bool>,
) -> IndexMap<String, TemplateText> {
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
            check_source(reading, &entry.node, &text, declared);
            parameters.insert(key.to_owned(), TemplateText { text, place: entry.node.place() });
        }
    }
    parameters
}

/// AWS refuses to map a parameter that the method does not declare; it is served here, as its value is there.
fn check_source(reading: &mut Reading<'_>, node: &Node, text: &str, declared: &IndexMap<String, bool>) {
    const SOURCES: [(&str, &str); 5] = [
        ("method.request.multivaluequerystring.", "querystring"),
        ("method.request.multivalueheader.", "header"),
        ("method.request.querystring.", "querystring"),
        ("method.request.header.", "header"),
        ("method.request.path.", "path"),
    ];
    let source = SOURCES.iter().find_map(|(prefix, kind)| text.strip_prefix(prefix).map(|name| (*kind, name)));
    let Some((kind, name)) = source else { return };
    if !declared.contains_key(&format!("method.request.{kind}.{name}")) {
        let message = format!("AWS refuses to map `{}`, which the method does not declare", shape::brief(text));
        let location = if kind == "querystring" { "query" } else { kind };
        let help = format!("add `{{name: {name}, in: {location}}}` to its `parameters`");
        reading.findings.push(Diagnostic::warning(&node.place(), message).help(help));
    }
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
            if text.len() > limits::MAPPING_TEMPLATE {
                let message = format!("the template has {} bytes; AWS takes {}", text.len(), limits::MAPPING_TEMPLATE);
                reading.findings.error(&entry.key_place(), message);
            }
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
