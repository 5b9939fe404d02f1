//! The REST API of a service's `http` events: the API itself, its paths, its stage.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/events/apigateway>

use super::{
    authorizer, cors,
    cors::Cors,
    event::Http,
    keys, make, method,
    method::Surroundings,
    naming, plugin,
    service::{INSTANCE, Service},
};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    shape, spelling,
    vocabulary::{
        Treatment::{Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const API_GATEWAY: &Vocabulary = &[
    ("apiKeys", Read),
    ("apiKeySourceType", Read),
    ("binaryMediaTypes", Read),
    ("description", Silent),
    ("disableDefaultEndpoint", Read),
    ("metrics", Silent),
    ("minimumCompressionSize", Read),
    ("request", Read),
    ("resourcePolicy", Read),
    ("restApiId", Read),
    ("restApiResources", Read),
    ("restApiRootResourceId", Read),
    ("shouldStartNameWithService", Read),
    ("stage", Read),
    ("timeoutInMillis", Read),
    ("usagePlan", Read),
    ("websocketApiDescription", Silent),
    ("websocketApiId", Silent),
];

const LOGS: &Vocabulary =
    &[("frameworkLambda", Silent), ("httpApi", Silent), ("lambda", Silent), ("restApi", Read), ("websocket", Silent)];

const REST_LOGS: &Vocabulary = &[
    ("accessLogging", Read),
    ("executionLogging", Read),
    ("format", Read),
    ("fullExecutionData", Read),
    ("level", Read),
    ("role", Silent),
    ("roleManagedExternally", Silent),
];

/// The access log of an API that names no format.
const LOG_FORMAT: &str = "requestId: $context.requestId, ip: $context.identity.sourceIp, \
     caller: $context.identity.caller, user: $context.identity.user, requestTime: $context.requestTime, \
     httpMethod: $context.httpMethod, resourcePath: $context.resourcePath, status: $context.status, \
     protocol: $context.protocol, responseLength: $context.responseLength";

/// How methods refer to the API.
#[derive(Debug)]
pub(super) struct Api {
    /// `RestApiId`
    pub(super) id: Node,
    root: Node,
}

/// The stage's name: that of the service unless the API has its own.
pub(super) fn stage_name(service: &Service) -> Node {
    let own = service.section("apiGateway").and_then(|section| section.get("stage"));
    own.unwrap_or(&service.stage_node).clone()
}

/// Makes the API and everything below it.
pub(super) fn read(reading: &mut Reading<'_>, service: &Service, events: &[Http], resources: &mut Map) -> Option<Api> {
    let empty = Map::default();
    let section = service.section("apiGateway").unwrap_or(&empty);
    keys::check(reading, section, ("`apiGateway`", API_GATEWAY));
    let at = match events.first() {
        Some(first) => first.at.clone(),
        None if plugin::makes_api(service.keys.get("plugins")) => service.at.clone(),
        None => return None,
    };
    let api = api(reading, (service, section), &at, resources);
    let paths = paths(reading, &api, events, resources);
    let validator_id = naming::validator(&service.name);
    let validator = make::reference(&at, &validator_id);
    let request = section.get("request").and_then(Node::as_map);
    let schemas = request.and_then(|request| request.get("schemas")).and_then(Node::as_map);
    let mut methods: IndexMap<(String, String), u32> = IndexMap::new();
    let mut preflights: IndexMap<String, Cors> = IndexMap::new();
    for http in events {
        let place = http.at.place();
        let key = (http.path.clone(), http.method.clone());
        if let Some(line) = methods.get(&key) {
            let message = format!("`{} /{}` is defined a second time", http.method, http.path);
            let help = format!("the first is in line {line}");
            reading.findings.push(Diagnostic::error(&place, message).help(help));
            continue;
        }
        methods.insert(key, place.line);
        let path_name = naming::path(&http.path);
        let resource = paths.get(&http.path).unwrap_or(&api.root);
        let around = Surroundings { api: &api.id, resource, validator: &validator, path_name: &path_name, schemas };
        method::read(reading, http, &around, resources);
        if let Some((id, made)) = http.authorizer.as_ref().and_then(|authorizer| authorizer.resource.as_ref()) {
            resources.entries.insert(id.clone(), authorizer::resource(made, &api.id));
        }
        if let Some(cors) = &http.cors {
            match preflights.get_mut(&http.path) {
                Some(known) => known.add(cors),
                None => {
                    preflights.insert(http.path.clone(), cors.clone());
                }
            }
        }
    }
    for (path, cors) in &preflights {
        // A method of its own answers what it will.
        if methods.contains_key(&(path.clone(), "OPTIONS".to_owned())) {
            continue;
        }
        let resource = paths.get(path).unwrap_or(&api.root);
        let (id, entry) = cors::preflight(cors, &naming::path(path), (&api.id, resource));
        resources.entries.insert(id, entry);
    }
    add_validator(&at, (&validator_id, &api), resources);
    add_deployment(reading, (service, &api), &at, resources);
    Some(api)
}

/// The API: the service's own, or one that it names.
fn api(reading: &mut Reading<'_>, (service, section): (&Service, &Map), at: &Node, resources: &mut Map) -> Api {
    if let Some(id) = section.get("restApiId").filter(|node| !node.says_no()) {
        let referred = id.as_map().and_then(Map::single).filter(|(name, _)| *name == "Ref");
        let root = section.get("restApiRootResourceId").filter(|node| !node.says_no());
        if let (Some(_), Some(root)) = (referred, root) {
            return Api { id: id.clone(), root: root.clone() };
        }
        if root.is_none() {
            let message = "`restApiId` needs `restApiRootResourceId` beside it";
            reading.findings.error(&id.place(), message);
        }
        let message = "the API of another stack is not on this machine: the service's routes are served by themselves";
        let help = "what the other stack protects it with is not served either";
        reading.findings.push(Diagnostic::warning(&id.place(), message).help(help));
    }
    let properties = properties(reading, (service, section), at);
    let node = make::resource(at, "AWS::ApiGateway::RestApi", properties);
    resources.entries.insert(naming::REST_API.to_owned(), Entry { key: at.spot, node });
    Api { id: make::reference(at, naming::REST_API), root: make::attribute(at, naming::REST_API, "RootResourceId") }
}

type Properties = [(&'static str, Option<Node>); 7];

fn properties(reading: &mut Reading<'_>, (service, section): (&Service, &Map), at: &Node) -> Properties {
    let name = match service.provider.get("apiName") {
        Some(name) => name.clone(),
        None if shape::flag(&mut reading.findings, section, "shouldStartNameWithService") => {
            make::text(at, format!("{}-{}", service.name, service.stage))
        }
        None => make::text(at, format!("{}-{}", service.stage, service.name)),
    };
    let policy = section.get("resourcePolicy").or_else(|| service.provider.get("resourcePolicy"));
    let policy = policy.filter(|node| !node.says_no()).map(|statements| {
        make::map(statements, [("Version", make::text(statements, "2012-10-17")), ("Statement", statements.clone())])
    });
    let upper = |node: &Node| node.as_text().map_or_else(|| node.clone(), |text| node.with_text(text.to_uppercase()));
    [
        ("ApiKeySourceType", section.get("apiKeySourceType").map(upper)),
        ("BinaryMediaTypes", section.get("binaryMediaTypes").cloned()),
        ("DisableExecuteApiEndpoint", section.get("disableDefaultEndpoint").cloned()),
        ("EndpointConfiguration", endpoint(reading, service)),
        ("MinimumCompressionSize", section.get("minimumCompressionSize").cloned()),
        ("Name", Some(name)),
        ("Policy", policy),
    ]
}

fn endpoint(reading: &mut Reading<'_>, service: &Service) -> Option<Node> {
    const KINDS: [&str; 3] = ["EDGE", "PRIVATE", "REGIONAL"];
    let kind = service.provider.get("endpointType");
    if let Some(node) = kind
        && let Some(text) = shape::text(&mut reading.findings, node)
        && !KINDS.contains(&text.to_ascii_uppercase().as_str())
    {
        let message = format!("unknown type `{}` of an endpoint", shape::brief(&text));
        let mut unknown = Diagnostic::error(&node.place(), message);
        unknown.help = spelling::suggestion(&text, KINDS);
        reading.findings.push(unknown);
    }
    let endpoints = service.provider.get("vpcEndpointIds");
    let at = kind.or(endpoints)?;
    let kinds = kind.map(|node| make::list(node, vec![node.clone()]));
    let entries = [("Types", kinds), ("VpcEndpointIds", endpoints.cloned())];
    Some(make::map(at, entries.into_iter().filter_map(|(key, node)| Some((key, node?)))))
}

/// Makes the parts of all paths; gives each path's id.
fn paths(reading: &mut Reading<'_>, api: &Api, events: &[Http], resources: &mut Map) -> IndexMap<String, Node> {
    let mut paths: IndexMap<String, Node> = IndexMap::new();
    let mut named: IndexMap<String, String> = IndexMap::new();
    for http in events.iter().filter(|http| !http.path.is_empty()) {
        let at = http.path_node.with(Value::Null);
        let mut path = String::new();
        let mut parent = api.root.clone();
        for part in http.path.split('/') {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(part);
            if let Some(known) = paths.get(&path) {
                parent = known.clone();
                continue;
            }
            let id = naming::resource(&naming::path(&path));
            if let Some(other) = named.insert(id.clone(), path.clone()) {
                let message =
                    format!("`/{other}` and `/{path}` are both called `{id}` in the template that Serverless makes");
                reading.findings.push(Diagnostic::error(&at.place(), message).help("one of them would get lost"));
                return paths;
            }
            let properties = [
                ("ParentId", Some(parent)),
                ("PathPart", Some(make::text(&at, part))),
                ("RestApiId", Some(api.id.clone())),
            ];
            let node = make::resource(&at, "AWS::ApiGateway::Resource", properties);
            resources.entries.insert(id.clone(), Entry { key: at.spot, node });
            parent = make::reference(&at, &id);
            paths.insert(path.clone(), parent.clone());
        }
    }
    paths
}

/// Makes the one validator, if a method asks for it.
fn add_validator(at: &Node, (id, api): (&str, &Api), resources: &mut Map) {
    let asks = |entry: &Entry| {
        let properties = entry.node.as_map().and_then(|map| map.get("Properties")).and_then(Node::as_map);
        properties.is_some_and(|properties| properties.get("RequestValidatorId").is_some())
    };
    if !resources.entries.values().any(asks) {
        return;
    }
    let properties = [
        ("RestApiId", Some(api.id.clone())),
        ("ValidateRequestBody", Some(make::text(at, "true"))),
        ("ValidateRequestParameters", Some(make::text(at, "true"))),
    ];
    let node = make::resource(at, "AWS::ApiGateway::RequestValidator", properties);
    resources.entries.insert(id.to_owned(), Entry { key: at.spot, node });
}

/// Makes the deployment, which makes the stage.
fn add_deployment(reading: &mut Reading<'_>, (service, api): (&Service, &Api), at: &Node, resources: &mut Map) {
    let properties = [
        ("RestApiId", Some(api.id.clone())),
        ("StageDescription", stage_description(reading, service)),
        ("StageName", Some(stage_name(service))),
    ];
    let node = make::resource(at, "AWS::ApiGateway::Deployment", properties);
    resources.entries.insert(format!("ApiGatewayDeployment{INSTANCE}"), Entry { key: at.spot, node });
}

/// What `provider.logs.restApi` says of the stage.
fn stage_description(reading: &mut Reading<'_>, service: &Service) -> Option<Node> {
    let logs = service.section("logs")?;
    keys::check(reading, logs, ("`logs`", LOGS));
    let node = logs.get("restApi").filter(|node| !node.says_no())?;
    let empty = Map::default();
    let map = node.as_map().unwrap_or(&empty);
    keys::check(reading, map, ("`restApi`", REST_LOGS));
    let mut wanted =
        |key: &str| map.get(key).is_none_or(|node| shape::boolean(&mut reading.findings, node) == Some(true));
    let (access, execution, data) = (wanted("accessLogging"), wanted("executionLogging"), wanted("fullExecutionData"));
    let format = map.get("format").cloned().unwrap_or_else(|| make::text(node, LOG_FORMAT));
    let level = map.get("level").filter(|_| execution).cloned();
    let level = level.unwrap_or_else(|| make::text(node, if execution { "INFO" } else { "OFF" }));
    let entries = [
        ("AccessLogSetting", access.then(|| make::map(node, [("Format", format)]))),
        ("DataTraceEnabled", Some(make::text(node, if data { "true" } else { "false" }))),
        ("LoggingLevel", Some(level)),
    ];
    Some(make::map(node, entries.into_iter().filter_map(|(key, node)| Some((key, node?)))))
}
