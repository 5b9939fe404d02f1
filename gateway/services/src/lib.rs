//! The sinks behind service proxies. Each keeps what it receives, durably, and answers as its service does: to a method's
//! integration, and to the service's own API.
//!
//! A service is a module with a type that implements [`Service`]: an operation's name and its input as the service's JSON
//! model has it, to its output or a [`ServiceError`]. What goes over the wire is made of these in `aws-wire`.

mod clock;
pub mod dynamodb;
mod input;
pub mod journal;
mod service;
mod sinks;
pub mod sns;
pub mod sqs;
mod time;

pub use clock::Clock;
pub use fanlight_aws_wire::{Fault, ServiceError};
pub use service::{Call, Owner, Service, store_failure};
pub use sinks::{Caller, Request, Sinks};

use std::{future::Future, pin::Pin};

/// A future that is boxed because it crosses a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An id in AWS's form.
pub(crate) fn uuid() -> String {
    let bits = fastrand::u128(..);
    // Version 4, variant 1.
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
