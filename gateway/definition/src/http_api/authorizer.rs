//! An authorizer, spelled as OpenAPI's extension is.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html>

use super::integration;
use crate::{
    Diagnostic,
    document::{Map, Node},
    intrinsics::Scope,
    limits,
    read::Reading,
    resources::{HttpAuthorizer, HttpAuthorizerKind, PayloadFormat, TemplateText},
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, Read, Silent},
        Vocabulary,
    },
};

const AUTHORIZER: &Vocabulary = &[
    // A role to assume; nothing here is refused for the lack of one.
    ("authorizerCredentials", Silent),
    ("authorizerPayloadFormatVersion", Read),
    ("authorizerResultTtlInSeconds", Read),
    ("authorizerUri", Read),
    ("enableSimpleResponses", Read),
    ("identitySource", Read),
    ("identityValidationExpression", Guard),
    ("jwtConfiguration", Read),
    ("type", Read),
];

const JWT: &Vocabulary = &[("audience", Read), ("issuer", Read)];

/// Where AWS looks for a token that nobody says where to look for.
pub(super) const AUTHORIZATION: &str = "$request.header.Authorization";

/// Reads an authorizer of that id and name.
pub(super) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (id, name): (String, &str),
    node: &Node,
) -> Option<HttpAuthorizer> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check_extensible(&mut reading.findings, map, "an authorizer of an HTTP API", AUTHORIZER);
    let Some(kind) = map.get("type") else {
        reading
            .findings
            .push(Diagnostic::error(&node.place(), "the authorizer has no `type`").help("one of `jwt`, `request`"));
        return None;
    };
    let text = shape::text(&mut reading.findings, kind)?;
    let mut identity_sources = match map.get("identitySource") {
        Some(source) => sources(reading, source),
        None => Vec::new(),
    };
    let kind = match text.to_ascii_lowercase().as_str() {
        "jwt" => {
            if identity_sources.is_empty() {
                identity_sources.push(TemplateText { text: AUTHORIZATION.to_owned(), place: node.place() });
            }
            jwt(reading, (map, node), &identity_sources)?
        }
        "request" => request(reading, scope, (map, node), &identity_sources)?,
        _ => {
            let message = format!("an HTTP API has no authorizers of type `{}`", shape::brief(&text));
            reading.findings.push(Diagnostic::error(&kind.place(), message).help("one of `jwt`, `request`"));
            return None;
        }
    };
    Some(HttpAuthorizer { id, name: name.to_owned(), kind, identity_sources, place: node.place() })
}

fn jwt(
    reading: &mut Reading<'_>,
    (map, node): (&Map, &Node),
    identity_sources: &[TemplateText],
) -> Option<HttpAuthorizerKind> {
    let Some(configuration) = map.get("jwtConfiguration") else {
        reading.findings.error(&node.place(), "an authorizer of type `jwt` needs its `jwtConfiguration`");
        return None;
    };
    let jwt = shape::map(&mut reading.findings, configuration)?;
    vocabulary::check(&mut reading.findings, jwt, "`jwtConfiguration`", JWT);
    let (Some(issuer), Some(audience)) = (jwt.get("issuer"), jwt.get("audience")) else {
        reading.findings.error(&configuration.place(), "`jwtConfiguration` needs `issuer` and `audience`");
        return None;
    };
    if let [_, second, ..] = identity_sources {
        reading.findings.error(&second.place, "a token comes from one identity source");
        return None;
    }
    jwt_kind(reading, issuer, audience)
}

/// A JWT authorizer's own settings.
pub(super) fn jwt_kind(reading: &mut Reading<'_>, issuer: &Node, audience: &Node) -> Option<HttpAuthorizerKind> {
    let text = shape::text(&mut reading.findings, issuer)?;
    if !text.starts_with("https://") && !text.starts_with("http://") {
        let message = format!("`{}` is no issuer", shape::brief(&text));
        reading.findings.push(Diagnostic::error(&issuer.place(), message).help("write `https://..`"));
        return None;
    }
    let audiences = match audience.as_list() {
        Some(_) => shape::texts(&mut reading.findings, audience),
        None => vec![shape::text(&mut reading.findings, audience)?],
    };
    if audiences.is_empty() || audiences.len() > limits::AUDIENCES {
        let message = format!("`audience` names 1 to {} audiences", limits::AUDIENCES);
        reading.findings.error(&audience.place(), message);
        return None;
    }
    Some(HttpAuthorizerKind::Jwt { issuer: TemplateText { text, place: issuer.place() }, audience: audiences })
}

fn request(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (map, node): (&Map, &Node),
    identity_sources: &[TemplateText],
) -> Option<HttpAuthorizerKind> {
    let Some(uri) = map.get("authorizerUri") else {
        reading.findings.error(&node.place(), "the authorizer has no `authorizerUri`");
        return None;
    };
    let text = shape::text(&mut reading.findings, uri)?;
    let function = integration::function(reading, scope, uri, &text)?;
    let payload_format = match map.get("authorizerPayloadFormatVersion") {
        Some(version) => integration::payload_format(reading, version)?,
        None => {
            let message = "the authorizer has no `authorizerPayloadFormatVersion`, which AWS asks for";
            reading.findings.push(Diagnostic::error(&node.place(), message).help("one of `1.0`, `2.0`"));
            return None;
        }
    };
    let simple_responses = shape::flag(&mut reading.findings, map, "enableSimpleResponses");
    let result_ttl_seconds = match map.get("authorizerResultTtlInSeconds") {
        Some(ttl) => {
            let seconds = shape::integer(&mut reading.findings, ttl, &limits::AUTHORIZER_RESULT_TTL)?;
            u32::try_from(seconds).ok()?
        }
        None => 0,
    };
    let kind = HttpAuthorizerKind::Request { function, payload_format, simple_responses, result_ttl_seconds };
    complete(reading, node, kind, identity_sources)
}

/// What AWS refuses, whoever wrote the authorizer.
pub(super) fn complete(
    reading: &mut Reading<'_>,
    node: &Node,
    kind: HttpAuthorizerKind,
    identity_sources: &[TemplateText],
) -> Option<HttpAuthorizerKind> {
    let HttpAuthorizerKind::Request { payload_format, simple_responses, result_ttl_seconds, .. } = &kind else {
        return Some(kind);
    };
    if *simple_responses && *payload_format == PayloadFormat::V1 {
        reading.findings.error(&node.place(), "simple responses are of the payload format `2.0`");
        return None;
    }
    if *result_ttl_seconds > 0 && identity_sources.is_empty() {
        let message = "an authorizer whose results are kept needs identity sources to tell callers apart";
        reading.findings.error(&node.place(), message);
        return None;
    }
    Some(kind)
}

/// `identitySource`: a list, or expressions with commas between them.
fn sources(reading: &mut Reading<'_>, node: &Node) -> Vec<TemplateText> {
    let mut sources = Vec::new();
    let items = node.as_list().unwrap_or_else(|| std::slice::from_ref(node));
    for item in items {
        let Some(text) = shape::text(&mut reading.findings, item) else { continue };
        for source in text.split(',').map(str::trim).filter(|source| !source.is_empty()) {
            sources.extend(identity_source(reading, source, item));
        }
    }
    sources
}

/// One expression.
pub(super) fn identity_source(reading: &mut Reading<'_>, text: &str, node: &Node) -> Option<TemplateText> {
    const PREFIXES: [&str; 4] = ["$request.header.", "$request.querystring.", "$stageVariables.", "$context."];
    let bare = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).map(|rest| format!("${rest}"));
    let text = bare.as_deref().unwrap_or(text);
    if !PREFIXES.iter().any(|prefix| text.strip_prefix(prefix).is_some_and(|name| !name.is_empty())) {
        let message = format!("`{}` is no identity source", shape::brief(text));
        let help = "write `$request.header.X`, `$request.querystring.X`, `$stageVariables.X` or `$context.X`";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        return None;
    }
    Some(TemplateText { text: text.to_owned(), place: node.place() })
}
