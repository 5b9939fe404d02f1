//! AWS resources as types, and readers for the files that define them.
//!
//! A definition (a SAM template, an OpenAPI file, a `serverless.yml`, what the CDK makes of an app) is read into [`Resources`], the one model that everything later
//! compiles. Whatever a reader does not understand becomes a [`Diagnostic`] with its place, never silence.

mod cdk;
mod cloudformation;
mod code;
pub mod diagnostic;
mod document;
mod endpoint_configuration;
mod find;
mod function;
mod http_api;
mod identifier;
mod intrinsics;
mod json;
mod limits;
mod openapi;
mod read;
mod render;
mod resource_tree;
pub mod resources;
mod sam;
mod serverless;
mod shape;
mod source;
mod spelling;
mod vocabulary;

pub use code::missing_dependencies;
pub use diagnostic::{Diagnostic, Place, Severity};
pub use find::find;
pub use read::{Environment, Read, ReadOptions, read};
pub use render::{render, render_line};
pub use resources::Resources;
pub use source::Sources;
