//! What the host serves right now: APIs, their stages and functions, swapped as a whole.

mod build;
pub(crate) mod overlap;

pub(crate) use build::{Built, Judged, Plan, Served, Source, build, judge};

use crate::{backends::HostBackends, settings::Settings};
use fanlight_definition::resources::{ApiKey, UsagePlan};
use fanlight_execute::StageSnapshot;
use std::sync::Arc;

/// One revision of everything that is served.
#[derive(Debug)]
pub(crate) struct Site {
    /// The APIs in the order of the definition.
    pub(crate) apis: Vec<Mounted>,
    /// The usage plans, for reports.
    pub(crate) usage_plans: Vec<UsagePlan>,
    /// The API keys, for reports.
    pub(crate) api_keys: Vec<ApiKey>,
    /// What their lifecycles reach.
    pub(crate) backends: HostBackends,
    /// The settings it was made with.
    pub(crate) settings: Settings,
}

/// An API with its stages.
#[derive(Debug)]
pub(crate) struct Mounted {
    /// The id, the first label of its own host name.
    pub(crate) id: String,
    /// The logical id in lower case, which serves as a label too.
    pub(crate) label: String,
    /// Stages, the default one first.
    pub(crate) stages: Vec<Arc<StageSnapshot>>,
    /// Whether it answers on hosts that name no API.
    pub(crate) shared_host: bool,
}

/// Where a request goes.
#[derive(Debug)]
pub(crate) struct Destination<'a> {
    pub(crate) stage: &'a StageSnapshot,
    /// Where in the path the part after the stage begins.
    pub(crate) path_start: usize,
}

/// The path form that every client can use, whatever the host name.
const EXECUTE_API: &str = "/_aws/execute-api/";

impl Site {
    /// The stage for a host and a path: `{api}.localhost`, `/_aws/execute-api/{api}/{stage}/..`, or any other host when
    /// the APIs do not overlap. A first segment that equals a stage name is the stage.
    pub(crate) fn find(&self, host: &str, path: &str) -> Option<Destination<'_>> {
        if let Some(rest) = path.strip_prefix(EXECUTE_API) {
            let (label, after) = rest.split_once('/').unwrap_or((rest, ""));
            return self.named(label)?.explicit_stage(path, path.len() - after.len());
        }
        let label = host.split(['.', ':']).next().unwrap_or_default();
        if let Some(api) = self.named(label) {
            return api.stage(path);
        }
        let mut shared = self.apis.iter().filter(|api| api.shared_host);
        let first = shared.next()?;
        let serves = |api: &&Mounted| api.serves(path);
        let api = if first.serves(path) { first } else { shared.find(serves).unwrap_or(first) };
        api.stage(path)
    }

    fn named(&self, label: &str) -> Option<&Mounted> {
        self.apis.iter().find(|api| api.id == label || api.label.eq_ignore_ascii_case(label))
    }
}

impl Mounted {
    fn serves(&self, path: &str) -> bool {
        let Some(Destination { stage, path_start }) = self.stage(path) else { return false };
        stage.deployment.router.knows(path.get(path_start..).unwrap_or_default())
    }

    fn stage(&self, path: &str) -> Option<Destination<'_>> {
        let start = path.len() - path.trim_start_matches('/').len();
        let default = || Some(Destination { stage: self.stages.first()?, path_start: 0 });
        self.explicit_stage(path, start).or_else(default)
    }

    fn explicit_stage(&self, path: &str, start: usize) -> Option<Destination<'_>> {
        let name = path.get(start..)?.split('/').next()?;
        let stage = self.stages.iter().find(|stage| stage.name == name)?;
        Some(Destination { stage, path_start: start + name.len() })
    }
}
