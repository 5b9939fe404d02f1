//! An environment's place in its pool, and what it reports to it.

use super::{Backoff, Command, Environment, Job, Pool, Turn};
use crate::process::{folder::Room, plan::StartFailure};
use std::{io, sync::Arc};
use tokio::{sync::mpsc, time::Instant};

/// An environment's place in its pool; dropping it gives the place back, whatever happened.
#[derive(Debug)]
pub(in crate::process) struct Tenure {
    pub(in crate::process) pool: Arc<Pool>,
    pub(in crate::process) commands: mpsc::Receiver<Command>,
    pub(super) id: u64,
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

    /// The environment is ready for an invocation.
    pub(in crate::process) fn ready(&self) -> Turn {
        let mut state = self.pool.lock();
        (state.failures, state.backoff) = (0, None);
        state.warmed(None);
        if state.closed {
            state.set(self.id, Environment::Stopping);
            return Turn::Stop;
        }
        if let Some(job) = state.oldest() {
            state.set(self.id, Environment::Busy);
            self.pool.grow(&mut state);
            return Turn::Invoke(job);
        }
        state.set(self.id, Environment::Idle);
        state.idle.push(self.id);
        Turn::Rest
    }

    /// An invocation for an environment that is not ready, because its initialisation goes on within an invocation.
    pub(in crate::process) fn next_waiting(&self) -> Option<Job> {
        let mut state = self.pool.lock();
        let job = state.oldest()?;
        state.set(self.id, Environment::Busy);
        Some(job)
    }

    /// The environment has responded and will soon be ready.
    pub(in crate::process) fn settling(&self) {
        self.pool.lock().set(self.id, Environment::Settling);
    }

    /// It takes longer than that.
    pub(in crate::process) fn busy_after_all(&self) {
        let mut state = self.pool.lock();
        state.set(self.id, Environment::Busy);
        self.pool.grow(&mut state);
    }

    /// Whether an idle environment may end: if it is not the last, and nobody has just given it an invocation.
    pub(in crate::process) fn retire(&self) -> Turn {
        let mut state = self.pool.lock();
        let others = state.members.values().filter(|member| member.state != Environment::Stopping).count();
        let Some(position) = state.idle.iter().position(|id| *id == self.id) else { return Turn::Rest };
        if others <= 1 {
            return Turn::Rest;
        }
        state.idle.remove(position);
        state.set(self.id, Environment::Stopping);
        Turn::Stop
    }

    /// The environment did not start. Returns the invocations that learn of it: the oldest, and all when nobody is left
    /// to serve them.
    pub(in crate::process) fn failed(&self, failure: &StartFailure) -> Vec<Job> {
        let mut state = self.pool.lock();
        state.set(self.id, Environment::Stopping);
        state.warmed(Some(failure));
        let (first, most) = self.pool.plan.limits.backoff;
        let wait = first.saturating_mul(2_u32.saturating_pow(state.failures)).min(most);
        state.failures = state.failures.saturating_add(1);
        state.backoff = Some(Backoff { until: Instant::now() + wait, failure: failure.clone() });
        let alone = state.members.values().all(|member| member.state == Environment::Stopping);
        let concerned = if alone { usize::MAX } else { 1 };
        std::iter::from_fn(|| state.oldest()).take(concerned).collect()
    }

    /// The environment is of no more use: it is given nothing any more, and others take what it was given last.
    pub(in crate::process) fn leave(&mut self) {
        {
            let mut state = self.pool.lock();
            state.set(self.id, Environment::Stopping);
            state.idle.retain(|id| *id != self.id);
        }
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Invoke(job) => self.give_back(job),
                Command::Stop => {}
            }
        }
        self.pool.grow(&mut self.pool.lock());
    }

    /// Puts an invocation that did not reach its environment back at the head of the queue.
    pub(in crate::process) fn give_back(&self, job: Job) {
        let job = Job { returned: true, ..job };
        let mut state = self.pool.lock();
        if state.closed {
            drop(state);
            job.reply.send(Err(self.pool.closed())).unwrap_or_default();
            return;
        }
        // The pool grows, if it has to, as the environment leaves.
        if let Err(job) = state.hand(job) {
            state.queue.push_front(job);
        }
    }
}

impl Drop for Tenure {
    fn drop(&mut self) {
        self.leave();
        let room = self.room.take();
        let mut state = self.pool.lock();
        state.members.remove(&self.id);
        if !state.closed {
            state.rooms.extend(room);
        }
        self.pool.grow(&mut state);
        self.pool.population.send_replace(state.members.len());
    }
}
