//! `Conditions` and `Fn::If`.

use super::{Scope, arguments, resolve, resolve_text};
use crate::{
    Diagnostic,
    document::{Node, Value},
    limits,
    read::Reading,
    spelling,
};

/// Whether a named condition holds; `None` when that cannot be told, which is then among the findings.
pub(crate) fn holds(reading: &mut Reading<'_>, scope: &Scope, name: &Node) -> Option<bool> {
    named(reading, scope, name, 0)
}

/// Whether a condition that is written in place holds.
pub(crate) fn condition_holds(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<bool> {
    evaluate(reading, scope, node, 0)
}

/// `Fn::If`; `None` when the chosen side is `AWS::NoValue`.
pub(super) fn choose(reading: &mut Reading<'_>, scope: &Scope, node: &Node, argument: &Node) -> Option<Node> {
    let chosen = arguments::<3>(reading, node, argument, "Fn::If: [condition, then, else]")
        .and_then(|[name, then, otherwise]| Some(if named(reading, scope, name, 0)? { then } else { otherwise }));
    match chosen {
        Some(chosen) => resolve(reading, scope, chosen),
        None => Some(node.with(Value::Unresolved)),
    }
}

fn named(reading: &mut Reading<'_>, scope: &Scope, name: &Node, depth: usize) -> Option<bool> {
    let text = crate::shape::text(&mut reading.findings, name)?;
    let Some(condition) = scope.condition(&text) else {
        let mut unknown = Diagnostic::error(&name.place(), format!("no condition is called `{text}`"));
        unknown.help = spelling::suggestion(&text, scope.conditions.entries.keys().map(String::as_str));
        reading.findings.push(unknown);
        return None;
    };
    evaluate(reading, scope, condition, depth + 1)
}

fn evaluate(reading: &mut Reading<'_>, scope: &Scope, node: &Node, depth: usize) -> Option<bool> {
    if depth > limits::CONDITION_DEPTH {
        reading.findings.error(&node.place(), "the condition depends on itself");
        return None;
    }
    let Some((name, entry)) = node.as_map().and_then(|map| map.single()) else {
        reading
            .findings
            .error(&node.place(), "expected one of `Fn::And`, `Fn::Equals`, `Fn::Not`, `Fn::Or`, `Condition`");
        return None;
    };
    let argument = &entry.node;
    match name {
        "Condition" => named(reading, scope, argument, depth),
        "Fn::Equals" => {
            let [left, right] = arguments::<2>(reading, node, argument, "Fn::Equals: [left, right]")?;
            let left = resolve_text(reading, scope, left);
            let right = resolve_text(reading, scope, right);
            Some(left? == right?)
        }
        "Fn::Not" => {
            let [inner] = arguments::<1>(reading, node, argument, "Fn::Not: [condition]")?;
            evaluate(reading, scope, inner, depth + 1).map(|holds| !holds)
        }
        "Fn::And" | "Fn::Or" => {
            let mut results = Vec::new();
            for inner in crate::shape::list(&mut reading.findings, argument)? {
                results.push(evaluate(reading, scope, inner, depth + 1)?);
            }
            Some(if name == "Fn::And" { results.iter().all(|holds| *holds) } else { results.contains(&true) })
        }
        _ => {
            reading.findings.error(&node.place(), format!("the condition `{name}` is not understood"));
            None
        }
    }
}
