//! A file that is an OpenAPI document and describes an HTTP API.

use super::{document, draft::Draft};
use crate::{
    document::Node,
    identifier,
    intrinsics::Scope,
    read::Reading,
    resources::{HttpApi, HttpStage},
};

/// Reads a document by itself; its stage is `$default` unless the options give one.
pub(crate) fn read(reading: &mut Reading<'_>, scope: &Scope, stem: &str, root: &Node) -> Option<HttpApi> {
    let mut draft = Draft::new(identifier::rest_api(stem, stem), stem, root.place());
    document::read(reading, scope, &mut draft, root)?;
    let stage = reading.options.stage.clone().unwrap_or_else(|| HttpStage::DEFAULT.to_owned());
    draft.stages.push(HttpStage::new(stage, root.place()));
    draft.finish(reading)
}
