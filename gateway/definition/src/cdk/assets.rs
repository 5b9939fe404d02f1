//! `*.assets.json`: what the CDK would upload, and where it lies until then.
//!
//! CDK: <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema.AssetManifest.html>

use crate::{
    Place, document,
    document::{Map, Node},
    read::Reading,
};
use indexmap::IndexMap;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Keys of objects in S3, to paths relative to the template.
pub(crate) type Assets = IndexMap<String, String>;

/// The assets of a template that is read by itself.
pub(crate) fn beside(reading: &mut Reading<'_>, template: &Path) -> Assets {
    let name = template.file_name().unwrap_or_default().to_string_lossy();
    let Some(stem) = name.strip_suffix(".template.json") else { return Assets::new() };
    let file = template.with_file_name(format!("{stem}.assets.json"));
    if !file.is_file() {
        reading.sources.miss(&file);
        return Assets::new();
    }
    read(reading, &file, &Place::whole(&Arc::new(template.to_path_buf())))
}

/// Reads an asset manifest that something at `wanted_by` names.
pub(super) fn read(reading: &mut Reading<'_>, file: &Path, wanted_by: &Place) -> Assets {
    let mut assets = Assets::new();
    let file: Arc<PathBuf> = Arc::new(file.to_path_buf());
    let Some(text) = reading.sources.load(&mut reading.findings, &file, wanted_by) else { return assets };
    let Some(root) = document::parse(&mut reading.findings, &file, &text) else { return assets };
    let files = root.as_map().and_then(|map| map.get("files")).and_then(Node::as_map);
    for (_, entry) in files.into_iter().flat_map(Map::iter) {
        let get = |key: &str| entry.node.as_map().and_then(|map| map.get(key)).and_then(Node::as_map);
        // What a command packages has no path.
        let Some(path) = get("source").and_then(|source| source.get("path")).and_then(Node::as_text) else { continue };
        for (_, destination) in get("destinations").into_iter().flat_map(Map::iter) {
            let key = destination.node.as_map().and_then(|map| map.get("objectKey")).and_then(Node::as_text);
            if let Some(key) = key {
                assets.insert(key.to_owned(), path.to_owned());
            }
        }
    }
    assets
}
