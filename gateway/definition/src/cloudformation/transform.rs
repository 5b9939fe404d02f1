//! `Transform`: the macros that a template asks for.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-section-structure.html>

use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    intrinsics::{self, Scope},
    read::Reading,
    shape,
};

/// The macro that is SAM.
pub(super) const SERVERLESS: &str = "AWS::Serverless-2016-10-31";

/// Macros that change nothing of what is served.
const WITHOUT_EFFECT: [&str; 3] =
    ["AWS::CodeDeployBlueGreen", "AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16"];

/// What the macros of a template make of it.
#[derive(Debug)]
pub(super) struct Transformed {
    /// Its sections, with those of included files.
    pub(super) root: Map,
    /// Whether it asks for SAM.
    pub(super) serverless: bool,
    /// Whether it asks for the language extensions.
    pub(super) extensions: bool,
}

/// Reads what macros a template asks for, and includes the files that it includes as a whole.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, map: &Map) -> Transformed {
    let mut transformed = Transformed { root: map.clone(), serverless: false, extensions: false };
    let Some(transform) = map.entries.get("Transform") else { return transformed };
    let names = transform.node.as_list().unwrap_or_else(|| std::slice::from_ref(&transform.node));
    for name in names {
        if name.as_map().is_some() {
            transformed.root = including(reading, scope, &transformed.root, (transform, name));
            continue;
        }
        match name.as_text() {
            Some(SERVERLESS) => transformed.serverless = true,
            Some("AWS::LanguageExtensions") => transformed.extensions = true,
            Some(known) if WITHOUT_EFFECT.contains(&known) => {}
            Some(other) => {
                let message = format!("the macro `{}` is not understood", shape::brief(other));
                let mut unknown = Diagnostic::error(&name.place(), message);
                unknown.help = crate::spelling::suggestion(other, [SERVERLESS, "AWS::LanguageExtensions"]);
                reading.findings.push(unknown);
            }
            None => shape::mismatch(&mut reading.findings, name, &format!("`{SERVERLESS}`")),
        }
    }
    transformed
}

/// `Transform: {Name: AWS::Include, ..}` is the same as `Fn::Transform` beside the sections.
fn including(reading: &mut Reading<'_>, scope: &Scope, root: &Map, (transform, name): (&Entry, &Node)) -> Map {
    let mut with_include = root.clone();
    let node = name.with(Value::List(vec![name.clone()]));
    with_include.entries.insert("Fn::Transform".to_owned(), Entry { key: transform.key, node });
    intrinsics::merge_includes(reading, scope, &with_include)
}
