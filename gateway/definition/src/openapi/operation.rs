//! Path items and operations: the methods of a resource.

use super::{Api, follow, integration, security};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node},
    read::Reading,
    resource_tree::ResourceTree,
    resources::{HttpMethod, Method, MethodResponse},
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

pub(super) const ANY: &str = "x-amazon-apigateway-any-method";

/// The keys of a path item.
const PATH_ITEM: &Vocabulary = &[
    ("$ref", Missing),
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
    ("trace", Missing),
    (ANY, Read),
    ("x-amazon-apigateway-cors", Missing),
];

/// The keys of an operation. `parameters` and `requestBody` are checked on AWS only where a request validator asks
/// for it, and that is an error here.
const OPERATION: &Vocabulary = &[
    ("tags", Silent),
    ("summary", Silent),
    ("description", Silent),
    ("externalDocs", Silent),
    ("operationId", Read),
    ("parameters", Silent),
    ("requestBody", Silent),
    ("responses", Read),
    ("callbacks", Silent),
    ("deprecated", Silent),
    ("servers", Silent),
    // Swagger 2.0's, which AWS passes over in OpenAPI 3.0 and SAM itself writes.
    ("consumes", Silent),
    ("produces", Silent),
    ("security", Read),
    ("x-amazon-apigateway-auth", Read),
    ("x-amazon-apigateway-documentation", Silent),
    ("x-amazon-apigateway-integration", Read),
    ("x-amazon-apigateway-request-validator", Guard),
];

/// The keys of a response.
const RESPONSE: &Vocabulary =
    &[("description", Silent), ("headers", Read), ("content", Silent), ("links", Silent), ("schema", LeftOut)];

/// Reads the methods of one path into the tree.
pub(super) fn read_path(
    reading: &mut Reading<'_>,
    api: &Api<'_>,
    tree: &mut ResourceTree,
    (path, node): (&str, &Node),
) {
    let Some(map) = shape::map(&mut reading.findings, node) else { return };
    vocabulary::check_extensible(&mut reading.findings, map, "a path", PATH_ITEM);
    for (key, entry) in map.iter() {
        let verb = match key {
            ANY => Some(HttpMethod::Any),
            "get" | "put" | "post" | "delete" | "options" | "head" | "patch" => HttpMethod::parse(key),
            _ => None,
        };
        let Some(http_method) = verb else { continue };
        if let Some(method) = read_method(reading, api, entry, http_method) {
            tree.add_method(&mut reading.findings, path, method);
        }
    }
}

fn read_method(reading: &mut Reading<'_>, api: &Api<'_>, entry: &Entry, http_method: HttpMethod) -> Option<Method> {
    let operation = shape::map(&mut reading.findings, &entry.node)?;
    vocabulary::check_extensible(&mut reading.findings, operation, "an operation", OPERATION);
    let operation_name = operation.get("operationId").and_then(|node| shape::text(&mut reading.findings, node));
    let method_responses = match operation.get("responses") {
        Some(responses) => read_responses(reading, api.root, responses),
        None => Vec::new(),
    };
    let Some(node) = operation.get("x-amazon-apigateway-integration") else {
        reading.findings.push(
            Diagnostic::error(&entry.key_place(), "the method has no integration")
                .help("say what answers: `x-amazon-apigateway-integration: {type: .., uri: ..}`"),
        );
        return None;
    };
    let integration = integration::read(reading, api.scope, node, &method_responses);
    let security = security::read(reading, api, operation);
    let method = Method::new(http_method, integration?, entry.key_place());
    Some(Method {
        operation_name,
        authorization: security.authorization,
        api_key_required: security.api_key_required,
        method_responses,
        ..method
    })
}

fn read_responses(reading: &mut Reading<'_>, document: &Map, node: &Node) -> Vec<MethodResponse> {
    let mut responses = Vec::new();
    for (key, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        if key.starts_with("x-") || key == "default" {
            continue; // `default` declares no status, and API Gateway makes no method response of it.
        }
        let Some(status_code) = status_code(key) else {
            let message = format!("`{}` is no status of a response", shape::brief(key));
            reading.findings.push(Diagnostic::error(&entry.key_place(), message).help("write a number such as `200`"));
            continue;
        };
        let headers = read_headers(reading, document, &entry.node);
        responses.push(MethodResponse { status_code, headers, models: IndexMap::new() });
    }
    responses
}

fn read_headers(reading: &mut Reading<'_>, document: &Map, response: &Node) -> Vec<String> {
    let Some(response) = follow(reading, document, response) else { return Vec::new() };
    let Some(map) = shape::map(&mut reading.findings, response) else { return Vec::new() };
    vocabulary::check_extensible(&mut reading.findings, map, "a response", RESPONSE);
    let Some(headers) = map.get("headers") else { return Vec::new() };
    let headers = shape::map(&mut reading.findings, headers).into_iter().flat_map(Map::iter);
    headers.map(|(name, _)| name.to_owned()).collect()
}

/// A status as AWS takes it: `[1-5]\d\d`.
pub(super) fn status_code(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (100..600).contains(status) && text.len() == 3)
}
