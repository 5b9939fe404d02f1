//! What a stage serves right now.

use crate::{deployment::Deployment, limits::Limits};
use indexmap::IndexMap;
use std::sync::Arc;

/// A stage's live settings and the deployment it points to. Swapped as a whole; a request runs on the snapshot it
/// started with.
#[derive(Debug)]
pub struct StageSnapshot {
    /// The stage's name.
    pub name: String,
    /// Stage variables.
    pub variables: IndexMap<String, String>,
    /// What the stage points to.
    pub deployment: Arc<Deployment>,
    /// Bounds that the host may have moved.
    pub limits: Limits,
}
