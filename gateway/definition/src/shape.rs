//! What a value must look like, and the finding when it does not.

use crate::{
    diagnostic::Findings,
    document::{Map, Node, Value},
};
use indexmap::IndexMap;
use std::ops::RangeInclusive;

/// Text, or a number or boolean as text.
pub(crate) fn text(findings: &mut Findings, node: &Node) -> Option<String> {
    if let Some(text) = node.as_text() {
        return Some(text.to_owned());
    }
    mismatch(findings, node, "text");
    None
}

/// The text of a key, if it is there.
pub(crate) fn text_of(findings: &mut Findings, map: &Map, key: &str) -> Option<String> {
    map.get(key).and_then(|node| text(findings, node))
}

/// The boolean of a key; `false` without it.
pub(crate) fn flag(findings: &mut Findings, map: &Map, key: &str) -> bool {
    map.get(key).and_then(|node| boolean(findings, node)).unwrap_or(false)
}

/// A map.
pub(crate) fn map<'a>(findings: &mut Findings, node: &'a Node) -> Option<&'a Map> {
    if node.as_map().is_none() {
        mismatch(findings, node, "a map");
    }
    node.as_map()
}

/// A list.
pub(crate) fn list<'a>(findings: &mut Findings, node: &'a Node) -> Option<&'a [Node]> {
    if node.as_list().is_none() {
        mismatch(findings, node, "a list");
    }
    node.as_list()
}

/// A list of texts.
pub(crate) fn texts(findings: &mut Findings, node: &Node) -> Vec<String> {
    let items = list(findings, node).unwrap_or_default();
    items.iter().filter_map(|item| text(findings, item)).collect()
}

/// A map of texts.
pub(crate) fn text_map(findings: &mut Findings, node: &Node) -> IndexMap<String, String> {
    let mut texts = IndexMap::new();
    for (key, entry) in map(findings, node).into_iter().flat_map(Map::iter) {
        if let Some(value) = text(findings, &entry.node) {
            texts.insert(key.to_owned(), value);
        }
    }
    texts
}

/// `true` or `false`.
pub(crate) fn boolean(findings: &mut Findings, node: &Node) -> Option<bool> {
    let value = node.as_boolean();
    if value.is_none() {
        mismatch(findings, node, "`true` or `false`");
    }
    value
}

/// A whole number within its bounds.
pub(crate) fn integer(findings: &mut Findings, node: &Node, bounds: &RangeInclusive<u64>) -> Option<u64> {
    let value = node.as_text().and_then(|text| text.trim().parse::<u64>().ok());
    match value {
        Some(value) if bounds.contains(&value) => Some(value),
        Some(_) | None => {
            let wanted = format!("a whole number from {} to {}", bounds.start(), bounds.end());
            mismatch(findings, node, &wanted);
            None
        }
    }
}

/// A number from 0 on.
pub(crate) fn rate(findings: &mut Findings, node: &Node) -> Option<f64> {
    let value = node.as_text().and_then(|text| text.trim().parse::<f64>().ok());
    let value = value.filter(|value| value.is_finite() && *value >= 0.0);
    if value.is_none() {
        mismatch(findings, node, "a number from 0 on");
    }
    value
}

/// Says that a value is not what is wanted; silent when its fault is known.
pub(crate) fn mismatch(findings: &mut Findings, node: &Node, wanted: &str) {
    match &node.value {
        Value::Unresolved => {}
        Value::Scalar { text, .. } => {
            findings.error(&node.place(), format!("expected {wanted}, found `{}`", brief(text)));
        }
        Value::Null | Value::List(_) | Value::Map(_) => {
            findings.error(&node.place(), format!("expected {wanted}, found {}", node.kind()));
        }
    }
}

/// The first words of a text on one line.
pub(crate) fn brief(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST && line.len() == text.trim_end().len() {
        return line.to_owned();
    }
    let start: String = line.chars().take(MOST).collect();
    format!("{start}…")
}
