//! The Query protocol: operation and input as a form, output as XML, or as JSON for those who accept it.
//!
//! AWS: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

mod input;
mod output;

pub use input::{input, pairs};
pub use output::{Format, error, success};

/// How a service's members are written. A member that is not in the table is written as it is.
#[derive(Debug)]
pub struct Dialect {
    /// The namespace of its XML.
    pub namespace: &'static str,
    /// Lists and maps. Of several entries for a member the first one is written, all are read.
    pub members: &'static [Member],
    /// Members that JSON shows as null when they are absent, by operation.
    pub shown: &'static [(&'static str, &'static [&'static str])],
}

/// A list or a map.
#[derive(Debug)]
pub struct Member {
    /// In the JSON model.
    pub name: &'static str,
    /// In forms and XML; `*` stands for the operation.
    pub wire: &'static str,
    /// In answers as JSON.
    pub answered: &'static str,
    /// What it is.
    pub shape: Shape,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `Name.1`, or `Name.item.1`.
    List {
        /// The element around each.
        item: Option<&'static str>,
    },
    /// `Name.1.key` and `Name.1.value`; a list of pairs in XML and in JSON.
    Pairs {
        /// The name of the key.
        key: &'static str,
        /// The name of the value.
        value: &'static str,
    },
    /// `Name.entry.1.key` and `Name.entry.1.value`; an object in JSON.
    Map {
        /// The name of the key.
        key: &'static str,
        /// The name of the value.
        value: &'static str,
    },
}

impl Member {
    fn is_written(&self, wire: &str, operation: &str) -> bool {
        match self.wire.split_once('*') {
            None => self.wire == wire,
            Some((before, after)) => {
                let rest = wire.strip_prefix(before).and_then(|rest| rest.strip_prefix(operation));
                rest == Some(after)
            }
        }
    }

    fn element(&self, operation: &str) -> String {
        self.wire.replace('*', operation)
    }
}
