//! Compiles HTTP APIs and function URLs.

mod authorizer;
mod integration;
mod stage;

pub use stage::http_stage;

use crate::{
    deployment::{Deployment, Protocol},
    gateway_response::customisation::GatewayResponses,
    http_api::{
        self,
        authorize::Authorization,
        cors::{Cors, Origin},
        route::{Route, Routes},
    },
    media_type::BinaryMediaTypes,
    route::{Router, path_parameters},
};
use authorizer::Authorizers;
use fanlight_definition::{
    Diagnostic, Resources, Severity,
    resources::{self, HttpApi, HttpApiKind, HttpAuthorization, HttpRoute, RouteKey},
};
use http::{HeaderName, HeaderValue, header};
use std::sync::Arc;

/// Compiles one HTTP API or function URL of `resources`.
///
/// The deployment is `None` when any diagnostic is an error.
#[must_use]
pub fn http_api(api: &HttpApi, resources: &Resources) -> (Option<Deployment>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    super::access_log_formats(api.stages.iter().filter_map(|stage| stage.access_log_format.as_ref()), &mut diagnostics);
    let authorizers = authorizer::all(api, resources, &mut diagnostics);
    let mut routes = Routes::default();
    for (number, definition) in api.routes.iter().enumerate() {
        let compiled = route(api, (definition, number), (resources, &authorizers), &mut diagnostics);
        let key = match &definition.key {
            RouteKey::Default => None,
            RouteKey::Path { http_method, path } => Some((*http_method, path.as_str())),
        };
        if let Some(compiled) = compiled {
            routes.insert(key, compiled);
        }
    }
    let cors = api.cors.as_ref().map(cors);
    let broken = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let deployment = Deployment {
        id: super::deployment_id(&api.id, resources.revision.0),
        api_id: api.id.clone(),
        account_id: resources.account_id.clone(),
        region: resources.region.clone(),
        router: Router::default(),
        methods: Vec::new(),
        minimum_compression_size: None,
        binary_media_types: BinaryMediaTypes::default(),
        gateway_responses: GatewayResponses::default(),
        resource_policy: None,
        protocol: Protocol::Http(http_api::HttpApi { kind: api.kind, routes, cors }),
    };
    ((!broken).then_some(deployment), diagnostics)
}

fn route(
    api: &HttpApi,
    (definition, number): (&HttpRoute, usize),
    (resources, authorizers): (&Resources, &Authorizers),
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Route> {
    let integration = integration::compile((api, definition), resources, diagnostics);
    let authorization = authorization(api.kind, definition, authorizers, diagnostics);
    let path = definition.key.path();
    Some(Route {
        number,
        key: definition.key.to_string().into(),
        resource_path: path.unwrap_or("$default").into(),
        path_parameters: path.map(path_parameters).unwrap_or_default(),
        authorization: authorization?,
        integration: integration?,
    })
}

fn authorization(
    kind: HttpApiKind,
    definition: &HttpRoute,
    authorizers: &Authorizers,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Authorization> {
    let mut refuse = |authorizer: &str| {
        let message = format!("the route `{}` names no authorizer of its API: `{authorizer}`", definition.key);
        diagnostics.push(Diagnostic::error(&definition.place, message));
        None
    };
    match &definition.authorization {
        HttpAuthorization::None => Some(Authorization::None),
        HttpAuthorization::Iam => Some(Authorization::Iam(match kind {
            HttpApiKind::Api => crate::authorize::iam::EXECUTE_API,
            HttpApiKind::FunctionUrl => "lambda",
        })),
        HttpAuthorization::Lambda { authorizer } => match authorizers.get(authorizer) {
            Some(Some(authorizer::Compiled::Lambda(compiled))) => Some(Authorization::Lambda(Arc::clone(compiled))),
            Some(None) => None,
            Some(Some(authorizer::Compiled::Jwt(_))) | None => refuse(authorizer),
        },
        HttpAuthorization::Jwt { authorizer, scopes } => match authorizers.get(authorizer) {
            Some(Some(authorizer::Compiled::Jwt(compiled))) => {
                Some(Authorization::Jwt(Arc::clone(compiled), scopes.as_slice().into()))
            }
            Some(None) => None,
            Some(Some(authorizer::Compiled::Lambda(_))) | None => refuse(authorizer),
        },
    }
}

fn cors(definition: &resources::Cors) -> Cors {
    let list = |values: &[String]| HeaderValue::from_str(&values.join(",")).ok().filter(|_| !values.is_empty());
    let mut preflight: Vec<(HeaderName, HeaderValue)> = Vec::new();
    preflight.extend(list(&definition.allow_methods).map(|value| (header::ACCESS_CONTROL_ALLOW_METHODS, value)));
    preflight.extend(list(&definition.allow_headers).map(|value| (header::ACCESS_CONTROL_ALLOW_HEADERS, value)));
    preflight.extend(definition.max_age.map(|seconds| (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds))));
    Cors {
        origins: definition.allow_origins.iter().map(|origin| Origin::new(origin)).collect(),
        allow_credentials: definition.allow_credentials,
        expose_headers: list(&definition.expose_headers),
        preflight,
    }
}
