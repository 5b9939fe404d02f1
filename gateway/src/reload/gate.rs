//! Holds requests while a saved file is not live yet.

use super::watch::Watch;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};

/// How long a request waits for a reload at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// How far the reloads are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// Grows each time that what was reported has been dealt with.
    pub(super) rounds: u64,
    /// Whether something reported is being dealt with.
    pub(super) busy: bool,
}

/// Where requests pass.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Option<(Arc<Watch>, watch::Receiver<Progress>)>);

impl Gate {
    /// Nothing is watched, everything passes.
    pub(crate) const OPEN: Self = Self(None);

    pub(super) fn new(watch: Arc<Watch>, progress: watch::Receiver<Progress>) -> Self {
        Self(Some((watch, progress)))
    }

    /// Resolves when everything that was saved before is live, or has been found to be broken.
    pub(crate) async fn passed(&self) {
        let Some((watch, progress)) = &self.0 else { return };
        // First the queue, then the progress: what has left the queue by then is being dealt with, or has been.
        let before = *progress.borrow();
        let wanted = match (watch.has_events(), progress.borrow().busy) {
            (false, false) => return,
            (false, true) => before.rounds + 1,
            // A round that has read the queue already does not know of what is in it now.
            (true, _) => before.rounds + if before.busy { 2 } else { 1 },
        };
        let mut progress = progress.clone();
        let dealt_with = progress.wait_for(|progress| progress.rounds >= wanted);
        // A reload that takes too long or has died holds nobody up.
        let _late = timeout(PATIENCE, dealt_with).await.is_err();
    }
}
