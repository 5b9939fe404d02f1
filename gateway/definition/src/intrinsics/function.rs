//! The smaller intrinsic functions, one each.

use super::{Scope, arguments, resolve, resolve_text};
use crate::{
    Diagnostic, document,
    document::{Map, Node, Value},
    json,
    read::Reading,
    shape,
};
use base64::{Engine as _, prelude::BASE64_STANDARD as STANDARD};
use std::sync::Arc;

/// `Fn::Join`.
pub(super) fn join(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let text = arguments::<2>(reading, node, argument, "Fn::Join: [separator, list]").and_then(|[separator, list]| {
        let separator = resolve_text(reading, scope, separator)?;
        let items = items(reading, scope, list)?;
        let texts: Option<Vec<String>> = items.iter().map(|item| shape::text(&mut reading.findings, item)).collect();
        let texts = texts?;
        let length = texts.iter().map(|text| text.len() + separator.len()).sum();
        if !reading.made.allows(length) {
            super::made::too_much(&mut reading.findings, node);
            return None;
        }
        Some(texts.join(&separator))
    });
    match text {
        Some(text) => node.with_text(text),
        None => node.with(Value::Unresolved),
    }
}

/// `Fn::Select`.
pub(super) fn select(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let chosen = arguments::<2>(reading, node, argument, "Fn::Select: [index, list]").and_then(|[index, list]| {
        let index = resolve_text(reading, scope, index)?;
        if let Some(stand_in) = stand_in(reading, scope, list) {
            return Some(stand_in);
        }
        let items = items(reading, scope, list)?;
        let chosen = index.trim().parse::<usize>().ok().and_then(|index| items.get(index));
        if chosen.is_none() {
            let message = format!("the list has no item `{index}`: it has {}", items.len());
            reading.findings.error(&node.place(), message);
        }
        chosen.cloned()
    });
    chosen.map_or_else(|| node.with(Value::Unresolved), |chosen| node.with(chosen.value))
}

/// `Fn::Split`.
pub(super) fn split(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let parts =
        arguments::<2>(reading, node, argument, "Fn::Split: [separator, text]").and_then(|[separator, text]| {
            let separator = resolve_text(reading, scope, separator)?;
            let text = resolve_text(reading, scope, text)?;
            Some(text.split(separator.as_str()).map(|part| node.with_text(part)).collect())
        });
    parts.map_or_else(|| node.with(Value::Unresolved), |parts| node.with(Value::List(parts)))
}

/// The items of a list that an intrinsic takes.
fn items(reading: &mut Reading<'_>, scope: &Scope, list: &Node) -> Option<Vec<Node>> {
    if let Some(stand_in) = stand_in(reading, scope, list) {
        return Some(vec![stand_in]);
    }
    let resolved = resolve(reading, scope, list)?;
    shape::list(&mut reading.findings, &resolved).map(<[Node]>::to_vec)
}

/// One text in place of a list that only AWS could give: what a resource that nothing here serves has, or another stack.
fn stand_in(reading: &mut Reading<'_>, scope: &Scope, list: &Node) -> Option<Node> {
    let (name, entry) = list.as_map().and_then(super::intrinsic)?;
    let unserved = match name {
        "Fn::ImportValue" => true,
        "Fn::GetAtt" => super::reference::is_unserved(scope, &entry.node),
        "Fn::Select" | "Fn::Split" => {
            return entry.node.as_list()?.get(1).and_then(|text| stand_in(reading, scope, text));
        }
        _ => false,
    };
    if !unserved {
        return None;
    }
    resolve(reading, scope, list).filter(|resolved| resolved.as_text().is_some())
}

/// `Fn::FindInMap`, with a default as the language extensions have it.
pub(super) fn find_in_map(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Option<Node> {
    let form = "Fn::FindInMap: [map, first key, second key]";
    let unresolved = Some(node.with(Value::Unresolved));
    let (keys, default) = match argument.as_list() {
        Some([map, first, second]) => ([map, first, second], None),
        Some([map, first, second, options]) => {
            scope.check_extensions(reading, options, "DefaultValue");
            ([map, first, second], options.as_map().and_then(|options| options.get("DefaultValue")))
        }
        Some(_) | None => {
            reading.findings.error(&node.place(), format!("expected `{form}`"));
            return unresolved;
        }
    };
    let keys = keys.map(|key| resolve_text(reading, scope, key));
    let [Some(map), Some(first), Some(second)] = keys else { return unresolved };
    let found = scope
        .mappings
        .get(&map)
        .and_then(|node| node.as_map()?.get(&first))
        .and_then(|node| node.as_map()?.get(&second));
    match (found, default) {
        (Some(found), _) => Some(node.with(found.value.clone())),
        (None, Some(default)) => resolve(reading, scope, default),
        (None, None) => {
            reading.findings.error(&node.place(), format!("`Mappings` has no `{map}.{first}.{second}`"));
            unresolved
        }
    }
}

/// `Fn::Base64`.
pub(super) fn base64(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    match resolve_text(reading, scope, argument) {
        Some(text) => node.with_text(STANDARD.encode(text)),
        None => node.with(Value::Unresolved),
    }
}

/// `Fn::Length`.
pub(super) fn length(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    match items(reading, scope, argument) {
        Some(items) => node.with(Value::Scalar { text: items.len().to_string(), plain: true }),
        None => node.with(Value::Unresolved),
    }
}

/// `Fn::ToJsonString`.
pub(super) fn to_json_string(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let Some(resolved) = resolve(reading, scope, argument) else { return node.with(Value::Unresolved) };
    if resolved.as_map().is_none() && resolved.as_list().is_none() {
        shape::mismatch(&mut reading.findings, &resolved, "a map or a list");
        return node.with(Value::Unresolved);
    }
    node.with_text(json::value(&resolved).to_string())
}

/// `Fn::ImportValue`: what another stack exports.
pub(super) fn import_value(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let Some(name) = resolve_text(reading, scope, argument) else { return node.with(Value::Unresolved) };
    if let Some(value) = reading.exports.values.get(&name) {
        return node.with_text(value.as_str());
    }
    let value = super::reference::stand_in(reading, node, &name, "another stack exports it");
    node.with(value)
}

/// `Fn::Transform: AWS::Include`, the one macro that is read: the content of a file beside the template.
pub(super) fn transform(reading: &mut Reading<'_>, scope: &Scope, argument: &Node) -> Option<Node> {
    let Some(included) = included(reading, scope, argument) else { return Some(argument.with(Value::Unresolved)) };
    reading.including.push(included.place().file);
    let resolved = resolve(reading, scope, &included);
    reading.including.pop();
    resolved
}

/// A map with what its `Fn::Transform` includes, intrinsics as they stand.
pub(crate) fn merge_includes(reading: &mut Reading<'_>, scope: &Scope, map: &Map) -> Map {
    const KEY: &str = "Fn::Transform";
    let Some(transform) = map.get(KEY) else { return map.clone() };
    let mut merged = map.clone();
    merged.entries.shift_remove(KEY);
    for argument in transform.as_list().unwrap_or_else(|| std::slice::from_ref(transform)) {
        let Some(included) = included(reading, scope, argument) else { continue };
        for (key, entry) in shape::map(&mut reading.findings, &included).into_iter().flat_map(Map::iter) {
            merged.entries.entry(key.to_owned()).or_insert_with(|| entry.clone());
        }
    }
    merged
}

fn included(reading: &mut Reading<'_>, scope: &Scope, argument: &Node) -> Option<Node> {
    let map = shape::map(&mut reading.findings, argument)?;
    let name = map.get("Name").and_then(Node::as_text).unwrap_or_default();
    let location = map.get("Parameters").and_then(|parameters| parameters.as_map()?.get("Location"));
    let (true, Some(location)) = (name == "AWS::Include", location) else {
        let message = format!("the macro `{}` is not understood", shape::brief(name));
        reading.findings.push(
            Diagnostic::error(&argument.place(), message)
                .help("only `Name: AWS::Include` with `Parameters: {Location: file}` is read"),
        );
        return None;
    };
    let text = resolve_text(reading, scope, location)?;
    include(reading, scope, location, &text)
}

/// Reads a file that a definition names.
pub(crate) fn include(reading: &mut Reading<'_>, scope: &Scope, named_at: &Node, location: &str) -> Option<Node> {
    let place = named_at.place();
    if location.starts_with("s3://") {
        let message = format!("`{}` lies in S3, which is not read", shape::brief(location));
        reading.findings.push(Diagnostic::error(&place, message).help("name a file beside the template"));
        return None;
    }
    let file = Arc::new(scope.folder.join(location));
    if reading.including.contains(&file) || reading.including.len() > 8 {
        reading.findings.error(&place, format!("`{location}` includes itself"));
        return None;
    }
    let text = reading.sources.load(&mut reading.findings, &file, &place)?;
    document::parse(&mut reading.findings, &file, &text)
}
