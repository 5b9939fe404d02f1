//! Builds a site from a definition on disk.

use super::{Mounted, OwnAddress, Site, domain::Domain, overlap, vpc_link};
use crate::{
    backends::{Clock, HostBackends},
    caches,
    functions::{self, Kept, Retired, Workshop},
    limits,
    print::Printer,
    quotas::Quotas,
    settings::{
        self, Settings, access_key,
        user_pool::{self, Pools},
    },
    sinks::Sinks,
    storage::Storage,
    upstream::Upstream,
};
use fanlight_definition::{
    Diagnostic, Place, Read, ReadOptions, Resources, Severity, Sources, missing_dependencies, read,
    resources::{Function, HttpApi, HttpApiKind, RestApi, Revision},
};
use fanlight_execute::{
    Deployment,
    authorize::{cognito::UserPools, jwt::key_source::FetchedKeys},
    compile,
    limits::Limits,
    throttle::Buckets,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::task::spawn_blocking;

/// What stays the same from one revision of a site to the next.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Where the definition is and how it is read.
    pub(crate) source: Source,
    /// Makes functions.
    pub(crate) workshop: Workshop,
    /// The outbound client, with its connections.
    pub(crate) upstream: Arc<Upstream>,
    /// Keys that were fetched.
    pub(crate) fetched_keys: Arc<FetchedKeys>,
    /// The clock that all sites share.
    pub(crate) clock: Clock,
    /// What is kept on disk.
    pub(crate) storage: Arc<Storage>,
    /// What callers have used of their throttles.
    pub(crate) buckets: Arc<Buckets>,
    /// What callers have used of their quotas.
    pub(crate) quotas: Arc<Quotas>,
    /// What stands for AWS's services.
    pub(crate) sinks: Arc<Sinks>,
}

impl Plan {
    /// A plan with nothing kept yet, and where functions go that nobody needs any more.
    pub(crate) fn new(source: Source, printer: &Printer, control_port: Option<u16>) -> (Self, Retired) {
        let (workshop, retired) = Workshop::new(Arc::new(printer.clone()));
        let upstream = Arc::new(Upstream::default());
        let storage = Arc::new(Storage::new(&source.data, printer.clone()));
        let quotas = Arc::new(Quotas::new(Arc::clone(&storage.store) as _));
        let clock = Clock::new();
        let port = control_port.unwrap_or(limits::CONTROL_PORT);
        let sinks =
            Arc::new(Sinks::new(Arc::clone(&storage.store) as _, clock, Arc::clone(&upstream), printer.clone(), port));
        let plan = Self {
            source,
            workshop,
            upstream,
            fetched_keys: Arc::default(),
            clock,
            storage,
            buckets: Arc::default(),
            quotas,
            sinks,
        };
        (plan, retired)
    }
}

/// Where the definition is and how it is read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The definition's file.
    pub(crate) definition: PathBuf,
    /// How it is read.
    pub(crate) options: ReadOptions,
    /// Where the host keeps its state.
    pub(crate) data: PathBuf,
}

impl Source {
    /// Where the prepared dependencies of a function lie.
    pub(crate) fn build_folder(&self, function: &Function) -> PathBuf {
        functions::build_folder(&self.data, function)
    }
}

/// A definition, read, judged and made ready.
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

/// What can be said of a definition without starting anything.
#[derive(Debug)]
pub(crate) struct Judged {
    /// What it asks for, as far as it could be read.
    pub(crate) resources: Option<Resources>,
    /// The pools of the settings.
    pub(crate) pools: Pools,
    /// The compiled APIs.
    pub(crate) apis: Vec<Mounted>,
    /// Errors and warnings.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The texts they point into.
    pub(crate) sources: Sources,
}

impl Judged {
    fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Reads and compiles a definition. With a `storage`, what it leaves to the host is made and kept there; only threads that
/// may block can do that.
pub(crate) fn judge(source: &Source, settings: &Settings, revision: u64, storage: Option<&Storage>) -> Judged {
    let options = ReadOptions { revision: Revision(revision), ..source.options.clone() };
    let Read { mut resources, mut diagnostics, sources } = read(&source.definition, &options);
    let mut apis = Vec::new();
    if let (Some(resources), Some(storage)) = (&mut resources, storage) {
        storage.prepare(resources, &mut diagnostics);
    }
    if let Some(resources) = &resources {
        for api in &resources.rest_apis {
            let (deployment, found) = compile::rest_api(api, resources);
            diagnostics.extend(found);
            vpc_link::check(api, settings, &mut diagnostics);
            access_key::judge(api, &settings.access_keys, &mut diagnostics);
            let shared_host = !overlaps((&api.logical_id, &api.place), resources, &mut diagnostics);
            let mounted = deployment.map(|deployment| mount((api, resources), deployment, settings, &mut diagnostics));
            apis.extend(mounted.map(|mounted| Mounted { shared_host, ..mounted }));
        }
        for api in &resources.http_apis {
            apis.extend(judge_http((api, resources), settings, &mut diagnostics));
        }
        for function in &resources.functions {
            diagnostics.extend(missing_dependencies(function, &source.build_folder(function)));
        }
    }
    let folder = source.definition.parent().unwrap_or_else(|| Path::new("."));
    let pools = user_pool::read(&settings.user_pools, folder).unwrap_or_else(|message| {
        diagnostics.push(of_settings(&source.definition, message));
        Pools::default()
    });
    Judged { resources, pools, apis, diagnostics, sources }
}

/// Judges the definition and makes its functions. Those of `previous` that neither the definition nor a change under
/// `changed` concerns stay warm; the others must be able to initialise, or the revision is broken.
pub(crate) async fn build(plan: &Plan, revision: u64, previous: Option<&Site>, changed: &[PathBuf]) -> Built {
    let settings = match Settings::beside(&plan.source.definition) {
        Ok(settings) => settings,
        Err(message) => return refused(&plan.source.definition, message),
    };
    let (source, given, storage) = (plan.source.clone(), settings.clone(), Arc::clone(&plan.storage));
    // Files are read, and a large definition takes a while to compile.
    let Ok(judged) = spawn_blocking(move || judge(&source, &given, revision, Some(&storage))).await else {
        return refused(&plan.source.definition, "the definition cannot be compiled".to_owned());
    };
    let broken = judged.is_broken();
    let Judged { resources, pools, apis, mut diagnostics, sources } = judged;
    let Some(mut resources) = resources.filter(|_| !broken) else {
        return Built { served: None, diagnostics, sources };
    };
    resources.files.extend(pools.files);
    plan.sinks.declare(&resources, &mut diagnostics).await;
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Built { served: None, diagnostics, sources };
    }
    let same = previous.filter(|site| site.settings == settings);
    let kept = Kept { functions: same.map(|site| &site.backends.functions), changed };
    let made = plan.workshop.make(plan, (&resources, &settings), kept, &mut diagnostics).await;
    let initialised = match (&made, previous) {
        (Some(functions), Some(_)) => functions.warm_new(kept, &mut diagnostics).await,
        (Some(_), None) | (None, _) => Some(()),
    };
    let served = made.filter(|_| initialised.is_some()).map(|functions| {
        let backends = HostBackends {
            clock: plan.clock,
            functions,
            upstream: Arc::clone(&plan.upstream),
            user_pools: UserPools { configured: pools.configured, fetched: Arc::clone(&plan.fetched_keys) },
            access_keys: access_key::table(&settings.access_keys, &resources.account_id),
            authorizer_cache: caches::of_authorizers(),
            stage_cache: caches::of_stages(),
            buckets: Arc::clone(&plan.buckets),
            quotas: Arc::clone(&plan.quotas),
            sinks: Arc::clone(&plan.sinks),
            vpc_links: settings.vpc_links.clone(),
        };
        let domains = resources.domain_names.iter().map(Domain::new).collect();
        let (usage_plans, api_keys) = (resources.usage_plans.clone(), resources.api_keys.clone());
        Served { site: Site { apis, domains, usage_plans, api_keys, backends, settings }, resources }
    });
    Built { served, diagnostics, sources }
}

fn refused(definition: &Path, message: String) -> Built {
    let diagnostics = vec![of_settings(definition, message)];
    Built { served: None, diagnostics, sources: Sources::default() }
}

fn of_settings(definition: &Path, message: String) -> Diagnostic {
    let file = definition.parent().unwrap_or_else(|| Path::new(".")).join(settings::FILE);
    Diagnostic::error(&Place::whole(&Arc::new(file)), message)
}

fn judge_http(
    (api, resources): (&HttpApi, &Resources),
    settings: &Settings,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Mounted> {
    let (deployment, found) = compile::http_api(api, resources);
    diagnostics.extend(found);
    vpc_link::check_http(api, settings, diagnostics);
    access_key::judge_http(api, &settings.access_keys, diagnostics);
    let shared_host = match api.kind {
        HttpApiKind::Api => !overlaps((&api.logical_id, &api.place), resources, diagnostics),
        HttpApiKind::FunctionUrl => overlap::is_alone(resources),
    };
    let deployment = Arc::new(deployment?);
    let limits = limits(settings);
    let stage = |stage| {
        let (snapshot, found) = compile::http_stage((api, stage), &deployment, limits);
        diagnostics.extend(found);
        Arc::new(snapshot)
    };
    let stages = api.stages.iter().map(stage).collect();
    Some(Mounted {
        id: api.id.clone(),
        label: label(api),
        stages,
        shared_host,
        own_address: if api.disable_execute_api_endpoint { OwnAddress::Disabled } else { OwnAddress::Enabled },
    })
}

/// The logical id of a function URL is its function's, which an API may be called like too: it goes by its id alone.
fn label(api: &HttpApi) -> String {
    match api.kind {
        HttpApiKind::Api => api.logical_id.to_ascii_lowercase(),
        HttpApiKind::FunctionUrl => api.id.clone(),
    }
}

fn limits(settings: &Settings) -> Limits {
    settings.limits.payload_bytes.map_or_else(Limits::default, |payload_bytes| Limits { payload_bytes })
}

fn mount(
    (api, resources): (&RestApi, &Resources),
    deployment: Deployment,
    settings: &Settings,
    diagnostics: &mut Vec<Diagnostic>,
) -> Mounted {
    let deployment = Arc::new(deployment);
    let limits = limits(settings);
    let stage = |stage| {
        let (snapshot, found) = compile::stage((api, stage), resources, &deployment, limits);
        diagnostics.extend(found);
        Arc::new(snapshot)
    };
    Mounted {
        id: api.id.clone(),
        label: api.logical_id.to_ascii_lowercase(),
        stages: api.stages.iter().map(stage).collect(),
        shared_host: true,
        own_address: if api.disable_execute_api_endpoint { OwnAddress::Disabled } else { OwnAddress::Enabled },
    }
}

/// Whether another API answers some of the same paths; both are then reached by their own names only.
fn overlaps((api, place): (&str, &Place), resources: &Resources, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let Some((other, (mine, theirs))) = overlap::first(api, resources) else { return false };
    let label = api.to_ascii_lowercase();
    let message =
        format!("`{mine}` of `{api}` and `{theirs}` of `{other}` overlap, so no path alone tells which API is meant",);
    let help = format!("reach it as `{label}.localhost` or under `/_aws/execute-api/{label}/`");
    diagnostics.push(Diagnostic::warning(place, message).help(help));
    true
}
