//! `security` and `components.securitySchemes`: who may call a method.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html>

use super::{Api, authorizer, follow};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    resources::{Authorization, Authorizer, AuthorizerKind},
    shape, spelling,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

/// The keys of a security scheme, those of Swagger 2.0 included.
const SCHEME: &Vocabulary = &[
    ("type", Read),
    ("name", Read),
    ("in", Read),
    ("description", Silent),
    ("scheme", Silent),
    ("bearerFormat", Silent),
    ("flow", Silent),
    ("flows", Silent),
    ("authorizationUrl", Silent),
    ("tokenUrl", Silent),
    ("scopes", Silent),
    ("openIdConnectUrl", Silent),
    ("x-amazon-apigateway-authorizer", Read),
    ("x-amazon-apigateway-authtype", Read),
];

/// The keys of `x-amazon-apigateway-auth`.
const AUTH: &Vocabulary = &[("type", Read)];

/// The schemes of a document by their names.
pub(super) type Schemes = IndexMap<String, Scheme>;

/// What a scheme asks of a caller.
#[derive(Debug)]
pub(super) enum Scheme {
    /// An API key.
    ApiKey,
    /// A signed request.
    Iam,
    /// What an authorizer asks.
    Authorizer(Box<Authorizer>),
    /// API Gateway passes over schemes of this type.
    PassedOver(String),
    /// A scheme that could guard nothing; why.
    Unusable(String),
    /// Its fault has been reported.
    Broken,
}

/// Who may call a method.
#[derive(Debug, Default)]
pub(super) struct Security {
    pub(super) authorization: Authorization,
    pub(super) api_key_required: bool,
}

/// Reads all schemes, used or not.
pub(super) fn read_schemes(reading: &mut Reading<'_>, api: &Api<'_>) -> Schemes {
    let mut schemes = Schemes::new();
    let components = api.root.get("components").and_then(Node::as_map);
    let Some(node) = components.and_then(|components| components.get("securitySchemes")) else { return schemes };
    for (name, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let scheme = read_scheme(reading, api, (name, entry)).unwrap_or(Scheme::Broken);
        schemes.insert(name.to_owned(), scheme);
    }
    schemes
}

/// The authorizers among the schemes.
pub(super) fn authorizers(schemes: Schemes) -> Vec<Authorizer> {
    let mut authorizers = Vec::new();
    for scheme in schemes.into_values() {
        match scheme {
            Scheme::Authorizer(authorizer) => authorizers.push(*authorizer),
            Scheme::ApiKey | Scheme::Iam | Scheme::PassedOver(_) | Scheme::Unusable(_) | Scheme::Broken => {}
        }
    }
    authorizers
}

fn read_scheme(reading: &mut Reading<'_>, api: &Api<'_>, (name, entry): (&str, &Entry)) -> Option<Scheme> {
    let node = follow(reading, api.root, &entry.node)?;
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check_extensible(&mut reading.findings, map, "a security scheme", SCHEME);
    let mut text = |key: &str| map.get(key).and_then(|node| shape::text(&mut reading.findings, node));
    let (kind, location, parameter) = (text("type"), text("in"), text("name"));
    let authtype = text("x-amazon-apigateway-authtype").unwrap_or_default();
    let signed = authtype.eq_ignore_ascii_case("awsSigv4");
    let in_header = location.is_none_or(|location| location.eq_ignore_ascii_case("header"));
    if let Some(node) = map.get("x-amazon-apigateway-authorizer") {
        if signed {
            let message = format!("`{name}` asks for a signed request and for an authorizer; a method has one of them");
            reading.findings.error(&node.place(), message);
            return None;
        }
        let header = in_header.then(|| parameter.as_deref().unwrap_or("Authorization"));
        return authorizer::read(reading, api, (name, header), node).map(Box::new).map(Scheme::Authorizer);
    }
    if signed {
        return Some(Scheme::Iam);
    }
    let Some(kind) = kind else {
        reading.findings.error(&entry.key_place(), "the security scheme has no `type`");
        return None;
    };
    if !kind.eq_ignore_ascii_case("apiKey") {
        return Some(Scheme::PassedOver(kind));
    }
    let keyed = in_header && parameter.is_some_and(|name| name.eq_ignore_ascii_case("x-api-key"));
    if keyed && authtype.is_empty() {
        return Some(Scheme::ApiKey);
    }
    Some(Scheme::Unusable(if authtype.is_empty() {
        "it is neither an API key in the header `x-api-key` nor an authorizer".to_owned()
    } else {
        format!("its authtype `{}` comes without `x-amazon-apigateway-authorizer`", shape::brief(&authtype))
    }))
}

/// Who may call a method: by its own `security` or the document's, and by `x-amazon-apigateway-auth`.
pub(super) fn read(reading: &mut Reading<'_>, api: &Api<'_>, operation: &Map) -> Security {
    let mut security = Security::default();
    // Only a list says that a method is open; nothing behind the key is no word of the method's own.
    let own = operation.get("security").filter(|node| !matches!(node.value, Value::Null));
    if let Some(node) = own.or_else(|| api.root.get("security")) {
        for requirement in shape::list(&mut reading.findings, node).unwrap_or_default() {
            for (name, entry) in shape::map(&mut reading.findings, requirement).into_iter().flat_map(Map::iter) {
                require(reading, api, &mut security, (name, entry));
            }
        }
    }
    if let Some(auth) = operation.get("x-amazon-apigateway-auth") {
        read_auth(reading, &mut security, auth);
    }
    security
}

/// Adds what one scheme asks. API Gateway asks for all that is named, whether OpenAPI means all or one of them.
fn require(reading: &mut Reading<'_>, api: &Api<'_>, security: &mut Security, (name, entry): (&str, &Entry)) {
    let place = entry.key_place();
    let Some(scheme) = api.schemes.get(name) else {
        // SAM writes `NONE` where a method refuses the API's default authorizer.
        if name != "NONE" {
            let mut unknown =
                Diagnostic::error(&place, format!("no security scheme is called `{}`", shape::brief(name)));
            unknown.help = spelling::suggestion(name, api.schemes.keys().map(String::as_str))
                .or_else(|| Some("declare it below `components.securitySchemes`".to_owned()));
            reading.findings.push(unknown);
        }
        return;
    };
    match scheme {
        Scheme::Broken => {}
        Scheme::ApiKey => security.api_key_required = true,
        Scheme::Iam => authorize(reading, security, Authorization::Iam, (name, entry)),
        Scheme::Authorizer(authorizer) => {
            let authorization = by_authorizer(reading, authorizer, entry);
            authorize(reading, security, authorization, (name, entry));
        }
        Scheme::PassedOver(kind) => {
            let message = format!("AWS passes over the security scheme `{name}` of type `{kind}`: it keeps nobody out");
            let help = "`x-amazon-apigateway-authorizer` in the scheme says what checks it";
            reading.findings.push(Diagnostic::warning(&place, message).help(help));
        }
        Scheme::Unusable(why) => {
            let message = format!("the security scheme `{name}` guards nothing: {why}");
            let help = "what it protects is not served unprotected; take it out to serve without it";
            reading.findings.push(Diagnostic::error(&place, message).help(help));
        }
    }
}

fn by_authorizer(reading: &mut Reading<'_>, authorizer: &Authorizer, entry: &Entry) -> Authorization {
    let scopes = if entry.node.says_no() { Vec::new() } else { shape::texts(&mut reading.findings, &entry.node) };
    let id = authorizer.id.clone();
    match authorizer.kind {
        AuthorizerKind::CognitoUserPools { .. } => Authorization::CognitoUserPools { authorizer: id, scopes },
        AuthorizerKind::Token { .. } | AuthorizerKind::Request { .. } => {
            if !scopes.is_empty() {
                let message = "scopes are checked for user pools only; this authorizer decides by itself";
                reading.findings.warn(&entry.node.place(), message);
            }
            Authorization::Custom { authorizer: id }
        }
    }
}

fn authorize(
    reading: &mut Reading<'_>,
    security: &mut Security,
    authorization: Authorization,
    (name, entry): (&str, &Entry),
) {
    if security.authorization != Authorization::None && security.authorization != authorization {
        let message = format!("`{name}` is the second authorization of the method, and API Gateway takes one");
        reading.findings.error(&entry.key_place(), message);
        return;
    }
    security.authorization = authorization;
}

fn read_auth(reading: &mut Reading<'_>, security: &mut Security, auth: &Node) {
    let Some(map) = shape::map(&mut reading.findings, auth) else { return };
    vocabulary::check(&mut reading.findings, map, "`x-amazon-apigateway-auth`", AUTH);
    let Some(kind) = map.get("type") else { return };
    let Some(text) = shape::text(&mut reading.findings, kind) else { return };
    let asked = match text.to_ascii_lowercase().as_str() {
        "none" => Authorization::None,
        "aws_iam" => Authorization::Iam,
        _ => {
            let message = format!("unknown authorization `{}`", shape::brief(&text));
            reading.findings.push(super::unknown_word(kind, message, &["NONE", "AWS_IAM"]));
            return;
        }
    };
    if security.authorization != Authorization::None && security.authorization != asked {
        let message = format!("authorization `{}` contradicts the `security` of the method", shape::brief(&text));
        let help = "take one of them out; `security: []` names no scheme";
        reading.findings.push(Diagnostic::error(&kind.place(), message).help(help));
        return;
    }
    security.authorization = asked;
}
