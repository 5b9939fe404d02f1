//! The manifest of a `cdk.out`: which stacks there are, and in which order.
//!
//! CDK: <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema-readme.html>

use super::assets::{self, Assets};
use crate::{
    Diagnostic, Place, document,
    document::{Map, Node},
    read::Reading,
    shape,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// How deep assemblies may stand inside each other; the CDK makes two levels.
const DEPTH: usize = 4;

/// A stack whose template was read.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) name: String,
    /// Its template.
    pub(super) file: Arc<PathBuf>,
    pub(super) root: Node,
    pub(super) assets: Assets,
    /// The region, if the app says one.
    pub(super) region: Option<String>,
    /// Where the manifest names it.
    pub(super) place: Place,
    /// Its id in the manifest, and the ids of what it needs.
    id: String,
    needs: Vec<String>,
}

/// The stacks of an assembly and of those inside it, each after those that it depends on.
pub(super) fn stacks(reading: &mut Reading<'_>, file: &Arc<PathBuf>, root: &Node) -> Vec<Stack> {
    let mut found = Vec::new();
    collect(reading, (file, root), &mut found, 0);
    in_order(found)
}

/// The parameters of a template.
pub(super) fn parameters(root: &Node) -> Vec<String> {
    let section = root.as_map().and_then(|map| map.get("Parameters")).and_then(Node::as_map);
    section.into_iter().flat_map(|map| map.entries.keys().cloned()).collect()
}

fn collect(reading: &mut Reading<'_>, (file, root): (&Arc<PathBuf>, &Node), found: &mut Vec<Stack>, depth: usize) {
    let folder = file.parent().unwrap_or_else(|| Path::new("")).to_path_buf();
    let artifacts = root.as_map().and_then(|map| map.get("artifacts"));
    let artifacts = artifacts.and_then(|node| shape::map(&mut reading.findings, node));
    let assets = assets(reading, &folder, artifacts);
    for (id, entry) in artifacts.into_iter().flat_map(Map::iter) {
        let Some(artifact) = shape::map(&mut reading.findings, &entry.node) else { continue };
        let empty = Map::default();
        let properties = artifact.get("properties").and_then(Node::as_map).unwrap_or(&empty);
        match artifact.get("type").and_then(Node::as_text) {
            Some("aws:cloudformation:stack") => {
                let declared = Declared { id, artifact, properties, place: entry.key_place() };
                found.extend(stack(reading, &folder, &declared, &assets));
            }
            Some("cdk:cloud-assembly") => {
                let inner = properties.get("directoryName").and_then(Node::as_text);
                let Some(inner) = inner.filter(|_| depth < DEPTH) else { continue };
                let inner = Arc::new(folder.join(inner).join("manifest.json"));
                let Some(text) = reading.sources.load(&mut reading.findings, &inner, &entry.key_place()) else {
                    continue;
                };
                let Some(root) = document::parse(&mut reading.findings, &inner, &text) else { continue };
                collect(reading, (&inner, &root), found, depth + 1);
            }
            // Assets, the construct tree, feature flags.
            Some(_) | None => {}
        }
    }
}

/// The assets of all stacks of an assembly.
fn assets(reading: &mut Reading<'_>, folder: &Path, artifacts: Option<&Map>) -> Assets {
    let mut all = Assets::new();
    for (_, entry) in artifacts.into_iter().flat_map(Map::iter) {
        let Some(artifact) = entry.node.as_map() else { continue };
        if artifact.get("type").and_then(Node::as_text) != Some("cdk:asset-manifest") {
            continue;
        }
        let file = artifact.get("properties").and_then(Node::as_map).and_then(|map| map.get("file"));
        if let Some(file) = file.and_then(Node::as_text) {
            all.extend(assets::read(reading, &folder.join(file), &entry.key_place()));
        }
    }
    all
}

/// A stack as the manifest declares it.
struct Declared<'a> {
    id: &'a str,
    artifact: &'a Map,
    properties: &'a Map,
    place: Place,
}

fn stack(reading: &mut Reading<'_>, folder: &Path, declared: &Declared<'_>, assets: &Assets) -> Option<Stack> {
    let Declared { id, artifact, properties, place } = declared;
    let Some(template) = properties.get("templateFile").and_then(Node::as_text) else {
        reading.findings.error(place, format!("the stack `{id}` names no `templateFile`"));
        return None;
    };
    let file = Arc::new(folder.join(template));
    if !file.is_file() {
        reading.sources.miss(&file);
        let message = format!("cannot read `{}`: there is no such file", file.display());
        reading.findings.push(Diagnostic::error(place, message).help("run `cdk synth`"));
        return None;
    }
    let text = reading.sources.load(&mut reading.findings, &file, place)?;
    let root = document::parse(&mut reading.findings, &file, &text)?;
    let name = properties.get("stackName").and_then(Node::as_text).unwrap_or(id);
    let region = artifact.get("environment").and_then(Node::as_text).and_then(|text| text.rsplit('/').next());
    let needs = artifact.get("dependencies").and_then(Node::as_list).unwrap_or_default();
    Some(Stack {
        name: name.to_owned(),
        file,
        root,
        assets: assets.clone(),
        region: region.filter(|region| *region != "unknown-region").map(ToOwned::to_owned),
        place: place.clone(),
        id: (*id).to_owned(),
        needs: needs.iter().filter_map(Node::as_text).map(ToOwned::to_owned).collect(),
    })
}

/// Each stack after those that it needs; what needs itself stays where it is.
fn in_order(mut waiting: Vec<Stack>) -> Vec<Stack> {
    let mut ordered: Vec<Stack> = Vec::new();
    while !waiting.is_empty() {
        let is_free = |stack: &Stack| !waiting.iter().any(|other| stack.needs.contains(&other.id));
        let next = waiting.iter().position(is_free).unwrap_or_default();
        ordered.push(waiting.remove(next));
    }
    ordered
}
