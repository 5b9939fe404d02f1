//! Forms into inputs.

use super::{Dialect, Member, Shape};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The names and values of a form, in order.
#[must_use]
pub fn pairs(form: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let parts = form.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// The input of an operation; all its texts and numbers are strings.
#[must_use]
pub fn input(dialect: &Dialect, operation: &str, pairs: &[(String, String)]) -> Value {
    let mut root = Node::default();
    for (name, value) in pairs.iter().filter(|(name, _)| name != "Action" && name != "Version") {
        let mut node = &mut root;
        // Nothing of a service is nested deeper.
        for part in name.splitn(MAX_DEPTH, '.') {
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.text = Some(value.clone());
    }
    match root.value(dialect, operation) {
        Value::String(_) | Value::Null => Value::Object(Map::new()),
        input => input,
    }
}

const MAX_DEPTH: usize = 12;

#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Self>,
}

impl Node {
    fn value(self, dialect: &Dialect, operation: &str) -> Value {
        if self.children.is_empty() {
            return self.text.map_or(Value::Null, Value::String);
        }
        let mut object = Map::new();
        for (name, child) in self.children {
            let member = dialect.members.iter().find(|member| member.is_written(&name, operation));
            // What is a list in outputs may be one text in inputs.
            match member.filter(|_| !child.children.is_empty()) {
                Some(member) => child.enter(member, (dialect, operation), &mut object),
                None => {
                    object.insert(name, child.value(dialect, operation));
                }
            }
        }
        Value::Object(object)
    }

    fn enter(self, member: &Member, (dialect, operation): (&Dialect, &str), object: &mut Map<String, Value>) {
        let (key, value) = match member.shape {
            Shape::List { .. } => {
                let items = self.numbered().into_iter().map(|node| node.value(dialect, operation));
                object.insert(member.name.to_owned(), items.collect());
                return;
            }
            Shape::Pairs { key, value } | Shape::Map { key, value } => (key, value),
        };
        let entries = object.entry(member.name).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(entries) = entries else { return };
        for mut entry in self.numbered() {
            let name = entry.children.remove(key).and_then(|node| node.text);
            let value = entry.children.remove(value).map(|node| node.value(dialect, operation));
            if let Some(name) = name {
                entries.insert(name, value.unwrap_or_default());
            }
        }
    }

    /// The children in the order of their numbers, below a wrapper if there is one.
    fn numbered(mut self) -> Vec<Self> {
        if let Some(wrapped) = self.children.remove("member").or_else(|| self.children.remove("entry")) {
            self = wrapped;
        }
        let mut children: Vec<(u32, Self)> =
            self.children.into_iter().filter_map(|(name, node)| Some((name.parse().ok()?, node))).collect();
        children.sort_by_key(|(number, _)| *number);
        children.into_iter().map(|(_, node)| node).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const DIALECT: Dialect = Dialect {
        namespace: "",
        shown: &[],
        members: &[
            Member { name: "Entries", wire: "*RequestEntry", answered: "Entries", shape: Shape::List { item: None } },
            Member {
                name: "MessageAttributes",
                wire: "MessageAttribute",
                answered: "MessageAttributes",
                shape: Shape::Pairs { key: "Name", value: "Value" },
            },
            Member {
                name: "Attributes",
                wire: "Attributes",
                answered: "Attributes",
                shape: Shape::Map { key: "key", value: "value" },
            },
        ],
    };

    #[test]
    fn forms_become_inputs() {
        let rows = [
            ("Action=Send&Version=1&A=x%26y+z&B", json!({ "A": "x&y z", "B": "" })),
            (
                "SendRequestEntry.10.Id=c&SendRequestEntry.2.Id=b&SendRequestEntry.1.Id=a\
                 &SendRequestEntry.1.MessageAttribute.1.Name=n&SendRequestEntry.1.MessageAttribute.1.Value.StringValue=v",
                json!({ "Entries": [
                    { "Id": "a", "MessageAttributes": { "n": { "StringValue": "v" } } }, { "Id": "b" }, { "Id": "c" }
                ] }),
            ),
            ("Attributes.entry.1.key=k&Attributes.entry.1.value=v", json!({ "Attributes": { "k": "v" } })),
            ("Action=List", json!({})),
        ];
        for (form, expected) in rows {
            assert_eq!(input(&DIALECT, "Send", &pairs(form)), expected, "{form}");
        }
    }
}
