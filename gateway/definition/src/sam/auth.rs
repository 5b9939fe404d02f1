//! `Auth` of an API: what SAM asks of a caller of each method.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html>

use crate::{
    document::Map,
    intrinsics::{self, Scope},
    read::Reading,
    resources::{HttpMethod, Method},
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, Read, Silent},
        Vocabulary,
    },
};

const AUTH: &Vocabulary = &[
    ("AddApiKeyRequiredToCorsPreflight", Read),
    ("AddDefaultAuthorizerToCorsPreflight", Silent),
    ("ApiKeyRequired", Read),
    ("Authorizers", Guard),
    ("DefaultAuthorizer", Guard),
    // The role that API Gateway assumes to call the functions.
    ("InvokeRole", Silent),
    ("ResourcePolicy", Guard),
    ("UsagePlan", Read),
];

/// What an API asks of every caller.
#[derive(Debug, Default)]
pub(super) struct Auth {
    api_key_required: bool,
    /// Whether preflights ask for a key like other methods.
    key_on_preflight: bool,
}

/// What the event of a method asks in place of that.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnAuth {
    pub(super) api_key_required: Option<bool>,
}

/// Reads the `Auth` of an API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, properties: &Map) -> Auth {
    let Some(node) = properties.get("Auth").and_then(|node| intrinsics::resolve(reading, scope, node)) else {
        return Auth::default();
    };
    let Some(map) = shape::map(&mut reading.findings, &node) else { return Auth::default() };
    vocabulary::check(&mut reading.findings, map, "`Auth`", AUTH);
    Auth {
        api_key_required: shape::flag(&mut reading.findings, map, "ApiKeyRequired"),
        key_on_preflight: on_preflight(reading, map, "AddApiKeyRequiredToCorsPreflight"),
    }
}

/// SAM asks of a preflight what it asks of other methods, unless it is told not to.
fn on_preflight(reading: &mut Reading<'_>, map: &Map, key: &str) -> bool {
    map.get(key).and_then(|node| shape::boolean(&mut reading.findings, node)).unwrap_or(true)
}

/// Puts on a method what its API asks.
pub(super) fn protect(auth: &Auth, method: &mut Method) {
    let is_preflight = method.http_method == HttpMethod::Options;
    method.api_key_required |= auth.api_key_required && (auth.key_on_preflight || !is_preflight);
}

/// Puts on a method what its event asks, and what its API asks where the event is silent.
pub(super) fn protect_route(auth: &Auth, own: &OwnAuth, method: &mut Method) {
    protect(auth, method);
    if let Some(required) = own.api_key_required {
        method.api_key_required = required;
    }
}
