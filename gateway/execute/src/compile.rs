//! Compiles the resource model to deployments.
//!
//! Whatever can be known to be wrong is known here: a pattern that is none, a mapping that is not served, a template that
//! does not parse. A deployment that compiles has no such surprise left for a request.

mod gateway_response;
mod mapping;
mod method;
mod responses;
mod stage;
mod template;
mod unserved;
mod usage_plan;

pub use stage::stage;

use crate::{deployment::Deployment, media_type::BinaryMediaTypes, route::Router};
use fanlight_definition::{Diagnostic, Resources, Severity, resources::RestApi};
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
    unserved::api(api, &mut diagnostics);
    for resource in &api.resources {
        for definition in &resource.methods {
            if let Some(compiled) =
                method::compile((api, resource), (definition, methods.len()), &mut mocks, &mut diagnostics)
            {
                router.insert(&resource.path, definition.http_method, methods.len());
                methods.push(compiled);
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
        binary_media_types: BinaryMediaTypes::new(&api.binary_media_types),
        gateway_responses,
    };
    ((!broken).then_some(deployment), diagnostics)
}

/// Six lower-case letters and digits, as AWS's.
fn deployment_id(api_id: &str, revision: u64) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let digest = Sha256::digest(format!("{api_id}/{revision}"));
    digest.iter().take(6).filter_map(|byte| ALPHABET.get(usize::from(*byte) % 36)).map(|&c| char::from(c)).collect()
}
