//! `AWS::Serverless::Api`.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html>

use super::{IMPLICIT_API, IMPLICIT_STAGE, auth, auth::Auth, cors, event::Route, resource_policy, text_property};
use crate::{
    Diagnostic, Place,
    cloudformation::Declared,
    document::{Map, Node},
    endpoint_configuration,
    intrinsics::{self, Scope},
    limits,
    openapi::{self, Document, Identity},
    read::Reading,
    resources::HttpMethod,
    resources::{Integration, IntegrationKind, Method, RestApi, Stage, TemplateText},
    shape,
    vocabulary::{
        self,
        Treatment::{Guard, LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const API: &Vocabulary = &[
    ("AccessLogSetting", LeftOut),
    ("AlwaysDeploy", Silent),
    ("ApiKeySourceType", LeftOut),
    ("Auth", Read),
    ("BinaryMediaTypes", Read),
    ("CacheClusterEnabled", LeftOut),
    ("CacheClusterSize", Silent),
    ("CanarySetting", Missing),
    ("Cors", Read),
    ("DefinitionBody", Read),
    ("DefinitionUri", Read),
    ("Description", Silent),
    ("DisableExecuteApiEndpoint", Guard),
    ("Domain", Missing),
    ("EndpointAccessMode", Guard),
    ("EndpointConfiguration", Read),
    ("FailOnWarnings", Silent),
    ("GatewayResponses", Missing),
    ("MergeDefinitions", Read),
    ("MethodSettings", Read),
    ("MinimumCompressionSize", LeftOut),
    ("Mode", Silent),
    // Models guard nothing until an event asks for one.
    ("Models", Silent),
    ("Name", Read),
    ("OpenApiVersion", Silent),
    ("Policy", Guard),
    ("PropagateTags", Silent),
    ("SecurityPolicy", Guard),
    ("StageName", Read),
    ("Tags", Silent),
    ("TracingEnabled", LeftOut),
    ("Variables", Read),
    ("__MANAGE_SWAGGER", Silent),
];

const METHOD_SETTING: &Vocabulary = &[
    ("CacheDataEncrypted", LeftOut),
    ("CacheTtlInSeconds", LeftOut),
    ("CachingEnabled", LeftOut),
    ("DataTraceEnabled", LeftOut),
    ("HttpMethod", Silent),
    ("LoggingLevel", LeftOut),
    ("MetricsEnabled", LeftOut),
    ("ResourcePath", Silent),
    ("ThrottlingBurstLimit", Guard),
    ("ThrottlingRateLimit", Guard),
];

/// `StageName`, or the one that the options give in its place.
pub(super) fn stage_name(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) -> Option<String> {
    let node = declared.properties.get("StageName");
    let written = text_property(reading, scope, node);
    let (Some(node), Some(written)) = (node, written) else {
        if node.is_none() {
            reading
                .findings
                .push(Diagnostic::error(&declared.place, "the API has no `StageName`").help("write `StageName: Prod`"));
        }
        return None;
    };
    let valid = (1..=128).contains(&written.len())
        && written.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !valid {
        let message = format!("`{}` is no name of a stage", shape::brief(&written));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("letters, digits, `-` and `_`"));
        return None;
    }
    Some(reading.options.stage.clone().unwrap_or(written))
}

/// Reads an API with the routes that events add to it.
pub(super) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    declared: &Declared,
    routes: Vec<Route>,
) -> Option<RestApi> {
    let Some(intrinsics::Target::Api { id, stage }) = scope.targets.get(&declared.logical_id) else { return None };
    let api = Api { logical_id: &declared.logical_id, id, place: &declared.place, properties: &declared.properties };
    build(reading, scope, &api, (routes, stage.clone()?))
}

/// Makes the API of events that name none.
pub(super) fn implicit(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (properties, place, id): (&Map, &Place, &str),
    routes: Vec<Route>,
) -> Option<RestApi> {
    let api = Api { logical_id: IMPLICIT_API, id, place, properties };
    let stage = reading.options.stage.clone().unwrap_or_else(|| IMPLICIT_STAGE.to_owned());
    build(reading, scope, &api, (routes, stage))
}

/// An API as it is declared, by itself or by events.
struct Api<'a> {
    logical_id: &'a str,
    id: &'a str,
    place: &'a Place,
    properties: &'a Map,
}

fn build(
    reading: &mut Reading<'_>,
    scope: &Scope,
    api: &Api<'_>,
    (routes, stage): (Vec<Route>, String),
) -> Option<RestApi> {
    let auth = auth::read(reading, scope, (api.properties, api.id));
    let policies = own_policies(&routes, &stage);
    let mut document = read_definition(reading, scope, api, (routes, &auth))?;
    if let Some(node) = api.properties.get("Cors").and_then(|node| intrinsics::resolve(reading, scope, node)) {
        cors::add(reading, &mut document.tree, &node, &auth);
    }
    if let Some(policy) = policy(reading, &document, (&auth, &policies), &stage) {
        document.policy = Some(policy);
    }
    document.authorizers.extend(auth.authorizers.into_iter().filter_map(|named| named.authorizer));
    finish(reading, scope, api, (document, stage))
}

fn read_definition(
    reading: &mut Reading<'_>,
    scope: &Scope,
    api: &Api<'_>,
    (routes, auth): (Vec<Route>, &Auth),
) -> Option<Document> {
    let before = reading.findings.errors();
    vocabulary::check(&mut reading.findings, api.properties, "an API", API);
    let endpoint = api.properties.get("EndpointConfiguration");
    if let Some(node) = endpoint.and_then(|node| intrinsics::resolve(reading, scope, node)) {
        endpoint_configuration::check_sam(reading, &node);
    }
    check_method_settings(reading, scope, api.properties);
    let (body, uri) = (api.properties.get("DefinitionBody"), api.properties.get("DefinitionUri"));
    let own = match (body, uri) {
        (Some(_), Some(uri)) => {
            reading.findings.error(&uri.place(), "`DefinitionUri` stands beside `DefinitionBody`; SAM takes one");
            return None;
        }
        (Some(body), None) => Some(intrinsics::resolve(reading, scope, body)?),
        (None, Some(uri)) => Some(read_file(reading, scope, uri)?),
        (None, None) => None,
    };
    if own.is_some() {
        check_inline(reading, api.properties);
    }
    // The second is what the first version of SAM's own tools left in packaged templates.
    let merges = ["MergeDefinitions", "__MANAGE_SWAGGER"].iter().any(|key| {
        let node = api.properties.get(key);
        node.and_then(|node| shape::boolean(&mut reading.findings, node)).unwrap_or(false)
    });
    let mut document = match &own {
        Some(own) => openapi::document(reading, scope, api.id, own)?,
        None => Document::default(),
    };
    document.tree.methods_mut().for_each(|method| auth::protect(auth, method));
    for route in routes {
        if own.is_some() && !merges {
            check_route(reading, (&mut document, api.logical_id), auth, &route);
        } else {
            add_route(reading, &mut document, route, auth);
        }
    }
    openapi::check_methods(reading, &document, api.place, before);
    Some(document)
}

/// The resource policies of events, each with the method that it is about.
fn own_policies(routes: &[Route], stage: &str) -> Vec<(Node, String)> {
    let policy = |route: &Route| {
        let resource = resource_policy::resource(stage, route.method, &route.path);
        Some((route.auth.resource_policy.clone()?, resource))
    };
    routes.iter().filter_map(policy).collect()
}

/// The resource policy of an API: its own about all methods, those of events about one method each.
fn policy(
    reading: &mut Reading<'_>,
    document: &Document,
    (auth, own): (&Auth, &[(Node, String)]),
    stage: &str,
) -> Option<TemplateText> {
    let mut statements = Vec::new();
    if let Some(node) = &auth.resource_policy {
        let methods = document
            .tree
            .resources()
            .flat_map(|resource| resource.methods.iter().map(|method| (method.http_method, resource.path.as_str())));
        let all: Vec<String> = methods.map(|(verb, path)| resource_policy::resource(stage, verb, path)).collect();
        statements.extend(resource_policy::statements(reading, node, &all));
    }
    for (node, resource) in own {
        statements.extend(resource_policy::statements(reading, node, std::slice::from_ref(resource)));
    }
    let node = auth.resource_policy.as_ref().or_else(|| own.first().map(|(node, _)| node))?;
    (!statements.is_empty()).then(|| resource_policy::policy(document.policy.as_ref(), statements, node))
}

/// SAM changes the paths that it sees in the template, so it refuses what changes them beside anything else.
fn check_inline(reading: &mut Reading<'_>, properties: &Map) {
    let body = properties.get("DefinitionBody").and_then(Node::as_map);
    let inline = body.is_some_and(|body| body.get("paths").is_some());
    for key in ["Auth", "Cors"] {
        if let (Some(node), false) = (properties.get(key).filter(|node| !node.says_no()), inline) {
            let message =
                format!("`{key}` works only beside a `DefinitionBody` that has `paths` in the template itself");
            reading.findings.error(&node.place(), message);
        }
    }
}

fn read_file(reading: &mut Reading<'_>, scope: &Scope, uri: &Node) -> Option<Node> {
    if uri.as_map().is_some_and(|map| intrinsics::intrinsic(map).is_none()) {
        let message = "a definition in S3 is not read";
        reading.findings.push(Diagnostic::error(&uri.place(), message).help("name a file beside the template"));
        return None;
    }
    let location = text_property(reading, scope, Some(uri))?;
    let node = intrinsics::include(reading, scope, uri, &location)?;
    reading.including.push(node.place().file);
    let resolved = intrinsics::resolve(reading, scope, &node);
    reading.including.pop();
    resolved
}

/// With a definition of its own, an API has the routes of that definition: SAM adds none to it.
fn check_route(reading: &mut Reading<'_>, (document, api): (&mut Document, &str), auth: &Auth, route: &Route) {
    if let Some(method) = document.tree.method_mut(&route.path, route.method) {
        auth::protect_defined(reading, auth, &route.auth, method);
        return;
    }
    let verb = route.method.as_str();
    let message = format!("`{verb} {}` is not in the definition of `{api}`, so AWS does not serve it", route.path);
    let help = "add it there, or set `MergeDefinitions: true`, or leave the definition out";
    reading.findings.push(Diagnostic::warning(&route.path_place, message).help(help));
}

fn add_route(reading: &mut Reading<'_>, document: &mut Document, route: Route, auth: &Auth) {
    let Route { path, method: http_method, function, timeout_ms, place, path_place, auth: own, .. } = route;
    let kind = IntegrationKind::LambdaProxy { function, http_method: HttpMethod::Post };
    let mut method = Method::new(http_method, Integration::new(kind, timeout_ms, place), path_place);
    auth::protect_route(reading, auth, &own, &mut method);
    document.tree.add_method(&mut reading.findings, &path, method);
}

fn finish(
    reading: &mut Reading<'_>,
    scope: &Scope,
    api: &Api<'_>,
    (mut document, stage): (Document, String),
) -> Option<RestApi> {
    if let Some(node) =
        api.properties.get("BinaryMediaTypes").and_then(|node| intrinsics::resolve(reading, scope, node))
    {
        for media_type in shape::texts(&mut reading.findings, &node) {
            // SAM writes `/` as `~1`, as in a JSON pointer.
            let media_type = media_type.replace("~1", "/");
            if !document.binary_media_types.contains(&media_type) {
                document.binary_media_types.push(media_type);
            }
        }
    }
    let name = text_property(reading, scope, api.properties.get("Name"));
    let variables = read_variables(reading, scope, api.properties.get("Variables"));
    let name = name.or_else(|| document.title.clone()).unwrap_or_else(|| scope.stack_name.clone());
    let identity = Identity { id: api.id.to_owned(), logical_id: api.logical_id.to_owned(), place: api.place.clone() };
    let stages = vec![Stage::new(stage, variables, api.place.clone())];
    Some(RestApi { name, ..document.rest_api(identity, stages) })
}

fn read_variables(reading: &mut Reading<'_>, scope: &Scope, node: Option<&Node>) -> IndexMap<String, String> {
    let Some(node) = node.and_then(|node| intrinsics::resolve(reading, scope, node)) else { return IndexMap::new() };
    let variables = shape::text_map(&mut reading.findings, &node);
    let name_letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let value_letters = |letter: char| letter.is_ascii_alphanumeric() || "-._~:/?#&=,".contains(letter);
    for (name, value) in &variables {
        let place = node.as_map().and_then(|map| map.get(name)).map_or_else(|| node.place(), Node::place);
        if name.is_empty() || name.len() > limits::STAGE_VARIABLE_NAME || !name.chars().all(name_letters) {
            let message = format!("`{}` is no name of a stage variable", shape::brief(name));
            reading.findings.push(Diagnostic::error(&place, message).help("up to 64 letters, digits and `_`"));
        }
        if value.len() > limits::STAGE_VARIABLE_VALUE || !value.chars().all(value_letters) {
            let message = format!("AWS refuses the value of the stage variable `{}`", shape::brief(name));
            let help = "up to 512 of `A-Za-z0-9-._~:/?#&=,`";
            reading.findings.push(Diagnostic::error(&place, message).help(help));
        }
    }
    if variables.len() > limits::STAGE_VARIABLES {
        let message = format!("{} stage variables; AWS takes {}", variables.len(), limits::STAGE_VARIABLES);
        reading.findings.error(&node.place(), message);
    }
    variables
}

fn check_method_settings(reading: &mut Reading<'_>, scope: &Scope, properties: &Map) {
    let Some(node) = properties.get("MethodSettings") else { return };
    let Some(node) = intrinsics::resolve(reading, scope, node) else { return };
    for setting in shape::list(&mut reading.findings, &node).unwrap_or_default() {
        if let Some(map) = shape::map(&mut reading.findings, setting) {
            vocabulary::check(&mut reading.findings, map, "a method setting", METHOD_SETTING);
        }
    }
}
