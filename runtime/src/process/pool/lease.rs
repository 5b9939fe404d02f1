//! An environment in the hands of a caller.
//!
//! The caller's own task writes the event and reads the response, so that an invocation wakes no task but the caller's. A
//! caller who goes away in the middle leaves the rest to the environment's keeper.

use super::{Berth, Errand, Grant, Outcome, Place, Pool, Waiting};
use crate::{
    Invocation,
    process::environment::{Caller, Environment, Running, Served, Times},
};
use std::sync::Arc;
use tokio::sync::oneshot;

/// An environment for one invocation; dropping it gives it back, whatever state it is in.
#[derive(Debug)]
pub(in crate::process) struct Lease {
    pool: Arc<Pool>,
    berth: Arc<Berth>,
    /// Nothing once it has been given back.
    environment: Option<Box<Environment>>,
    /// When the invocation began, if the environment's start was part of it.
    begun: Option<Times>,
    /// The invocation from its delivery to its outcome.
    running: Option<Running>,
}

/// What working on an invocation came to.
#[derive(Debug)]
pub(in crate::process) enum Worked {
    Outcome(Outcome),
    /// The environment was dead and has run nothing of it.
    Unread,
}

impl Lease {
    pub(super) const fn new(
        pool: Arc<Pool>,
        berth: Arc<Berth>,
        environment: Box<Environment>,
        begun: Option<Times>,
    ) -> Self {
        Self { pool, berth, environment: Some(environment), begun, running: None }
    }

    /// Gives an environment to a caller who waits, or returns it when the caller has gone away.
    pub(super) fn grant(
        (pool, berth): (&Arc<Pool>, &Arc<Berth>),
        environment: Box<Environment>,
        begun: Option<Times>,
        reply: oneshot::Sender<Grant>,
    ) -> Result<(), Box<Environment>> {
        let lease = Self::new(Arc::clone(pool), Arc::clone(berth), environment, begun);
        match reply.send(Grant::Lease(lease)) {
            Ok(()) => Ok(()),
            Err(Grant::Lease(mut lease)) => lease.environment.take().map_or(Ok(()), Err),
            Err(Grant::Refused(_)) => Ok(()),
        }
    }

    /// Has an environment begin an invocation whose caller waits, and then tells the caller: otherwise it would idle until
    /// the caller has been woken.
    pub(super) fn hand_over(
        (pool, berth): (&Arc<Pool>, &Arc<Berth>),
        mut environment: Box<Environment>,
        waiting: Waiting,
    ) {
        let Waiting { invocation, place, .. } = &waiting;
        let times = environment.begin(invocation, pool.plan.timeout);
        let running = Running { invocation: Arc::clone(invocation), times, place: *place };
        if environment.deliver(&running, &pool.plan).is_err() && *place == Place::Last {
            pool.wait_again(waiting);
            return berth.bring(environment, Errand::End);
        }
        let mut lease = Self::new(Arc::clone(pool), Arc::clone(berth), environment, None);
        lease.running = Some(running);
        // What a caller leaves who has just gone away, the keeper finishes.
        drop(waiting.reply.send(Grant::Lease(lease)));
    }

    /// Has the environment work on an invocation, which may have begun.
    pub(in crate::process) async fn work(mut self, invocation: &Arc<Invocation>, place: Place) -> Worked {
        // It is there until the invocation is over.
        let Some(environment) = &mut self.environment else { return Worked::Unread };
        environment.come_here();
        let at = (&*self.pool, &*self.berth);
        let served = match &mut self.running {
            Some(running) => environment.attend(running, Caller::Waits, at).await,
            None => {
                let times = self.begun.take().unwrap_or_else(|| environment.begin(invocation, at.0.plan.timeout));
                let running = self.running.insert(Running { invocation: Arc::clone(invocation), times, place });
                environment.serve(running, at).await
            }
        };
        self.running = None;
        match served {
            Served::Outcome(outcome, errand) => {
                self.give_back(errand);
                Worked::Outcome(outcome)
            }
            Served::Unread => {
                self.give_back(Errand::End);
                Worked::Unread
            }
        }
    }

    fn give_back(&mut self, errand: Errand) {
        if let Some(environment) = self.environment.take() {
            self.pool.take_back(&self.berth, environment, errand);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let errand = self.running.take().map_or(Errand::Rest, Errand::Finish);
        self.give_back(errand);
    }
}
