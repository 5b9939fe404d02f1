//! `x-amazon-apigateway-authorizer`: what decides about callers of the methods that name its scheme.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>

use super::{Api, unknown_word, uri};
use crate::{
    Diagnostic,
    document::{Map, Node},
    identifier, limits,
    read::Reading,
    resources::{Authorizer, AuthorizerKind, TemplateText},
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, Missing, Read, Silent},
        Vocabulary,
    },
};

/// The keys of an authorizer. Those of HTTP APIs are `Missing`, or `Guard` where they say who may pass.
const AUTHORIZER: &Vocabulary = &[
    // A role to assume; nothing here is refused for the lack of one.
    ("authorizerCredentials", Silent),
    ("authorizerPayloadFormatVersion", Missing),
    ("authorizerResultTtlInSeconds", Read),
    ("authorizerUri", Read),
    ("enableSimpleResponses", Missing),
    ("identitySource", Read),
    ("identityValidationExpression", Read),
    ("jwtConfiguration", Guard),
    ("providerARNs", Read),
    ("type", Read),
];

/// Seconds that a result is kept when the authorizer does not say.
const DEFAULT_TTL: u32 = 300;

/// What AWS's console writes as the name of a header that the authorizer does not look at.
const UNUSED: &str = "Unused";

/// Reads the authorizer of a scheme; `header` is the header that the scheme itself names.
pub(super) fn read(
    reading: &mut Reading<'_>,
    api: &Api<'_>,
    (name, header): (&str, Option<&str>),
    node: &Node,
) -> Option<Authorizer> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check_extensible(&mut reading.findings, map, "an authorizer", AUTHORIZER);
    let kind = read_kind(reading, api, map, node);
    let result_ttl_seconds = match map.get("authorizerResultTtlInSeconds") {
        Some(ttl) => ttl_seconds(reading, ttl)?,
        None => DEFAULT_TTL,
    };
    let header = header.filter(|name| !name.eq_ignore_ascii_case(UNUSED));
    let given = match map.get("identitySource") {
        Some(source) => identity_sources(reading, source),
        None => Vec::new(),
    };
    let validation = map.get("identityValidationExpression").and_then(|node| template_text(reading, node));
    let kind = kind?;
    let identity_sources = match (&kind, header) {
        (AuthorizerKind::Token { .. } | AuthorizerKind::CognitoUserPools { .. }, Some(header)) if given.is_empty() => {
            vec![TemplateText { text: format!("method.request.header.{header}"), place: node.place() }]
        }
        (AuthorizerKind::Token { .. } | AuthorizerKind::CognitoUserPools { .. }, _)
        | (AuthorizerKind::Request { .. }, _) => given,
    };
    let authorizer = Authorizer {
        id: identifier::authorizer(api.id, name),
        name: name.to_owned(),
        kind,
        identity_sources,
        identity_validation_expression: validation,
        result_ttl_seconds,
        place: node.place(),
    };
    check(reading, authorizer)
}

/// What AWS refuses or passes over, whoever wrote the authorizer.
pub(crate) fn check(reading: &mut Reading<'_>, mut authorizer: Authorizer) -> Option<Authorizer> {
    match &authorizer.kind {
        AuthorizerKind::Token { .. } | AuthorizerKind::CognitoUserPools { .. } => {
            let [TemplateText { text, place }] = authorizer.identity_sources.as_slice() else {
                let message = "an authorizer of tokens has exactly one identity source";
                let place = authorizer.identity_sources.first().map_or(&authorizer.place, |source| &source.place);
                reading.findings.push(Diagnostic::error(place, message).help("write `method.request.header.X`"));
                return None;
            };
            if !text.starts_with("method.request.header.") {
                let message = format!("`{}` is no header, which a token comes in", shape::brief(text));
                reading.findings.push(Diagnostic::error(place, message).help("write `method.request.header.X`"));
                return None;
            }
        }
        AuthorizerKind::Request { .. } => {
            if authorizer.identity_sources.is_empty() && authorizer.result_ttl_seconds > 0 {
                let message = "an authorizer whose results are kept needs an `identitySource` to tell callers apart";
                let help = "add one, or `authorizerResultTtlInSeconds: 0`";
                reading.findings.push(Diagnostic::error(&authorizer.place, message).help(help));
                return None;
            }
            if let Some(expression) = authorizer.identity_validation_expression.take() {
                let message = "AWS takes `identityValidationExpression` for tokens only and passes over this one";
                reading.findings.warn(&expression.place, message);
            }
        }
    }
    Some(authorizer)
}

fn read_kind(reading: &mut Reading<'_>, api: &Api<'_>, map: &Map, node: &Node) -> Option<AuthorizerKind> {
    const KINDS: [&str; 3] = ["token", "request", "cognito_user_pools"];
    let Some(kind) = map.get("type") else {
        let message = "the authorizer has no `type`";
        reading
            .findings
            .push(Diagnostic::error(&node.place(), message).help("one of `token`, `request`, `cognito_user_pools`"));
        return None;
    };
    let text = shape::text(&mut reading.findings, kind)?;
    match text.to_ascii_lowercase().as_str() {
        "token" => Some(AuthorizerKind::Token { function: function(reading, api, map, node)? }),
        "request" => Some(AuthorizerKind::Request { function: function(reading, api, map, node)? }),
        "cognito_user_pools" => {
            Some(AuthorizerKind::CognitoUserPools { provider_arns: provider_arns(reading, map, node)? })
        }
        "jwt" => {
            let message = "an authorizer of type `jwt` is not served yet";
            reading.findings.push(Diagnostic::error(&kind.place(), message).help("`cognito_user_pools` is"));
            None
        }
        _ => {
            let message = format!("unknown authorizer type `{}`", shape::brief(&text));
            reading.findings.push(unknown_word(kind, message, &KINDS));
            None
        }
    }
}

fn function(reading: &mut Reading<'_>, api: &Api<'_>, map: &Map, node: &Node) -> Option<String> {
    let Some(address) = map.get("authorizerUri") else {
        reading.findings.error(&node.place(), "the authorizer has no `authorizerUri`");
        return None;
    };
    let text = shape::text(&mut reading.findings, address)?;
    uri::function(reading, api.scope, address, &text)
}

fn provider_arns(reading: &mut Reading<'_>, map: &Map, node: &Node) -> Option<Vec<TemplateText>> {
    let Some(list) = map.get("providerARNs") else {
        reading.findings.error(&node.place(), "the authorizer has no `providerARNs`");
        return None;
    };
    let mut arns = Vec::new();
    for item in shape::list(&mut reading.findings, list)? {
        let Some(arn) = template_text(reading, item) else { continue };
        if !user_pool(&arn.text) {
            let message = format!("`{}` is no ARN of a user pool", shape::brief(&arn.text));
            let help = "write `arn:aws:cognito-idp:{region}:{account}:userpool/{id}`";
            reading.findings.push(Diagnostic::error(&arn.place, message).help(help));
        }
        arns.push(arn);
    }
    if arns.len() > limits::USER_POOLS {
        let message = format!("{} user pools; AWS takes {}", arns.len(), limits::USER_POOLS);
        reading.findings.error(&list.place(), message);
    }
    if arns.is_empty() {
        reading.findings.error(&list.place(), "`providerARNs` names no user pool");
    }
    Some(arns)
}

/// Whether a text is the ARN of a user pool; a stage variable may stand for any part of it.
fn user_pool(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    text.contains("${stageVariables.")
        || (parts.next() == Some("arn")
            && parts.nth(1) == Some("cognito-idp")
            && parts.nth(2).and_then(|resource| resource.strip_prefix("userpool/")).is_some_and(|id| !id.is_empty()))
}

/// `authorizerResultTtlInSeconds`.
pub(crate) fn ttl_seconds(reading: &mut Reading<'_>, node: &Node) -> Option<u32> {
    let ttl = shape::integer(&mut reading.findings, node, &limits::AUTHORIZER_RESULT_TTL)?;
    u32::try_from(ttl).ok()
}

/// `identitySource`: expressions with commas between them.
pub(crate) fn identity_sources(reading: &mut Reading<'_>, node: &Node) -> Vec<TemplateText> {
    const PREFIXES: [&str; 4] =
        ["method.request.header.", "method.request.querystring.", "stageVariables.", "context."];
    let Some(text) = shape::text(&mut reading.findings, node) else { return Vec::new() };
    let mut sources = Vec::new();
    for source in text.split(',').map(str::trim).filter(|source| !source.is_empty()) {
        let known = PREFIXES.iter().any(|prefix| source.strip_prefix(prefix).is_some_and(|name| !name.is_empty()));
        if !known {
            let message = format!("`{}` is no identity source", shape::brief(source));
            let help =
                "write `method.request.header.X`, `method.request.querystring.X`, `stageVariables.X` or `context.X`";
            reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
            continue;
        }
        sources.push(TemplateText { text: source.to_owned(), place: node.place() });
    }
    sources
}

fn template_text(reading: &mut Reading<'_>, node: &Node) -> Option<TemplateText> {
    let text = shape::text(&mut reading.findings, node)?;
    Some(TemplateText { text, place: node.place() })
}
