//! `Events` of a function: those of type `HttpApi` are routes.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-httpapi.html>

use super::{
    integration,
    sam::{IMPLICIT_API, TYPE},
    sam_auth::{self, OwnAuth},
    stage,
};
use crate::{
    Diagnostic, Place,
    cloudformation::{Declared, Template, lambda_function},
    document::{Map, Node},
    intrinsics::{self, Scope, Target},
    limits,
    read::Reading,
    resources::{HttpIntegration, HttpIntegrationKind, HttpMethod, PayloadFormat, RouteKey, RouteThrottle},
    shape, spelling,
    vocabulary::{self, Treatment::Read, Vocabulary},
};

/// A route that an event asks for.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// The logical id of its API.
    pub(super) api: String,
    pub(super) key: RouteKey,
    pub(super) integration: HttpIntegration,
    pub(super) auth: OwnAuth,
    pub(super) throttle: Option<(RouteThrottle, Place)>,
    /// Where the event stands.
    pub(super) place: Place,
    /// Where its path stands.
    pub(super) path_place: Place,
}

const HTTP_API: &Vocabulary = &[
    ("ApiId", Read),
    ("Auth", Read),
    ("Method", Read),
    ("Path", Read),
    ("PayloadFormatVersion", Read),
    ("RouteSettings", Read),
    ("TimeoutInMillis", Read),
];

/// Reads a function's routes.
pub(super) fn read(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    declared: &Declared,
) -> Vec<Route> {
    let Some(events) = declared.properties.get("Events").and_then(Node::as_map) else { return Vec::new() };
    let function = lambda_function::identity(scope, declared).name;
    let mut routes = Vec::new();
    for (_, entry) in events.iter() {
        let Some(event) = entry.node.as_map() else { continue };
        if event.get("Type").and_then(Node::as_text) != Some("HttpApi") {
            continue;
        }
        let properties = match event.get("Properties").filter(|node| !node.says_no()) {
            Some(node) => shape::map(&mut reading.findings, node).cloned().unwrap_or_default(),
            None => Map::default(),
        };
        routes.extend(read_route(reading, (scope, template), (&properties, &entry.key_place()), &function));
    }
    routes
}

fn read_route(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    (properties, place): (&Map, &Place),
    function: &str,
) -> Option<Route> {
    vocabulary::check(&mut reading.findings, properties, "an `HttpApi` event", HTTP_API);
    let auth = properties.get("Auth").and_then(|auth| sam_auth::read_own(reading, scope, auth)).unwrap_or_default();
    let mut get = |key: &str| properties.get(key).and_then(|node| intrinsics::resolve(reading, scope, node));
    let (path, method, timeout) = (get("Path"), get("Method"), get("TimeoutInMillis"));
    let (api, format, settings) = (get("ApiId"), get("PayloadFormatVersion"), get("RouteSettings"));
    let key = key(reading, (path.as_ref(), method.as_ref()), place)?;
    let payload_format = match format {
        Some(node) => integration::payload_format(reading, &node)?,
        None => PayloadFormat::V2,
    };
    let kind = HttpIntegrationKind::Lambda { function: function.to_owned(), payload_format };
    let mut integration = HttpIntegration::new(kind, place.clone());
    if let Some(node) = timeout {
        let timeout = shape::integer(&mut reading.findings, &node, &limits::HTTP_INTEGRATION_TIMEOUT)?;
        integration.timeout_ms = u32::try_from(timeout).ok()?;
    }
    let throttle = settings.and_then(|node| Some((stage::throttle(reading, &node)?, node.place())));
    let api = match &api {
        Some(node) => read_api(reading, (scope, template), node)?,
        None => IMPLICIT_API.to_owned(),
    };
    let path_place = path.map_or_else(|| place.clone(), |node| node.place());
    Some(Route { api, key, integration, auth, throttle, place: place.clone(), path_place })
}

fn key(reading: &mut Reading<'_>, event: (Option<&Node>, Option<&Node>), place: &Place) -> Option<RouteKey> {
    let (path_node, method_node) = match event {
        (None, None) => return Some(RouteKey::Default),
        (Some(path), None) if path.as_text() == Some("$default") => return Some(RouteKey::Default),
        (Some(path), Some(method)) => (path, method),
        (Some(_), None) | (None, Some(_)) => {
            let message = "an `HttpApi` event needs `Path` and `Method`, or neither of them for `$default`";
            reading.findings.error(place, message);
            return None;
        }
    };
    let path = shape::text(&mut reading.findings, path_node)?;
    let text = shape::text(&mut reading.findings, method_node)?;
    let http_method = match text.as_str() {
        "x-amazon-apigateway-any-method" => Some(HttpMethod::Any),
        other => HttpMethod::parse(other),
    };
    if http_method.is_none() {
        let mut unknown = Diagnostic::error(&method_node.place(), format!("unknown method `{}`", shape::brief(&text)));
        unknown.help = spelling::suggestion(&text, HttpMethod::ALL.map(HttpMethod::as_str));
        reading.findings.push(unknown);
    }
    if path == "$default" {
        return Some(RouteKey::Default);
    }
    if !path.starts_with('/') {
        let message = format!("`{}` is no path: it begins with `/`", shape::brief(&path));
        reading.findings.error(&path_node.place(), message);
        return None;
    }
    Some(RouteKey::Path { http_method: http_method?, path })
}

/// The logical id of the API that `ApiId` refers to; its value is the API's id.
fn read_api(reading: &mut Reading<'_>, (scope, template): (&Scope, &Template), node: &Node) -> Option<String> {
    let text = shape::text(&mut reading.findings, node)?;
    let is_meant = |logical_id: &str| {
        let target = scope.targets.get(logical_id);
        logical_id == text || matches!(target, Some(Target::Known { reference, .. }) if *reference == text)
    };
    let mut known = template.of_type(TYPE).map(|declared| declared.logical_id.as_str()).chain([IMPLICIT_API]);
    if let Some(logical_id) = known.find(|logical_id| is_meant(logical_id)) {
        return Some(logical_id.to_owned());
    }
    let message = format!("`{}` is no `AWS::Serverless::HttpApi` of this template", shape::brief(&text));
    let mut unknown = Diagnostic::error(&node.place(), message);
    let known = template.of_type(TYPE).map(|declared| declared.logical_id.as_str());
    unknown.help = spelling::suggestion(&text, known);
    reading.findings.push(unknown);
    None
}
