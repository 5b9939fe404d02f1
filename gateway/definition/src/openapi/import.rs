//! What AWS does to a document before it reads it: variables are filled in, and Swagger 2.0 is turned into OpenAPI 3.0.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/import-api-aws-variables.html>

use super::{Scope, swagger};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    shape,
};

/// The document as the reader knows it, every value at the place where it was written; `None` when its version is
/// none that is read.
pub(crate) fn normal(reading: &mut Reading<'_>, scope: &Scope, root: &Node) -> Option<Node> {
    let map = shape::map(&mut reading.findings, root)?;
    let swagger = match (map.get("openapi"), map.get("swagger")) {
        (Some(version), _) => check_openapi(reading, version).map(|()| false)?,
        (None, Some(version)) => check_swagger(reading, version).map(|()| true)?,
        (None, None) => {
            let message = "the document has no `openapi` version";
            reading.findings.push(Diagnostic::error(&root.place(), message).help("write `openapi: 3.0.1`"));
            return None;
        }
    };
    let filled = filled(scope, root);
    if swagger { swagger::to_openapi(reading, &filled) } else { Some(filled) }
}

fn check_openapi(reading: &mut Reading<'_>, version: &Node) -> Option<()> {
    let text = shape::text(&mut reading.findings, version)?;
    let is = |minor: &str| text == minor || text.strip_prefix(minor).is_some_and(|patch| patch.starts_with('.'));
    if is("3.1") {
        let message = "AWS imports OpenAPI 2.0 and 3.0; this is read as if it were 3.0";
        reading.findings.warn(&version.place(), message);
    } else if !is("3.0") {
        let message = format!("this is OpenAPI `{}`, which is not read", shape::brief(&text));
        let help = "API Gateway imports OpenAPI 3.0 and Swagger 2.0";
        reading.findings.push(Diagnostic::error(&version.place(), message).help(help));
        return None;
    }
    Some(())
}

fn check_swagger(reading: &mut Reading<'_>, version: &Node) -> Option<()> {
    let text = shape::text(&mut reading.findings, version)?;
    // YAML's `2.0` is a number to some.
    if text == "2.0" || text == "2" {
        return Some(());
    }
    let message = format!("this is Swagger `{}`, which is not read", shape::brief(&text));
    reading.findings.push(Diagnostic::error(&version.place(), message).help("write `swagger: '2.0'`"));
    None
}

/// The same with AWS's variables filled in, which needs no `Fn::Sub`.
fn filled(scope: &Scope, node: &Node) -> Node {
    let value = match &node.value {
        Value::Scalar { text, plain } if text.contains("${AWS::") => {
            let text = text
                .replace("${AWS::Region}", &scope.region)
                .replace("${AWS::AccountId}", &scope.account_id)
                .replace("${AWS::Partition}", "aws");
            Value::Scalar { text, plain: *plain }
        }
        Value::Null | Value::Scalar { .. } | Value::Unresolved => node.value.clone(),
        Value::List(items) => Value::List(items.iter().map(|item| filled(scope, item)).collect()),
        Value::Map(map) => {
            let fill = |entry: &Entry| Entry { key: entry.key, node: filled(scope, &entry.node) };
            Value::Map(Map { entries: map.entries.iter().map(|(key, entry)| (key.clone(), fill(entry))).collect() })
        }
    };
    node.with(value)
}
