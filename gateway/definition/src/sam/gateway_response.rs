//! `GatewayResponses` of an API: the same as OpenAPI's extension, in other spelling.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-gatewayresponse.html>

use crate::{
    document::{Entry, Map, Node, Value},
    openapi,
    read::Reading,
    resources::GatewayResponse,
    shape,
    vocabulary::{self, Treatment::Read, Vocabulary},
};

const GATEWAY_RESPONSE: &Vocabulary =
    &[("ResponseParameters", Read), ("ResponseTemplates", Read), ("StatusCode", Read)];

const PARAMETERS: &Vocabulary = &[("Headers", Read), ("Paths", Read), ("QueryStrings", Read)];

/// Reads the customised gateway responses of an API.
pub(super) fn read(reading: &mut Reading<'_>, node: &Node) -> Vec<GatewayResponse> {
    let mut extension = Map::default();
    for (name, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let Some(map) = shape::map(&mut reading.findings, &entry.node) else { continue };
        vocabulary::check(&mut reading.findings, map, "a gateway response", GATEWAY_RESPONSE);
        let mut response = Map::default();
        for (key, name) in [("ResponseTemplates", "responseTemplates"), ("StatusCode", "statusCode")] {
            response.entries.extend(map.entries.get(key).map(|entry| (name.to_owned(), entry.clone())));
        }
        if let Some(entry) = map.entries.get("ResponseParameters") {
            let node = parameters(reading, &entry.node);
            response.entries.insert("responseParameters".to_owned(), Entry { key: entry.key, node });
        }
        let entry = Entry { key: entry.key, node: entry.node.with(Value::Map(response)) };
        extension.entries.insert(name.to_owned(), entry);
    }
    openapi::gateway_responses(reading, &node.with(Value::Map(extension)))
}

/// `Headers: {X: ..}` as `gatewayresponse.header.X`.
fn parameters(reading: &mut Reading<'_>, node: &Node) -> Node {
    let mut parameters = Map::default();
    if let Some(kinds) = shape::map(&mut reading.findings, node) {
        vocabulary::check(&mut reading.findings, kinds, "`ResponseParameters`", PARAMETERS);
        for (key, kind) in [("Headers", "header"), ("Paths", "path"), ("QueryStrings", "querystring")] {
            let values = kinds.get(key).and_then(|node| shape::map(&mut reading.findings, node));
            for (name, entry) in values.into_iter().flat_map(Map::iter) {
                parameters.entries.insert(format!("gatewayresponse.{kind}.{name}"), entry.clone());
            }
        }
    }
    node.with(Value::Map(parameters))
}
