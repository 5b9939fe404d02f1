//! Which methods of a stage are cached, and for how long.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSetting.html>

use crate::{deployment::Deployment, limits};
use fanlight_definition::resources::{HttpMethod, MethodSetting, Stage, UnauthorizedCacheControl};
use std::time::Duration;

/// The cache of a stage; empty when it has none.
#[derive(Debug, Default)]
pub struct StageCache {
    /// By method, then by verb: a method for any verb has settings for each.
    methods: Vec<[Option<MethodCache>; HttpMethod::ALL.len()]>,
}

/// How the answers of a method are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodCache {
    /// Never zero.
    pub ttl: Duration,
    /// Who may have a fresh answer made.
    pub invalidation: Invalidation,
}

/// What `Cache-Control: max-age=0` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalidation {
    /// Anybody may send it.
    Anybody,
    /// Only who may `execute-api:InvalidateCache`; this happens to others.
    WithPermission(UnauthorizedCacheControl),
}

impl StageCache {
    /// The cache that a stage asks for.
    #[must_use]
    pub fn new(stage: &Stage, deployment: &Deployment) -> Self {
        if !stage.cache_cluster_enabled {
            return Self::default();
        }
        let methods = deployment.methods.iter().map(|method| {
            HttpMethod::ALL.map(|verb| method_cache(&stage.method_settings, &method.resource_path, verb))
        });
        Self { methods: methods.collect() }
    }

    /// The settings of a method for a verb; `None` when its answers are not kept.
    #[must_use]
    pub fn of(&self, method: usize, verb: HttpMethod) -> Option<&MethodCache> {
        self.methods.get(method)?.get(verb as usize)?.as_ref()
    }
}

/// How closely a setting fits: its own path and verb, its own path, its own verb, or all methods.
fn closeness(setting: &MethodSetting, path: &str, verb: HttpMethod) -> Option<u8> {
    let of_path = setting.resource_path == path;
    let of_verb = setting.http_method.eq_ignore_ascii_case(verb.as_str());
    let any_path = setting.resource_path == "/*" || setting.resource_path == "*";
    let any_verb = matches!(setting.http_method.as_str(), "*" | "ANY");
    match (of_path, of_verb) {
        (true, true) => Some(3),
        (true, false) if any_verb => Some(2),
        (false, true) if any_path => Some(1),
        (false, false) if any_path && any_verb => Some(0),
        (true | false, true | false) => None,
    }
}

fn method_cache(settings: &[MethodSetting], path: &str, verb: HttpMethod) -> Option<MethodCache> {
    let mut fitting: Vec<(u8, &MethodSetting)> =
        settings.iter().filter_map(|setting| Some((closeness(setting, path, verb)?, setting))).collect();
    fitting.sort_by_key(|(closeness, _)| std::cmp::Reverse(*closeness));
    let settings = || fitting.iter().map(|(_, setting)| *setting);
    let enabled = match verb {
        HttpMethod::Get => settings().find_map(|setting| setting.caching_enabled).unwrap_or(true),
        // Other verbs are cached only when somebody says so of the method itself.
        HttpMethod::Any
        | HttpMethod::Delete
        | HttpMethod::Head
        | HttpMethod::Options
        | HttpMethod::Patch
        | HttpMethod::Post
        | HttpMethod::Put => {
            let own = fitting.iter().filter(|(closeness, _)| *closeness == 3);
            own.filter_map(|(_, setting)| setting.caching_enabled).next().unwrap_or(false)
        }
    };
    let ttl = settings().find_map(|setting| setting.cache_ttl_seconds).unwrap_or(limits::CACHE_TTL_SECONDS);
    let ttl = Duration::from_secs(ttl.min(limits::MAX_CACHE_TTL_SECONDS).into());
    let required = settings().find_map(|setting| setting.require_authorization_for_cache_control).unwrap_or(true);
    let strategy = settings().find_map(|setting| setting.unauthorized_cache_control).unwrap_or_default();
    let invalidation = if required { Invalidation::WithPermission(strategy) } else { Invalidation::Anybody };
    (enabled && !ttl.is_zero()).then_some(MethodCache { ttl, invalidation })
}

#[cfg(test)]
mod tests;
