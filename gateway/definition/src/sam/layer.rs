//! `AWS::Serverless::LayerVersion`.
//!
//! AWS: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-layerversion.html>

use crate::{
    Diagnostic,
    cloudformation::Template,
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

/// Folders of layers by ARN; `None` when the folder's fault has been reported.
pub(super) type Layers = IndexMap<String, Option<PathBuf>>;

/// Reads the layers of a template.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, template: &Template) -> Layers {
    let mut layers = Layers::new();
    for declared in template.of_type("AWS::Serverless::LayerVersion") {
        vocabulary::check(&mut reading.findings, &declared.properties, "a layer", LAYER);
        let folder = match declared.properties.get("ContentUri") {
            Some(node) => {
                let node = intrinsics::resolve(reading, scope, node);
                node.and_then(|node| function::folder(reading, scope, &node))
            }
            None => {
                reading.findings.error(&declared.place, "the layer has no `ContentUri`");
                None
            }
        };
        layers.insert(identifier::layer_arn(scope, &declared.logical_id), folder);
    }
    layers
}

/// The folders of the layers that a function names.
pub(super) fn folders(reading: &mut Reading<'_>, layers: &Layers, node: &Node) -> Vec<PathBuf> {
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
