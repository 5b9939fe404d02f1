//! An API while the resources of a template that belong to it are collected.

use super::template::Declared;
use crate::{
    Diagnostic,
    document::{Map, Node},
    openapi::{Document, Identity},
    read::Reading,
    resources::{RequestValidation, RestApi, Stage},
    shape, spelling,
};
use indexmap::IndexMap;

/// An API that is not complete yet.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) identity: Identity,
    pub(crate) name: String,
    pub(crate) document: Document,
    pub(crate) stages: Vec<Stage>,
    /// The stages' names as they are written, before the options give others.
    pub(crate) written: Vec<String>,
    /// Request validators by their ids.
    pub(crate) validators: IndexMap<String, RequestValidation>,
}

impl Draft {
    /// The stage that is written so.
    pub(super) fn stage_mut(&mut self, written: &str) -> Option<&mut Stage> {
        let index = self.written.iter().position(|known| known == written)?;
        self.stages.get_mut(index)
    }

    /// Adds a stage that is written so; one name, one stage.
    pub(super) fn add_stage(&mut self, reading: &mut Reading<'_>, written: String, stage: Stage) {
        if self.stages.iter().any(|known| known.name == stage.name) {
            let message = format!("`{}` has a stage `{}` already", self.identity.logical_id, stage.name);
            let mut twice = Diagnostic::error(&stage.place, message);
            twice.help = reading.options.stage.as_ref().map(|_| "`--stage` gives every stage the same name".to_owned());
            reading.findings.push(twice);
            return;
        }
        self.written.push(written);
        self.stages.push(stage);
    }

    /// The complete API; `None` when there is nothing that AWS would serve.
    pub(crate) fn finish(self, reading: &mut Reading<'_>) -> Option<RestApi> {
        let Self { identity, name, document, stages, written: _, validators: _ } = self;
        let sound = reading.findings.errors() == 0;
        if sound && document.tree.resources().all(|resource| resource.methods.is_empty()) {
            reading.findings.error(&identity.place, "the API has no methods, and AWS deploys none without");
            return None;
        }
        if sound && stages.is_empty() {
            let message = format!("`{}` has no stage, so AWS serves nothing of it", identity.logical_id);
            let help = "add an `AWS::ApiGateway::Deployment` with a `StageName`";
            reading.findings.push(Diagnostic::warning(&identity.place, message).help(help));
            return None;
        }
        Some(RestApi { name, ..document.rest_api(identity, stages) })
    }
}

/// The API that a resource's `RestApiId` refers to.
pub(super) fn of<'a>(
    reading: &mut Reading<'_>,
    drafts: &'a mut [Draft],
    (declared, properties): (&Declared, &Map),
) -> Option<&'a mut Draft> {
    let node = declared.required(reading, properties, "RestApiId")?;
    let id = shape::text(&mut reading.findings, node)?;
    match drafts.iter_mut().position(|draft| draft.identity.id == id) {
        Some(index) => drafts.get_mut(index),
        None => {
            no_api(reading, node, &id);
            None
        }
    }
}

/// Says that there is no such API; silent when it may be there and have a fault of its own.
pub(super) fn no_api(reading: &mut Reading<'_>, node: &Node, id: &str) {
    if reading.findings.errors() == 0 {
        let message = format!("`{}` is no REST API of this template", shape::brief(id));
        reading.findings.push(Diagnostic::error(&node.place(), message).help("write `!Ref` and its logical id"));
    }
}

/// The stage of an API that is called so; what `--stage` calls differently is found all the same.
pub(super) fn stage<'a>(
    reading: &mut Reading<'_>,
    (logical_id, stages): (&str, &'a [Stage]),
    (node, name): (&Node, &str),
) -> Option<&'a Stage> {
    if let Some(stage) = stages.iter().find(|stage| stage.name == name) {
        return Some(stage);
    }
    if let ([only], Some(_)) = (stages, &reading.options.stage) {
        return Some(only);
    }
    let message = format!("`{logical_id}` has no stage `{}`", shape::brief(name));
    let mut unknown = Diagnostic::error(&node.place(), message);
    let names: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    unknown.help = spelling::suggestion(name, names.iter().copied()).or_else(|| {
        Some(format!("it has {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")))
    });
    reading.findings.push(unknown);
    None
}
