//! `Integration` of an `AWS::ApiGateway::Method`: the same as OpenAPI's extension, in other spelling.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-apigateway-method-integration.html>

use super::renamed;
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    intrinsics::Scope,
    openapi::{self, DeclaredByMethod},
    read::Reading,
    resources::Integration,
    shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const INTEGRATION: &Vocabulary = &[
    ("CacheKeyParameters", Read),
    ("CacheNamespace", Read),
    ("ConnectionId", Read),
    ("ConnectionType", Read),
    ("ContentHandling", Read),
    ("Credentials", Silent),
    ("IntegrationHttpMethod", Read),
    ("IntegrationResponses", Read),
    ("IntegrationTarget", Read),
    ("PassthroughBehavior", Read),
    ("RequestParameters", Read),
    ("RequestTemplates", Read),
    ("ResponseTransferMode", Read),
    ("TimeoutInMillis", Read),
    ("TlsConfig", Read),
    ("Type", Read),
    ("Uri", Read),
];

const RESPONSE: &Vocabulary = &[
    ("ContentHandling", Read),
    ("ResponseParameters", Read),
    ("ResponseTemplates", Read),
    ("SelectionPattern", Read),
    ("StatusCode", Read),
];

/// The keys as OpenAPI's extension spells them.
const AS_EXTENSION: [(&str, &str); 15] = [
    ("CacheKeyParameters", "cacheKeyParameters"),
    ("CacheNamespace", "cacheNamespace"),
    ("ConnectionId", "connectionId"),
    ("ConnectionType", "connectionType"),
    ("ContentHandling", "contentHandling"),
    ("IntegrationHttpMethod", "httpMethod"),
    ("IntegrationTarget", "integrationTarget"),
    ("PassthroughBehavior", "passthroughBehavior"),
    ("RequestParameters", "requestParameters"),
    ("RequestTemplates", "requestTemplates"),
    ("ResponseTransferMode", "responseTransferMode"),
    ("TimeoutInMillis", "timeoutInMillis"),
    ("TlsConfig", "tlsConfig"),
    ("Type", "type"),
    ("Uri", "uri"),
];

const RESPONSE_AS_EXTENSION: [(&str, &str); 4] = [
    ("ContentHandling", "contentHandling"),
    ("ResponseParameters", "responseParameters"),
    ("ResponseTemplates", "responseTemplates"),
    ("StatusCode", "statusCode"),
];

/// Reads an integration.
pub(super) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    node: &Node,
    declared: &DeclaredByMethod<'_>,
) -> Option<Integration> {
    let map = shape::map(&mut reading.findings, node)?;
    vocabulary::check(&mut reading.findings, map, "an integration", INTEGRATION);
    complete(reading, map, node)?;
    let mut extension = renamed(map, &AS_EXTENSION);
    if let Some(entry) = map.entries.get("IntegrationResponses") {
        let responses = responses(reading, &entry.node)?;
        extension.entries.insert("responses".to_owned(), Entry { key: entry.key, node: responses });
    }
    openapi::integration(reading, scope, &node.with(Value::Map(extension)), declared)
}

/// What AWS demands of each type; MOCK takes neither, and AWS drops them there.
fn complete(reading: &mut Reading<'_>, map: &Map, node: &Node) -> Option<()> {
    let mut missing = |key: &str, help: &str| {
        let message = format!("the integration has no `{key}`");
        reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
    };
    let Some(kind) = map.get("Type") else {
        missing("Type", "one of `AWS_PROXY`, `HTTP_PROXY`, `MOCK`, `AWS`, `HTTP`");
        return None;
    };
    if kind.as_text().is_some_and(|kind| kind.eq_ignore_ascii_case("MOCK")) {
        return Some(());
    }
    let (uri, http_method) = (map.get("Uri"), map.get("IntegrationHttpMethod"));
    if uri.is_none() {
        missing("Uri", "say what answers");
    }
    if http_method.is_none() {
        missing("IntegrationHttpMethod", "`POST` for a function, `ANY` for the client's verb");
    }
    uri.and(http_method).map(|_| ())
}

/// The list of responses as a map from the pattern that selects each.
fn responses(reading: &mut Reading<'_>, node: &Node) -> Option<Node> {
    let mut map = Map::default();
    for item in shape::list(&mut reading.findings, node)? {
        let Some(response) = shape::map(&mut reading.findings, item) else { continue };
        vocabulary::check(&mut reading.findings, response, "an integration response", RESPONSE);
        if response.get("StatusCode").is_none() {
            reading.findings.error(&item.place(), "the integration response has no `StatusCode`");
            continue;
        }
        let pattern = shape::text_of(&mut reading.findings, response, "SelectionPattern");
        let pattern = pattern.filter(|pattern| !pattern.is_empty()).unwrap_or_else(|| "default".to_owned());
        if map.entries.contains_key(&pattern) {
            let message = match pattern.as_str() {
                "default" => "a second integration response has no `SelectionPattern`".to_owned(),
                _ => format!("a second integration response is selected by `{}`", shape::brief(&pattern)),
            };
            reading.findings.error(&item.place(), message);
            continue;
        }
        let node = item.with(Value::Map(renamed(response, &RESPONSE_AS_EXTENSION)));
        map.entries.insert(pattern, Entry { key: item.spot, node });
    }
    Some(node.with(Value::Map(map)))
}
