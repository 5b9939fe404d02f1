//! What AWS's services speak: signatures now; error shapes and protocols join with the services.

pub mod signature;

pub use signature::{Claim, Secret, Signed};
