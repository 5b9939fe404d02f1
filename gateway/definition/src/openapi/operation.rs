//! Path items and operations: the methods of a resource.

use super::{
    Api, follow, integration, integration::Declared, models, models::Models, parameters, security, validators,
};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node},
    read::Reading,
    resource_tree::ResourceTree,
    resources::{HttpMethod, Method, MethodResponse},
    shape,
    vocabulary::{
        self,
        Treatment::{LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

pub(super) const ANY: &str = "x-amazon-apigateway-any-method";

/// The keys of a path item.
const PATH_ITEM: &Vocabulary = &[
    ("$ref", Read),
    ("summary", Silent),
    ("description", Silent),
    ("servers", Silent),
    ("parameters", Read),
    ("get", Read),
    ("put", Read),
    ("post", Read),
    ("delete", Read),
    ("options", Read),
    ("head", Read),
    ("patch", Read),
    ("trace", Read),
    (ANY, Read),
    ("x-amazon-apigateway-cors", Missing),
];

/// The keys of an operation.
const OPERATION: &Vocabulary = &[
    ("tags", Silent),
    ("summary", Silent),
    ("description", Silent),
    ("externalDocs", Silent),
    ("operationId", Read),
    ("parameters", Read),
    ("requestBody", Read),
    ("responses", Read),
    ("callbacks", Silent),
    ("deprecated", Silent),
    ("schemes", Silent),
    ("servers", Silent),
    // Swagger 2.0's, which AWS passes over in OpenAPI 3.0 and SAM itself writes.
    ("consumes", Silent),
    ("produces", Silent),
    ("security", Read),
    ("x-amazon-apigateway-auth", Read),
    ("x-amazon-apigateway-documentation", Silent),
    ("x-amazon-apigateway-integration", Read),
    ("x-amazon-apigateway-request-validator", Read),
];

/// The keys of a response.
const RESPONSE: &Vocabulary =
    &[("description", Silent), ("headers", Read), ("content", Read), ("links", Silent), ("schema", LeftOut)];

/// Reads the methods of one path into the tree.
pub(super) fn read_path(
    reading: &mut Reading<'_>,
    api: &Api<'_>,
    (tree, models): (&mut ResourceTree, &mut Models),
    (path, node): (&str, &Node),
) {
    let Some(node) = path_item(reading, api, node) else { return };
    let Some(map) = shape::map(&mut reading.findings, node) else { return };
    vocabulary::check_extensible(&mut reading.findings, map, "a path", PATH_ITEM);
    for (key, entry) in map.iter() {
        if key == "trace" {
            reading.findings.warn(&entry.key_place(), "AWS has no methods for `TRACE`; this one is left out");
        }
        let verb = match key {
            ANY => Some(HttpMethod::Any),
            "get" | "put" | "post" | "delete" | "options" | "head" | "patch" => HttpMethod::parse(key),
            _ => None,
        };
        let Some(http_method) = verb else { continue };
        if let Some(method) = read_method(reading, api, models, ((path, map), entry, http_method)) {
            tree.add_method(&mut reading.findings, path, method);
        }
    }
}

/// What a path's `$ref` stands for, beside which nothing else may stand.
fn path_item<'a>(reading: &mut Reading<'_>, api: &Api<'a>, node: &'a Node) -> Option<&'a Node> {
    let map = node.as_map();
    if let Some((map, reference)) = map.and_then(|map| Some((map, map.get("$ref")?)))
        && map.single().is_none()
    {
        reading.findings.error(&reference.place(), "nothing may stand beside the `$ref` of a path");
        return None;
    }
    follow(reading, api.root, node)
}

fn read_method(
    reading: &mut Reading<'_>,
    api: &Api<'_>,
    models: &mut Models,
    (path, entry, http_method): ((&str, &Map), &Entry, HttpMethod),
) -> Option<Method> {
    let operation = shape::map(&mut reading.findings, &entry.node)?;
    vocabulary::check_extensible(&mut reading.findings, operation, "an operation", OPERATION);
    let operation_name = operation.get("operationId").and_then(|node| shape::text(&mut reading.findings, node));
    let method_responses = match operation.get("responses") {
        Some(responses) => read_responses(reading, api, models, responses),
        None => Vec::new(),
    };
    let Some(node) = operation.get("x-amazon-apigateway-integration") else {
        reading.findings.push(
            Diagnostic::error(&entry.key_place(), "the method has no integration")
                .help("say what answers: `x-amazon-apigateway-integration: {type: .., uri: ..}`"),
        );
        return None;
    };
    let security = security::read(reading, api, operation);
    let request_models = match operation.get("requestBody") {
        Some(body) => models::of_request_body(reading, api, models, body),
        None => IndexMap::new(),
    };
    let request_parameters = parameters::read(reading, api, path, operation);
    let declared = Declared { responses: &method_responses, parameters: &request_parameters };
    let integration = integration::read(reading, api.scope, node, &declared);
    let request_validation = validators::read(reading, &api.validators, (api.root, operation));
    let method = Method::new(http_method, integration?, entry.key_place());
    Some(Method {
        operation_name,
        authorization: security.authorization,
        api_key_required: security.api_key_required,
        request_parameters,
        request_models,
        request_validation,
        method_responses,
        ..method
    })
}

fn read_responses(reading: &mut Reading<'_>, api: &Api<'_>, models: &mut Models, node: &Node) -> Vec<MethodResponse> {
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
        let mut response = MethodResponse { status_code, headers: Vec::new(), models: IndexMap::new() };
        let node = follow(reading, api.root, &entry.node);
        if let Some(map) = node.and_then(|node| shape::map(&mut reading.findings, node)) {
            vocabulary::check_extensible(&mut reading.findings, map, "a response", RESPONSE);
            let headers = map.get("headers").and_then(|headers| shape::map(&mut reading.findings, headers));
            response.headers = headers.into_iter().flat_map(Map::iter).map(|(name, _)| name.to_owned()).collect();
            response.models = models::of_content(reading, api, models, map.get("content"));
        }
        responses.push(response);
    }
    responses
}

/// A status as AWS takes it: `[1-5]\d\d`.
pub(super) fn status_code(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (100..600).contains(status) && text.len() == 3)
}
