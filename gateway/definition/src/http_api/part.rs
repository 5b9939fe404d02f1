//! The resources that belong to an `AWS::ApiGatewayV2::Api`: integrations, authorizers, routes and stages.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_ApiGatewayV2.html>

use super::{
    api, authorizer,
    draft::{self, Draft},
    integration, security, stage,
};
use crate::{
    Diagnostic,
    cloudformation::{Declared, Template},
    document::{Entry, Map, Node, Value},
    intrinsics::{self, Scope, Target},
    read::Reading,
    resources::{HttpAuthorization, HttpAuthorizerKind, HttpIntegration, HttpRoute},
    shape, spelling,
    vocabulary::{
        Treatment::{Guard, Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const INTEGRATION: &Vocabulary = &[
    ("ApiId", Read),
    ("ConnectionId", Read),
    ("ConnectionType", Read),
    ("ContentHandlingStrategy", Missing),
    ("CredentialsArn", Silent),
    ("Description", Silent),
    ("IntegrationMethod", Read),
    ("IntegrationSubtype", Read),
    ("IntegrationType", Read),
    ("IntegrationUri", Read),
    ("PassthroughBehavior", Silent),
    ("PayloadFormatVersion", Read),
    ("RequestParameters", Read),
    ("RequestTemplates", Missing),
    ("ResponseParameters", Read),
    ("TemplateSelectionExpression", Missing),
    ("TimeoutInMillis", Read),
    ("TlsConfig", Missing),
];

/// The keys as OpenAPI's extension spells them.
const INTEGRATION_AS_EXTENSION: [(&str, &str); 10] = [
    ("ConnectionId", "connectionId"),
    ("ConnectionType", "connectionType"),
    ("IntegrationMethod", "httpMethod"),
    ("IntegrationSubtype", "integrationSubtype"),
    ("IntegrationType", "type"),
    ("IntegrationUri", "uri"),
    ("PayloadFormatVersion", "payloadFormatVersion"),
    ("RequestParameters", "requestParameters"),
    ("ResponseParameters", "responseParameters"),
    ("TimeoutInMillis", "timeoutInMillis"),
];

const AUTHORIZER: &Vocabulary = &[
    ("ApiId", Read),
    ("AuthorizerCredentialsArn", Silent),
    ("AuthorizerPayloadFormatVersion", Read),
    ("AuthorizerResultTtlInSeconds", Read),
    ("AuthorizerType", Read),
    ("AuthorizerUri", Read),
    ("EnableSimpleResponses", Read),
    ("IdentitySource", Read),
    ("IdentityValidationExpression", Guard),
    ("JwtConfiguration", Read),
    ("Name", Read),
];

const AUTHORIZER_AS_EXTENSION: [(&str, &str); 7] = [
    ("AuthorizerPayloadFormatVersion", "authorizerPayloadFormatVersion"),
    ("AuthorizerResultTtlInSeconds", "authorizerResultTtlInSeconds"),
    ("AuthorizerType", "type"),
    ("AuthorizerUri", "authorizerUri"),
    ("EnableSimpleResponses", "enableSimpleResponses"),
    ("IdentitySource", "identitySource"),
    ("JwtConfiguration", "jwtConfiguration"),
];

const JWT_AS_EXTENSION: [(&str, &str); 2] = [("Audience", "audience"), ("Issuer", "issuer")];

const ROUTE: &Vocabulary = &[
    ("ApiId", Read),
    // Of WebSocket APIs, as the next ones.
    ("ApiKeyRequired", Guard),
    ("AuthorizationScopes", Read),
    ("AuthorizationType", Read),
    ("AuthorizerId", Read),
    ("ModelSelectionExpression", Missing),
    ("OperationName", Read),
    ("RequestModels", Missing),
    ("RequestParameters", Missing),
    ("RouteKey", Read),
    ("RouteResponseSelectionExpression", Missing),
    ("Target", Read),
];

/// Reads the parts of all APIs, each kind after those that it may refer to.
pub(super) fn read_all(reading: &mut Reading<'_>, (scope, template): (&Scope, &Template), drafts: &mut [Draft]) {
    let foreign = websockets(reading, scope, template);
    let served = |kind: &'static str| {
        let foreign = &foreign;
        template.of_type(kind).filter(move |declared| !foreign.contains(&declared.logical_id.as_str()))
    };
    let mut integrations = IndexMap::new();
    for declared in served("AWS::ApiGatewayV2::Integration") {
        if let Some((id, integration)) = read_integration(reading, scope, declared, drafts) {
            integrations.insert(id, integration);
        }
    }
    for declared in served("AWS::ApiGatewayV2::Authorizer") {
        read_authorizer(reading, scope, declared, drafts);
    }
    for declared in served("AWS::ApiGatewayV2::Route") {
        read_route(reading, scope, (declared, &integrations), drafts);
    }
    for declared in served("AWS::ApiGatewayV2::Stage") {
        stage::read(reading, scope, declared, drafts);
    }
}

/// The logical ids of the parts of WebSocket APIs, which has been said of the APIs.
fn websockets<'a>(reading: &mut Reading<'_>, scope: &Scope, template: &'a Template) -> Vec<&'a str> {
    let is_websocket =
        |declared: &&Declared| declared.properties.get("ProtocolType").and_then(Node::as_text) == Some("WEBSOCKET");
    let mut apis: Vec<String> = Vec::new();
    for declared in template.of_type(api::TYPE).filter(is_websocket) {
        if let Some(Target::Known { reference, .. }) = scope.targets.get(&declared.logical_id) {
            apis.push(reference.clone());
        }
    }
    let mut parts = Vec::new();
    for declared in template.resources.iter().filter(|declared| declared.kind.starts_with("AWS::ApiGatewayV2::")) {
        let Some(node) = declared.properties.get("ApiId").filter(|_| !apis.is_empty()) else { continue };
        let id = intrinsics::resolve(reading, scope, node);
        if id.as_ref().and_then(Node::as_text).is_some_and(|id| apis.iter().any(|api| api == id)) {
            parts.push(declared.logical_id.as_str());
        }
    }
    parts
}

/// The id of a part.
fn id_of(scope: &Scope, declared: &Declared) -> Option<String> {
    match scope.targets.get(&declared.logical_id) {
        Some(Target::Known { reference, .. }) => Some(reference.clone()),
        Some(
            Target::Function { .. }
            | Target::Api { .. }
            | Target::Layer { .. }
            | Target::Unserved { .. }
            | Target::Absent { .. },
        )
        | None => None,
    }
}

fn read_integration(
    reading: &mut Reading<'_>,
    scope: &Scope,
    declared: &Declared,
    drafts: &mut [Draft],
) -> Option<(String, HttpIntegration)> {
    let properties = declared.resolved(reading, scope, ("an integration", INTEGRATION));
    draft::of(reading, drafts, (declared, &properties))?;
    let node = declared.at.with(Value::Map(renamed(&properties, &INTEGRATION_AS_EXTENSION)));
    let integration = integration::read(reading, scope, &node)?;
    Some((id_of(scope, declared)?, HttpIntegration { place: declared.place.clone(), ..integration }))
}

fn read_authorizer(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, drafts: &mut [Draft]) {
    let properties = declared.resolved(reading, scope, ("an authorizer", AUTHORIZER));
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    let name = shape::text_of(&mut reading.findings, &properties, "Name");
    let name = name.unwrap_or_else(|| declared.logical_id.clone());
    let mut extension = renamed(&properties, &AUTHORIZER_AS_EXTENSION);
    if let Some(entry) = extension.entries.get_mut("jwtConfiguration")
        && let Some(map) = entry.node.as_map()
    {
        entry.node = entry.node.with(Value::Map(renamed(map, &JWT_AS_EXTENSION)));
    }
    let node = declared.at.with(Value::Map(extension));
    let Some(id) = id_of(scope, declared) else { return };
    draft.authorizers.extend(authorizer::read(reading, scope, (id, &name), &node));
}

fn read_route(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (declared, integrations): (&Declared, &IndexMap<String, HttpIntegration>),
    drafts: &mut [Draft],
) {
    let properties = declared.resolved(reading, scope, ("a route", ROUTE));
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    let key = declared.required(reading, &properties, "RouteKey").and_then(|node| api::route_key(reading, node));
    let integration = target(reading, (declared, &properties), integrations);
    let authorization = authorization(reading, (declared, &properties), draft);
    let operation_name = shape::text_of(&mut reading.findings, &properties, "OperationName");
    let (Some(key), Some(integration), Some(authorization)) = (key, integration, authorization) else { return };
    let place = declared.place.clone();
    draft.add_route(reading, HttpRoute { key, operation_name, authorization, integration, place });
}

/// `integrations/{id}`
fn target(
    reading: &mut Reading<'_>,
    (declared, properties): (&Declared, &Map),
    integrations: &IndexMap<String, HttpIntegration>,
) -> Option<HttpIntegration> {
    let Some(node) = properties.get("Target") else {
        let message = "the route has no `Target`, so AWS answers its requests with 500";
        let help = "write `!Sub integrations/${Integration}`";
        reading.findings.push(Diagnostic::error(&declared.place, message).help(help));
        return None;
    };
    let text = shape::text(&mut reading.findings, node)?;
    let found = text.strip_prefix("integrations/").and_then(|id| integrations.get(id));
    if found.is_none() && reading.findings.errors() == 0 {
        let message = format!("`{}` leads to no integration of this template", shape::brief(&text));
        let help = "write `!Sub integrations/${Integration}`";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
    }
    found.cloned()
}

fn authorization(
    reading: &mut Reading<'_>,
    (declared, properties): (&Declared, &Map),
    draft: &Draft,
) -> Option<HttpAuthorization> {
    let Some(node) = properties.get("AuthorizationType") else { return Some(HttpAuthorization::None) };
    let text = shape::text(&mut reading.findings, node)?;
    let named = match text.as_str() {
        "NONE" => return Some(HttpAuthorization::None),
        "AWS_IAM" => return Some(HttpAuthorization::Iam),
        "CUSTOM" | "JWT" => declared.required(reading, properties, "AuthorizerId")?,
        _ => {
            let message = format!("unknown authorization `{}`", shape::brief(&text));
            let mut unknown = Diagnostic::error(&node.place(), message);
            unknown.help = spelling::suggestion(&text, ["NONE", "AWS_IAM", "CUSTOM", "JWT"]);
            reading.findings.push(unknown);
            return None;
        }
    };
    let id = shape::text(&mut reading.findings, named)?;
    let Some(authorizer) = draft.authorizers.iter().find(|authorizer| authorizer.id == id) else {
        if reading.findings.errors() == 0 {
            let message = format!("`{}` is no authorizer of the same API", shape::brief(&id));
            let help = "write `!Ref` and the logical id of an `AWS::ApiGatewayV2::Authorizer`";
            reading.findings.push(Diagnostic::error(&named.place(), message).help(help));
        }
        return None;
    };
    let is_jwt = matches!(authorizer.kind, HttpAuthorizerKind::Jwt { .. });
    if is_jwt != (text == "JWT") {
        let message = format!("the authorizer `{}` is of another type than `{text}`", authorizer.name);
        let help = "`CUSTOM` is for functions, `JWT` for tokens of an issuer";
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        return None;
    }
    let scopes = properties.get("AuthorizationScopes").filter(|node| !node.says_no());
    let list = scopes.map(|node| shape::texts(&mut reading.findings, node)).unwrap_or_default();
    let at = scopes.unwrap_or(node);
    Some(security::by_authorizer(reading, authorizer, list, at))
}

/// A map with some of its keys under other names; the places stay.
fn renamed(map: &Map, names: &[(&str, &str)]) -> Map {
    let mut renamed = Map::default();
    for (key, entry) in map.iter() {
        let name = names.iter().find(|(from, _)| *from == key).map(|(_, to)| *to);
        if let Some(name) = name {
            renamed.entries.insert(name.to_owned(), Entry { key: entry.key, node: entry.node.clone() });
        }
    }
    renamed
}
