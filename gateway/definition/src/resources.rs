//! The resource model: AWS's resources as types, the same whoever wrote them.
//!
//! OpenAPI import, SAM, CloudFormation and later the control plane all write this model; only this model is compiled.

pub mod function;
pub mod integration;
pub mod rest_api;

pub use function::{Architecture, Function, FunctionKind, Isolation, Runtime};
pub use integration::{
    ContentHandling, Integration, IntegrationKind, IntegrationResponse, PassthroughBehavior, TemplateText,
};
pub use rest_api::{HttpMethod, Method, MethodResponse, Resource, RestApi, Stage};

use std::path::PathBuf;

/// Everything one definition asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Resources {
    /// Who may change these resources.
    pub owner: Owner,
    /// Grows with each change of the same owner.
    pub revision: Revision,
    /// The pretended account, as it appears in ARNs and events.
    pub account_id: String,
    /// The pretended region.
    pub region: String,
    /// REST APIs in the order of the definition.
    pub rest_apis: Vec<RestApi>,
    /// Functions in the order of the definition.
    pub functions: Vec<Function>,
    /// Every file that was read: the definition and what it includes. A change of one is a new revision.
    pub files: Vec<PathBuf>,
}

/// Who owns a set of resources. A set has one owner: what a file defines is replaced whole by a reload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A definition on disk.
    File(PathBuf),
    /// The control plane.
    Api,
}

/// The how-manieth state of the resources this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub u64);
