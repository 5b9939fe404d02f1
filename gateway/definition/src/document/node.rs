//! Values with their places.

use crate::Place;
use indexmap::IndexMap;
use std::{borrow::Cow, path::PathBuf, sync::Arc};

/// A value of a document.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) spot: Spot,
    pub(crate) trail: Trail,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// Text as it was written; `plain` without quotes, so that it may be a number or a boolean.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the document.
    Map(Map),
    /// Something whose fault has been reported already: readers stay silent about it.
    Unresolved,
}

/// A map with the places of its keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Map {
    pub(crate) entries: IndexMap<String, Entry>,
}

/// One key with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: Spot,
    pub(crate) node: Node,
}

/// Where in a file: 1-based line and column, and the width for the caret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) width: u32,
}

/// Where in the document: the keys and indices that lead to a value, and its file.
#[derive(Debug, Clone)]
pub(crate) struct Trail(Arc<Link>);

#[derive(Debug)]
enum Link {
    File(Arc<PathBuf>),
    Key(Trail, String),
    Index(Trail, usize),
}

impl Trail {
    pub(crate) fn file(file: &Arc<PathBuf>) -> Self {
        Self(Arc::new(Link::File(Arc::clone(file))))
    }

    pub(crate) fn key(&self, key: &str) -> Self {
        Self(Arc::new(Link::Key(self.clone(), key.to_owned())))
    }

    pub(crate) fn index(&self, index: usize) -> Self {
        Self(Arc::new(Link::Index(self.clone(), index)))
    }

    pub(crate) fn place(&self, spot: Spot) -> Place {
        let mut steps = Vec::new();
        let mut link = &self.0;
        let file = loop {
            match link.as_ref() {
                Link::File(file) => break Arc::clone(file),
                Link::Key(parent, key) => {
                    steps.push(step(key));
                    link = &parent.0;
                }
                Link::Index(parent, index) => {
                    steps.push(Cow::Owned(format!("[{index}]")));
                    link = &parent.0;
                }
            }
        };
        let mut path = String::new();
        for step in steps.iter().rev() {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        Place { file, line: spot.line, column: spot.column, width: spot.width, path }
    }
}

impl Node {
    /// Where the value stands.
    pub(crate) fn place(&self) -> Place {
        self.trail.place(self.spot)
    }

    /// Another value at the same place.
    pub(crate) fn with(&self, value: Value) -> Self {
        Self { value, spot: self.spot, trail: self.trail.clone() }
    }

    /// Another text at the same place.
    pub(crate) fn with_text(&self, text: impl Into<String>) -> Self {
        self.with(Value::Scalar { text: text.into(), plain: false })
    }

    pub(crate) const fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            Value::Null | Value::Scalar { .. } | Value::List(_) | Value::Unresolved => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items) => Some(items),
            Value::Null | Value::Scalar { .. } | Value::Map(_) | Value::Unresolved => None,
        }
    }

    /// A scalar as text; booleans in their one spelling, as CloudFormation converts them.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, plain: false } => Some(text),
            Value::Scalar { text, plain: true } => match plain_boolean(text) {
                Some(true) => Some("true"),
                Some(false) => Some("false"),
                None => Some(text),
            },
            Value::Null | Value::List(_) | Value::Map(_) | Value::Unresolved => None,
        }
    }

    pub(crate) fn as_boolean(&self) -> Option<bool> {
        match self.as_text()? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Whether the value says no: `false`, nothing, an empty list or an empty map.
    pub(crate) fn says_no(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::Scalar { text, .. } => text.is_empty() || self.as_boolean() == Some(false),
            Value::List(items) => items.is_empty(),
            Value::Map(map) => map.entries.is_empty(),
            Value::Unresolved => false,
        }
    }

    /// What kind of value it is, for messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Scalar { .. } => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Unresolved => "an unknown value",
        }
    }
}

impl Map {
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(key).map(|entry| &entry.node)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(key, entry)| (key.as_str(), entry))
    }

    /// The only entry of a map with one.
    pub(crate) fn single(&self) -> Option<(&str, &Entry)> {
        let mut entries = self.iter();
        match (entries.next(), entries.next()) {
            (Some(entry), None) => Some(entry),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }
}

impl Entry {
    /// Where the key stands.
    pub(crate) fn key_place(&self) -> Place {
        self.node.trail.place(self.key)
    }
}

/// The booleans of YAML 1.1, which CloudFormation reads.
fn plain_boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// A key as a part of a path that somebody reads.
fn step(key: &str) -> Cow<'_, str> {
    const MOST: usize = 200;
    match key.char_indices().nth(MOST) {
        None => Cow::Borrowed(key),
        Some(_) => Cow::Owned(key.chars().take(MOST).chain(['…']).collect()),
    }
}
