//! `Auth` of an HTTP API and of its events.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-httpapiauth.html>

use super::{authorizer, integration, security};
use crate::{
    Diagnostic, Place,
    document::{Entry, Map, Node},
    identifier, intrinsics,
    intrinsics::Scope,
    limits,
    read::Reading,
    resources::{HttpAuthorization, HttpAuthorizer, HttpAuthorizerKind, HttpRoute, TemplateText},
    sam::authorizer::identity_sources,
    shape, spelling,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const AUTH: &Vocabulary = &[("Authorizers", Read), ("DefaultAuthorizer", Read), ("EnableIamAuthorizer", Read)];

const OWN_AUTH: &Vocabulary = &[("AuthorizationScopes", Read), ("Authorizer", Read)];

const AUTHORIZER: &Vocabulary = &[
    ("AuthorizationScopes", Read),
    ("AuthorizerPayloadFormatVersion", Read),
    ("EnableFunctionDefaultPermissions", Silent),
    ("EnableSimpleResponses", Read),
    ("FunctionArn", Read),
    ("FunctionInvokeRole", Silent),
    ("Identity", Read),
    ("IdentitySource", Read),
    ("JwtConfiguration", Read),
];

const IDENTITY: &Vocabulary = &[
    ("Context", Read),
    ("Headers", Read),
    ("QueryStrings", Read),
    ("ReauthorizeEvery", Read),
    ("StageVariables", Read),
];

const JWT: &Vocabulary = &[("audience", Read), ("issuer", Read)];

/// An authorizer by its name.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    /// `None` when its fault has been reported.
    pub(super) authorizer: Option<HttpAuthorizer>,
    /// `AuthorizationScopes` of routes that name none.
    scopes: Vec<String>,
}

/// What an API asks of every caller.
#[derive(Debug, Default)]
pub(super) struct Auth {
    pub(super) authorizers: Vec<Named>,
    default: Option<HttpAuthorization>,
    allows_iam: bool,
}

/// What the event of a route asks in place of that.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnAuth {
    authorizer: Option<(String, Node)>,
    scopes: Option<Vec<String>>,
    pub(super) place: Option<Place>,
}

/// Reads the `Auth` of an API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, (properties, api_id): (&Map, &str)) -> Auth {
    let mut auth = Auth::default();
    let Some(node) = properties.get("Auth").and_then(|node| intrinsics::resolve(reading, scope, node)) else {
        return auth;
    };
    let Some(map) = shape::map(&mut reading.findings, &node) else { return auth };
    vocabulary::check(&mut reading.findings, map, "`Auth` of an HTTP API", AUTH);
    auth.allows_iam = shape::flag(&mut reading.findings, map, "EnableIamAuthorizer");
    let authorizers = map.get("Authorizers").and_then(|node| shape::map(&mut reading.findings, node));
    for (name, entry) in authorizers.into_iter().flat_map(Map::iter) {
        auth.authorizers.push(read_one(reading, scope, (name, entry), api_id));
    }
    if let Some(node) = map.get("DefaultAuthorizer")
        && let Some(name) = shape::text(&mut reading.findings, node)
    {
        auth.default = named(reading, &auth, (&name, node), None);
    }
    auth
}

/// Reads the `Auth` of an event.
pub(super) fn read_own(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<OwnAuth> {
    let node = intrinsics::resolve(reading, scope, node)?;
    let map = shape::map(&mut reading.findings, &node)?;
    vocabulary::check(&mut reading.findings, map, "`Auth` of an event of an HTTP API", OWN_AUTH);
    let authorizer = map.get("Authorizer").filter(|node| !node.says_no());
    let authorizer = authorizer.and_then(|node| Some((shape::text(&mut reading.findings, node)?, node.clone())));
    let scopes = map.get("AuthorizationScopes").filter(|node| !node.says_no());
    let scopes = scopes.map(|node| shape::texts(&mut reading.findings, node));
    Some(OwnAuth { authorizer, scopes, place: Some(node.place()) })
}

/// Puts on a route of a definition what its API asks.
pub(super) fn protect(auth: &Auth, route: &mut HttpRoute) {
    if let (Some(default), HttpAuthorization::None) = (&auth.default, &route.authorization) {
        route.authorization = default.clone();
    }
}

/// What the route of an event asks.
pub(super) fn of_route(reading: &mut Reading<'_>, auth: &Auth, own: &OwnAuth) -> HttpAuthorization {
    let default = || auth.default.clone().unwrap_or_default();
    match (&own.authorizer, &own.scopes) {
        (Some((name, node)), _) if name == "NONE" => {
            if auth.default.is_none() {
                let message = "`NONE` has no meaning without a `DefaultAuthorizer` of the API, and SAM refuses it";
                let help = "take it out: nothing is asked of callers";
                reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
            }
            HttpAuthorization::None
        }
        (Some((name, node)), scopes) => named(reading, auth, (name, node), scopes.as_deref()).unwrap_or_default(),
        (None, Some(scopes)) => match default() {
            HttpAuthorization::Jwt { authorizer, .. } => HttpAuthorization::Jwt { authorizer, scopes: scopes.clone() },
            HttpAuthorization::None | HttpAuthorization::Iam | HttpAuthorization::Lambda { .. } => {
                if let Some(place) = &own.place {
                    reading.findings.error(place, "`AuthorizationScopes` needs an authorizer of tokens");
                }
                default()
            }
        },
        (None, None) => default(),
    }
}

/// What an authorizer's name asks of a caller.
fn named(
    reading: &mut Reading<'_>,
    auth: &Auth,
    (name, node): (&str, &Node),
    scopes: Option<&[String]>,
) -> Option<HttpAuthorization> {
    if name == "AWS_IAM" {
        if !auth.allows_iam {
            let message = "`AWS_IAM` needs `EnableIamAuthorizer: true` in the API's `Auth`, or SAM refuses it";
            reading.findings.error(&node.place(), message);
        }
        return Some(HttpAuthorization::Iam);
    }
    if let Some(known) = auth.authorizers.iter().find(|authorizer| authorizer.name == name) {
        let authorizer = known.authorizer.as_ref()?;
        let scopes = scopes.map_or_else(|| known.scopes.clone(), <[String]>::to_vec);
        return Some(security::by_authorizer(reading, authorizer, scopes, node));
    }
    let message = format!("no authorizer of the API is called `{}`", shape::brief(name));
    let mut unknown = Diagnostic::error(&node.place(), message);
    let known = auth.authorizers.iter().map(|authorizer| authorizer.name.as_str()).chain(["AWS_IAM"]);
    unknown.help =
        spelling::suggestion(name, known).or_else(|| Some("declare it below `Auth.Authorizers` of the API".to_owned()));
    reading.findings.push(unknown);
    None
}

fn read_one(reading: &mut Reading<'_>, scope: &Scope, (name, entry): (&str, &Entry), api_id: &str) -> Named {
    let map = shape::map(&mut reading.findings, &entry.node).cloned().unwrap_or_default();
    vocabulary::check(&mut reading.findings, &map, "an authorizer of an HTTP API", AUTHORIZER);
    let scopes = map.get("AuthorizationScopes").filter(|node| !node.says_no());
    let scopes = scopes.map(|node| shape::texts(&mut reading.findings, node)).unwrap_or_default();
    let read = match (map.get("JwtConfiguration"), map.get("FunctionArn")) {
        (Some(node), None) => jwt(reading, &map, node, entry),
        (None, Some(node)) => lambda(reading, scope, (&map, entry), node),
        (Some(_), Some(_)) | (None, None) => {
            let message = "an authorizer needs either `JwtConfiguration` or `FunctionArn`";
            reading.findings.error(&entry.key_place(), message);
            None
        }
    };
    let id = identifier::authorizer(api_id, name);
    let place = entry.key_place();
    let authorizer = read.map(|(kind, identity_sources)| HttpAuthorizer {
        id,
        name: name.to_owned(),
        kind,
        identity_sources,
        place,
    });
    Named { name: name.to_owned(), authorizer, scopes }
}

type Sources = (HttpAuthorizerKind, Vec<TemplateText>);

fn jwt(reading: &mut Reading<'_>, map: &Map, node: &Node, entry: &Entry) -> Option<Sources> {
    let configuration = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, configuration, "`JwtConfiguration`", JWT);
    let (Some(issuer), Some(audience)) = (configuration.get("issuer"), configuration.get("audience")) else {
        reading.findings.error(&node.place(), "`JwtConfiguration` needs `issuer` and `audience`");
        return None;
    };
    let source = match map.get("IdentitySource") {
        Some(node) => {
            let text = shape::text(&mut reading.findings, node)?;
            authorizer::identity_source(reading, &text, node)?
        }
        None => TemplateText { text: authorizer::AUTHORIZATION.to_owned(), place: entry.key_place() },
    };
    Some((authorizer::jwt_kind(reading, issuer, audience)?, vec![source]))
}

fn lambda(reading: &mut Reading<'_>, scope: &Scope, (map, entry): (&Map, &Entry), node: &Node) -> Option<Sources> {
    let arn = shape::text(&mut reading.findings, node)?;
    let function = integration::function(reading, scope, node, &arn)?;
    let Some(version) = map.get("AuthorizerPayloadFormatVersion") else {
        let message = "the authorizer has no `AuthorizerPayloadFormatVersion`, which SAM asks for";
        reading.findings.push(Diagnostic::error(&entry.key_place(), message).help("one of `1.0`, `2.0`"));
        return None;
    };
    let payload_format = integration::payload_format(reading, version)?;
    let simple_responses = shape::flag(&mut reading.findings, map, "EnableSimpleResponses");
    let identity = map.get("Identity").and_then(|node| shape::map(&mut reading.findings, node)).cloned();
    let identity = identity.unwrap_or_default();
    vocabulary::check(&mut reading.findings, &identity, "`Identity`", IDENTITY);
    let result_ttl_seconds = match identity.get("ReauthorizeEvery") {
        Some(node) => {
            let seconds = shape::integer(&mut reading.findings, node, &limits::AUTHORIZER_RESULT_TTL)?;
            u32::try_from(seconds).ok()?
        }
        None => 0,
    };
    let prefixes = ["$request.header.", "$request.querystring.", "$stageVariables.", "$context."];
    let identity_sources = identity_sources(reading, &identity, prefixes);
    let kind = HttpAuthorizerKind::Request { function, payload_format, simple_responses, result_ttl_seconds };
    Some((authorizer::complete(reading, &entry.node, kind, &identity_sources)?, identity_sources))
}
