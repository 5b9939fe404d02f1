//! The environments of one function: which exist, which are idle, and who waits for one.
//!
//! A caller takes the idle environment that was used last, works with it itself and gives it back; without one it waits
//! its turn, and the pool grows as long as more callers wait than environments are about to be free. Each environment has
//! a keeper, a task that the pool owns: it starts and ends the environment, and looks after it while nobody works with it.

mod berth;
mod lease;
mod tenure;
mod turn;
mod warm;

pub(super) use berth::{Berth, Errand, Kept};
pub(super) use lease::{Lease, Worked};
pub(super) use tenure::Tenure;

use super::{
    environment::{self, Environment},
    folder::Room,
    plan::{Plan, StartFailure},
};
use crate::{Completed, Invocation, InvokeError};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    runtime::{self, Handle},
    sync::{oneshot, watch},
    task::JoinSet,
    time::Instant,
};

/// What an invocation comes to.
pub(super) type Outcome = Result<Completed, InvokeError>;

/// An invocation that waits for an environment.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) invocation: Arc<Invocation>,
    pub(super) reply: oneshot::Sender<Grant>,
    pub(super) place: Place,
    ticket: u64,
    /// The runtime of its caller.
    home: Option<runtime::Id>,
}

/// What waiting comes to.
#[derive(Debug)]
pub(super) enum Grant {
    /// An environment.
    Lease(Lease),
    /// There will be none, and this is why.
    Refused(Outcome),
}

/// What became of a new invocation.
#[derive(Debug)]
pub(super) enum Placed {
    /// It has an environment.
    Leased(Lease),
    /// It waits under this number.
    Waiting(u64, oneshot::Receiver<Grant>),
    /// It is over.
    Done(Outcome),
}

/// An invocation's place among those that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind those that came before.
    Last,
    /// Before all others: the environment it was given to died before it could start.
    First,
}

/// The state of an execution environment as its pool sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Starting,
    Idle,
    Busy,
    /// Busy, but has responded and is about to ask for more.
    Settling,
    Stopping,
}

#[derive(Debug)]
struct Member {
    stage: Stage,
    berth: Arc<Berth>,
}

#[derive(Debug)]
pub(super) struct Pool {
    pub(super) plan: Plan,
    state: Mutex<State>,
    population: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    members: BTreeMap<u64, Member>,
    /// The last one was used last.
    idle: Vec<Idle>,
    queue: VecDeque<Waiting>,
    /// How often the invocation that has waited longest has been passed over.
    passed_over: u32,
    warming: Vec<warm::Curious>,
    rooms: Vec<Room>,
    tasks: JoinSet<()>,
    issued: u64,
    failures: u32,
    backoff: Option<Backoff>,
    closed: bool,
}

/// An environment that is ready, and the runtime that watches its sockets.
#[derive(Debug)]
struct Idle {
    id: u64,
    home: runtime::Id,
}

/// A start that failed, and until when nobody tries again.
#[derive(Debug)]
struct Backoff {
    until: Instant,
    failure: StartFailure,
}

impl Pool {
    pub(super) fn new(plan: Plan) -> Arc<Self> {
        Arc::new(Self { plan, state: Mutex::default(), population: watch::Sender::new(0) })
    }

    /// Gives an invocation an idle environment, or lets it wait.
    pub(super) fn place(self: &Arc<Self>, invocation: &Arc<Invocation>, place: Place) -> Placed {
        let mut state = self.lock();
        if state.closed {
            return Placed::Done(Err(self.closed()));
        }
        if let Some((berth, environment)) = state.take_idle() {
            drop(state);
            return Placed::Leased(Lease::new(Arc::clone(self), berth, environment, None));
        }
        if let Some(failure) = state.recent_failure() {
            drop(state);
            return Placed::Done(self.plan.refuse(&invocation.request_id, &failure));
        }
        if state.queue.len() >= self.plan.limits.queue_length {
            state.queue.retain(|waiting| !waiting.reply.is_closed());
        }
        let full = state.queue.len() >= self.plan.limits.queue_length && place == Place::Last;
        if full || self.plan.max_environments == 0 {
            return Placed::Done(Err(self.throttled()));
        }
        let (reply, granted) = oneshot::channel();
        state.issued += 1;
        let ticket = state.issued;
        let waiting = Waiting { invocation: Arc::clone(invocation), reply, place, ticket, home: here() };
        match place {
            Place::Last => state.queue.push_back(waiting),
            Place::First => state.queue.push_front(waiting),
        }
        self.grow(&mut state);
        Placed::Waiting(ticket, granted)
    }

    /// Takes an environment back from whoever worked with it.
    fn take_back(self: &Arc<Self>, berth: &Arc<Berth>, environment: Box<Environment>, errand: Errand) {
        match errand {
            Errand::Rest => self.free(berth, environment),
            Errand::Settle { .. } => {
                self.lock().set(berth.id, Stage::Settling);
                berth.bring(environment, errand);
            }
            Errand::Finish(_) | Errand::Stop | Errand::End => berth.bring(environment, errand),
        }
    }

    /// An environment is ready for an invocation: it begins the next one at once, or goes to its berth.
    pub(super) fn free(self: &Arc<Self>, berth: &Arc<Berth>, mut environment: Box<Environment>) {
        let mut state = self.lock();
        (state.failures, state.backoff) = (0, None);
        state.warmed(None);
        if state.closed {
            state.set(berth.id, Stage::Stopping);
            drop(state);
            return berth.bring(environment, Errand::Stop);
        }
        if let Some(waiting) = state.next_for(environment.home) {
            state.set(berth.id, Stage::Busy);
            self.grow(&mut state);
            drop(state);
            return Lease::hand_over((self, berth), environment, waiting);
        }
        state.set(berth.id, Stage::Idle);
        state.idle.retain(|idle| idle.id != berth.id);
        state.idle.push(Idle { id: berth.id, home: environment.home });
        environment.rests(self.plan.limits.idle);
        berth.moor(environment);
    }

    /// The environment that an invocation was handed to was dead; another one runs it.
    fn wait_again(&self, waiting: Waiting) {
        let mut state = self.lock();
        if state.closed {
            drop(state);
            return refuse(waiting, Err(self.closed()));
        }
        state.queue.push_front(Waiting { place: Place::First, ..waiting });
    }

    /// Takes back an invocation that has waited long enough; none when an environment has taken it meanwhile.
    pub(super) fn withdraw(&self, ticket: u64) -> Option<InvokeError> {
        let mut state = self.lock();
        let position = state.queue.iter().position(|waiting| waiting.ticket == ticket)?;
        state.queue.remove(position).map(|_| self.throttled())
    }

    /// Ends all environments and resolves when the last one is gone.
    pub(super) async fn close(&self) {
        let mut population = self.population.subscribe();
        let waiting = {
            let mut state = self.lock();
            state.closed = true;
            for member in state.members.values() {
                member.berth.stop();
            }
            std::mem::take(&mut state.queue)
        };
        for waiting in waiting {
            refuse(waiting, Err(self.closed()));
        }
        let limits = &self.plan.limits;
        let bound = limits.drain + limits.stop_grace + 2 * super::limits::REAP;
        if tokio::time::timeout(bound, population.wait_for(|population| *population == 0)).await.is_err() {
            tracing::warn!(function = %self.plan.name, "environments did not end in time");
        }
        self.abort();
        let rooms = std::mem::take(&mut self.lock().rooms);
        for room in rooms {
            room.remove().await;
        }
    }

    /// Ends all environments at once, without waiting.
    pub(super) fn abort(&self) {
        let mut state = self.lock();
        state.closed = true;
        let tasks = std::mem::take(&mut state.tasks);
        drop(state);
        drop(tasks);
    }

    /// Starts environments while more invocations wait than environments are about to be free.
    fn grow(self: &Arc<Self>, state: &mut State) {
        loop {
            let count = |wanted| state.members.values().filter(|member| member.stage == wanted).count();
            let starting = count(Stage::Starting);
            let alive = state.members.len() - count(Stage::Stopping);
            if state.queue.len() <= starting + count(Stage::Settling)
                || starting >= self.plan.limits.concurrent_starts
                || alive >= self.plan.max_environments
                || state.closed
                || Handle::try_current().is_err()
            {
                return;
            }
            self.start(state);
        }
    }

    fn start(self: &Arc<Self>, state: &mut State) {
        state.issued += 1;
        let id = state.issued;
        let berth = Arc::new(Berth::new(id));
        state.members.insert(id, Member { stage: Stage::Starting, berth: Arc::clone(&berth) });
        self.population.send_replace(state.members.len());
        let tenure = Tenure { pool: Arc::clone(self), berth, room: state.rooms.pop() };
        while state.tasks.try_join_next().is_some() {}
        state.tasks.spawn(environment::keep(tenure));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn throttled(&self) -> InvokeError {
        InvokeError::Throttled { function: self.plan.name.to_string(), limit: self.plan.max_environments }
    }

    pub(super) fn closed(&self) -> InvokeError {
        InvokeError::ShuttingDown(self.plan.name.to_string())
    }
}

impl State {
    /// An idle environment for a caller: the one that was used last on this runtime, otherwise the last of all, whose
    /// sockets have to change hands.
    fn take_idle(&mut self) -> Option<(Arc<Berth>, Box<Environment>)> {
        let here = here();
        loop {
            let nearest = self.idle.iter().rposition(|idle| Some(idle.home) == here);
            let id = match nearest {
                Some(position) => self.idle.remove(position).id,
                None => self.idle.pop()?.id,
            };
            let Some(member) = self.members.get_mut(&id) else { continue };
            // One whose keeper has just found something to do is not there.
            let Some(environment) = member.berth.cast_off() else { continue };
            member.stage = Stage::Busy;
            return Some((Arc::clone(&member.berth), environment));
        }
    }

    /// The failure of the last start, while it is too early for the next and nobody else can help.
    fn recent_failure(&self) -> Option<StartFailure> {
        let backoff = self.backoff.as_ref().filter(|backoff| Instant::now() < backoff.until)?;
        let helper = |member: &Member| member.stage != Stage::Stopping;
        (!self.members.values().any(helper)).then(|| backoff.failure.clone())
    }

    /// The invocation that has waited longest and whose caller still does.
    fn oldest(&mut self) -> Option<Waiting> {
        while let Some(waiting) = self.queue.pop_front() {
            if !waiting.reply.is_closed() {
                return Some(waiting);
            }
        }
        None
    }

    fn set(&mut self, id: u64, to: Stage) {
        if let Some(member) = self.members.get_mut(&id) {
            member.stage = to;
        }
    }
}

/// The runtime that this task runs on.
fn here() -> Option<runtime::Id> {
    Handle::try_current().ok().map(|runtime| runtime.id())
}

/// A caller who has gone away does not want to know.
pub(super) fn refuse(waiting: Waiting, outcome: Outcome) {
    waiting.reply.send(Grant::Refused(outcome)).unwrap_or_default();
}
