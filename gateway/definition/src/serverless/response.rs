//! `response` of an `http` event: statuses, headers, templates.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/events/apigateway#lambda-integration>

use super::{
    event::{Http, Kind},
    keys, make,
};
use crate::{
    document::{Entry, Map, Node, Value},
    read::Reading,
    shape,
    vocabulary::{Treatment::Read, Vocabulary},
};

pub(super) const RESPONSE: &Vocabulary =
    &[("contentHandling", Read), ("headers", Read), ("statusCodes", Read), ("template", Read), ("transferMode", Read)];

const STATUS: &Vocabulary = &[("headers", Read), ("pattern", Read), ("template", Read)];

/// The statuses of a function behind templates, and what its error's message holds for each.
const STATUSES: [(&str, &str); 9] = [
    ("200", ""),
    ("400", r"[\s\S]*\[400\][\s\S]*"),
    ("401", r"[\s\S]*\[401\][\s\S]*"),
    ("403", r"[\s\S]*\[403\][\s\S]*"),
    ("404", r"[\s\S]*\[404\][\s\S]*"),
    ("422", r"[\s\S]*\[422\][\s\S]*"),
    ("500", r"[\s\S]*(Process\s?exited\s?before\s?completing\s?request|\[500\])[\s\S]*"),
    ("502", r"[\s\S]*\[502\][\s\S]*"),
    ("504", r"([\s\S]*\[504\][\s\S]*)|(.*Task timed out after \d+\.\d+ seconds$)"),
];

/// A response of the method and of its integration.
#[derive(Debug)]
pub(super) struct Response {
    status: String,
    pattern: Node,
    /// Headers and their expressions.
    headers: Map,
    templates: Map,
    content_handling: Option<Node>,
    at: Node,
}

/// The responses of a method that maps them.
pub(super) fn read(reading: &mut Reading<'_>, http: &Http, response: &Map) -> Vec<Response> {
    let has_own = !response.entries.is_empty();
    match http.kind {
        Kind::AwsProxy | Kind::HttpProxy => return Vec::new(),
        Kind::Http | Kind::Mock if !has_own => return Vec::new(),
        Kind::Aws | Kind::Http | Kind::Mock => {}
    }
    let common = common_headers(reading, http, response);
    let mut responses = match response.get("statusCodes").filter(|node| !node.says_no()) {
        Some(node) => own(reading, node),
        None => STATUSES.iter().map(|(status, pattern)| plain(&http.at, status, pattern)).collect(),
    };
    let lacks_default = !responses.iter().any(|response| response.pattern.as_text() == Some(""));
    if lacks_default && http.kind != Kind::Mock {
        responses.retain(|response| response.status != "200");
        responses.push(plain(&http.at, "200", ""));
    }
    responses.sort_by(|left, right| left.status.cmp(&right.status));
    let template = response.get("template").filter(|node| !matches!(node.value, Value::Null));
    for one in &mut responses {
        let mut headers = common.clone();
        headers.entries.extend(std::mem::take(&mut one.headers).entries);
        one.headers = headers;
        if let Some(node) = template {
            let entry = Entry { key: node.spot, node: node.clone() };
            one.templates.entries.entry("application/json".to_owned()).or_insert(entry);
        }
        if one.status.starts_with('2') {
            one.content_handling = response.get("contentHandling").cloned();
        }
    }
    responses
}

fn plain(at: &Node, status: &str, pattern: &str) -> Response {
    Response {
        status: status.to_owned(),
        pattern: make::text(at, pattern),
        headers: Map::default(),
        templates: Map::default(),
        content_handling: None,
        at: at.clone(),
    }
}

/// `statusCodes`
fn own(reading: &mut Reading<'_>, node: &Node) -> Vec<Response> {
    let mut responses = Vec::new();
    for (status, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let at = Node { spot: entry.key, ..entry.node.with(Value::Null) };
        let mut response = plain(&at, status, "");
        if let Some(map) = (!entry.node.says_no()).then(|| shape::map(&mut reading.findings, &entry.node)).flatten() {
            keys::check(reading, map, ("a status", STATUS));
            if let Some(node) = map.get("pattern").filter(|node| !matches!(node.value, Value::Null)) {
                response.pattern = node.clone();
            }
            response.headers = map_of(reading, map.get("headers"));
            response.templates = match map.get("template") {
                Some(node) if node.as_text().is_some() => {
                    make::map(node, [("application/json", node.clone())]).as_map().cloned().unwrap_or_default()
                }
                other => map_of(reading, other),
            };
        }
        responses.push(response);
    }
    responses
}

fn map_of(reading: &mut Reading<'_>, node: Option<&Node>) -> Map {
    let node = node.filter(|node| !node.says_no());
    node.and_then(|node| shape::map(&mut reading.findings, node)).cloned().unwrap_or_default()
}

/// Headers of all responses.
fn common_headers(reading: &mut Reading<'_>, http: &Http, response: &Map) -> Map {
    let mut headers = Map::default();
    if let Some(cors) = &http.cors {
        let entry = |text: String| Entry { key: http.at.spot, node: make::text(&http.at, text) };
        let origin = format!("'{}'", cors.allow_origin());
        headers.entries.insert("Access-Control-Allow-Origin".to_owned(), entry(origin));
        if cors.allow_credentials() {
            headers.entries.insert("Access-Control-Allow-Credentials".to_owned(), entry("'true'".to_owned()));
        }
    }
    headers.entries.extend(map_of(reading, response.get("headers")).entries);
    headers
}

/// `MethodResponses`
pub(super) fn declared(responses: &[Response], at: &Node) -> Node {
    let one = |response: &Response| {
        let at = &response.at;
        let names: Vec<String> = response.headers.entries.keys().map(|name| in_response(name)).collect();
        let headers = make::map(at, names.iter().map(|name| (name.as_str(), make::text(at, "true"))));
        make::map(at, [("StatusCode", make::text(at, response.status.as_str())), ("ResponseParameters", headers)])
    };
    make::list(at, responses.iter().map(one).collect())
}

/// `IntegrationResponses`
pub(super) fn integration(responses: &[Response], at: &Node) -> Node {
    let one = |response: &Response| {
        let at = &response.at;
        let mut headers = Map::default();
        for (name, entry) in &response.headers.entries {
            headers.entries.insert(in_response(name), entry.clone());
        }
        let mut entries = vec![
            ("StatusCode", make::text(at, response.status.as_str())),
            ("SelectionPattern", response.pattern.clone()),
            ("ResponseParameters", at.with(Value::Map(headers))),
            ("ResponseTemplates", at.with(Value::Map(response.templates.clone()))),
        ];
        entries.extend(response.content_handling.clone().map(|node| ("ContentHandling", node)));
        make::map(at, entries)
    };
    make::list(at, responses.iter().map(one).collect())
}

fn in_response(name: &str) -> String {
    format!("method.response.header.{name}")
}
