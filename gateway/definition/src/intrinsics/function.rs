//! The smaller intrinsic functions, one each.

use super::{Scope, arguments, resolve, resolve_text};
use crate::{
    Diagnostic, document,
    document::{Node, Value},
    read::Reading,
    shape,
};
use std::sync::Arc;

/// `Fn::Join`.
pub(super) fn join(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let text = arguments::<2>(reading, node, argument, "Fn::Join: [separator, list]").and_then(|[separator, list]| {
        let separator = resolve_text(reading, scope, separator)?;
        let items = resolve(reading, scope, list)?;
        let items = shape::list(&mut reading.findings, &items)?;
        let texts: Option<Vec<String>> = items.iter().map(|item| shape::text(&mut reading.findings, item)).collect();
        Some(texts?.join(&separator))
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
        let items = resolve(reading, scope, list)?;
        let items = shape::list(&mut reading.findings, &items)?;
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

/// `Fn::FindInMap`.
pub(super) fn find_in_map(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Node {
    let form = "Fn::FindInMap: [map, first key, second key]";
    let found = arguments::<3>(reading, node, argument, form).and_then(|[map, first, second]| {
        let keys = [map, first, second].map(|key| resolve_text(reading, scope, key));
        let [Some(map), Some(first), Some(second)] = keys else { return None };
        let found = scope
            .mappings
            .get(&map)
            .and_then(|node| node.as_map()?.get(&first))
            .and_then(|node| node.as_map()?.get(&second));
        if found.is_none() {
            reading.findings.error(&node.place(), format!("`Mappings` has no `{map}.{first}.{second}`"));
        }
        found.cloned()
    });
    found.map_or_else(|| node.with(Value::Unresolved), |found| node.with(found.value))
}

/// `Fn::Transform: AWS::Include`, the one macro that is read: the content of a file beside the template.
pub(super) fn transform(reading: &mut Reading<'_>, scope: &Scope, argument: &Node) -> Option<Node> {
    let map = shape::map(&mut reading.findings, argument)?;
    let name = map.get("Name").and_then(Node::as_text).unwrap_or_default();
    let location = map.get("Parameters").and_then(|parameters| parameters.as_map()?.get("Location"));
    let unresolved = Some(argument.with(Value::Unresolved));
    let (true, Some(location)) = (name == "AWS::Include", location) else {
        let message = format!("the macro `{name}` is not understood");
        reading.findings.push(
            Diagnostic::error(&argument.place(), message)
                .help("only `Name: AWS::Include` with `Parameters: {Location: file}` is read"),
        );
        return unresolved;
    };
    let Some(included) =
        resolve_text(reading, scope, location).and_then(|text| include(reading, scope, location, &text))
    else {
        return unresolved;
    };
    reading.including.push(included.place().file);
    let resolved = resolve(reading, scope, &included);
    reading.including.pop();
    resolved
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
