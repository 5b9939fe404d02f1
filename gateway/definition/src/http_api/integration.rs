//! An integration, spelled as OpenAPI's extension is.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations.html>

use super::parameter;
use crate::{
    Diagnostic,
    document::{Map, Node},
    intrinsics::Scope,
    limits, openapi,
    read::Reading,
    resources::{HttpIntegration, HttpIntegrationKind, HttpMethod, PayloadFormat, TemplateText},
    shape, spelling,
    vocabulary::{
        self,
        Treatment::{Missing, Read, Silent},
        Vocabulary,
    },
};

const INTEGRATION: &Vocabulary = &[
    ("connectionId", Read),
    ("connectionType", Read),
    // A role to assume; nothing here is refused for the lack of one.
    ("credentials", Silent),
    ("description", Silent),
    ("httpMethod", Read),
    ("integrationSubtype", Read),
    ("passthroughBehavior", Silent),
    ("payloadFormatVersion", Read),
    ("requestParameters", Read),
    ("responseParameters", Read),
    // What AWS's own exports of functions say, and nobody reads.
    ("responses", Silent),
    ("timeoutInMillis", Read),
    ("tlsConfig", Missing),
    ("type", Read),
    ("uri", Read),
];

/// Reads an integration.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<HttpIntegration> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check_extensible(&mut reading.findings, map, "an integration of an HTTP API", INTEGRATION);
    let vpc_link = vpc_link(reading, map)?;
    let kind = kind(reading, scope, (map, node), vpc_link.as_ref())?;
    let timeout_ms = match map.get("timeoutInMillis") {
        Some(node) => {
            let timeout = shape::integer(&mut reading.findings, node, &limits::HTTP_INTEGRATION_TIMEOUT)?;
            u32::try_from(timeout).ok()?
        }
        None => HttpIntegration::DEFAULT_TIMEOUT_MS,
    };
    let is_service = matches!(kind, HttpIntegrationKind::Service { .. });
    let mut integration = HttpIntegration::new(kind, node.place());
    integration.timeout_ms = timeout_ms;
    integration.vpc_link = vpc_link;
    // The parameters of a service are arguments of its call.
    if let Some(node) = map.get("requestParameters").filter(|_| !is_service) {
        integration.request_parameters = parameter::request(reading, node);
    }
    if let Some(node) = map.get("responseParameters") {
        integration.response_parameters = parameter::response(reading, node);
    }
    Some(integration)
}

/// The link; an outer `None` when it is broken.
#[expect(clippy::option_option, reason = "none, and none that could be read, are not the same")]
fn vpc_link(reading: &mut Reading<'_>, map: &Map) -> Option<Option<TemplateText>> {
    let Some(kind) = map.get("connectionType") else { return Some(None) };
    let text = shape::text(&mut reading.findings, kind)?;
    match text.as_str() {
        "INTERNET" | "INTERNAL" => Some(None),
        "VPC_LINK" => {
            let Some(id) = map.get("connectionId") else {
                reading.findings.error(&kind.place(), "a connection through a VPC link needs its `connectionId`");
                return None;
            };
            let text = shape::text(&mut reading.findings, id)?;
            Some(Some(TemplateText { text, place: id.place() }))
        }
        _ => {
            let message = format!("unknown type of connection `{}`", shape::brief(&text));
            let help = "one of `INTERNET`, `VPC_LINK`";
            reading.findings.push(Diagnostic::error(&kind.place(), message).help(help));
            None
        }
    }
}

fn kind(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (map, node): (&Map, &Node),
    vpc_link: Option<&TemplateText>,
) -> Option<HttpIntegrationKind> {
    let Some(kind) = map.get("type") else {
        let message = "the integration has no `type`";
        reading.findings.push(Diagnostic::error(&node.place(), message).help("one of `aws_proxy`, `http_proxy`"));
        return None;
    };
    let text = shape::text(&mut reading.findings, kind)?;
    match text.to_ascii_lowercase().as_str() {
        "aws_proxy" => match map.get("integrationSubtype") {
            Some(subtype) => {
                Some(HttpIntegrationKind::Service { subtype: shape::text(&mut reading.findings, subtype)? })
            }
            None => lambda(reading, scope, map, node),
        },
        "http_proxy" => http(reading, map, node, vpc_link),
        "aws" | "http" | "mock" => {
            let message = format!("an HTTP API has no integrations of type `{text}`");
            reading.findings.push(Diagnostic::error(&kind.place(), message).help("one of `aws_proxy`, `http_proxy`"));
            None
        }
        _ => {
            let message = format!("unknown integration type `{}`", shape::brief(&text));
            let mut unknown = Diagnostic::error(&kind.place(), message);
            unknown.help = spelling::suggestion(&text, ["aws_proxy", "http_proxy"])
                .or_else(|| Some("one of `aws_proxy`, `http_proxy`".to_owned()));
            reading.findings.push(unknown);
            None
        }
    }
}

fn lambda(reading: &mut Reading<'_>, scope: &Scope, map: &Map, node: &Node) -> Option<HttpIntegrationKind> {
    let payload_format = match map.get("payloadFormatVersion") {
        Some(version) => payload_format(reading, version)?,
        None => {
            let message = "the integration has no `payloadFormatVersion`, which is `1.0` then";
            let help = "AWS asks for one: `1.0` or `2.0`";
            reading.findings.push(Diagnostic::warning(&node.place(), message).help(help));
            PayloadFormat::V1
        }
    };
    let uri = uri(reading, map, node)?;
    let text = shape::text(&mut reading.findings, uri)?;
    Some(HttpIntegrationKind::Lambda { function: function(reading, scope, uri, &text)?, payload_format })
}

/// The function of an invocation's ARN, or of its own.
pub(super) fn function(reading: &mut Reading<'_>, scope: &Scope, node: &Node, text: &str) -> Option<String> {
    let own = text.starts_with("arn:") && text.split(':').nth(2) == Some("lambda");
    if own {
        let uri = format!("arn:aws:apigateway:{}:lambda:path/2015-03-31/functions/{text}/invocations", scope.region);
        return openapi::lambda_function(reading, scope, node, &uri);
    }
    openapi::lambda_function(reading, scope, node, text)
}

/// `1.0` or `2.0`.
pub(super) fn payload_format(reading: &mut Reading<'_>, node: &Node) -> Option<PayloadFormat> {
    let text = shape::text(&mut reading.findings, node)?;
    match text.as_str() {
        // YAML's `1.0` is a number to some.
        "1.0" | "1" => Some(PayloadFormat::V1),
        "2.0" | "2" => Some(PayloadFormat::V2),
        _ => {
            shape::mismatch(&mut reading.findings, node, "`1.0` or `2.0`");
            None
        }
    }
}

fn http(
    reading: &mut Reading<'_>,
    map: &Map,
    node: &Node,
    vpc_link: Option<&TemplateText>,
) -> Option<HttpIntegrationKind> {
    let address = uri(reading, map, node)?;
    let uri = shape::text(&mut reading.findings, address)?;
    let is_web = uri.starts_with("http://") || uri.starts_with("https://");
    // AWS takes the ARN of a listener or of a Cloud Map service there.
    if !is_web && (vpc_link.is_none() || !uri.starts_with("arn:")) {
        let message = format!("`{}` is no HTTP endpoint", shape::brief(&uri));
        reading.findings.push(Diagnostic::error(&address.place(), message).help("write `http://..` or `https://..`"));
        return None;
    }
    let http_method = match map.get("httpMethod") {
        None => HttpMethod::Any,
        Some(method) => {
            let text = shape::text(&mut reading.findings, method)?;
            let parsed = HttpMethod::parse(&text);
            if parsed.is_none() {
                let mut unknown =
                    Diagnostic::error(&method.place(), format!("unknown method `{}`", shape::brief(&text)));
                unknown.help = spelling::suggestion(&text, HttpMethod::ALL.map(HttpMethod::as_str));
                reading.findings.push(unknown);
            }
            parsed?
        }
    };
    Some(HttpIntegrationKind::Http { uri, http_method })
}

fn uri<'a>(reading: &mut Reading<'_>, map: &'a Map, node: &Node) -> Option<&'a Node> {
    let uri = map.get("uri");
    if uri.is_none() {
        reading.findings.error(&node.place(), "the integration has no `uri`");
    }
    uri
}
