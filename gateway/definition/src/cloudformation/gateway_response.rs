//! `AWS::ApiGateway::GatewayResponse`: the same as OpenAPI's extension, in other spelling.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-gatewayresponse.html>

use super::{
    draft::{self, Draft},
    renamed,
    template::Declared,
};
use crate::{
    document::{Entry, Map, Value},
    intrinsics::Scope,
    openapi,
    read::Reading,
    resources::GatewayResponse,
    shape,
    vocabulary::{Treatment::Read, Vocabulary},
};

const GATEWAY_RESPONSE: &Vocabulary = &[
    ("ResponseParameters", Read),
    ("ResponseTemplates", Read),
    ("ResponseType", Read),
    ("RestApiId", Read),
    ("StatusCode", Read),
];

/// The keys as OpenAPI's extension spells them.
const AS_EXTENSION: [(&str, &str); 3] = [
    ("ResponseParameters", "responseParameters"),
    ("ResponseTemplates", "responseTemplates"),
    ("StatusCode", "statusCode"),
];

/// Reads a gateway response into its API, which has one of each type.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, drafts: &mut [Draft]) {
    let properties = declared.resolved(reading, scope, ("a gateway response", GATEWAY_RESPONSE));
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    let Some(node) = declared.required(reading, &properties, "ResponseType") else { return };
    let Some(name) = shape::text(&mut reading.findings, node) else { return };
    let response = declared.at.with(Value::Map(renamed(&properties, &AS_EXTENSION)));
    let mut extension = Map::default();
    extension.entries.insert(name, Entry { key: node.spot, node: response });
    for response in openapi::gateway_responses(reading, &declared.at.with(Value::Map(extension))) {
        let responses = &mut draft.document.gateway_responses;
        if responses.iter().any(|other| other.response_type == response.response_type) {
            let message = format!("the API customises `{}` already", response.response_type.as_str());
            reading.findings.error(&declared.place, message);
            continue;
        }
        responses.push(GatewayResponse { place: declared.place.clone(), ..response });
    }
}
