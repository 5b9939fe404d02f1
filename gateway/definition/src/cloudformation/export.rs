//! `Outputs` with an `Export`: values for other stacks of the same definition.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html>

use crate::{
    document::{Map, Node},
    intrinsics::{self, Scope},
    read::Reading,
};

/// Keeps what other stacks import.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, root: &Node) {
    if reading.exports.wanted.is_empty() {
        return;
    }
    let outputs = root.as_map().and_then(|map| map.get("Outputs")).and_then(Node::as_map);
    for (_, entry) in outputs.into_iter().flat_map(Map::iter) {
        let get = |key: &str| entry.node.as_map().and_then(|map| map.get(key));
        let name = get("Export").and_then(Node::as_map).and_then(|map| map.get("Name"));
        let (Some(name), Some(value)) = (name, get("Value")) else { continue };
        let Some(name) = intrinsics::resolve(reading, scope, name) else { continue };
        let Some(name) = name.as_text().filter(|name| reading.exports.wanted.contains(*name)) else { continue };
        let Some(value) = intrinsics::resolve(reading, scope, value) else { continue };
        if let Some(text) = value.as_text() {
            reading.exports.values.insert(name.to_owned(), text.to_owned());
        }
    }
}
