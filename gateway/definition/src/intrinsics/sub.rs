//! `Fn::Sub`.

use super::{Scope, arguments, reference, resolve_text};
use crate::{
    document::{Map, Node, Value},
    read::Reading,
    shape,
};
use indexmap::IndexMap;

/// `Fn::Sub` in both forms.
pub(super) fn substitute(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let mut own = IndexMap::new();
    let template = if argument.as_list().is_some() {
        let Some([template, variables]) = arguments::<2>(reading, node, argument, "Fn::Sub: [text, {name: value}]")
        else {
            return node.with(Value::Unresolved);
        };
        for (name, entry) in shape::map(&mut reading.findings, variables).into_iter().flat_map(Map::iter) {
            own.insert(name.to_owned(), resolve_text(reading, scope, &entry.node));
        }
        template
    } else {
        argument
    };
    let Some(template) = shape::text(&mut reading.findings, template) else {
        return node.with(Value::Unresolved);
    };
    match fill(reading, scope, node, (&template, &own)) {
        Some(text) => node.with_text(text),
        None => node.with(Value::Unresolved),
    }
}

type Variables = IndexMap<String, Option<String>>;

fn fill(reading: &mut Reading<'_>, scope: &Scope, node: &Node, (template, own): (&str, &Variables)) -> Option<String> {
    let mut text = String::with_capacity(template.len());
    let mut whole = true;
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            reading.findings.error(&node.place(), "`${` has no `}`");
            return None;
        };
        rest = after;
        match value(reading, scope, node, (name.trim(), own)) {
            Some(value) if !reading.made.allows(text.len() + value.len()) => {
                super::made::too_much(&mut reading.findings, node);
                return None;
            }
            Some(value) => text.push_str(&value),
            None => whole = false,
        }
    }
    text.push_str(rest);
    whole.then_some(text)
}

fn value(reading: &mut Reading<'_>, scope: &Scope, node: &Node, (name, own): (&str, &Variables)) -> Option<String> {
    if let Some(literal) = name.strip_prefix('!') {
        return Some(format!("${{{literal}}}"));
    }
    if let Some(value) = own.get(name) {
        return value.clone();
    }
    let value = match name.split_once('.') {
        Some(pair) => reference::attribute_value(reading, scope, node, pair),
        None => reference::named(reading, scope, node, name),
    };
    shape::text(&mut reading.findings, &node.with(value))
}
