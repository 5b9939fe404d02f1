//! `Auth` of an API and of its events: what SAM asks of a caller of each method.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html>

use super::authorizer::{self, Named};
use crate::{
    Diagnostic, Place,
    document::{Map, Node},
    intrinsics::{self, Scope},
    read::Reading,
    resources::{Authorization, HttpMethod, Method},
    shape, spelling,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const AUTH: &Vocabulary = &[
    ("AddApiKeyRequiredToCorsPreflight", Read),
    ("AddDefaultAuthorizerToCorsPreflight", Read),
    ("ApiKeyRequired", Read),
    ("Authorizers", Read),
    ("DefaultAuthorizer", Read),
    // The role that API Gateway assumes to call the functions.
    ("InvokeRole", Silent),
    ("ResourcePolicy", Read),
    ("UsagePlan", Read),
];

const OWN_AUTH: &Vocabulary = &[
    ("ApiKeyRequired", Read),
    ("AuthorizationScopes", Read),
    ("Authorizer", Read),
    ("InvokeRole", Silent),
    ("OverrideApiAuth", Read),
    ("ResourcePolicy", Read),
];

/// What an API asks of every caller.
#[derive(Debug, Default)]
pub(super) struct Auth {
    pub(super) authorizers: Vec<Named>,
    default: Option<Authorization>,
    default_on_preflight: bool,
    api_key_required: bool,
    key_on_preflight: bool,
    pub(super) resource_policy: Option<Node>,
}

/// What the event of a method asks in place of that.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnAuth {
    authorizer: Option<(String, Place)>,
    scopes: Option<Vec<String>>,
    api_key_required: Option<bool>,
    overrides: bool,
    pub(super) resource_policy: Option<Node>,
    place: Option<Place>,
}

/// Reads the `Auth` of an API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, (properties, api_id): (&Map, &str)) -> Auth {
    let Some(node) = properties.get("Auth").and_then(|node| intrinsics::resolve(reading, scope, node)) else {
        return Auth::default();
    };
    let Some(map) = shape::map(&mut reading.findings, &node) else { return Auth::default() };
    vocabulary::check(&mut reading.findings, map, "`Auth`", AUTH);
    let mut auth = Auth {
        authorizers: map
            .get("Authorizers")
            .map(|node| authorizer::read(reading, scope, node, api_id))
            .unwrap_or_default(),
        default: None,
        default_on_preflight: on_preflight(reading, map, "AddDefaultAuthorizerToCorsPreflight"),
        api_key_required: shape::flag(&mut reading.findings, map, "ApiKeyRequired"),
        key_on_preflight: on_preflight(reading, map, "AddApiKeyRequiredToCorsPreflight"),
        resource_policy: map.get("ResourcePolicy").cloned(),
    };
    if let Some(node) = map.get("DefaultAuthorizer")
        && let Some(name) = shape::text(&mut reading.findings, node)
    {
        auth.default = named(reading, &auth, (&name, &node.place()), None);
    }
    auth
}

/// SAM asks of a preflight what it asks of other methods, unless it is told not to.
fn on_preflight(reading: &mut Reading<'_>, map: &Map, key: &str) -> bool {
    map.get(key).and_then(|node| shape::boolean(&mut reading.findings, node)).unwrap_or(true)
}

/// Reads the `Auth` of an event.
pub(super) fn read_own(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<OwnAuth> {
    let node = intrinsics::resolve(reading, scope, node)?;
    let map = shape::map(&mut reading.findings, &node)?;
    vocabulary::check(&mut reading.findings, map, "`Auth`", OWN_AUTH);
    let authorizer = map.get("Authorizer").filter(|node| !node.says_no());
    let authorizer = authorizer.and_then(|node| Some((shape::text(&mut reading.findings, node)?, node.place())));
    let scopes = map.get("AuthorizationScopes").filter(|node| !node.says_no());
    if let (Some(scopes), None) = (scopes, &authorizer) {
        let message = "`AuthorizationScopes` works only beside `Authorizer`";
        reading.findings.error(&scopes.place(), message);
    }
    let key = map.get("ApiKeyRequired");
    Some(OwnAuth {
        authorizer,
        scopes: scopes.map(|node| shape::texts(&mut reading.findings, node)),
        api_key_required: key.and_then(|node| shape::boolean(&mut reading.findings, node)),
        overrides: shape::flag(&mut reading.findings, map, "OverrideApiAuth"),
        resource_policy: map.get("ResourcePolicy").cloned(),
        place: Some(node.place()),
    })
}

/// Puts on a method what its API asks.
pub(super) fn protect(auth: &Auth, method: &mut Method) {
    let is_preflight = method.http_method == HttpMethod::Options;
    method.api_key_required |= auth.api_key_required && (auth.key_on_preflight || !is_preflight);
    let asks = auth.default.as_ref().filter(|_| auth.default_on_preflight || !is_preflight);
    if let (Some(default), Authorization::None) = (asks, &method.authorization) {
        method.authorization = default.clone();
    }
}

/// Puts on a method what its event asks, and what its API asks where the event is silent.
pub(super) fn protect_route(reading: &mut Reading<'_>, auth: &Auth, own: &OwnAuth, method: &mut Method) {
    protect(auth, method);
    if let Some(required) = own.api_key_required {
        method.api_key_required = required;
    }
    authorize(reading, auth, own, method);
}

/// The same for a method of the API's own definition, where SAM looks at the event only when it is told to.
pub(super) fn protect_defined(reading: &mut Reading<'_>, auth: &Auth, own: &OwnAuth, method: &mut Method) {
    let Some(place) = &own.place else { return };
    if own.overrides {
        authorize(reading, auth, own, method);
    }
    let names_authorizer = own.authorizer.is_some() && !own.overrides;
    let asks_more = own.api_key_required == Some(true) && !method.api_key_required
        || own.resource_policy.is_some()
        || names_authorizer && method.authorization == Authorization::None;
    if asks_more || names_authorizer {
        let message = "the API has a definition of its own, so SAM does not look at this `Auth`";
        let help = "say it in that definition; `OverrideApiAuth: true` makes `Authorizer` count here";
        let finding = if asks_more { Diagnostic::error(place, message) } else { Diagnostic::warning(place, message) };
        reading.findings.push(finding.help(help));
    }
}

fn authorize(reading: &mut Reading<'_>, auth: &Auth, own: &OwnAuth, method: &mut Method) {
    let Some((name, place)) = &own.authorizer else { return };
    if name == "NONE" {
        if auth.default.is_none() {
            let message = "`NONE` has no meaning without a `DefaultAuthorizer` of the API, and SAM refuses it";
            reading.findings.push(Diagnostic::error(place, message).help("take it out: nothing is asked of callers"));
        }
        method.authorization = Authorization::None;
    } else if let Some(authorization) = named(reading, auth, (name, place), own.scopes.as_deref()) {
        method.authorization = authorization;
    }
}

/// What an authorizer's name asks of a caller.
fn named(
    reading: &mut Reading<'_>,
    auth: &Auth,
    (name, place): (&str, &Place),
    scopes: Option<&[String]>,
) -> Option<Authorization> {
    if name == "AWS_IAM" {
        return Some(Authorization::Iam);
    }
    if let Some(authorizer) = auth.authorizers.iter().find(|authorizer| authorizer.name == name) {
        return authorizer::authorization(authorizer, scopes);
    }
    let mut unknown = Diagnostic::error(place, format!("no authorizer of the API is called `{}`", shape::brief(name)));
    let known = auth.authorizers.iter().map(|authorizer| authorizer.name.as_str()).chain(["AWS_IAM"]);
    unknown.help =
        spelling::suggestion(name, known).or_else(|| Some("declare it below `Auth.Authorizers` of the API".to_owned()));
    reading.findings.push(unknown);
    None
}
