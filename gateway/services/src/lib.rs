//! The sinks behind service proxies. Each keeps what it receives, durably, and answers as its service does: to a method's
//! integration, and to the service's own API.
//!
//! A service is a module with a type that implements [`Service`]: an operation's name and its input as the service's JSON
//! model has it, to its output or a [`ServiceError`]. What goes over the wire is made of these in `aws-wire`.

mod service;

pub use fanlight_aws_wire::{Fault, ServiceError};
pub use service::{Call, Owner, Service, store_failure};

use std::{future::Future, pin::Pin};

/// A future that is boxed because it crosses a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
