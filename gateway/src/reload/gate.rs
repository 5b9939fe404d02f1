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
        let rounds = progress.borrow().rounds;
        if !watch.has_events() && !progress.borrow().busy {
            return;
        }
        // A reload that takes too long or has died holds nobody up.
        let _late = timeout(PATIENCE, wait(watch, progress.clone(), rounds)).await;
    }
}

async fn wait(watch: &Watch, mut progress: watch::Receiver<Progress>, mut rounds: u64) {
    loop {
        if watch.has_events() {
            if progress.wait_for(|progress| progress.rounds > rounds).await.is_err() {
                return;
            }
        } else if progress.wait_for(|progress| !progress.busy).await.is_err() || !watch.has_events() {
            return;
        }
        rounds = progress.borrow().rounds;
    }
}
