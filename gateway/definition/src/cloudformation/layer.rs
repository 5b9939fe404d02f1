//! `AWS::Serverless::LayerVersion` and `AWS::Lambda::LayerVersion`.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-layerversion.html>

use super::{
    lambda_function,
    template::{Declared, Template},
};
use crate::{
    Diagnostic,
    document::Node,
    function, identifier, intrinsics,
    intrinsics::Scope,
    limits,
    read::Reading,
    shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};
use indexmap::IndexMap;
use std::path::PathBuf;

const LAYER: &Vocabulary = &[
    ("CompatibleArchitectures", Silent),
    ("CompatibleRuntimes", Silent),
    ("ContentUri", Read),
    ("Description", Silent),
    ("LayerName", Silent),
    ("LicenseInfo", Silent),
    ("PublishLambdaVersion", Silent),
    ("RetentionPolicy", Silent),
];

const LAMBDA_LAYER: &Vocabulary = &[
    ("CompatibleArchitectures", Silent),
    ("CompatibleRuntimes", Silent),
    ("Content", Read),
    ("Description", Silent),
    ("LayerName", Silent),
    ("LicenseInfo", Silent),
];

/// Folders of layers by ARN; `None` when the folder's fault has been reported.
pub(crate) type Layers = IndexMap<String, Option<PathBuf>>;

/// Reads the layers of a template.
pub(crate) fn read(reading: &mut Reading<'_>, scope: &Scope, template: &Template) -> Layers {
    let mut layers = Layers::new();
    for declared in template.of_type("AWS::Serverless::LayerVersion") {
        vocabulary::check(&mut reading.findings, &declared.properties, "a layer", LAYER);
        let node = declared.properties.get("ContentUri").cloned();
        let folder = folder(reading, scope, (declared, "ContentUri", node));
        layers.insert(identifier::layer_arn(scope, &declared.logical_id), folder);
    }
    for declared in template.of_type("AWS::Lambda::LayerVersion") {
        vocabulary::check(&mut reading.findings, &declared.properties, "a layer", LAMBDA_LAYER);
        let node = lambda_function::asset(declared, "Content").or_else(|| declared.properties.get("Content").cloned());
        let folder = folder(reading, scope, (declared, "Content", node));
        layers.insert(identifier::layer_arn(scope, &declared.logical_id), folder);
    }
    layers
}

fn folder(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (declared, key, node): (&Declared, &str, Option<Node>),
) -> Option<PathBuf> {
    let Some(node) = node else {
        reading.findings.error(&declared.place, format!("the layer has no `{key}`"));
        return None;
    };
    let node = intrinsics::resolve(reading, scope, &node)?;
    let node = lambda_function::uploaded(scope, &node, "S3Key").unwrap_or(node);
    function::layer_folder(reading, scope, &node)
}

/// The folders of the layers that a function names.
pub(crate) fn folders(reading: &mut Reading<'_>, layers: &Layers, node: &Node) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let items = shape::list(&mut reading.findings, node).unwrap_or_default();
    for item in items {
        let Some(text) = shape::text(&mut reading.findings, item) else { continue };
        match layers.get(&text) {
            Some(folder) => folders.extend(folder.clone()),
            None => reading.findings.push(
                Diagnostic::warning(
                    &item.place(),
                    format!("the layer `{}` is not on this machine", shape::brief(&text)),
                )
                .help("the function runs without it"),
            ),
        }
    }
    if items.len() > limits::FUNCTION_LAYERS {
        let message = format!("{} layers; Lambda takes {}", items.len(), limits::FUNCTION_LAYERS);
        reading.findings.error(&node.place(), message);
    }
    folders
}
