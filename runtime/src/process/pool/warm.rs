//! A first environment before there is anything to invoke.

use super::{Pool, State};
use crate::{FunctionError, process::plan::StartFailure};
use std::sync::Arc;
use tokio::{sync::oneshot, time::timeout};

/// Somebody who waits for the first environment.
pub(super) type Curious = oneshot::Sender<Option<StartFailure>>;

impl Pool {
    /// Starts an environment unless there is one, and tells whether its initialisation fails. One that takes longer than
    /// an initialisation may has not failed: it goes on within the first invocation.
    pub(in crate::process) async fn warm(self: &Arc<Self>) -> Result<(), FunctionError> {
        let started = {
            let mut state = self.lock();
            if state.closed || self.plan.max_environments == 0 || !state.members.is_empty() {
                return Ok(());
            }
            let (waiting, started) = oneshot::channel();
            state.warming.push(waiting);
            self.start(&mut state);
            started
        };
        match timeout(self.plan.limits.init, started).await {
            Ok(Ok(Some(failure))) => Err(self.plan.describe(&failure)),
            Ok(Ok(None) | Err(_)) | Err(_) => Ok(()),
        }
    }
}

impl State {
    /// Tells those who wait how the first environment started.
    pub(super) fn warmed(&mut self, failure: Option<&StartFailure>) {
        for waiting in self.warming.drain(..) {
            // Nobody may wait any more.
            let _gone = waiting.send(failure.cloned());
        }
    }
}
