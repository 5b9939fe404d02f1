//! The environments of one function: which exist, which are idle, and who waits for one.
//!
//! An invocation takes the idle environment that was used last; without one it waits its turn, and the pool grows as long
//! as more invocations wait than environments are about to be free. Environments are tasks that the pool owns; each
//! reports here what becomes of it.

mod tenure;
mod warm;

pub(super) use tenure::Tenure;

use super::{
    environment,
    folder::Room,
    plan::{Plan, StartFailure},
};
use crate::{Completed, Invocation, InvokeError};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
    time::Instant,
};

/// What an invocation comes to.
pub(super) type Outcome = Result<Completed, InvokeError>;

/// An invocation and the caller who waits for it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) invocation: Arc<Invocation>,
    pub(super) reply: oneshot::Sender<Outcome>,
    /// It was given back once by an environment that died before it could start.
    pub(super) returned: bool,
    ticket: u64,
}

/// What the pool tells an environment.
#[derive(Debug)]
pub(super) enum Command {
    Invoke(Job),
    /// End; an invocation whose caller still waits may be finished first.
    Stop,
}

/// What an environment that is ready does next.
#[derive(Debug)]
pub(super) enum Turn {
    Invoke(Job),
    Rest,
    Stop,
}

/// What became of a new invocation.
#[derive(Debug)]
pub(super) enum Placed {
    /// An environment has it.
    Handed(oneshot::Receiver<Outcome>),
    /// It waits under this number.
    Waiting(u64, oneshot::Receiver<Outcome>),
    /// It is over.
    Done(Outcome),
}

/// The state of an execution environment as its pool sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Environment {
    Starting,
    Idle,
    Busy,
    /// Busy, but has responded and is about to ask for more.
    Settling,
    Stopping,
}

#[derive(Debug)]
struct Member {
    state: Environment,
    commands: mpsc::Sender<Command>,
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
    idle: Vec<u64>,
    queue: VecDeque<Job>,
    warming: Vec<warm::Waiting>,
    rooms: Vec<Room>,
    tasks: JoinSet<()>,
    issued: u64,
    failures: u32,
    backoff: Option<Backoff>,
    closed: bool,
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

    /// Gives an invocation to an idle environment, or lets it wait.
    pub(super) fn place(self: &Arc<Self>, invocation: Invocation) -> Placed {
        let (reply, outcome) = oneshot::channel();
        let mut state = self.lock();
        if state.closed {
            return Placed::Done(Err(self.closed()));
        }
        state.issued += 1;
        let ticket = state.issued;
        let job = Job { invocation: Arc::new(invocation), reply, returned: false, ticket };
        let Err(job) = state.hand(job) else { return Placed::Handed(outcome) };
        if let Some(failure) = state.recent_failure() {
            drop(state);
            return Placed::Done(self.plan.refuse(&job.invocation.request_id, &failure));
        }
        if state.queue.len() >= self.plan.limits.queue_length {
            state.queue.retain(|job| !job.reply.is_closed());
        }
        if state.queue.len() >= self.plan.limits.queue_length || self.plan.max_environments == 0 {
            return Placed::Done(Err(self.throttled()));
        }
        state.queue.push_back(job);
        self.grow(&mut state);
        Placed::Waiting(ticket, outcome)
    }

    /// Takes back an invocation that has waited long enough; none when an environment has taken it meanwhile.
    pub(super) fn withdraw(&self, ticket: u64) -> Option<InvokeError> {
        let mut state = self.lock();
        let position = state.queue.iter().position(|job| job.ticket == ticket)?;
        state.queue.remove(position).map(|_| self.throttled())
    }

    /// Ends all environments and resolves when the last one is gone.
    pub(super) async fn close(&self) {
        let mut population = self.population.subscribe();
        let waiting = {
            let mut state = self.lock();
            state.closed = true;
            for member in state.members.values() {
                // A full channel means that a stop is already on its way.
                member.commands.try_send(Command::Stop).unwrap_or_default();
            }
            std::mem::take(&mut state.queue)
        };
        for job in waiting {
            job.reply.send(Err(self.closed())).unwrap_or_default();
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
            let count = |wanted| state.members.values().filter(|member| member.state == wanted).count();
            let starting = count(Environment::Starting);
            let alive = state.members.len() - count(Environment::Stopping);
            if state.queue.len() <= starting + count(Environment::Settling)
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
        let (sender, commands) = mpsc::channel(2);
        state.members.insert(id, Member { state: Environment::Starting, commands: sender });
        self.population.send_replace(state.members.len());
        let tenure = Tenure { pool: Arc::clone(self), commands, id, room: state.rooms.pop() };
        while state.tasks.try_join_next().is_some() {}
        state.tasks.spawn(environment::run(tenure));
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
    /// Gives a job to the idle environment that was used last.
    fn hand(&mut self, job: Job) -> Result<(), Job> {
        while let Some(id) = self.idle.pop() {
            let Some(member) = self.members.get_mut(&id) else { continue };
            // One that is leaving, or has been told to stop, has no room.
            let Ok(room) = member.commands.try_reserve() else { continue };
            room.send(Command::Invoke(job));
            member.state = Environment::Busy;
            return Ok(());
        }
        Err(job)
    }

    /// The failure of the last start, while it is too early for the next and nobody else can help.
    fn recent_failure(&self) -> Option<StartFailure> {
        let backoff = self.backoff.as_ref().filter(|backoff| Instant::now() < backoff.until)?;
        let helper = |member: &Member| member.state != Environment::Stopping;
        (!self.members.values().any(helper)).then(|| backoff.failure.clone())
    }

    /// The invocation that has waited longest and whose caller still does.
    fn oldest(&mut self) -> Option<Job> {
        while let Some(job) = self.queue.pop_front() {
            if !job.reply.is_closed() {
                return Some(job);
            }
        }
        None
    }

    fn set(&mut self, id: u64, to: Environment) {
        if let Some(member) = self.members.get_mut(&id) {
            member.state = to;
        }
    }
}
