//! Compiles resources to deployments and runs the API Gateway request lifecycle.
//!
//! Nothing here touches a socket, the disk or a clock of its own: whatever a step needs from outside it asks of
//! [`Backends`]. The lifecycles stand in [`rest`] and [`http_api`], one line per AWS term, one file per line.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-basic-concept.html>

pub mod access_log;
pub mod authorize;
pub mod backends;
pub mod body;
pub mod body_mapping;
pub mod caller;
pub mod compile;
pub mod compression;
pub mod content_handling;
pub mod context;
pub mod context_variable;
pub mod deployment;
pub mod event;
pub mod exchange;
pub mod execution_log;
pub mod failure;
pub mod gateway_response;
pub mod header_rules;
pub mod http_api;
pub mod integration;
pub mod integration_request;
pub mod integration_response;
pub mod lifecycle;
pub mod limits;
pub mod mapping_template;
pub mod media_type;
pub mod method_arn;
pub mod method_request;
pub mod method_response;
pub mod model;
pub mod parameter_mapping;
pub mod policy;
pub mod query;
pub mod quota;
pub mod resource_policy;
pub mod rest;
pub mod route;
pub mod single_flight;
pub mod stage;
pub mod stage_cache;
pub mod throttle;
pub mod trace;
pub mod usage_plan;

pub use backends::Backends;
pub use body::Body;
pub use deployment::Deployment;
pub use exchange::{Exchange, Request, Response};
pub use failure::Failure;
pub use stage::StageSnapshot;
pub use trace::Trace;
