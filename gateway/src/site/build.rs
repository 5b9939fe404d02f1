//! Builds a site from a definition on disk.

use super::{Mounted, Site, overlap};
use crate::{
    backends::{Clock, HostBackends},
    functions::{self, Functions, Kept, Workshop},
    settings::Settings,
    upstream::Upstream,
};
use fanlight_definition::{
    Diagnostic, Read, ReadOptions, Resources, Severity, Sources, missing_dependencies, read,
    resources::{Function, RestApi, Revision},
};
use fanlight_execute::{Deployment, StageSnapshot, compile, limits::Limits};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// What stays the same from one revision of a site to the next.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The definition's file.
    pub(crate) definition: PathBuf,
    /// How it is read.
    pub(crate) options: ReadOptions,
    /// The host's settings.
    pub(crate) settings: Settings,
    /// Where the host keeps its state.
    pub(crate) data: PathBuf,
    /// Makes functions.
    pub(crate) workshop: Workshop,
    /// The outbound client, with its connections.
    pub(crate) upstream: Arc<Upstream>,
    /// The clock that all sites share.
    pub(crate) clock: Clock,
}

/// A definition, read and judged.
#[derive(Debug)]
pub(crate) struct Built {
    /// What can be served; `None` when a diagnostic is an error.
    pub(crate) served: Option<Served>,
    /// Errors and warnings.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The texts they point into.
    pub(crate) sources: Sources,
}

/// A site and what it was made of.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) site: Site,
    pub(crate) resources: Resources,
}

impl Plan {
    /// Where the prepared dependencies of a function lie.
    pub(crate) fn build_folder(&self, function: &Function) -> PathBuf {
        functions::build_folder(&self.data, function)
    }

    /// Reads the definition; nothing is started.
    pub(crate) fn read(&self, revision: u64) -> Read {
        let options = ReadOptions { revision: Revision(revision), ..self.options.clone() };
        read(&self.definition, &options)
    }
}

/// Reads and compiles the definition and makes its functions. Those of `previous` that neither the definition nor a
/// change under `changed` concerns stay warm.
pub(crate) async fn build(plan: &Plan, revision: u64, previous: Option<&Site>, changed: &[PathBuf]) -> Built {
    let Read { resources, mut diagnostics, sources } = plan.read(revision);
    let Some(resources) = resources else { return Built { served: None, diagnostics, sources } };
    let mut apis = Vec::new();
    for api in &resources.rest_apis {
        let (deployment, found) = compile::rest_api(api, &resources);
        diagnostics.extend(found);
        if let Some(deployment) = deployment {
            apis.push(mount(api, deployment, &resources, plan, &mut diagnostics));
        }
    }
    for function in &resources.functions {
        diagnostics.extend(missing_dependencies(function, &plan.build_folder(function)));
    }
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Built { served: None, diagnostics, sources };
    }
    let kept = Kept { functions: previous.map(|site| &site.backends.functions), changed };
    let functions = plan.workshop.make(plan, &resources, kept, &mut diagnostics).await;
    let served = functions.map(|functions| served(plan, resources, apis, functions));
    Built { served, diagnostics, sources }
}

fn served(plan: &Plan, resources: Resources, apis: Vec<Mounted>, functions: Functions) -> Served {
    let backends = HostBackends { clock: plan.clock, functions, upstream: Arc::clone(&plan.upstream) };
    Served { site: Site { apis, backends }, resources }
}

fn mount(
    api: &RestApi,
    deployment: Deployment,
    resources: &Resources,
    plan: &Plan,
    diagnostics: &mut Vec<Diagnostic>,
) -> Mounted {
    let deployment = Arc::new(deployment);
    let limits =
        plan.settings.limits.payload_bytes.map_or_else(Limits::default, |payload_bytes| Limits { payload_bytes });
    let stage = |stage: &fanlight_definition::resources::Stage| {
        Arc::new(StageSnapshot {
            name: stage.name.clone(),
            variables: stage.variables.clone(),
            deployment: Arc::clone(&deployment),
            limits,
        })
    };
    let shared_host = !overlaps(api, resources, diagnostics);
    Mounted {
        id: api.id.clone(),
        label: api.logical_id.to_ascii_lowercase(),
        stages: api.stages.iter().map(stage).collect(),
        shared_host,
    }
}

/// Whether another API answers some of the same paths; both are then reached by their own names only.
fn overlaps(api: &RestApi, resources: &Resources, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let others = resources.rest_apis.iter().filter(|other| other.logical_id != api.logical_id);
    let Some((other, (mine, theirs))) = others.into_iter().find_map(|other| Some((other, overlap::of(api, other)?)))
    else {
        return false;
    };
    let label = api.logical_id.to_ascii_lowercase();
    let message = format!(
        "`{mine}` of `{}` and `{theirs}` of `{}` overlap, so no path alone tells which API is meant",
        api.logical_id, other.logical_id
    );
    let help = format!("reach it as `{label}.localhost` or under `/_aws/execute-api/{label}/`");
    diagnostics.push(Diagnostic::warning(&api.place, message).help(help));
    true
}

/// The definition's file for a path on the command line.
pub(crate) fn find(path: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    fanlight_definition::find(path)
}
