//! `layers`: each becomes an `AWS::Lambda::LayerVersion`.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/guide/layers>

use super::{function, keys, make, naming, variables::Variables};
use crate::{
    document::{Entry, Map, Node, Value},
    read::Reading,
    vocabulary::{
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const LAYER: &Vocabulary = &[
    ("allowedAccounts", Silent),
    ("compatibleArchitectures", Silent),
    ("compatibleRuntimes", Silent),
    ("description", Silent),
    ("licenseInfo", Silent),
    ("name", Silent),
    ("package", Read),
    ("path", Read),
    ("retain", Silent),
];

/// Makes the layers of a service.
pub(super) fn read(reading: &mut Reading<'_>, variables: &mut Variables, resources: &mut Map) {
    for section in function::sections(reading, variables, "layers") {
        for (name, entry) in section.iter() {
            let Some(keys) = keys::read(reading, variables, &entry.node, ("a layer", LAYER)) else { continue };
            let artifact = keys.get("package").and_then(Node::as_map).and_then(|map| map.get("artifact"));
            let content = artifact.or_else(|| keys.get("path"));
            if content.is_none() {
                reading.findings.error(&entry.key_place(), format!("the layer `{name}` has no `path`"));
                continue;
            }
            let at = entry.node.with(Value::Null);
            let node = make::resource(&at, "AWS::Lambda::LayerVersion", [("Content", content.cloned())]);
            resources.entries.insert(naming::layer(name), Entry { key: entry.key, node });
        }
    }
}
