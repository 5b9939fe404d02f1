//! A method of the REST API from an `http` event: an `AWS::ApiGateway::Method`.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/events/apigateway>

use super::{
    event::{Http, Kind},
    keys, make, naming, request, response,
};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    shape,
};

/// What methods refer to.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    /// `RestApiId`
    pub(super) api: &'a Node,
    /// `ResourceId`
    pub(super) resource: &'a Node,
    /// `RequestValidatorId`, if the method turns out to need one.
    pub(super) validator: &'a Node,
    /// The path's name in logical ids.
    pub(super) path_name: &'a str,
    /// Schemas that the provider names.
    pub(super) schemas: Option<&'a Map>,
}

/// Makes a method and its models; whether it needs the request validator is told by the method.
pub(super) fn read(reading: &mut Reading<'_>, http: &Http, around: &Surroundings<'_>, resources: &mut Map) {
    let at = &http.at;
    let logical_id = naming::method(around.path_name, &http.method);
    let request = settings(reading, http, ("request", request::REQUEST));
    let response = settings(reading, http, ("response", response::RESPONSE));
    let parameters = request::parameters(reading, &request);
    let models = request::models(reading, (http, &request), (around, &logical_id), resources);
    let validates = parameters.iter().any(|parameter| parameter.required) || models.is_some();
    let responses = response::read(reading, http, &response);
    let integration = integration(reading, http, (&request, &response, &parameters, &responses));
    let authorizer = http.authorizer.as_ref();
    let authorization = authorizer.map_or("NONE", |authorizer| authorizer.kind);
    let declared = parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.declaration()));
    let properties = [
        ("ApiKeyRequired", http.keys.get("private").cloned().filter(|node| !matches!(node.value, Value::Null))),
        ("AuthorizationScopes", authorizer.and_then(|authorizer| authorizer.scopes.clone())),
        ("AuthorizationType", Some(make::text(at, authorization))),
        ("AuthorizerId", authorizer.and_then(|authorizer| authorizer.id.clone())),
        ("HttpMethod", Some(make::text(&http.method_node, http.method.as_str()))),
        ("Integration", Some(integration)),
        ("MethodResponses", http.kind.maps().then(|| response::declared(&responses, at))),
        ("OperationName", http.keys.get("operationId").cloned()),
        ("RequestModels", models),
        ("RequestParameters", Some(make::map(at, declared))),
        ("RequestValidatorId", validates.then(|| around.validator.clone())),
        ("ResourceId", Some(around.resource.clone())),
        ("RestApiId", Some(around.api.clone())),
    ];
    let node = make::resource(at, "AWS::ApiGateway::Method", properties);
    resources.entries.insert(logical_id, Entry { key: at.spot, node });
}

/// `request` or `response` of an event.
fn settings(reading: &mut Reading<'_>, http: &Http, (key, vocabulary): (&str, &crate::vocabulary::Vocabulary)) -> Map {
    let Some(node) = http.keys.get(key).filter(|node| !node.says_no()) else { return Map::default() };
    let Some(map) = shape::map(&mut reading.findings, node) else { return Map::default() };
    keys::check(reading, map, (&format!("`{key}`"), vocabulary));
    map.clone()
}

type Parts<'a> = (&'a Map, &'a Map, &'a [request::Parameter], &'a [response::Response]);

fn integration(reading: &mut Reading<'_>, http: &Http, (request, response, parameters, responses): Parts<'_>) -> Node {
    let at = &http.at;
    pass_over(reading, http, (request, response));
    let streamed = response.get("transferMode").and_then(Node::as_text) == Some("STREAM");
    let transfer = if streamed { make::Transfer::Streamed } else { make::Transfer::Whole };
    let function = make::attribute(at, &naming::function(&http.function), "Arn");
    let own_method = request.get("method").cloned().unwrap_or_else(|| make::text(at, http.method.as_str()));
    let (uri, verb) = match http.kind {
        Kind::Aws | Kind::AwsProxy => (Some(make::invocation(at, function, transfer)), Some(make::text(at, "POST"))),
        Kind::Http | Kind::HttpProxy => (uri(reading, http, request), Some(own_method)),
        Kind::Mock => (None, None),
    };
    let maps = http.kind.maps();
    let mapped = match http.kind {
        Kind::AwsProxy | Kind::Mock => None,
        Kind::Aws | Kind::Http | Kind::HttpProxy => request::mapped(parameters, http),
    };
    let templates = maps.then(|| request::templates(reading, http, request)).flatten();
    let properties = [
        ("ConnectionId", http.keys.get("connectionId").cloned()),
        ("ConnectionType", connection_type(http)),
        ("ContentHandling", request.get("contentHandling").filter(|_| maps).cloned()),
        ("IntegrationHttpMethod", verb),
        ("IntegrationResponses", maps.then(|| response::integration(responses, at))),
        ("PassthroughBehavior", passthrough(http, request)),
        ("RequestParameters", mapped),
        ("RequestTemplates", templates),
        ("ResponseTransferMode", response.get("transferMode").cloned()),
        ("TimeoutInMillis", http.keys.get("timeoutInMillis").cloned()),
        ("Type", Some(make::text(at, http.kind.as_str()))),
        ("Uri", uri),
    ];
    make::map(at, properties.into_iter().filter_map(|(key, node)| Some((key, node?))))
}

/// A function that gets whole requests and gives whole answers takes no mapping: Serverless drops it.
fn pass_over(reading: &mut Reading<'_>, http: &Http, (request, response): (&Map, &Map)) {
    if http.kind.maps() {
        return;
    }
    let taken: &[&str] = match http.kind {
        Kind::HttpProxy => &["method", "parameters", "schema", "schemas", "uri"],
        Kind::AwsProxy | Kind::Aws | Kind::Http | Kind::Mock => &["parameters", "schema", "schemas"],
    };
    let dropped = request.entries.iter().filter(|(key, _)| !taken.contains(&key.as_str()));
    let dropped = dropped.chain(response.entries.iter().filter(|(key, _)| *key != "transferMode"));
    for (key, entry) in dropped {
        let kind = http.kind.as_str();
        let message = format!("`{key}` says nothing to an integration of type `{kind}`, and Serverless drops it");
        let help = "write `integration: lambda` to map requests and responses";
        reading.findings.push(Diagnostic::warning(&entry.key_place(), message).help(help));
    }
}

fn uri(reading: &mut Reading<'_>, http: &Http, request: &Map) -> Option<Node> {
    let uri = request.get("uri").filter(|node| !node.says_no());
    if uri.is_none() {
        let message = format!("an integration of type `{}` needs `request: {{uri: ..}}`", http.kind.as_str());
        reading.findings.error(&http.at.place(), message);
        // What is missing is said once.
        return Some(http.at.with(Value::Unresolved));
    }
    uri.cloned()
}

fn connection_type(http: &Http) -> Option<Node> {
    let node = http.keys.get("connectionType")?;
    Some(make::text(node, node.as_text()?.to_ascii_uppercase().replace('-', "_")))
}

/// A function behind templates takes what has a template; servers take anything.
fn passthrough(http: &Http, request: &Map) -> Option<Node> {
    let own = request.get("passThrough").filter(|_| http.kind.maps()).cloned();
    own.or_else(|| (http.kind == Kind::Aws).then(|| make::text(&http.at, "NEVER")))
}
