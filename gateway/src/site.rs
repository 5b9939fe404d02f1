//! What the host serves right now: APIs, their stages and functions, swapped as a whole.

mod build;
pub(crate) mod domain;
pub(crate) mod overlap;
mod vpc_link;

pub(crate) use build::{Built, Judged, Plan, Served, Source, build, judge};

use crate::{backends::HostBackends, settings::Settings};
use domain::{Domain, Levels};
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
    /// Custom domains, whose hosts come before all others.
    pub(crate) domains: Vec<Domain>,
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
    /// Whether it has an address of its own.
    pub(crate) own_address: OwnAddress,
}

/// `disableExecuteApiEndpoint`: whether an API can be reached by an address that is not a custom domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnAddress {
    /// By its id, or as the only API there is.
    Enabled,
    /// By its custom domains only.
    Disabled,
}

/// Where a request goes.
#[derive(Debug)]
pub(crate) struct Destination<'a> {
    pub(crate) stage: &'a StageSnapshot,
    /// Where in the path the part after the stage begins.
    pub(crate) path_start: usize,
    /// The base path of the custom domain that led here.
    pub(crate) domain: Option<(Arc<str>, Levels)>,
}

/// Why a request goes nowhere; the client gets a 403 without reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nowhere {
    /// No API or stage has this address.
    Unknown,
    /// The API has given up its own address.
    Disabled,
}

impl Nowhere {
    /// For the log.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Unknown => "no API or stage has this address",
            Self::Disabled => "the API answers on its custom domains only: disableExecuteApiEndpoint",
        }
    }
}

/// The path form that every client can use, whatever the host name.
const EXECUTE_API: &str = "/_aws/execute-api/";

/// An older path form, which ends in a marker: `/restapis/{api}/{stage}/_user_request_/..`
const REST_APIS: (&str, &str) = ("/restapis/", "_user_request_");

impl Site {
    /// The stage for a host and a path: `{api}.localhost`, `/_aws/execute-api/{api}/{stage}/..`, or any other host when
    /// the APIs do not overlap. A first segment that equals a stage name is the stage.
    pub(crate) fn find(&self, host: &str, path: &str) -> Result<Destination<'_>, Nowhere> {
        let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let name = host.rsplit_once(':').filter(|(_, port)| digits(port)).map_or(host, |(name, _)| name);
        if let Some(domain) = Domain::of(&self.domains, name) {
            return domain.find(&self.apis, path).ok_or(Nowhere::Unknown);
        }
        if let Some(rest) = path.strip_prefix(EXECUTE_API) {
            let (label, after) = rest.split_once('/').unwrap_or((rest, ""));
            let stage_start = path.len() - after.len();
            return self
                .named(label)
                .map_or(Err(Nowhere::Unknown), |api| api.reached(api.explicit_stage(path, stage_start)));
        }
        if let Some((api, destination)) = self.user_request(path) {
            return api.reached(Some(destination));
        }
        let label = host.split(['.', ':']).next().unwrap_or_default();
        if let Some(api) = self.named(label) {
            return api.reached(api.stage(path));
        }
        let mut shared = self.apis.iter().filter(|api| api.shared_host);
        let first = shared.next().ok_or(Nowhere::Unknown)?;
        let serves = |api: &&Mounted| api.serves(path);
        let api = if first.serves(path) { first } else { shared.find(serves).unwrap_or(first) };
        api.reached(api.stage(path))
    }

    /// The older path form; any other path that begins like it is a path of an API.
    fn user_request(&self, path: &str) -> Option<(&Mounted, Destination<'_>)> {
        let rest = path.strip_prefix(REST_APIS.0)?;
        let (label, after) = rest.split_once('/')?;
        let (stage, after) = after.split_once('/')?;
        let after = after.strip_prefix(REST_APIS.1).filter(|after| after.is_empty() || after.starts_with('/'))?;
        let api = self.named(label)?;
        let stage = api.stages.iter().find(|known| known.name == stage)?;
        Some((api, Destination { stage, path_start: path.len() - after.len(), domain: None }))
    }

    /// A stage by the names of its API and its own.
    pub(crate) fn stage(&self, api: &str, name: &str) -> Option<&StageSnapshot> {
        self.named(api)?.stages.iter().find(|stage| stage.name == name).map(Arc::as_ref)
    }

    fn named(&self, label: &str) -> Option<&Mounted> {
        self.apis.iter().find(|api| api.id == label || api.label.eq_ignore_ascii_case(label))
    }
}

impl Mounted {
    /// Unless the API has given up its own address.
    fn reached<'a>(&self, destination: Option<Destination<'a>>) -> Result<Destination<'a>, Nowhere> {
        match self.own_address {
            OwnAddress::Enabled => destination.ok_or(Nowhere::Unknown),
            OwnAddress::Disabled => Err(Nowhere::Disabled),
        }
    }

    fn serves(&self, path: &str) -> bool {
        let Some(Destination { stage, path_start, .. }) = self.stage(path) else { return false };
        stage.deployment.knows(path.get(path_start..).unwrap_or_default())
    }

    fn stage(&self, path: &str) -> Option<Destination<'_>> {
        let start = path.len() - path.trim_start_matches('/').len();
        let default = || Some(Destination { stage: self.stages.first()?, path_start: 0, domain: None });
        self.explicit_stage(path, start).or_else(default)
    }

    fn explicit_stage(&self, path: &str, start: usize) -> Option<Destination<'_>> {
        let name = path.get(start..)?.split('/').next()?;
        let stage = self.stages.iter().find(|stage| stage.name == name)?;
        Some(Destination { stage, path_start: start + name.len(), domain: None })
    }
}
