//! An OpenAPI 3.0 document as an HTTP API.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html>

use super::{cors, draft::Draft, integration, security, security::Scheme};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node},
    endpoint_configuration,
    intrinsics::Scope,
    openapi,
    read::Reading,
    resources::{HttpIntegration, HttpMethod, HttpRoute, RouteKey},
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

/// The keys of a document. AWS passes over those of REST APIs; what they would protect is not served without.
const ROOT: &Vocabulary = &[
    ("openapi", Read),
    ("info", Read),
    ("paths", Read),
    ("components", Read),
    ("security", Read),
    ("servers", Silent),
    ("tags", Silent),
    ("externalDocs", Silent),
    ("x-fanlight-functions", Read),
    ("x-amazon-apigateway-binary-media-types", Silent),
    ("x-amazon-apigateway-cors", Read),
    ("x-amazon-apigateway-documentation", Silent),
    ("x-amazon-apigateway-endpoint-configuration", Read),
    ("x-amazon-apigateway-gateway-responses", Missing),
    ("x-amazon-apigateway-importexport-version", Silent),
    ("x-amazon-apigateway-policy", Guard),
    ("x-amazon-apigateway-request-validator", Guard),
    ("x-amazon-apigateway-request-validators", Silent),
];

const ANY: &str = "x-amazon-apigateway-any-method";

const PATH_ITEM: &Vocabulary = &[
    ("summary", Silent),
    ("description", Silent),
    ("servers", Silent),
    ("parameters", Silent),
    ("get", Read),
    ("put", Read),
    ("post", Read),
    ("delete", Read),
    ("options", Read),
    ("head", Read),
    ("patch", Read),
    (ANY, Read),
];

/// An HTTP API looks at neither parameters nor bodies.
const OPERATION: &Vocabulary = &[
    ("tags", Silent),
    ("summary", Silent),
    ("description", Silent),
    ("externalDocs", Silent),
    ("operationId", Read),
    ("parameters", Silent),
    ("requestBody", Silent),
    ("responses", Silent),
    ("callbacks", Silent),
    ("deprecated", Silent),
    ("isDefaultRoute", Silent),
    ("servers", Silent),
    ("security", Read),
    ("x-amazon-apigateway-auth", Read),
    ("x-amazon-apigateway-documentation", Silent),
    ("x-amazon-apigateway-integration", Read),
    ("x-amazon-apigateway-request-validator", Guard),
];

/// Reads a document whose intrinsics are resolved into an API.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, draft: &mut Draft, root: &Node) -> Option<()> {
    if let Some(version) = root.as_map().and_then(|map| map.get("swagger")) {
        let message = "an HTTP API is imported from OpenAPI 3.0, not from Swagger 2.0";
        reading.findings.push(Diagnostic::error(&version.place(), message).help("write `openapi: 3.0.1`"));
        return None;
    }
    let normal = openapi::normal(reading, scope, root)?;
    let map = shape::map(&mut reading.findings, &normal)?;
    vocabulary::check_extensible(&mut reading.findings, map, "an OpenAPI document", ROOT);
    let info = map.get("info").and_then(|info| shape::map(&mut reading.findings, info));
    if let Some(title) = info.and_then(|info| info.get("title")) {
        draft.name = shape::text(&mut reading.findings, title).unwrap_or_default();
    }
    if let Some(node) = map.get("x-amazon-apigateway-cors") {
        draft.cors = cors::extension(reading, node);
    }
    if let Some(node) = map.get("x-amazon-apigateway-endpoint-configuration") {
        draft.disable_execute_api_endpoint |= endpoint_configuration::read_openapi(reading, node);
    }
    let schemes = security::schemes(reading, scope, &draft.id, map);
    let api = Api { scope, root: map, schemes: &schemes };
    let paths = map.get("paths").and_then(|paths| shape::map(&mut reading.findings, paths));
    for (path, entry) in paths.into_iter().flat_map(Map::iter).filter(|(path, _)| !path.starts_with("x-")) {
        for route in path_item(reading, &api, (path, entry)) {
            draft.add_route(reading, route);
        }
    }
    for scheme in schemes.into_values() {
        match scheme {
            Scheme::Authorizer(authorizer) => draft.authorizers.push(*authorizer),
            Scheme::Iam | Scheme::PassedOver(_) | Scheme::Broken => {}
        }
    }
    Some(())
}

/// What the parts of a document are read with.
struct Api<'a> {
    scope: &'a Scope,
    root: &'a Map,
    schemes: &'a IndexMap<String, Scheme>,
}

fn path_item(reading: &mut Reading<'_>, api: &Api<'_>, (path, entry): (&str, &Entry)) -> Vec<HttpRoute> {
    let mut routes = Vec::new();
    let node = openapi::follow(reading, api.root, &entry.node);
    let Some(map) = node.and_then(|node| shape::map(&mut reading.findings, node)) else { return routes };
    vocabulary::check_extensible(&mut reading.findings, map, "a path", PATH_ITEM);
    let is_default = path.trim_start_matches('/') == "$default";
    for (key, entry) in map.iter() {
        let http_method = match key {
            ANY => HttpMethod::Any,
            _ => match HttpMethod::parse(key).filter(|method| *method != HttpMethod::Any) {
                Some(method) => method,
                None => continue,
            },
        };
        let route_key = match is_default {
            true => RouteKey::Default,
            false => RouteKey::Path { http_method, path: path.to_owned() },
        };
        routes.extend(operation(reading, api, entry, route_key));
    }
    routes
}

fn operation(reading: &mut Reading<'_>, api: &Api<'_>, entry: &Entry, key: RouteKey) -> Option<HttpRoute> {
    let operation = shape::map(&mut reading.findings, &entry.node)?;
    vocabulary::check_extensible(&mut reading.findings, operation, "an operation", OPERATION);
    let operation_name = shape::text_of(&mut reading.findings, operation, "operationId");
    let authorization = security::read(reading, api.schemes, api.root, operation);
    let Some(node) = operation.get("x-amazon-apigateway-integration") else {
        reading.findings.push(
            Diagnostic::error(&entry.key_place(), "the route has no integration")
                .help("say what answers: `x-amazon-apigateway-integration: {type: .., uri: ..}`"),
        );
        return None;
    };
    let node = openapi::follow(reading, api.root, node)?;
    let integration: HttpIntegration = integration::read(reading, api.scope, node)?;
    Some(HttpRoute { key, operation_name, authorization, integration, place: entry.key_place() })
}
