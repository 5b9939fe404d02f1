//! `cors` of an `http` event: an `OPTIONS` method that answers preflights.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/events/apigateway#enabling-cors>

use super::{keys, make, naming};
use crate::{
    document::{Entry, Map, Node, Value},
    read::Reading,
    shape,
    vocabulary::{Treatment::Read, Vocabulary},
};

const CORS: &Vocabulary = &[
    ("allowCredentials", Read),
    ("cacheControl", Read),
    ("headers", Read),
    ("maxAge", Read),
    ("methods", Read),
    ("origin", Read),
    ("origins", Read),
];

/// Request headers that are allowed when nobody says which.
const HEADERS: [&str; 7] = [
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
];

/// What `ANY` stands for in `Access-Control-Allow-Methods`.
const ANY: &str = "DELETE,GET,HEAD,PATCH,POST,PUT";

/// What a method, or all methods of a path together, allow.
#[derive(Debug, Clone)]
pub(super) struct Cors {
    origin: String,
    origins: Vec<String>,
    headers: Vec<String>,
    methods: Vec<String>,
    allow_credentials: bool,
    max_age: Option<String>,
    cache_control: Option<String>,
    /// Nothing, where it stands.
    at: Node,
}

impl Cors {
    /// `Access-Control-Allow-Origin` of an answer of the method itself.
    pub(super) fn allow_origin(&self) -> String {
        if self.origins.is_empty() { self.origin.clone() } else { self.origins.join(",") }
    }

    pub(super) const fn allow_credentials(&self) -> bool {
        self.allow_credentials
    }

    /// Adds what another method of the same path allows.
    pub(super) fn add(&mut self, other: &Self) {
        let union = |own: &mut Vec<String>, other: &[String]| {
            let mut all = other.to_vec();
            all.extend(own.iter().filter(|item| !other.contains(item)).cloned());
            *own = all;
        };
        union(&mut self.headers, &other.headers);
        union(&mut self.methods, &other.methods);
        union(&mut self.origins, &other.origins);
        self.origin.clone_from(&other.origin);
        self.allow_credentials |= other.allow_credentials;
        self.max_age = other.max_age.clone().or_else(|| self.max_age.take());
        self.cache_control = other.cache_control.clone().or_else(|| self.cache_control.take());
    }
}

/// Reads what a method allows.
pub(super) fn read(reading: &mut Reading<'_>, node: &Node, method: &str) -> Option<Cors> {
    let mut cors = Cors {
        origin: "*".to_owned(),
        origins: Vec::new(),
        headers: HEADERS.map(ToOwned::to_owned).to_vec(),
        methods: vec!["OPTIONS".to_owned()],
        allow_credentials: false,
        max_age: None,
        cache_control: None,
        at: node.with(Value::Null),
    };
    if node.as_boolean() != Some(true) {
        let map = shape::map(&mut reading.findings, node)?;
        keys::check(reading, map, ("`cors`", CORS));
        settings(reading, map, &mut cors);
    }
    for method in ["OPTIONS", method] {
        if !cors.methods.iter().any(|known| known == method) {
            cors.methods.push(method.to_owned());
        }
    }
    Some(cors)
}

fn settings(reading: &mut Reading<'_>, map: &Map, cors: &mut Cors) {
    let written = |key: &str| map.get(key).filter(|node| !matches!(node.value, Value::Null));
    if let Some(node) = written("origins") {
        cors.origins = one_or_more(reading, node);
        cors.origin.clear();
    }
    if let Some(node) = written("origin") {
        cors.origin = shape::text(&mut reading.findings, node).unwrap_or_default();
    }
    if let Some(node) = written("headers") {
        cors.headers = one_or_more(reading, node);
    }
    if let Some(node) = written("methods") {
        cors.methods = one_or_more(reading, node);
    }
    cors.allow_credentials = shape::flag(&mut reading.findings, map, "allowCredentials");
    cors.max_age = written("maxAge").and_then(|node| shape::text(&mut reading.findings, node));
    cors.cache_control = written("cacheControl").and_then(|node| shape::text(&mut reading.findings, node));
}

fn one_or_more(reading: &mut Reading<'_>, node: &Node) -> Vec<String> {
    match node.as_text() {
        Some(text) => vec![text.to_owned()],
        None => shape::texts(&mut reading.findings, node),
    }
}

/// Makes the method that answers preflights to a path.
pub(super) fn preflight(cors: &Cors, path_name: &str, (api, resource): (&Node, &Node)) -> (String, Entry) {
    let at = &cors.at;
    let mut origins = cors.origins.clone();
    if cors.origin.contains(',') {
        origins = cors.origin.split(',').map(|origin| origin.trim().to_owned()).collect();
    }
    let origin = origins.first().unwrap_or(&cors.origin);
    let mut headers = vec![
        ("Access-Control-Allow-Origin", origin.clone()),
        ("Access-Control-Allow-Headers", cors.headers.join(",")),
        ("Access-Control-Allow-Methods", cors.methods.join(",").replace("ANY", ANY)),
    ];
    if cors.allow_credentials {
        headers.push(("Access-Control-Allow-Credentials", "true".to_owned()));
    }
    headers.extend(cors.max_age.clone().map(|age| ("Access-Control-Max-Age", age)));
    headers.extend(cors.cache_control.clone().map(|control| ("Cache-Control", control)));
    let names: Vec<(String, &String)> =
        headers.iter().map(|(name, value)| (format!("method.response.header.{name}"), value)).collect();
    let declared = names.iter().map(|(name, _)| (name.as_str(), make::text(at, "true")));
    let method_response =
        make::map(at, [("StatusCode", make::text(at, "200")), ("ResponseParameters", make::map(at, declared))]);
    let set = names.iter().map(|(name, value)| (name.as_str(), make::text(at, format!("'{value}'"))));
    let response = make::map(
        at,
        [
            ("StatusCode", make::text(at, "200")),
            ("ResponseParameters", make::map(at, set)),
            ("ResponseTemplates", make::map(at, [("application/json", make::text(at, chooses_origin(&origins)))])),
        ],
    );
    let integration = make::map(
        at,
        [
            ("Type", make::text(at, "MOCK")),
            ("RequestTemplates", make::map(at, [("application/json", make::text(at, "{statusCode:200}"))])),
            ("ContentHandling", make::text(at, "CONVERT_TO_TEXT")),
            ("IntegrationResponses", make::list(at, vec![response])),
        ],
    );
    let properties = [
        ("AuthorizationType", Some(make::text(at, "NONE"))),
        ("HttpMethod", Some(make::text(at, "OPTIONS"))),
        ("Integration", Some(integration)),
        ("MethodResponses", Some(make::list(at, vec![method_response]))),
        ("ResourceId", Some(resource.clone())),
        ("RestApiId", Some(api.clone())),
    ];
    let node = make::resource(at, "AWS::ApiGateway::Method", properties);
    (naming::method(path_name, "OPTIONS"), Entry { key: at.spot, node })
}

/// A template that answers with the origin that asks, if it is one of several that may; `*` stands for any letters.
fn chooses_origin(origins: &[String]) -> String {
    if origins.is_empty() {
        return String::new();
    }
    let pattern = |origin: &String| origin.replace('.', "[.]").replacen('*', ".+", 1);
    let tests: Vec<String> = origins.iter().map(|origin| format!("$origin.matches(\"{}\")", pattern(origin))).collect();
    format!(
        "#set($origin = $input.params(\"Origin\"))\n#if($origin == \"\")#set($origin = $input.params(\"origin\"))#end\n\
         #if({})#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end",
        tests.join(" || ")
    )
}
