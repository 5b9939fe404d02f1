//! `Fn::ForEach` of the language extensions: one entry of a map written for each item of a list.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>

use super::{Scope, made::too_much, resolve};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    limits,
    read::Reading,
    shape,
};

const PREFIX: &str = "Fn::ForEach";

/// What loops may still make.
struct Budget {
    nodes: usize,
    bytes: usize,
}

impl Budget {
    fn take(&mut self, bytes: usize) -> Option<()> {
        self.nodes = self.nodes.checked_sub(1)?;
        self.bytes = self.bytes.checked_sub(bytes)?;
        Some(())
    }
}

/// Whether anything in a value is a loop.
pub(crate) fn is_in(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => map.iter().any(|(key, entry)| key.starts_with(PREFIX) || is_in(&entry.node)),
        Value::List(items) => items.iter().any(is_in),
        Value::Null | Value::Scalar { .. } | Value::Unresolved => false,
    }
}

/// A value with every loop in it written out.
pub(crate) fn expanded(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Node {
    let mut left = Budget { nodes: limits::LOOP_NODES, bytes: limits::MADE_BYTES };
    match expand(reading, scope, node, &mut left) {
        Some(expanded) => expanded,
        None => too_much(&mut reading.findings, node),
    }
}

/// `None` when what is left of values that may be made is spent.
fn expand(reading: &mut Reading<'_>, scope: &Scope, node: &Node, left: &mut Budget) -> Option<Node> {
    left.take(0)?;
    let value = match &node.value {
        Value::Null | Value::Scalar { .. } | Value::Unresolved => node.value.clone(),
        Value::List(items) => {
            let expanded: Option<Vec<Node>> = items.iter().map(|item| expand(reading, scope, item, left)).collect();
            Value::List(expanded?)
        }
        Value::Map(map) => {
            let mut expanded = Map::default();
            for (key, entry) in map.iter() {
                if key.starts_with(PREFIX) {
                    write_out(reading, scope, (key, entry), (&mut expanded, left))?;
                    continue;
                }
                let node = expand(reading, scope, &entry.node, left)?;
                add(reading, &mut expanded, key, Entry { key: entry.key, node });
            }
            Value::Map(expanded)
        }
    };
    Some(node.with(value))
}

/// Adds what a loop writes to the map that it stands in.
fn write_out(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (key, entry): (&str, &Entry),
    (target, left): (&mut Map, &mut Budget),
) -> Option<()> {
    let name = key.strip_prefix("Fn::ForEach::").filter(|name| !name.is_empty());
    let parts = entry.node.as_list().and_then(|items| <&[Node; 3]>::try_from(items).ok());
    let parts = parts.and_then(|[identifier, collection, body]| Some((identifier.as_text()?, collection, body)));
    let (Some(_), Some((identifier, collection, body))) = (name, parts) else {
        let message = "expected `Fn::ForEach::Name: [identifier, list, {key: value}]`";
        reading.findings.error(&entry.key_place(), message);
        return Some(());
    };
    for item in collection_items(reading, scope, collection) {
        let once = substituted(body, identifier, &item, left)?;
        let Some(made) = shape::map(&mut reading.findings, &once) else { return Some(()) };
        // A loop may stand in a loop.
        let made = expand(reading, scope, &once.with(Value::Map(made.clone())), left)?;
        let Value::Map(made) = made.value else { return Some(()) };
        for (key, entry) in made.entries {
            add(reading, target, &key, entry);
        }
    }
    Some(())
}

fn add(reading: &mut Reading<'_>, target: &mut Map, key: &str, entry: Entry) {
    if let Some(first) = target.get(key) {
        let message = format!("the key `{}` is written a second time by a loop", shape::brief(key));
        let help = format!("the first is in line {}", first.spot.line);
        reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
        return;
    }
    target.entries.insert(key.to_owned(), entry);
}

fn collection_items(reading: &mut Reading<'_>, scope: &Scope, collection: &Node) -> Vec<String> {
    let Some(resolved) = resolve(reading, scope, collection) else { return Vec::new() };
    let items = shape::list(&mut reading.findings, &resolved).unwrap_or_default();
    let mut texts = Vec::new();
    // A list of lists, as a parameter beside other items gives.
    for item in items {
        match item.as_list() {
            Some(inner) => texts.extend(inner.iter().filter_map(|item| shape::text(&mut reading.findings, item))),
            None => texts.extend(shape::text(&mut reading.findings, item)),
        }
    }
    texts
}

/// A body with the item in place of the identifier: `${Name}`, `&{Name}` (letters and digits only) and `Ref: Name`.
fn substituted(node: &Node, identifier: &str, item: &str, left: &mut Budget) -> Option<Node> {
    left.take(0)?;
    let value = match &node.value {
        Value::Null | Value::Unresolved => node.value.clone(),
        Value::Scalar { text, plain } => Value::Scalar { text: filled(text, identifier, item, left)?, plain: *plain },
        Value::List(items) => {
            let items: Option<Vec<Node>> =
                items.iter().map(|inner| substituted(inner, identifier, item, left)).collect();
            Value::List(items?)
        }
        Value::Map(map) => {
            if let Some(("Ref", entry)) = map.single()
                && entry.node.as_text() == Some(identifier)
            {
                return Some(node.with_text(item));
            }
            let mut made = Map::default();
            for (key, entry) in map.iter() {
                let node = substituted(&entry.node, identifier, item, left)?;
                made.entries.insert(filled(key, identifier, item, left)?, Entry { key: entry.key, node });
            }
            Value::Map(made)
        }
    };
    Some(node.with(value))
}

fn filled(text: &str, identifier: &str, item: &str, left: &mut Budget) -> Option<String> {
    let whole = format!("${{{identifier}}}");
    let plain = format!("&{{{identifier}}}");
    let count = text.matches(&whole).count() + text.matches(&plain).count();
    left.take(text.len() + count.saturating_mul(item.len()))?;
    if count == 0 {
        return Some(text.to_owned());
    }
    let letters: String = item.chars().filter(char::is_ascii_alphanumeric).collect();
    Some(text.replace(&whole, item).replace(&plain, &letters))
}
