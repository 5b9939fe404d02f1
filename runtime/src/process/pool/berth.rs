//! Where an environment lies while nobody works with it, and where its keeper and its callers hand it over.
//!
//! A caller takes an environment without its keeper's doing anything, because waking the keeper for each invocation would
//! cost more than the pool does altogether. The keeper looks after an environment that has been left alone for a moment.

use crate::process::{
    environment::{Environment, Happening, Running},
    limits::LEFT_ALONE,
};
use std::{
    future::{Future, poll_fn},
    mem,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

/// The place of one environment.
#[derive(Debug)]
pub(in crate::process) struct Berth {
    pub(super) id: u64,
    slot: Mutex<Slot>,
    /// Somebody brings something for the keeper to do.
    brought: Notify,
    /// For whoever has the environment.
    stop: Notify,
}

#[derive(Debug)]
struct Slot {
    lies: Lies,
    /// How often the environment was moored.
    moored: u64,
    watch: Watch,
}

#[derive(Debug)]
enum Lies {
    /// With its keeper or a caller.
    Elsewhere,
    /// Here, for the next caller.
    Moored(Box<Environment>),
    /// Here, for its keeper.
    Brought(Box<Environment>, Errand),
    /// The keeper is gone and nobody comes any more.
    Closed,
}

/// Whether the keeper is the one that learns what happens to the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watch {
    On,
    Off,
}

/// What is to be done with an environment.
#[derive(Debug)]
pub(in crate::process) enum Errand {
    /// It is ready for an invocation.
    Rest,
    /// It has responded and should ask for more before this.
    Settle { deadline: Instant },
    /// The caller has gone away in the middle of this.
    Finish(Running),
    /// It should end.
    Stop,
    /// Its process is dead or must be.
    End,
}

/// What a keeper gets to do.
#[derive(Debug)]
pub(in crate::process) enum Kept {
    /// A caller brings the environment back.
    Errand(Box<Environment>, Errand),
    /// Something has happened to it while it was idle.
    Happening(Box<Environment>, Happening),
}

impl Berth {
    pub(super) fn new(id: u64) -> Self {
        let slot = Slot { lies: Lies::Elsewhere, moored: 0, watch: Watch::Off };
        Self { id, slot: Mutex::new(slot), brought: Notify::new(), stop: Notify::new() }
    }

    /// Leaves an environment for the next caller.
    pub(super) fn moor(&self, environment: Box<Environment>) {
        let mut slot = self.lock();
        slot.moored += 1;
        let gone = slot.put(Lies::Moored(environment));
        drop(slot);
        drop(gone);
    }

    /// Takes the environment that lies here for callers.
    pub(super) fn cast_off(&self) -> Option<Box<Environment>> {
        let mut slot = self.lock();
        if mem::replace(&mut slot.watch, Watch::Off) == Watch::On {
            self.brought.notify_one();
        }
        slot.take_moored()
    }

    /// Gives the keeper something to do.
    pub(super) fn bring(&self, environment: Box<Environment>, errand: Errand) {
        let gone = self.lock().put(Lies::Brought(environment, errand));
        drop(gone);
        self.brought.notify_one();
    }

    /// Tells whoever has the environment to end it.
    pub(super) fn stop(&self) {
        self.stop.notify_one();
        self.brought.notify_one();
    }

    /// Resolves once when the environment should end.
    pub(in crate::process) async fn stopped(&self) {
        self.stop.notified().await;
    }

    /// Waits until there is something to do.
    pub(in crate::process) async fn keep(&self) -> Kept {
        loop {
            let moored = self.lock().moored;
            let called = timeout(LEFT_ALONE, self.brought.notified()).await;
            if let Some((environment, errand)) = self.lock().take_errand() {
                return Kept::Errand(environment, errand);
            }
            if called.is_err() && self.lock().moored != moored {
                continue;
            }
            tokio::select! {
                biased;
                happened = poll_fn(|context| self.watch(context)) => {
                    if let Some((environment, happening)) = happened {
                        return Kept::Happening(environment, happening);
                    }
                }
                () = self.brought.notified() => {}
            }
        }
    }

    /// Takes an idle environment to which something has happened; ready with nothing when there is no idle one.
    fn watch(&self, context: &mut Context<'_>) -> Poll<Option<(Box<Environment>, Happening)>> {
        let mut slot = self.lock();
        let Lies::Moored(environment) = &mut slot.lies else { return Poll::Ready(None) };
        let Poll::Ready(happening) = pin!(environment.happening(self)).poll(context) else {
            slot.watch = Watch::On;
            return Poll::Pending;
        };
        slot.watch = Watch::Off;
        Poll::Ready(slot.take_moored().map(|environment| (environment, happening)))
    }

    /// The keeper goes; what is left is dropped, which kills it.
    pub(super) fn close(&self) {
        let left = mem::replace(&mut self.lock().lies, Lies::Closed);
        drop(left);
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Puts an environment here. What comes back is dropped outside the lock: the environment itself when its keeper is
    /// gone.
    fn put(&mut self, lies: Lies) -> Lies {
        match self.lies {
            Lies::Closed => lies,
            Lies::Elsewhere | Lies::Moored(_) | Lies::Brought(..) => mem::replace(&mut self.lies, lies),
        }
    }

    fn take_moored(&mut self) -> Option<Box<Environment>> {
        match mem::replace(&mut self.lies, Lies::Elsewhere) {
            Lies::Moored(environment) => Some(environment),
            other @ (Lies::Elsewhere | Lies::Brought(..) | Lies::Closed) => {
                self.lies = other;
                None
            }
        }
    }

    fn take_errand(&mut self) -> Option<(Box<Environment>, Errand)> {
        match mem::replace(&mut self.lies, Lies::Elsewhere) {
            Lies::Brought(environment, errand) => Some((environment, errand)),
            other @ (Lies::Elsewhere | Lies::Moored(_) | Lies::Closed) => {
                self.lies = other;
                None
            }
        }
    }
}
