//! An environment's place in its pool, and what it reports to it.

use super::{Backoff, Berth, Errand, Lease, Pool, Stage, Waiting};
use crate::process::{
    environment::{Environment, Times},
    folder::Room,
    plan::StartFailure,
};
use std::{io, sync::Arc};
use tokio::time::Instant;

/// An environment's place in its pool; dropping it gives the place back, whatever happened.
#[derive(Debug)]
pub(in crate::process) struct Tenure {
    pub(in crate::process) pool: Arc<Pool>,
    pub(in crate::process) berth: Arc<Berth>,
    pub(super) room: Option<Room>,
}

impl Tenure {
    /// The environment's folder, made when it has none from a predecessor.
    pub(in crate::process) fn room(&mut self) -> io::Result<&Room> {
        let room = match self.room.take() {
            Some(room) => room,
            None => self.pool.plan.folder.room()?,
        };
        Ok(self.room.insert(room))
    }

    /// The environment ends for good: its successor finds an empty `/tmp`.
    pub(in crate::process) async fn leave_nothing(&mut self) {
        if let Some(room) = self.room.take() {
            room.remove().await;
        }
    }

    /// The environment has started, perhaps within the invocation of a caller who waits.
    pub(in crate::process) fn launch(&self, environment: Box<Environment>, awaited: Option<(Times, Waiting)>) {
        let at = (&self.pool, &self.berth);
        let left = match awaited {
            Some((times, waiting)) => Lease::grant(at, environment, Some(times), waiting.reply).err(),
            None => Some(environment),
        };
        if let Some(environment) = left {
            self.pool.free(&self.berth, environment);
        }
    }

    /// An invocation for an environment that is not ready, because its initialisation goes on within an invocation.
    pub(in crate::process) fn next_waiting(&self) -> Option<Waiting> {
        let mut state = self.pool.lock();
        let waiting = state.oldest()?;
        state.set(self.berth.id, Stage::Busy);
        Some(waiting)
    }

    /// It takes longer than that.
    pub(in crate::process) fn busy_after_all(&self) {
        let mut state = self.pool.lock();
        state.set(self.berth.id, Stage::Busy);
        self.pool.grow(&mut state);
    }

    /// Whether an idle environment may end: if it is not the last, and nobody has just given it an invocation.
    pub(in crate::process) fn retire(&self) -> Errand {
        let mut state = self.pool.lock();
        let others = state.members.values().filter(|member| member.stage != Stage::Stopping).count();
        let Some(position) = state.idle.iter().position(|idle| idle.id == self.berth.id) else { return Errand::Rest };
        if others <= 1 {
            return Errand::Rest;
        }
        state.idle.remove(position);
        state.set(self.berth.id, Stage::Stopping);
        Errand::Stop
    }

    /// The environment did not start. Returns the invocations that learn of it: the oldest, and all when nobody is left
    /// to serve them.
    pub(in crate::process) fn failed(&self, failure: &StartFailure) -> Vec<Waiting> {
        let mut state = self.pool.lock();
        state.set(self.berth.id, Stage::Stopping);
        state.warmed(Some(failure));
        let (first, most) = self.pool.plan.limits.backoff;
        let wait = first.saturating_mul(2_u32.saturating_pow(state.failures)).min(most);
        state.failures = state.failures.saturating_add(1);
        state.backoff = Some(Backoff { until: Instant::now() + wait, failure: failure.clone() });
        let alone = state.members.values().all(|member| member.stage == Stage::Stopping);
        let concerned = if alone { usize::MAX } else { 1 };
        std::iter::from_fn(|| state.oldest()).take(concerned).collect()
    }

    /// The environment is of no more use: it is given nothing any more.
    pub(in crate::process) fn leave(&self) {
        let mut state = self.pool.lock();
        state.set(self.berth.id, Stage::Stopping);
        state.idle.retain(|idle| idle.id != self.berth.id);
        self.pool.grow(&mut state);
    }
}

impl Drop for Tenure {
    fn drop(&mut self) {
        self.berth.close();
        let room = self.room.take();
        let mut state = self.pool.lock();
        state.idle.retain(|idle| idle.id != self.berth.id);
        state.members.remove(&self.berth.id);
        if !state.closed {
            state.rooms.extend(room);
        }
        self.pool.grow(&mut state);
        self.pool.population.send_replace(state.members.len());
    }
}
