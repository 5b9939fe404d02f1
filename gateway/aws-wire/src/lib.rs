//! What AWS's services speak: signatures, error shapes and protocols.

mod error;
pub mod protocol;
mod service;
pub mod signature;

pub use error::{Fault, ServiceError};
pub use service::{Protocol, Service};
pub use signature::{Claim, Secret, Signed};
