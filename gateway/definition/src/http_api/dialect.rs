//! Which kind of API an OpenAPI document by itself describes: nothing in it says so, but the extensions of HTTP APIs are
//! their own. Whatever has none of them, or some that only REST APIs have, is a REST API.

use crate::document::{Map, Node};

/// What only REST APIs have at the top of a document.
const REST: [&str; 7] = [
    "swagger",
    "x-amazon-apigateway-api-key-source",
    "x-amazon-apigateway-binary-media-types",
    "x-amazon-apigateway-gateway-responses",
    "x-amazon-apigateway-minimum-compression-size",
    "x-amazon-apigateway-policy",
    "x-amazon-apigateway-request-validators",
];

/// What a part of a document says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Http,
    Rest,
}

/// Whether a document describes an HTTP API.
pub(crate) fn is_http(root: &Node) -> bool {
    let Some(map) = root.as_map() else { return false };
    let has = |key: &&str| map.get(key).is_some();
    // Exports of HTTP APIs alone say which version of exports they are.
    let own = ["x-amazon-apigateway-cors", "x-amazon-apigateway-importexport-version"].iter().any(&has);
    let mut signs: Vec<Sign> = own.then_some(Sign::Http).into_iter().collect();
    signs.extend(REST.iter().any(has).then_some(Sign::Rest));
    if let Some(components) = map.get("components").and_then(Node::as_map) {
        signs.extend(components.get("x-amazon-apigateway-integrations").map(|_| Sign::Http));
        let schemes = components.get("securitySchemes").and_then(Node::as_map);
        signs.extend(schemes.into_iter().flat_map(Map::iter).filter_map(|(_, entry)| scheme(entry.node.as_map()?)));
    }
    for (path, entry) in map.get("paths").and_then(Node::as_map).into_iter().flat_map(Map::iter) {
        signs.extend((path.trim_start_matches('/') == "$default").then_some(Sign::Http));
        let operations = entry.node.as_map().into_iter().flat_map(Map::iter);
        signs.extend(operations.filter_map(|(_, entry)| operation(entry.node.as_map()?)));
    }
    signs.contains(&Sign::Http) && !signs.contains(&Sign::Rest)
}

fn scheme(scheme: &Map) -> Option<Sign> {
    let authorizer = scheme.get("x-amazon-apigateway-authorizer")?.as_map()?;
    let kind = authorizer.get("type").and_then(Node::as_text).unwrap_or_default();
    if kind.eq_ignore_ascii_case("token") || kind.eq_ignore_ascii_case("cognito_user_pools") {
        return Some(Sign::Rest);
    }
    let own = ["jwtConfiguration", "authorizerPayloadFormatVersion", "enableSimpleResponses"];
    own.iter().any(|key| authorizer.get(key).is_some()).then_some(Sign::Http)
}

fn operation(operation: &Map) -> Option<Sign> {
    let integration = operation.get("x-amazon-apigateway-integration")?.as_map()?;
    let kind = integration.get("type").and_then(Node::as_text).unwrap_or_default();
    let custom = ["aws", "http", "mock"].iter().any(|name| kind.eq_ignore_ascii_case(name));
    if custom || integration.get("requestTemplates").is_some() {
        return Some(Sign::Rest);
    }
    let format = integration.get("payloadFormatVersion").and_then(Node::as_text);
    // A REST API has 1.0 and need not say so.
    let own = matches!(format, Some("2.0" | "2")) || integration.get("integrationSubtype").is_some();
    own.then_some(Sign::Http)
}
