//! `security` and `components.securitySchemes` of an HTTP API.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>

use super::authorizer;
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    identifier,
    intrinsics::Scope,
    limits, openapi,
    read::Reading,
    resources::{HttpAuthorization, HttpAuthorizer, HttpAuthorizerKind},
    shape, spelling,
};
use indexmap::IndexMap;

/// What a scheme asks of a caller.
#[derive(Debug)]
pub(super) enum Scheme {
    /// What an authorizer asks.
    Authorizer(Box<HttpAuthorizer>),
    /// A signed request.
    Iam,
    /// API Gateway passes over schemes of this type.
    PassedOver(String),
    /// Its fault has been reported.
    Broken,
}

/// Reads all schemes, used or not.
pub(super) fn schemes(reading: &mut Reading<'_>, scope: &Scope, api_id: &str, root: &Map) -> IndexMap<String, Scheme> {
    let mut schemes = IndexMap::new();
    let components = root.get("components").and_then(Node::as_map);
    let Some(node) = components.and_then(|components| components.get("securitySchemes")) else { return schemes };
    for (name, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let scheme = scheme(reading, scope, (api_id, root), (name, entry)).unwrap_or(Scheme::Broken);
        schemes.insert(name.to_owned(), scheme);
    }
    schemes
}

fn scheme(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (api_id, root): (&str, &Map),
    (name, entry): (&str, &Entry),
) -> Option<Scheme> {
    let node = openapi::follow(reading, root, &entry.node)?;
    let map = shape::map(&mut reading.findings, node)?;
    if let Some(node) = map.get("x-amazon-apigateway-authorizer") {
        let id = identifier::authorizer(api_id, name);
        return authorizer::read(reading, scope, (id, name), node).map(Box::new).map(Scheme::Authorizer);
    }
    let authtype = map.get("x-amazon-apigateway-authtype").and_then(Node::as_text);
    if authtype.is_some_and(|authtype| authtype.eq_ignore_ascii_case("awsSigv4")) {
        return Some(Scheme::Iam);
    }
    let kind = map.get("type").and_then(Node::as_text).unwrap_or_default();
    Some(Scheme::PassedOver(kind.to_owned()))
}

/// Who may call an operation: by its own `security` or the document's, and by `x-amazon-apigateway-auth`.
pub(super) fn read(
    reading: &mut Reading<'_>,
    schemes: &IndexMap<String, Scheme>,
    root: &Map,
    operation: &Map,
) -> HttpAuthorization {
    let mut authorization = HttpAuthorization::None;
    let own = operation.get("security").filter(|node| !matches!(node.value, Value::Null));
    if let Some(node) = own.or_else(|| root.get("security")) {
        for requirement in shape::list(&mut reading.findings, node).unwrap_or_default() {
            for (name, entry) in shape::map(&mut reading.findings, requirement).into_iter().flat_map(Map::iter) {
                let Some(asked) = required(reading, schemes, (name, entry)) else { continue };
                if authorization != HttpAuthorization::None && authorization != asked {
                    let message = format!("`{name}` is the second authorization of the route, which has one");
                    reading.findings.error(&entry.key_place(), message);
                    continue;
                }
                authorization = asked;
            }
        }
    }
    let auth = operation.get("x-amazon-apigateway-auth").and_then(Node::as_map).and_then(|map| map.get("type"));
    match auth.map(|node| (node, node.as_text().unwrap_or_default().to_ascii_uppercase())) {
        None => {}
        Some((_, text)) if text == "AWS_IAM" => authorization = HttpAuthorization::Iam,
        Some((_, text)) if text == "NONE" && authorization == HttpAuthorization::None => {}
        Some((node, _)) => {
            let message = "this authorization is unknown, or contradicts the `security` of the route";
            reading.findings.push(Diagnostic::error(&node.place(), message).help("one of `NONE`, `AWS_IAM`"));
        }
    }
    authorization
}

fn required(
    reading: &mut Reading<'_>,
    schemes: &IndexMap<String, Scheme>,
    (name, entry): (&str, &Entry),
) -> Option<HttpAuthorization> {
    match schemes.get(name) {
        Some(Scheme::Broken) => None,
        Some(Scheme::Iam) => Some(HttpAuthorization::Iam),
        Some(Scheme::Authorizer(authorizer)) => {
            let scopes =
                if entry.node.says_no() { Vec::new() } else { shape::texts(&mut reading.findings, &entry.node) };
            Some(by_authorizer(reading, authorizer, scopes, &entry.node))
        }
        Some(Scheme::PassedOver(kind)) => {
            let message = format!("AWS passes over the security scheme `{name}` of type `{kind}`: it keeps nobody out");
            let help = "`x-amazon-apigateway-authorizer` in the scheme says what checks it";
            reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
            None
        }
        // SAM writes `NONE` where a route refuses the API's default authorizer.
        None if name == "NONE" => None,
        None => {
            let message = format!("no security scheme is called `{}`", shape::brief(name));
            let mut unknown = Diagnostic::error(&entry.key_place(), message);
            unknown.help = spelling::suggestion(name, schemes.keys().map(String::as_str))
                .or_else(|| Some("declare it below `components.securitySchemes`".to_owned()));
            reading.findings.push(unknown);
            None
        }
    }
}

/// What a route that names an authorizer asks of its callers.
pub(super) fn by_authorizer(
    reading: &mut Reading<'_>,
    authorizer: &HttpAuthorizer,
    scopes: Vec<String>,
    node: &Node,
) -> HttpAuthorization {
    let id = authorizer.id.clone();
    if scopes.len() > limits::ROUTE_SCOPES {
        let message = format!("{} scopes; AWS takes {}", scopes.len(), limits::ROUTE_SCOPES);
        reading.findings.error(&node.place(), message);
    }
    match authorizer.kind {
        HttpAuthorizerKind::Jwt { .. } => HttpAuthorization::Jwt { authorizer: id, scopes },
        HttpAuthorizerKind::Request { .. } => {
            if !scopes.is_empty() {
                reading.findings.error(&node.place(), "scopes are of tokens; this authorizer decides by itself");
            }
            HttpAuthorization::Lambda { authorizer: id }
        }
    }
}
