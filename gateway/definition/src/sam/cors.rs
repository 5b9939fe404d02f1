//! `Cors`: SAM answers the preflight of each path with a MOCK method.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-corsconfiguration.html>

use super::{auth, auth::Auth};
use crate::{
    Diagnostic, Place,
    document::{Map, Node, Value},
    openapi,
    read::Reading,
    resource_tree::ResourceTree,
    resources::{
        HttpMethod, Integration, IntegrationKind, IntegrationResponse, Method, MethodResponse, Resource, TemplateText,
    },
    shape,
    vocabulary::{self, Treatment::Read, Vocabulary},
};
use indexmap::IndexMap;

const CORS: &Vocabulary = &[
    ("AllowCredentials", Read),
    ("AllowHeaders", Read),
    ("AllowMethods", Read),
    ("AllowOrigin", Read),
    ("MaxAge", Read),
];

/// What the preflight answers say.
#[derive(Debug)]
struct Cors {
    /// Header and value, the value in the single quotes of a mapping expression.
    headers: Vec<(&'static str, TemplateText)>,
    names_methods: bool,
    place: Place,
}

/// Adds an OPTIONS method to every path that has none.
pub(super) fn add(reading: &mut Reading<'_>, tree: &mut ResourceTree, node: &Node, auth: &Auth) {
    let Some(cors) = read(reading, node) else { return };
    let preflights: Vec<(String, Method)> = tree
        .resources()
        .filter(|resource| !resource.methods.is_empty())
        .filter(|resource| resource.methods.iter().all(|method| method.http_method != HttpMethod::Options))
        .map(|resource| (resource.path.clone(), preflight(&cors, resource)))
        .collect();
    for (path, mut method) in preflights {
        auth::protect(auth, &mut method);
        tree.add_preflight(&path, method);
    }
}

fn read(reading: &mut Reading<'_>, node: &Node) -> Option<Cors> {
    let mut cors = Cors { headers: Vec::new(), names_methods: false, place: node.place() };
    let Value::Map(map) = &node.value else {
        cors.headers.push(("Access-Control-Allow-Origin", quoted(reading, node)?));
        return Some(cors);
    };
    vocabulary::check(&mut reading.findings, map, "`Cors`", CORS);
    for (key, header) in [
        ("AllowHeaders", "Access-Control-Allow-Headers"),
        ("AllowMethods", "Access-Control-Allow-Methods"),
        ("MaxAge", "Access-Control-Max-Age"),
    ] {
        let Some(node) = map.get(key) else { continue };
        cors.headers.extend(quoted(reading, node).map(|text| (header, text)));
    }
    cors.names_methods = map.get("AllowMethods").is_some();
    if allows_credentials(reading, map) {
        let text = TemplateText { text: "'true'".to_owned(), place: cors.place.clone() };
        cors.headers.push(("Access-Control-Allow-Credentials", text));
    }
    let Some(origin) = map.get("AllowOrigin") else {
        reading
            .findings
            .push(Diagnostic::error(&cors.place, "`Cors` has no `AllowOrigin`").help("write `AllowOrigin: \"'*'\"`"));
        return None;
    };
    cors.headers.push(("Access-Control-Allow-Origin", quoted(reading, origin)?));
    Some(cors)
}

fn allows_credentials(reading: &mut Reading<'_>, map: &Map) -> bool {
    let node = map.get("AllowCredentials");
    node.and_then(|node| shape::boolean(&mut reading.findings, node)).unwrap_or(false)
}

/// A value as a mapping expression: text in single quotes, which are part of it.
fn quoted(reading: &mut Reading<'_>, node: &Node) -> Option<TemplateText> {
    let text = shape::text(&mut reading.findings, node)?;
    if text.len() < 2 || !text.starts_with('\'') || !text.ends_with('\'') {
        let message = format!("`{}` is not in single quotes, which AWS demands", shape::brief(&text));
        let help = format!("write `\"'{}'\"`", shape::brief(text.trim_matches('\'')));
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        return None;
    }
    Some(TemplateText { text, place: node.place() })
}

fn preflight(cors: &Cors, resource: &Resource) -> Method {
    let text = |text: &str| TemplateText { text: text.to_owned(), place: cors.place.clone() };
    let mut headers = cors.headers.clone();
    if !cors.names_methods {
        headers.push(("Access-Control-Allow-Methods", text(&format!("'{}'", verbs(resource).join(",")))));
    }
    let response = IntegrationResponse {
        status_code: 200,
        selection_pattern: None,
        response_parameters: headers
            .iter()
            .map(|(header, value)| (format!("method.response.header.{header}"), value.clone()))
            .collect(),
        response_templates: IndexMap::from([("application/json".to_owned(), text("{}\n"))]),
        content_handling: None,
        place: cors.place.clone(),
    };
    let integration = Integration {
        request_templates: IndexMap::from([("application/json".to_owned(), text("{\n  \"statusCode\" : 200\n}\n"))]),
        responses: vec![response],
        ..Integration::new(IntegrationKind::Mock, openapi::DEFAULT_TIMEOUT_MS, cors.place.clone())
    };
    let declared = MethodResponse {
        status_code: 200,
        headers: headers.iter().map(|(header, _)| (*header).to_owned()).collect(),
        models: IndexMap::new(),
    };
    Method { method_responses: vec![declared], ..Method::new(HttpMethod::Options, integration, cors.place.clone()) }
}

/// The verbs of a path in SAM's order, OPTIONS among them; `ANY` stands for all.
fn verbs(resource: &Resource) -> Vec<&'static str> {
    let all = HttpMethod::ALL.into_iter().filter(|method| *method != HttpMethod::Any);
    if resource.methods.iter().any(|method| method.http_method == HttpMethod::Any) {
        return all.map(HttpMethod::as_str).collect();
    }
    let mut verbs: Vec<&'static str> = resource.methods.iter().map(|method| method.http_method.as_str()).collect();
    verbs.push(HttpMethod::Options.as_str());
    verbs.sort_unstable();
    verbs
}
