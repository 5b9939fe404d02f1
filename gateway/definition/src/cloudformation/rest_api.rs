//! `AWS::ApiGateway::RestApi`.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-restapi.html>

use super::{draft::Draft, lambda_function, template::Declared};
use crate::{
    Diagnostic,
    document::Map,
    endpoint_configuration, identifier,
    intrinsics::{self, Scope},
    openapi::{self, Document, Identity},
    read::Reading,
    shape,
    vocabulary::{
        Treatment::{LeftOut, Missing, Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;

const REST_API: &Vocabulary = &[
    ("ApiKeySourceType", Read),
    ("BinaryMediaTypes", Read),
    ("Body", Read),
    ("BodyS3Location", Read),
    ("CloneFrom", Missing),
    ("Description", Silent),
    ("DisableExecuteApiEndpoint", Read),
    ("EndpointAccessMode", Read),
    ("EndpointConfiguration", Read),
    ("FailOnWarnings", Silent),
    ("MinimumCompressionSize", Read),
    ("Mode", Silent),
    ("Name", Read),
    ("Parameters", Silent),
    ("Policy", Read),
    // Which TLS the endpoint of AWS speaks: whoever terminates TLS decides that.
    ("SecurityPolicy", LeftOut),
    ("Tags", Silent),
];

/// Reads an API; other resources add to it.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared, stem: &str) -> Option<Draft> {
    let properties = declared.resolved(reading, scope, ("a REST API", REST_API));
    let uploaded = properties.get("BodyS3Location").map(|node| (node, lambda_function::uploaded(scope, node, "Key")));
    let included = match &uploaded {
        Some((node, Some(path))) => {
            let path = path.as_text().unwrap_or_default();
            Some(intrinsics::include(reading, scope, node, path)?)
        }
        Some((_, None)) | None => None,
    };
    if let Some((node, None)) = uploaded {
        let message = "a definition in S3 is not read";
        reading.findings.push(Diagnostic::error(&node.place(), message).help("write it into `Body`"));
        return None;
    }
    let id = identifier::rest_api(stem, &declared.logical_id);
    let mut document = match properties.get("Body").or(included.as_ref()) {
        Some(body) => openapi::document(reading, scope, &id, body)?,
        None => {
            let mut document = Document::default();
            // Every API has its root.
            document.tree.add_path(&mut reading.findings, "/", &declared.place);
            document
        }
    };
    settings(reading, &properties, &mut document);
    let name = shape::text_of(&mut reading.findings, &properties, "Name").or_else(|| document.title.clone());
    if name.is_none() && properties.get("Name").is_none() {
        reading.findings.error(&declared.place, "an API needs a `Name`, or a `Body` with a title");
    }
    let logical_id = declared.logical_id.clone();
    Some(Draft {
        name: name.unwrap_or_else(|| logical_id.clone()),
        identity: Identity { id, logical_id, place: declared.place.clone() },
        document,
        stages: Vec::new(),
        written: Vec::new(),
        validators: IndexMap::new(),
    })
}

/// Reads the settings that an API has whether SAM or CloudFormation declares it.
pub(crate) fn settings(reading: &mut Reading<'_>, properties: &Map, document: &mut Document) {
    if let Some(node) = properties.get("EndpointAccessMode") {
        endpoint_configuration::check_access_mode(reading, node);
    }
    if let Some(node) = properties.get("EndpointConfiguration") {
        endpoint_configuration::check_sam(reading, node);
    }
    if let Some(node) = properties.get("BinaryMediaTypes") {
        for media_type in shape::texts(&mut reading.findings, node) {
            // `/` may be written as `~1`, as in a JSON pointer.
            let media_type = media_type.replace("~1", "/");
            if !document.binary_media_types.contains(&media_type) {
                document.binary_media_types.push(media_type);
            }
        }
    }
    if let Some(node) = properties.get("ApiKeySourceType") {
        document.api_key_source = openapi::api_key_source(reading, node);
    }
    if let Some(node) = properties.get("MinimumCompressionSize") {
        document.minimum_compression_size = openapi::minimum_compression_size(reading, node);
    }
    if let Some(node) = properties.get("Policy") {
        document.policy = openapi::policy(reading, node);
    }
    document.disable_execute_api_endpoint |=
        shape::flag(&mut reading.findings, properties, "DisableExecuteApiEndpoint");
}
