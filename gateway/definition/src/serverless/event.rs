//! `events` of a function: the ones of kind `http` are methods of the REST API.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/events/apigateway>

use super::{
    authorizer::{self, Authorizer},
    cors::{self, Cors},
    function::Declared,
    keys, make,
    variables::{self, Variables},
};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    resources::HttpMethod,
    shape, spelling,
    vocabulary::{
        Treatment::{LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};

/// Sources of events that Serverless knows.
const KINDS: [&str; 24] = [
    "activemq",
    "alb",
    "alexaSkill",
    "alexaSmartHome",
    "cloudFront",
    "cloudwatchEvent",
    "cloudwatchLog",
    "cognitoUserPool",
    "eventBridge",
    "http",
    "httpApi",
    "iot",
    "iotFleetProvisioning",
    "kafka",
    "msk",
    "mcp",
    "rabbitmq",
    "s3",
    "schedule",
    "sns",
    "sqs",
    "stream",
    "websocket",
    "documentDb",
];

const HTTP: &Vocabulary = &[
    ("async", Read),
    ("authorizer", Read),
    // Keys of plugins that write documentation.
    ("bodyType", Silent),
    // Of `serverless-api-gateway-caching`.
    ("caching", LeftOut),
    ("connectionId", Read),
    ("connectionType", Read),
    ("consumes", Silent),
    ("cors", Read),
    ("description", Silent),
    ("documentation", Silent),
    ("headerParameters", Silent),
    ("integration", Read),
    ("method", Read),
    ("operationId", Read),
    ("path", Read),
    ("private", Read),
    ("produces", Silent),
    ("queryStringParameters", Silent),
    // Of `serverless-reqvalidator-plugin`: what it refuses would reach the function.
    ("reqValidatorName", Missing),
    ("request", Read),
    ("response", Read),
    ("responseData", Silent),
    ("responses", Silent),
    ("summary", Silent),
    ("swaggerTags", Silent),
    // Of `serverless-api-gateway-throttling`.
    ("throttling", LeftOut),
    ("timeoutInMillis", Read),
];

/// What answers a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    AwsProxy,
    Aws,
    HttpProxy,
    Http,
    Mock,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::AwsProxy => "AWS_PROXY",
            Self::Aws => "AWS",
            Self::HttpProxy => "HTTP_PROXY",
            Self::Http => "HTTP",
            Self::Mock => "MOCK",
        }
    }

    /// Whether the method says what requests and responses look like.
    pub(super) const fn maps(self) -> bool {
        match self {
            Self::Aws | Self::Http | Self::Mock => true,
            Self::AwsProxy | Self::HttpProxy => false,
        }
    }
}

/// An `http` event.
#[derive(Debug)]
pub(super) struct Http {
    /// The function's key below `functions`.
    pub(super) function: String,
    /// The path without slashes at its ends.
    pub(super) path: String,
    pub(super) path_node: Node,
    /// The verb in capitals.
    pub(super) method: String,
    pub(super) method_node: Node,
    pub(super) kind: Kind,
    pub(super) authorizer: Option<Authorizer>,
    pub(super) cors: Option<Cors>,
    /// Its other keys.
    pub(super) keys: Map,
    /// Nothing, where the event stands.
    pub(super) at: Node,
}

/// Reads the `http` events of a function; other events are named as not served.
pub(super) fn read(
    reading: &mut Reading<'_>,
    variables: &mut Variables,
    (declared, functions): (&Declared, &[Declared]),
) -> Vec<Http> {
    let Some(events) = declared.entry.node.as_map().and_then(|map| map.get("events")) else { return Vec::new() };
    let events = variables::open(reading, variables, events);
    let items = match &events.value {
        Value::Null | Value::Unresolved => return Vec::new(),
        Value::Scalar { .. } | Value::List(_) | Value::Map(_) => shape::list(&mut reading.findings, &events),
    };
    let mut found = Vec::new();
    for item in items.unwrap_or_default() {
        let item = variables::open(reading, variables, item);
        // Some events need no settings: `- alexaSkill`.
        if let Some(kind) = item.as_text() {
            not_served(reading, kind, &item);
            continue;
        }
        for (kind, entry) in shape::map(&mut reading.findings, &item).into_iter().flat_map(Map::iter) {
            if kind == "http" {
                found.extend(http(reading, variables, (declared, functions), entry));
            } else {
                not_served(reading, kind, &Node { spot: entry.key, ..entry.node.clone() });
            }
        }
    }
    found
}

fn not_served(reading: &mut Reading<'_>, kind: &str, at: &Node) {
    if KINDS.contains(&kind) {
        reading.findings.warn(&at.place(), format!("the event `{kind}` is not served yet"));
        return;
    }
    let message = format!("unknown event `{}`", shape::brief(kind));
    let meant = spelling::nearest(kind, KINDS);
    reading.findings.push(match meant {
        Some(meant) => Diagnostic::error(&at.place(), message).help(format!("did you mean `{meant}`?")),
        // A plugin's.
        None => Diagnostic::warning(&at.place(), format!("{message}, which is passed over")),
    });
}

fn http(
    reading: &mut Reading<'_>,
    variables: &mut Variables,
    (declared, functions): (&Declared, &[Declared]),
    entry: &Entry,
) -> Option<Http> {
    let node = variables::settle(reading, variables, &entry.node);
    let at = Node { spot: entry.key, ..node.with(Value::Null) };
    let keys = match node.as_text() {
        Some(text) => short(reading, &node, text)?,
        None => keys::read(reading, variables, &node, ("an `http` event", HTTP))?,
    };
    let (Some(path_node), Some(method_node)) = (keys.get("path"), keys.get("method")) else {
        reading.findings.error(&at.place(), "an `http` event needs `path` and `method`");
        return None;
    };
    let path = shape::text(&mut reading.findings, path_node);
    let method = method(reading, method_node);
    let kind = kind(reading, &keys);
    let authorizer = match keys.get("authorizer").filter(|node| !node.says_no()) {
        Some(node) => Some(authorizer::read(reading, node, (kind?, functions))?),
        None => None,
    };
    let cors = match keys.get("cors").filter(|node| !node.says_no()) {
        Some(node) => Some(cors::read(reading, node, method.as_deref().unwrap_or_default())?),
        None => None,
    };
    let path = path?;
    let trimmed = path.strip_prefix('/').unwrap_or(&path);
    let trimmed = trimmed.strip_suffix('/').unwrap_or(trimmed);
    Some(Http {
        function: declared.name.clone(),
        path: trimmed.to_owned(),
        path_node: path_node.clone(),
        method: method?,
        method_node: method_node.clone(),
        kind: kind?,
        authorizer,
        cors,
        at,
        keys,
    })
}

/// `GET /pets`
fn short(reading: &mut Reading<'_>, node: &Node, text: &str) -> Option<Map> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [method, path] = words.as_slice() else {
        let message = format!("expected a method and a path, found `{}`", shape::brief(text));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("write `http: GET /pets`"));
        return None;
    };
    let entries = [("method", make::text(node, *method)), ("path", make::text(node, *path))];
    make::map(node, entries).as_map().cloned()
}

fn method(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    let text = shape::text(&mut reading.findings, node)?;
    if let Some(method) = HttpMethod::parse(&text) {
        return Some(method.as_str().to_owned());
    }
    let mut unknown = Diagnostic::error(&node.place(), format!("unknown method `{}`", shape::brief(&text)));
    unknown.help = match text.as_str() {
        "*" => Some("`any` stands for all methods".to_owned()),
        _ => spelling::suggestion(&text, HttpMethod::ALL.map(HttpMethod::as_str)),
    };
    reading.findings.push(unknown);
    None
}

fn kind(reading: &mut Reading<'_>, keys: &Map) -> Option<Kind> {
    let Some(node) = keys.get("integration").filter(|node| !matches!(node.value, Value::Null)) else {
        // A function that nobody waits for is invoked by an integration that says so.
        return Some(if shape::flag(&mut reading.findings, keys, "async") { Kind::Aws } else { Kind::AwsProxy });
    };
    let text = shape::text(&mut reading.findings, node)?;
    match text.to_ascii_uppercase().replace('-', "_").as_str() {
        "LAMBDA_PROXY" | "AWS_PROXY" => Some(Kind::AwsProxy),
        "LAMBDA" | "AWS" => Some(Kind::Aws),
        "HTTP_PROXY" => Some(Kind::HttpProxy),
        "HTTP" => Some(Kind::Http),
        "MOCK" => Some(Kind::Mock),
        _ => {
            let message = format!("unknown integration `{}`", shape::brief(&text));
            let known = ["lambda-proxy", "lambda", "http-proxy", "http", "mock"];
            let help = spelling::suggestion(&text, known);
            let help =
                help.unwrap_or_else(|| "one of `lambda-proxy`, `lambda`, `http-proxy`, `http`, `mock`".to_owned());
            reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
            None
        }
    }
}
