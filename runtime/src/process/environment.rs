//! One execution environment: a process, its Runtime API, its output, and the one invocation it works on.
//!
//! A task that owns all of it. The caller of an invocation only waits for an answer, so a caller who goes away changes
//! nothing: the environment finishes, or times out, and is used again.

mod serve;

use super::{
    failure::Exit,
    limits::{REAP, REFUSED_CALLS},
    link::{Link, Reply},
    memory::Memory,
    output::{Log, Output},
    pool::{Command, Job, Outcome, Tenure, Turn},
    report,
    runtime_api::{Answer, Call, Refusal, State, unix::Broken},
    spawn::Group,
    start,
};
use std::{pin::Pin, process::ExitStatus, time::Duration};
use tokio::{
    sync::oneshot,
    time::{Instant, Sleep, timeout},
};

/// The parts of a running environment.
#[derive(Debug)]
pub(super) struct Environment {
    pub(super) group: Group,
    pub(super) link: Link,
    pub(super) output: Output,
    pub(super) log: Log,
    pub(super) clock: Pin<Box<Sleep>>,
    pub(super) state: State,
    /// The runtime's call for the next invocation, while it waits.
    pub(super) next: Option<Reply>,
    /// How long the initialisation took, until an invocation has reported it.
    pub(super) init: Option<Duration>,
    pub(super) memory: Memory,
    /// Calls that were made at the wrong time.
    pub(super) refused: u32,
}

/// What can happen to an environment.
#[derive(Debug)]
pub(super) enum Happening {
    Call(Call, Reply),
    Broken(Broken),
    Exited(Exit),
    Command(Command),
    Clock,
}

/// An invocation that an environment works on.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) job: Job,
    pub(super) began: Instant,
    pub(super) deadline: Instant,
}

/// How an environment goes on after an invocation.
enum Fate {
    Turn(Turn),
    /// The process is of no more use.
    End,
}

/// The life of an environment.
pub(super) async fn run(mut tenure: Tenure) {
    let Some((mut environment, first)) = start::environment(&mut tenure).await else { return };
    let mut turn = match first {
        Some(running) => match environment.serve(running, &mut tenure).await {
            Fate::Turn(turn) => turn,
            Fate::End => return environment.end(&mut tenure).await,
        },
        None => tenure.ready(),
    };
    loop {
        turn = match turn {
            Turn::Rest => environment.rest(&mut tenure).await,
            Turn::Invoke(job) => {
                environment.log.belongs_to(Some(job.invocation.request_id.clone()));
                environment.log.report(|| report::start(&job.invocation.request_id));
                let began = Instant::now();
                let running = Running { job, began, deadline: began + tenure.pool.plan.timeout };
                match environment.serve(running, &mut tenure).await {
                    Fate::Turn(turn) => turn,
                    Fate::End => return environment.end(&mut tenure).await,
                }
            }
            Turn::Stop => {
                tenure.leave();
                environment.group.stop(tenure.pool.plan.limits.stop_grace).await;
                environment.output.settle(&environment.log);
                return tenure.leave_nothing().await;
            }
        }
    }
}

impl Environment {
    /// The next thing that happens. The clock comes first, so that no flood of calls or output outlasts it; calls come
    /// before the exit, so that a last response is not lost, and both before commands, so that a dead environment takes no
    /// invocation.
    pub(super) async fn happening(&mut self, tenure: &mut Tenure) -> Happening {
        if self.refused > REFUSED_CALLS {
            return Happening::Broken(Broken::Garbage("calls that are not allowed, again and again".to_owned()));
        }
        tokio::select! {
            biased;
            () = &mut self.clock => Happening::Clock,
            call = self.link.call() => match call {
                Ok((call, reply)) => Happening::Call(call, reply),
                Err(broken) => Happening::Broken(broken),
            },
            status = self.group.exited() => Happening::Exited(exit(status)),
            never = self.output.pump(&self.log) => match never {},
            command = tenure.commands.recv() => Happening::Command(command.unwrap_or(Command::Stop)),
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

    /// Waits for an invocation.
    async fn rest(&mut self, tenure: &mut Tenure) -> Turn {
        self.log.belongs_to(None);
        self.until(Instant::now() + tenure.pool.plan.limits.idle);
        loop {
            match self.happening(tenure).await {
                Happening::Call(call, reply) => match self.admit(call, reply) {
                    Some((Call::Next, reply)) => self.next = Some(reply),
                    Some((Call::Response { .. } | Call::Error { .. } | Call::InitError { .. }, reply)) => {
                        self.answer(reply, Answer::Refused(Refusal::UnknownId));
                    }
                    None => {}
                },
                Happening::Broken(broken) => {
                    tracing::debug!(%broken, "an idle environment is gone");
                    return Turn::Stop;
                }
                Happening::Exited(exit) => {
                    self.log.notice(exit.to_string());
                    return Turn::Stop;
                }
                Happening::Command(Command::Invoke(job)) => return Turn::Invoke(job),
                Happening::Command(Command::Stop) => return Turn::Stop,
                Happening::Clock => match tenure.retire() {
                    Turn::Stop => return Turn::Stop,
                    Turn::Rest | Turn::Invoke(_) => self.until(Instant::now() + tenure.pool.plan.limits.idle),
                },
            }
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

    pub(super) fn until(&mut self, instant: Instant) {
        self.clock.as_mut().reset(instant);
    }

    /// The end of an environment whose process is dead or must be.
    async fn end(mut self, tenure: &mut Tenure) {
        tenure.leave();
        self.kill().await;
    }

    /// Kills what is left of the process and logs the last of its output.
    pub(super) async fn kill(&mut self) {
        self.group.kill().await;
        self.output.settle(&self.log);
    }
}

fn exit(status: std::io::Result<ExitStatus>) -> Exit {
    status.map_or(Exit::Killed, Exit::Status)
}

/// A caller who has gone away does not want to know.
pub(super) fn answer(reply: oneshot::Sender<Outcome>, outcome: Outcome) {
    reply.send(outcome).unwrap_or_default();
}
