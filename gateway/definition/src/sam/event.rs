//! `Events` of a function: the ones of type `Api` are routes.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html>

use super::{
    IMPLICIT_API,
    auth::{self, OwnAuth},
    model::{self, RequestShape},
};
use crate::{
    Diagnostic, Place,
    cloudformation::{Declared, Template, lambda_function, sink},
    document::{Entry, Map, Node},
    intrinsics::{self, Scope, Target},
    openapi,
    read::Reading,
    resources::{HttpMethod, Sinks, TransferMode},
    shape, spelling,
    vocabulary::{self, Treatment::Read, Vocabulary},
};

/// A route that an event asks for.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// The logical id of its API.
    pub(super) api: String,
    pub(super) path: String,
    pub(super) method: HttpMethod,
    /// The name of the function.
    pub(super) function: String,
    pub(super) timeout_ms: u32,
    pub(super) auth: OwnAuth,
    pub(super) request: RequestShape,
    pub(super) transfer_mode: TransferMode,
    /// Where the event stands.
    pub(super) place: Place,
    /// Where its path stands.
    pub(super) path_place: Place,
}

/// Sources of events that SAM knows.
const KINDS: [&str; 18] = [
    "AlexaSkill",
    "Api",
    "CloudWatchEvent",
    "CloudWatchLogs",
    "Cognito",
    "DocumentDB",
    "DynamoDB",
    "EventBridgeRule",
    "HttpApi",
    "IoTRule",
    "Kinesis",
    "MQ",
    "MSK",
    "S3",
    "SNS",
    "SQS",
    "Schedule",
    "ScheduleV2",
];

/// An event that is served.
#[derive(Debug)]
enum Kind {
    Api,
    /// `SNS` or `SQS`
    Sink(String),
}

const EVENT: &Vocabulary = &[("Properties", Read), ("Type", Read)];

const API: &Vocabulary = &[
    ("Auth", Read),
    ("Method", Read),
    ("Path", Read),
    ("RequestModel", Read),
    ("RequestParameters", Read),
    ("ResponseTransferMode", Read),
    ("RestApiId", Read),
    ("TimeoutInMillis", Read),
];

/// Reads a function's routes, and the topics and queues that feed it; other events are named as not served.
pub(super) fn read(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    declared: &Declared,
    sinks: &mut Sinks,
) -> Vec<Route> {
    let Some(events) = declared.properties.get("Events") else { return Vec::new() };
    let function = lambda_function::identity(scope, declared).name;
    let mut routes = Vec::new();
    let events = shape::map(&mut reading.findings, events);
    for (name, entry) in events.into_iter().flat_map(Map::iter) {
        let Some((kind, properties)) = read_kind(reading, (name, entry)) else { continue };
        let place = entry.key_place();
        match kind {
            Kind::Api => routes.extend(read_route(reading, (scope, template), (&properties, &place), &function)),
            Kind::Sink(kind) => {
                let found = sink::read_event(reading, scope, (&kind, &properties, &place), &function);
                sinks.subscriptions.extend(found.subscriptions);
                sinks.event_source_mappings.extend(found.event_source_mappings);
            }
        }
    }
    routes
}

/// The properties of an event, when it is one that is served.
fn read_kind(reading: &mut Reading<'_>, (name, entry): (&str, &Entry)) -> Option<(Kind, Map)> {
    let map = shape::map(&mut reading.findings, &entry.node)?;
    vocabulary::check(&mut reading.findings, map, "an event", EVENT);
    let Some(kind) = map.get("Type") else {
        reading.findings.error(&entry.key_place(), format!("the event `{}` has no `Type`", shape::brief(name)));
        return None;
    };
    let text = shape::text(&mut reading.findings, kind)?;
    let served = match text.as_str() {
        "Api" => Some(Kind::Api),
        "SNS" | "SQS" => Some(Kind::Sink(text.clone())),
        _ => None,
    };
    if let Some(served) = served {
        let properties = map.get("Properties").and_then(|node| shape::map(&mut reading.findings, node));
        return Some((served, properties.cloned().unwrap_or_default()));
    }
    if text == "HttpApi" {
        return None; // Those of HTTP APIs are read with them.
    }
    if KINDS.contains(&text.as_str()) || text == "SelfManagedKafka" {
        let message = format!("the event `{}` is not served yet: its type is `{text}`", shape::brief(name));
        reading.findings.warn(&kind.place(), message);
    } else {
        let message = format!("unknown type `{}` of the event `{}`", shape::brief(&text), shape::brief(name));
        let mut unknown = Diagnostic::error(&kind.place(), message);
        unknown.help = spelling::suggestion(&text, KINDS);
        reading.findings.push(unknown);
    }
    None
}

fn read_route(
    reading: &mut Reading<'_>,
    (scope, template): (&Scope, &Template),
    (properties, place): (&Map, &Place),
    function: &str,
) -> Option<Route> {
    vocabulary::check(&mut reading.findings, properties, "an `Api` event", API);
    let auth = properties.get("Auth").and_then(|auth| auth::read_own(reading, scope, auth)).unwrap_or_default();
    let mut get = |key: &str| properties.get(key).and_then(|node| intrinsics::resolve(reading, scope, node));
    let (path, method, timeout) = (get("Path"), get("Method"), get("TimeoutInMillis"));
    let (api, transfer) = (get("RestApiId"), get("ResponseTransferMode"));
    let (model, parameters) = (get("RequestModel"), get("RequestParameters"));
    let request = model::read_shape(reading, (model.as_ref(), parameters.as_ref()));
    let transfer_mode = transfer.and_then(|node| read_transfer_mode(reading, &node)).unwrap_or_default();
    let (Some(path_node), Some(method)) = (path, method) else {
        reading.findings.error(place, "an `Api` event needs `Path` and `Method`");
        return None;
    };
    let path = shape::text(&mut reading.findings, &path_node);
    let method = read_method(reading, &method);
    let timeout_ms = match timeout {
        Some(node) => openapi::timeout_ms(reading, &node),
        None => Some(openapi::DEFAULT_TIMEOUT_MS),
    };
    let api = match &api {
        Some(node) => read_api(reading, (scope, template), node)?,
        None => IMPLICIT_API.to_owned(),
    };
    Some(Route {
        api,
        path: path?,
        method: method?,
        function: function.to_owned(),
        timeout_ms: timeout_ms?,
        auth,
        request,
        transfer_mode,
        place: place.clone(),
        path_place: path_node.place(),
    })
}

fn read_method(reading: &mut Reading<'_>, node: &Node) -> Option<HttpMethod> {
    let text = shape::text(&mut reading.findings, node)?;
    let method = HttpMethod::parse(&text);
    if method.is_none() {
        let mut unknown = Diagnostic::error(&node.place(), format!("unknown method `{}`", shape::brief(&text)));
        unknown.help = spelling::suggestion(&text, HttpMethod::ALL.map(HttpMethod::as_str));
        reading.findings.push(unknown);
    }
    method
}

/// The logical id of the API that `RestApiId` refers to; its value is the API's id.
fn read_api(reading: &mut Reading<'_>, (scope, template): (&Scope, &Template), node: &Node) -> Option<String> {
    let text = shape::text(&mut reading.findings, node)?;
    let named = scope.targets.iter().find_map(|(logical_id, target)| match target {
        Target::Api { id, stage: _ } => (*id == text || *logical_id == text).then_some(logical_id),
        Target::Function { .. }
        | Target::Layer { .. }
        | Target::Known { .. }
        | Target::Unserved { .. }
        | Target::Absent { .. } => None,
    });
    if let Some(logical_id) = named {
        return Some(logical_id.clone());
    }
    let plain = template.of_type("AWS::ApiGateway::RestApi").find(|declared| {
        let target = scope.targets.get(&declared.logical_id);
        matches!(target, Some(Target::Known { reference, .. }) if *reference == text)
    });
    if let Some(plain) = plain {
        let message = format!(
            "an event adds no route to `{}`: an `AWS::ApiGateway::RestApi` has its own methods",
            plain.logical_id
        );
        reading.findings.warn(&node.place(), message);
        return None;
    }
    let message = format!("`{}` is no `AWS::Serverless::Api` of this template", shape::brief(&text));
    let mut unknown = Diagnostic::error(&node.place(), message);
    let known = template.of_type("AWS::Serverless::Api").map(|declared| declared.logical_id.as_str());
    unknown.help = spelling::suggestion(&text, known);
    reading.findings.push(unknown);
    None
}

fn read_transfer_mode(reading: &mut Reading<'_>, node: &Node) -> Option<TransferMode> {
    match shape::text(&mut reading.findings, node)?.as_str() {
        "BUFFERED" => Some(TransferMode::Buffered),
        "STREAM" => Some(TransferMode::Stream),
        _ => {
            shape::mismatch(&mut reading.findings, node, "`BUFFERED` or `STREAM`");
            None
        }
    }
}
