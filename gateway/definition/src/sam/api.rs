//! `AWS::Serverless::Api`.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html>

use super::{
    IMPLICIT_API, IMPLICIT_STAGE, auth, auth::Auth, cors, event::Route, gateway_response, model, resource_policy,
    text_property,
};
use crate::{
    Diagnostic, Place,
    cloudformation::{Declared, draft::Draft, rest_api, stage},
    document::{Map, Node},
    intrinsics::{self, Scope},
    openapi::{self, Document, Identity},
    read::Reading,
    resources::HttpMethod,
    resources::{Integration, IntegrationKind, Method, Stage, TemplateText},
    shape,
    vocabulary::{
        self,
        Treatment::{LeftOut, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const API: &Vocabulary = &[
    ("AccessLogSetting", Read),
    ("AlwaysDeploy", Silent),
    ("ApiKeySourceType", Read),
    ("Auth", Read),
    ("BinaryMediaTypes", Read),
    ("CacheClusterEnabled", Read),
    ("CacheClusterSize", Silent),
    ("CanarySetting", Read),
    ("Cors", Read),
    ("DefinitionBody", Read),
    ("DefinitionUri", Read),
    ("Description", Silent),
    ("DisableExecuteApiEndpoint", Read),
    ("Domain", Read),
    ("EndpointAccessMode", Read),
    ("EndpointConfiguration", Read),
    ("FailOnWarnings", Silent),
    ("GatewayResponses", Read),
    ("MergeDefinitions", Read),
    ("MethodSettings", Read),
    ("MinimumCompressionSize", Read),
    ("Mode", Silent),
    ("Models", Read),
    ("Name", Read),
    ("OpenApiVersion", Silent),
    ("Policy", Read),
    ("PropagateTags", Silent),
    // Which TLS the endpoint of AWS speaks: whoever terminates TLS decides that.
    ("SecurityPolicy", LeftOut),
    ("StageName", Read),
    ("Tags", Silent),
    ("TracingEnabled", Silent),
    ("Variables", Read),
    ("__MANAGE_SWAGGER", Silent),
];

/// `StageName`, or the one that the options give in its place.
pub(super) fn stage_name(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) -> Option<String> {
    let node = declared.properties.get("StageName");
    let Some(node) = node else {
        let missing = Diagnostic::error(&declared.place, "the API has no `StageName`");
        reading.findings.push(missing.help("write `StageName: Prod`"));
        return None;
    };
    let node = intrinsics::resolve(reading, scope, node)?;
    stage::name(reading, &node)
}

/// Reads an API with the routes that events add to it.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, routes: Vec<Route>) -> Option<Draft> {
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
) -> Option<Draft> {
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
) -> Option<Draft> {
    let auth = auth::read(reading, scope, (api.properties, api.id));
    let policies = own_policies(&routes, &stage);
    let mut document = read_definition(reading, scope, api, (routes, &auth))?;
    if let Some(node) = api.properties.get("Cors").and_then(|node| intrinsics::resolve(reading, scope, node)) {
        cors::add(reading, &mut document.tree, &node, &auth);
    }
    openapi::declare_path_parameters(&mut document.tree);
    let policy = policy(reading, &document, (&auth, &policies), &stage);
    document.authorizers.extend(auth.authorizers.into_iter().filter_map(|named| named.authorizer));
    let mut draft = finish(reading, scope, api, (document, stage));
    if let Some(policy) = policy {
        if let Some(node) = api.properties.get("Policy").filter(|node| !node.says_no()) {
            let message = "`Policy` stands beside `Auth.ResourcePolicy`; an API has one resource policy";
            reading.findings.error(&node.place(), message);
        }
        draft.document.policy = Some(policy);
    }
    Some(draft)
}

fn read_definition(
    reading: &mut Reading<'_>,
    scope: &Scope,
    api: &Api<'_>,
    (routes, auth): (Vec<Route>, &Auth),
) -> Option<Document> {
    vocabulary::check(&mut reading.findings, api.properties, "an API", API);
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
    if uri.is_some() {
        check_inline(reading, api.properties);
    }
    // What SAM's own tools left in packaged templates, with the routes of its events written out.
    let packaged = shape::flag(&mut reading.findings, api.properties, "__MANAGE_SWAGGER");
    let merges = shape::flag(&mut reading.findings, api.properties, "MergeDefinitions") || packaged;
    let mut document = match &own {
        Some(own) => openapi::document(reading, scope, api.id, own)?,
        None => Document::default(),
    };
    let models = api.properties.get("Models").and_then(|node| intrinsics::resolve(reading, scope, node));
    if let Some(node) = models {
        document.models.extend(model::read(reading, scope, api.id, &node));
    }
    document.tree.methods_mut().for_each(|(_, method)| auth::protect(auth, method));
    for route in routes {
        let defined = document.tree.method_mut(&route.path, route.method).is_some();
        if own.is_some() && (!merges || defined && packaged) {
            check_route(reading, (&mut document, api.logical_id), auth, &route);
        } else {
            add_route(reading, &mut document, route, auth);
        }
    }
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

/// SAM changes the paths of a definition that the template holds or includes, and refuses to change those of a file.
fn check_inline(reading: &mut Reading<'_>, properties: &Map) {
    for key in ["Auth", "Cors"] {
        if let Some(node) = properties.get(key).filter(|node| !node.says_no()) {
            let message = format!("`{key}` works only beside a `DefinitionBody`, not beside a `DefinitionUri`");
            let help = "write `DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: ..}}}`";
            reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
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
        model::pass_over(reading, &route.request);
        return;
    }
    let verb = route.method.as_str();
    let message = format!("`{verb} {}` is not in the definition of `{api}`, so AWS does not serve it", route.path);
    let help = "add it there, or set `MergeDefinitions: true`, or leave the definition out";
    reading.findings.push(Diagnostic::warning(&route.path_place, message).help(help));
}

fn add_route(reading: &mut Reading<'_>, document: &mut Document, route: Route, auth: &Auth) {
    let Route { path, method: http_method, function, timeout_ms, place, path_place, auth: own, .. } = route;
    let (request, transfer_mode) = (route.request, route.transfer_mode);
    let kind = IntegrationKind::LambdaProxy { function, http_method: HttpMethod::Post };
    let mut integration = Integration::new(kind, timeout_ms, place);
    integration.response_transfer_mode = transfer_mode;
    let mut method = Method::new(http_method, integration, path_place);
    model::apply(reading, &document.models, request, &mut method);
    auth::protect_route(reading, auth, &own, &mut method);
    document.tree.add_method(&mut reading.findings, &path, method);
}

/// The properties that are settings of the API or its stage, not its definition.
const SETTINGS: [&str; 14] = [
    "AccessLogSetting",
    "ApiKeySourceType",
    "BinaryMediaTypes",
    "CacheClusterEnabled",
    "CanarySetting",
    "DisableExecuteApiEndpoint",
    "Domain",
    "EndpointAccessMode",
    "EndpointConfiguration",
    "GatewayResponses",
    "MethodSettings",
    "MinimumCompressionSize",
    "Policy",
    "Variables",
];

fn finish(reading: &mut Reading<'_>, scope: &Scope, api: &Api<'_>, (mut document, stage): (Document, String)) -> Draft {
    let mut settings = Map::default();
    for key in SETTINGS {
        if let Some(entry) = api.properties.entries.get(key) {
            settings.entries.insert(key.to_owned(), entry.clone());
        }
    }
    let settings = intrinsics::resolve_map(reading, scope, &settings);
    rest_api::settings(reading, &settings, &mut document);
    if let Some(node) = settings.get("GatewayResponses") {
        document.gateway_responses.extend(gateway_response::read(reading, node));
    }
    let mut stage = Stage::new(stage, IndexMap::new(), api.place.clone());
    stage::settings(reading, &settings, &mut stage);
    let name = text_property(reading, scope, api.properties.get("Name"));
    Draft {
        name: name.or_else(|| document.title.clone()).unwrap_or_else(|| scope.stack_name.clone()),
        identity: Identity { id: api.id.to_owned(), logical_id: api.logical_id.to_owned(), place: api.place.clone() },
        document,
        // SAM names its stage itself, so nobody else makes one of the same name.
        written: vec![stage.name.clone()],
        stages: vec![stage],
        validators: IndexMap::new(),
    }
}
