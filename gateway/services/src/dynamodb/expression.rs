//! Expressions: conditions, updates, projections, with the names and values that stand for `#name` and `:value` in them.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html>

use super::value::Attribute;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

pub(crate) mod apply;
pub(crate) mod condition;
mod cursor;
pub(crate) mod evaluate;
pub(crate) mod key_condition;
mod lexer;
pub(crate) mod projection;
mod reserved;
pub(crate) mod update;

#[cfg(test)]
mod tests;

/// The longest expression.
const MAX_BYTES: usize = 4_096;
/// The most operators and functions of an expression.
const MAX_OPERATORS: usize = 300;
/// How deep parentheses, functions and `NOT` may be nested; fewer than would fill a thread's stack.
const MAX_DEPTH: usize = 100;

/// A document path: `a.b[2]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path {
    /// The attribute.
    pub(crate) head: String,
    /// What is looked up in it.
    pub(crate) tail: Vec<Step>,
}

/// A step into a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Index(usize),
    Member(String),
}

/// As messages show it: `[a, b, [2]]`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}", self.head)?;
        for step in &self.tail {
            match step {
                Step::Index(index) => write!(f, ", [{index}]")?,
                Step::Member(name) => write!(f, ", {name}")?,
            }
        }
        f.write_str("]")
    }
}

impl Path {
    /// Of an attribute as a whole.
    pub(crate) fn attribute(name: &str) -> Self {
        Self { head: name.to_owned(), tail: Vec::new() }
    }

    /// Why two paths of one expression cannot stand beside each other.
    fn against(&self, other: &Self) -> Option<Clash> {
        if self.head != other.head {
            return None;
        }
        for (one, two) in self.tail.iter().zip(&other.tail) {
            match (one, two) {
                (Step::Index(_), Step::Member(_)) | (Step::Member(_), Step::Index(_)) => return Some(Clash::Conflict),
                (one, two) if one != two => return None,
                _ => {}
            }
        }
        Some(Clash::Overlap)
    }
}

enum Clash {
    Overlap,
    Conflict,
}

/// `ExpressionAttributeNames` and `ExpressionAttributeValues`, and which of them have been used.
#[derive(Debug, Default)]
pub(crate) struct Placeholders {
    pub(crate) names: BTreeMap<String, String>,
    pub(crate) values: BTreeMap<String, Attribute>,
    used: BTreeSet<String>,
}

impl Placeholders {
    pub(crate) fn new(names: BTreeMap<String, String>, values: BTreeMap<String, Attribute>) -> Self {
        Self { names, values, used: BTreeSet::new() }
    }

    fn name(&mut self, placeholder: &str) -> Option<String> {
        self.used.insert(placeholder.to_owned());
        self.names.get(placeholder).cloned()
    }

    fn value(&mut self, placeholder: &str) -> Option<Attribute> {
        self.used.insert(placeholder.to_owned());
        self.values.get(placeholder).cloned()
    }

    /// The complaint about those that no expression has used.
    pub(crate) fn unused(&self) -> Option<String> {
        let unused = |of: &str, all: Vec<&String>| {
            let left: Vec<&str> = all.into_iter().filter(|key| !self.used.contains(*key)).map(String::as_str).collect();
            let keys = left.join(", ");
            (!left.is_empty()).then(|| format!("Value provided in {of} unused in expressions: keys: {{{keys}}}"))
        };
        unused("ExpressionAttributeNames", self.names.keys().collect())
            .or_else(|| unused("ExpressionAttributeValues", self.values.keys().collect()))
    }
}
