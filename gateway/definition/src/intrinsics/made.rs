//! How much intrinsics may make: a short template must not become gigabytes.

use crate::{
    diagnostic::Findings,
    document::{Node, Value},
    limits,
    read::Reading,
};

/// What intrinsics of one reading have made.
#[derive(Debug, Default)]
pub(crate) struct Made {
    nodes: usize,
    bytes: usize,
}

impl Made {
    /// Whether so many bytes may still be made.
    pub(super) fn allows(&self, bytes: usize) -> bool {
        self.bytes.saturating_add(bytes) <= limits::MADE_BYTES
    }

    fn add(&mut self, node: &Node) -> Option<()> {
        self.nodes += 1;
        match &node.value {
            Value::Scalar { text, plain: _ } => self.bytes += text.len(),
            Value::List(items) => items.iter().try_for_each(|item| self.add(item))?,
            Value::Map(map) => map.iter().try_for_each(|(_, entry)| self.add(&entry.node))?,
            Value::Null | Value::Unresolved => {}
        }
        (self.nodes <= limits::MADE_NODES && self.bytes <= limits::MADE_BYTES).then_some(())
    }
}

/// A value that an intrinsic has made, unless that is too much by now.
pub(super) fn counted(reading: &mut Reading<'_>, node: Node) -> Node {
    match reading.made.add(&node) {
        Some(()) => node,
        None => too_much(&mut reading.findings, &node),
    }
}

/// Says that a value is too much.
pub(super) fn too_much(findings: &mut Findings, node: &Node) -> Node {
    findings.error(&node.place(), "the intrinsics of the definition make too much of it");
    node.with(Value::Unresolved)
}
