//! One execution environment: a process, its Runtime API, its output, and the one invocation it works on.
//!
//! It belongs to one task at a time: to its keeper, which is here, or to the caller whose invocation it works on. A caller
//! who goes away changes nothing: the keeper finishes, or times out, what was begun, and the environment is used again.

mod alarm;
mod serve;

pub(super) use serve::{Caller, Running, Served, Times};

use super::{
    failure::Exit,
    limits::{REAP, REFUSED_CALLS},
    link::{Link, Reply},
    memory::Memory,
    output::{Log, Output},
    pool::{Berth, Errand, Kept, Tenure},
    runtime_api::{Answer, Call, Refusal, State, unix::Broken},
    spawn::Group,
    start,
};
pub(super) use alarm::Alarm;
use std::{io, process::ExitStatus, time::Duration};
use tokio::{
    runtime::{self, Handle},
    time::{Instant, timeout},
};

/// The parts of a running environment.
#[derive(Debug)]
pub(super) struct Environment {
    pub(super) group: Group,
    pub(super) link: Link,
    pub(super) output: Output,
    pub(super) log: Log,
    pub(super) alarm: Alarm,
    pub(super) state: State,
    /// The runtime's call for the next invocation, while it waits.
    pub(super) next: Option<Reply>,
    /// How long the initialisation took, until an invocation has reported it.
    pub(super) init: Option<Duration>,
    pub(super) memory: Memory,
    /// Calls that were made at the wrong time.
    pub(super) refused: u32,
    /// The runtime that watches its sockets.
    pub(super) home: runtime::Id,
}

/// What can happen to an environment.
#[derive(Debug)]
pub(super) enum Happening {
    Call(Call, Reply),
    Broken(Broken),
    Exited(Exit),
    /// It should end; an invocation whose caller still waits may be finished first.
    Stop,
    Clock,
}

/// Keeps an environment from its start to its end.
pub(super) async fn keep(mut tenure: Tenure) {
    let Some((environment, awaited)) = start::environment(&mut tenure).await else { return };
    tenure.launch(Box::new(environment), awaited);
    loop {
        let (environment, errand) = match tenure.berth.keep().await {
            Kept::Errand(environment, errand) => (environment, errand),
            Kept::Happening(mut environment, happening) => {
                let errand = environment.rested(happening, &tenure);
                (environment, errand)
            }
        };
        match run(environment, errand, &mut tenure).await {
            Some(environment) => tenure.pool.free(&tenure.berth, environment),
            None => return,
        }
    }
}

/// Runs an errand and what follows from it; returns the environment when it is ready for an invocation.
async fn run(mut environment: Box<Environment>, mut errand: Errand, tenure: &mut Tenure) -> Option<Box<Environment>> {
    loop {
        errand = match errand {
            Errand::Rest => return Some(environment),
            Errand::Settle { deadline } => environment.settle(deadline, tenure).await,
            Errand::Finish(mut running) => {
                match environment.attend(&mut running, Caller::Gone, (&tenure.pool, &tenure.berth)).await {
                    Served::Outcome(_, errand) => errand,
                    Served::Unread => Errand::End,
                }
            }
            Errand::Stop => {
                tenure.leave();
                environment.group.stop(tenure.pool.plan.limits.stop_grace).await;
                environment.output.settle(&environment.log);
                tenure.leave_nothing().await;
                return None;
            }
            Errand::End => {
                // Its successor gets its folder, so it has to be gone first.
                environment.kill().await;
                return None;
            }
        };
    }
}

impl Environment {
    /// The next thing that happens. The clock comes first, so that no flood of calls or output outlasts it; calls come
    /// before the exit, so that a last response is not lost. Cancel-safe.
    pub(super) async fn happening(&mut self, berth: &Berth) -> Happening {
        if self.refused > REFUSED_CALLS {
            return Happening::Broken(Broken::Garbage("calls that are not allowed, again and again".to_owned()));
        }
        tokio::select! {
            biased;
            () = self.alarm.rings() => Happening::Clock,
            call = self.link.call() => match call {
                Ok((call, reply)) => Happening::Call(call, reply),
                Err(broken) => Happening::Broken(broken),
            },
            status = self.group.exited() => Happening::Exited(exit(status)),
            never = self.output.pump(&self.log) => match never {},
            () = berth.stopped() => Happening::Stop,
        }
    }

    /// Answers a call that may not be made now. Otherwise it is the caller's to act on.
    pub(super) fn admit(&mut self, call: Call, reply: Reply) -> Option<(Call, Reply)> {
        match self.state.admit(&call) {
            Ok(()) => Some((call, reply)),
            Err(refusal) => {
                self.refused += 1;
                self.answer(reply, Answer::Refused(refusal));
                None
            }
        }
    }

    /// Answers a call; a runtime that no longer listens shows itself otherwise.
    pub(super) fn answer(&mut self, reply: Reply, answer: Answer) {
        if let Err(broken) = self.link.answer(reply, answer) {
            tracing::debug!(%broken, "an answer did not reach its runtime");
        }
    }

    /// Has this task's own runtime watch the sockets. Otherwise each response would wake the thread that does, and that
    /// one ours.
    pub(super) fn come_here(&mut self) {
        if let Err(error) = self.move_here() {
            tracing::debug!(%error, "an environment stays on its runtime");
        }
    }

    fn move_here(&mut self) -> io::Result<()> {
        let here = Handle::try_current().map_err(io::Error::other)?.id();
        if self.home != here {
            self.link.move_here()?;
            self.output.move_here()?;
            self.home = here;
        }
        Ok(())
    }

    /// It rests from now on, for so long at most.
    pub(super) fn rests(&mut self, idle: Duration) {
        self.log.belongs_to(None);
        self.alarm.set(Instant::now() + idle);
    }

    /// What is to be done about something that happened while it rested.
    fn rested(&mut self, happening: Happening, tenure: &Tenure) -> Errand {
        match happening {
            Happening::Call(call, reply) => {
                match self.admit(call, reply) {
                    Some((Call::Next, reply)) => self.next = Some(reply),
                    Some((Call::Response { .. } | Call::Error { .. } | Call::InitError { .. }, reply)) => {
                        self.answer(reply, Answer::Refused(Refusal::UnknownId));
                    }
                    None => {}
                }
                Errand::Rest
            }
            Happening::Broken(broken) => {
                tracing::debug!(%broken, "an idle environment is gone");
                Errand::Stop
            }
            Happening::Exited(exit) => {
                self.log.notice(exit.to_string());
                Errand::Stop
            }
            Happening::Stop => Errand::Stop,
            Happening::Clock => tenure.retire(),
        }
    }

    /// The connection is of no use any more: how the process ended, which it may have to be made to.
    pub(super) async fn lost(&mut self, broken: &Broken) -> Exit {
        match broken {
            Broken::Closed => {}
            Broken::Io(_) | Broken::Garbage(_) => self.log.notice(broken.to_string()),
        }
        let ended = match broken {
            Broken::Closed => timeout(REAP, self.group.exited()).await.ok(),
            Broken::Io(_) | Broken::Garbage(_) => None,
        };
        match ended {
            Some(status) => exit(status),
            None => {
                self.group.kill().await;
                Exit::Killed
            }
        }
    }

    /// Kills what is left of the process and logs the last of its output.
    pub(super) async fn kill(&mut self) {
        self.group.kill().await;
        self.output.settle(&self.log);
    }
}

fn exit(status: io::Result<ExitStatus>) -> Exit {
    status.map_or(Exit::Killed, Exit::Status)
}
