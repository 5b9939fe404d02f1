//! Resources of a template that stand where the part of the service stands that asks for them.

use crate::document::{Entry, Map, Node, Value};

/// Text at a place.
pub(super) fn text(at: &Node, text: impl Into<String>) -> Node {
    at.with_text(text)
}

/// A map at a place.
pub(super) fn map<'k>(at: &Node, entries: impl IntoIterator<Item = (&'k str, Node)>) -> Node {
    let mut map = Map::default();
    for (key, node) in entries {
        map.entries.insert(key.to_owned(), Entry { key: node.spot, node });
    }
    at.with(Value::Map(map))
}

/// A list at a place.
pub(super) fn list(at: &Node, items: Vec<Node>) -> Node {
    at.with(Value::List(items))
}

/// `Ref: id`
pub(super) fn reference(at: &Node, id: &str) -> Node {
    map(at, [("Ref", text(at, id))])
}

/// `Fn::GetAtt: [id, attribute]`
pub(super) fn attribute(at: &Node, id: &str, attribute: &str) -> Node {
    map(at, [("Fn::GetAtt", list(at, vec![text(at, id), text(at, attribute)]))])
}

/// A resource.
pub(super) fn resource<'k>(
    at: &Node,
    kind: &str,
    properties: impl IntoIterator<Item = (&'k str, Option<Node>)>,
) -> Node {
    let properties = map(at, properties.into_iter().filter_map(|(key, node)| Some((key, node?))));
    map(at, [("Type", text(at, kind)), ("Properties", properties)])
}

/// The ARN of a call of Lambda's that invokes a function; `function` is its ARN.
pub(super) fn invocation(at: &Node, function: Node, transfer: Transfer) -> Node {
    let (version, call) = match transfer {
        Transfer::Whole => ("2015-03-31", "invocations"),
        Transfer::Streamed => ("2021-11-15", "response-streaming-invocations"),
    };
    let parts = vec![
        text(at, "arn:"),
        reference(at, "AWS::Partition"),
        text(at, ":apigateway:"),
        reference(at, "AWS::Region"),
        text(at, format!(":lambda:path/{version}/functions/")),
        function,
        text(at, format!("/{call}")),
    ];
    map(at, [("Fn::Join", list(at, vec![text(at, ""), list(at, parts)]))])
}

/// How a function's answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    Whole,
    Streamed,
}

/// Whether a value takes the place of another one as a whole.
fn replaces(known: &Node, from: &Node) -> bool {
    match (&known.value, &from.value) {
        (Value::Map(_), Value::Map(_)) | (Value::List(_), Value::List(_)) | (_, Value::Null) => false,
        (_, _) => true,
    }
}

/// Merges one value into another as Serverless does: maps and lists item by item, anything else is replaced.
pub(super) fn merge(into: &mut Node, from: Node) {
    match (&mut into.value, from.value) {
        (Value::Map(known), Value::Map(map)) => {
            for (key, entry) in map.entries {
                match known.entries.get_mut(&key) {
                    Some(known) if !replaces(&known.node, &entry.node) => merge(&mut known.node, entry.node),
                    Some(_) | None => {
                        known.entries.insert(key, entry);
                    }
                }
            }
        }
        (Value::List(known), Value::List(items)) => {
            for (index, item) in items.into_iter().enumerate() {
                match known.get_mut(index) {
                    Some(known) => merge(known, item),
                    None => known.push(item),
                }
            }
        }
        // Nothing takes nothing away.
        (_, Value::Null) => {}
        (_, value) => *into = Node { value, spot: from.spot, trail: from.trail },
    }
}
