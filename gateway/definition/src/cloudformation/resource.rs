//! `AWS::ApiGateway::Resource`: a path, part by part.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-resource.html>

use super::{
    draft,
    draft::Draft,
    template::{Declared, Template},
};
use crate::{
    Diagnostic,
    document::Node,
    identifier,
    intrinsics::{Scope, Target},
    read::Reading,
    shape,
    vocabulary::{Treatment::Read, Vocabulary},
};
use indexmap::IndexMap;

const RESOURCE: &Vocabulary = &[("ParentId", Read), ("PathPart", Read), ("RestApiId", Read)];

/// The paths of a template: the id of an API and that of a resource, to the path.
pub(super) type Paths = IndexMap<(String, String), String>;

/// A resource as it is declared.
struct Part {
    logical_id: String,
    /// What stands for its id until its path is known.
    id: String,
    api_id: String,
    parent: Node,
    part: String,
}

/// Works the paths out, and makes each resource known by the id that it has.
pub(super) fn declare(reading: &mut Reading<'_>, scope: &mut Scope, template: &Template) -> Paths {
    let parts: Vec<Part> =
        template.of_type("AWS::ApiGateway::Resource").filter_map(|declared| part(reading, scope, declared)).collect();
    let mut paths = Paths::new();
    for part in &parts {
        let Some(path) = path(reading, &parts, part) else { continue };
        let mut attempt = 0;
        let mut id = identifier::resource(&part.api_id, &path, attempt);
        while paths.get(&(part.api_id.clone(), id.clone())).is_some_and(|other| *other != path) {
            attempt += 1;
            id = identifier::resource(&part.api_id, &path, attempt);
        }
        paths.insert((part.api_id.clone(), id.clone()), path);
        let attributes = vec![("ResourceId", id.clone())];
        let kind = "AWS::ApiGateway::Resource".to_owned();
        scope.targets.insert(part.logical_id.clone(), Target::Known { kind, reference: id, attributes });
    }
    paths
}

/// Adds a resource to its API.
pub(super) fn read(
    reading: &mut Reading<'_>,
    scope: &Scope,
    (declared, paths): (&Declared, &Paths),
    drafts: &mut [Draft],
) {
    let properties = declared.resolved(reading, scope, ("a resource", RESOURCE));
    let Some(Target::Known { reference: id, .. }) = scope.targets.get(&declared.logical_id) else { return };
    let Some(draft) = draft::of(reading, drafts, (declared, &properties)) else { return };
    let Some(path) = paths.get(&(draft.identity.id.clone(), id.clone())) else { return };
    let tree = &mut draft.document.tree;
    if tree.resources().any(|resource| resource.path == *path) {
        let message = format!("another resource is `{path}` already");
        reading.findings.error(&declared.place, message);
        return;
    }
    tree.add_path(&mut reading.findings, path, &declared.place);
}

fn part(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) -> Option<Part> {
    let properties = declared.resolved(reading, scope, ("a resource", RESOURCE));
    let Some(Target::Known { reference: id, .. }) = scope.targets.get(&declared.logical_id) else { return None };
    let api = declared.required(reading, &properties, "RestApiId");
    let parent = declared.required(reading, &properties, "ParentId");
    let part = declared.required(reading, &properties, "PathPart");
    Some(Part {
        logical_id: declared.logical_id.clone(),
        id: id.clone(),
        api_id: shape::text(&mut reading.findings, api?)?,
        parent: parent?.clone(),
        part: shape::text(&mut reading.findings, part?)?,
    })
}

/// The path of a part: its parent's, and so on up to the root.
fn path(reading: &mut Reading<'_>, parts: &[Part], part: &Part) -> Option<String> {
    let root = identifier::resource(&part.api_id, "/", 0);
    let mut path = String::new();
    let mut current = part;
    // As many steps as there are parts lead to the root, unless they go round.
    for _ in 0..=parts.len() {
        path.insert_str(0, &format!("/{}", current.part));
        let parent = shape::text(&mut reading.findings, &current.parent)?;
        if parent == root {
            return Some(path);
        }
        let Some(next) = parts.iter().find(|other| other.id == parent && other.api_id == part.api_id) else {
            let message = format!("`{}` is no resource of the same API", shape::brief(&parent));
            let help = "write `!GetAtt Api.RootResourceId`, or `!Ref` and the logical id of a resource";
            reading.findings.push(Diagnostic::error(&current.parent.place(), message).help(help));
            return None;
        };
        current = next;
    }
    reading.findings.error(&part.parent.place(), "the resource is below itself");
    None
}
