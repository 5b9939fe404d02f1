//! The compiled, immutable form of an API.
//!
//! Invariant: nothing here is parsed again on the request path, and nothing is looked up by a text made for the purpose.

use crate::{
    authorize::Authorization,
    gateway_response::customisation::GatewayResponses,
    http_api::HttpApi,
    integration::Integration,
    media_type::BinaryMediaTypes,
    method_request::MethodRequest,
    policy::Policy,
    route::{PathParameter, Router},
    stage_cache::key::CacheKey,
};
use fanlight_definition::resources::ApiKeySource;
use std::sync::Arc;

/// A compiled API.
#[derive(Debug)]
pub struct Deployment {
    /// Six lower-case letters and digits, another one for each revision.
    pub id: String,
    /// The API's id.
    pub api_id: String,
    /// The account, as events show it.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// Path and verb to an index into `methods`.
    pub router: Router,
    /// All methods.
    pub methods: Vec<Method>,
    /// Responses of at least so many bytes are compressed for clients that accept it.
    pub minimum_compression_size: Option<u32>,
    /// Which bodies are binary.
    pub binary_media_types: BinaryMediaTypes,
    /// What the API makes of failures.
    pub gateway_responses: GatewayResponses,
    /// Who may call at all.
    pub resource_policy: Option<Policy>,
    /// What kind of API it is. What stands above, its identity aside, is that of a REST API.
    pub protocol: Protocol,
}

/// The kind of an API, with what other kinds than REST need.
#[derive(Debug)]
pub enum Protocol {
    /// A REST API.
    Rest,
    /// An HTTP API.
    Http(HttpApi),
}

impl Deployment {
    /// Whether anything, whatever its verb, is there for a path.
    #[must_use]
    pub fn knows(&self, path: &str) -> bool {
        match &self.protocol {
            Protocol::Rest => self.router.knows(path),
            Protocol::Http(api) => api.routes.knows(path),
        }
    }
}

/// A compiled method.
#[derive(Debug)]
pub struct Method {
    /// Its place among the methods of the API, and in what a stage keeps of each.
    pub number: usize,
    /// Where its API key is looked for, when it needs one.
    pub api_key: Option<ApiKeySource>,
    /// The resource's id.
    pub resource_id: String,
    /// The resource's path template.
    pub resource_path: Arc<str>,
    /// Where its path parameters stand.
    pub path_parameters: Vec<PathParameter>,
    /// Who may call.
    pub authorization: Authorization,
    /// What is checked of a request.
    pub request: MethodRequest,
    /// What tells its cached answers apart; `None` when they are never kept.
    pub cache_key: Option<CacheKey>,
    /// `operationId`.
    pub operation_name: Option<String>,
    /// What answers; equal mocks are one, so that an API with many of them stays in the processor's cache.
    pub integration: Arc<Integration>,
}
