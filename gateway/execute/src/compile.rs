//! Compiles the resource model to deployments.
//!
//! Whatever can be known to be wrong is known here: a pattern that is none, a mapping that is not served, a template that
//! does not parse. A deployment that compiles has no such surprise left for a request.

mod authorizer;
mod aws_service;
mod binary;
mod function_names;
mod gateway_response;
mod http_api;
mod java_pattern;
mod mapping;
mod method;
mod method_request;
mod model;
mod resource_policy;
mod responses;
mod stage;
mod stage_cache;
mod template;
mod unserved;
mod usage_plan;

pub use http_api::{http_api, http_stage};
pub use stage::stage;

use crate::{
    access_log::AccessLog,
    deployment::{Deployment, Method, Protocol},
    media_type::BinaryMediaTypes,
    route::Router,
};
use fanlight_definition::{
    Diagnostic, Resources, Severity,
    resources::{RestApi, TemplateText},
};
use sha2::{Digest, Sha256};

/// Compiles one REST API of `resources`.
///
/// The deployment is `None` when any diagnostic is an error.
#[must_use]
pub fn rest_api(api: &RestApi, resources: &Resources) -> (Option<Deployment>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut router = Router::default();
    let mut methods = Vec::new();
    let mut mocks = method::Mocks::new();
    let formats = api.stages.iter().filter_map(|stage| stage.access_log_format.as_ref());
    access_log_formats(formats, &mut diagnostics);
    function_names::check(api, resources, &mut diagnostics);
    let authorizers = authorizer::all(api, resources, &mut diagnostics);
    let resource_policy = resource_policy::compile(api, resources, &mut diagnostics);
    let models = model::all(api, &mut diagnostics);
    for resource in &api.resources {
        for definition in &resource.methods {
            binary::check(api, definition, &mut diagnostics);
            let compiled = method::compile(
                (api, resource),
                (definition, methods.len()),
                &authorizers,
                &mut mocks,
                &mut diagnostics,
            );
            if let Some(compiled) = compiled {
                router.insert(&resource.path, definition.http_method, methods.len());
                let request = method_request::compile(definition, &models, &mut diagnostics);
                let cache_key = stage_cache::compile(resource, definition, &mut diagnostics);
                methods.push(Method { request, cache_key, ..compiled });
            }
        }
    }
    let gateway_responses = gateway_response::all(&api.gateway_responses, &mut diagnostics);
    let broken = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let deployment = Deployment {
        id: deployment_id(&api.id, resources.revision.0),
        api_id: api.id.clone(),
        account_id: resources.account_id.clone(),
        region: resources.region.clone(),
        router,
        methods,
        minimum_compression_size: api.minimum_compression_size,
        binary_media_types: BinaryMediaTypes::new(&api.binary_media_types),
        gateway_responses,
        resource_policy,
        protocol: Protocol::Rest,
    };
    ((!broken).then_some(deployment), diagnostics)
}

fn access_log_formats<'a>(formats: impl Iterator<Item = &'a TemplateText>, diagnostics: &mut Vec<Diagnostic>) {
    for format in formats {
        match AccessLog::parse(&format.text) {
            Err(message) => diagnostics.push(Diagnostic::error(&format.place, message)),
            Ok((_, unknown)) => diagnostics.extend(unknown.into_iter().map(|name| {
                let message = format!("there is no `$context.{name}`; the access log shows `-` for it");
                Diagnostic::warning(&format.place, message)
            })),
        }
    }
}

/// Six lower-case letters and digits, as AWS's.
fn deployment_id(api_id: &str, revision: u64) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let digest = Sha256::digest(format!("{api_id}/{revision}"));
    digest.iter().take(6).filter_map(|byte| ALPHABET.get(usize::from(*byte) % 36)).map(|&c| char::from(c)).collect()
}
