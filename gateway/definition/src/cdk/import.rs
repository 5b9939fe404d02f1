//! `Fn::ImportValue`: what stacks take from each other.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-importvalue.html>

use super::assembly::Stack;
use crate::document::{Node, Value};
use std::collections::HashSet;

/// The names of everything that some stack imports.
pub(super) fn names(stacks: &[Stack]) -> HashSet<String> {
    let mut names = HashSet::new();
    for stack in stacks {
        collect(&stack.root, &mut names);
    }
    names
}

fn collect(node: &Node, names: &mut HashSet<String>) {
    match &node.value {
        Value::Null | Value::Scalar { .. } | Value::Unresolved => {}
        Value::List(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Map(map) => {
            for (key, entry) in map.iter() {
                match entry.node.as_text() {
                    Some(name) if key == "Fn::ImportValue" => {
                        names.insert(name.to_owned());
                    }
                    Some(_) | None => collect(&entry.node, names),
                }
            }
        }
    }
}
