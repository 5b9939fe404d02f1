//! The extensions at the root of a document: settings of the API as a whole.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>

use super::{Document, gateway_responses, unknown_word};
use crate::{
    Diagnostic,
    document::{Map, Node},
    endpoint_configuration, json, limits,
    read::Reading,
    resources::{ApiKeySource, TemplateText},
    shape,
};

/// Reads the settings of an API into its document.
pub(super) fn read(reading: &mut Reading<'_>, map: &Map, document: &mut Document) {
    if let Some(types) = map.get("x-amazon-apigateway-binary-media-types") {
        document.binary_media_types = shape::texts(&mut reading.findings, types);
    }
    if let Some(node) = map.get("x-amazon-apigateway-endpoint-configuration") {
        document.disable_execute_api_endpoint = endpoint_configuration::read_openapi(reading, node);
    }
    if let Some(node) = map.get("x-amazon-apigateway-api-key-source") {
        document.api_key_source = api_key_source(reading, node);
    }
    if let Some(node) = map.get("x-amazon-apigateway-minimum-compression-size") {
        document.minimum_compression_size = minimum_compression_size(reading, node);
    }
    if let Some(node) = map.get("x-amazon-apigateway-policy") {
        document.policy = policy(reading, node);
    }
    if let Some(node) = map.get("x-amazon-apigateway-gateway-responses") {
        document.gateway_responses = gateway_responses::read(reading, node);
    }
}

/// `apiKeySource`.
pub(crate) fn api_key_source(reading: &mut Reading<'_>, node: &Node) -> ApiKeySource {
    let text = shape::text(&mut reading.findings, node).unwrap_or_else(|| "HEADER".to_owned());
    match text.to_ascii_uppercase().as_str() {
        "HEADER" => ApiKeySource::Header,
        "AUTHORIZER" => ApiKeySource::Authorizer,
        _ => {
            let message = format!("unknown source of API keys `{}`", shape::brief(&text));
            reading.findings.push(unknown_word(node, message, &["HEADER", "AUTHORIZER"]));
            ApiKeySource::default()
        }
    }
}

/// `minimumCompressionSize`; `None` compresses nothing.
pub(crate) fn minimum_compression_size(reading: &mut Reading<'_>, node: &Node) -> Option<u32> {
    if matches!(node.value, crate::document::Value::Null) {
        return None;
    }
    let size = shape::integer(&mut reading.findings, node, &limits::COMPRESSION_SIZE)?;
    u32::try_from(size).ok()
}

/// A resource policy, written as a map or as JSON text.
pub(crate) fn policy(reading: &mut Reading<'_>, node: &Node) -> Option<TemplateText> {
    // Only nothing at all is no policy: an empty one says something.
    if matches!(node.value, crate::document::Value::Null) {
        return None;
    }
    let text = match node.as_text() {
        Some(text) => text.to_owned(),
        None => json::value(shape::map(&mut reading.findings, node).map(|_| node)?).to_string(),
    };
    if !serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|policy| policy.is_object()) {
        let message = "the resource policy is no JSON object";
        reading.findings.push(Diagnostic::error(&node.place(), message).help("write `{Version: .., Statement: [..]}`"));
        return None;
    }
    if text.len() > limits::POLICY {
        let message = format!("the resource policy has {} bytes; AWS takes {}", text.len(), limits::POLICY);
        reading.findings.error(&node.place(), message);
    }
    Some(TemplateText { text, place: node.place() })
}
