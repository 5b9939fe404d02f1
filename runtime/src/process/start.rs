//! The initialisation phase: from nothing to a runtime that asks for its first invocation.
//!
//! As on Lambda, an initialisation that exceeds its limit is killed and tried once more within the invocation that waits
//! for it, under the function's own timeout. One that fails is not tried again: its error is the invocation's answer.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>

use super::{
    environment::{Alarm, Environment, Times},
    failure::{self, Exit, Failed},
    limits::LAST_WORDS,
    link::{Link, Reply},
    memory::Memory,
    output::{Log, Output},
    plan::{Carrier, StartFailure},
    pool::{Tenure, Waiting, refuse},
    report,
    runtime_api::{
        Answer, Call, Payload, Refusal, State,
        tcp::Server,
        unix::{Connection, Door},
    },
    spawn::{Group, Pipes},
    variables,
};
use crate::Completed;
use std::{ffi::OsStr, io};
use tokio::{
    runtime::Handle,
    time::{Instant, timeout},
};

/// How an attempt to initialise ended, if not well.
enum Ended {
    Failed(StartFailure),
    Overdue,
    Stopped,
}

/// A process before its runtime has been heard of.
struct Newborn {
    group: Group,
    output: Output,
    log: Log,
    alarm: Alarm,
}

/// An environment that is ready, or an environment and the invocation that its initialisation is part of.
pub(super) async fn environment(tenure: &mut Tenure) -> Option<(Environment, Option<(Times, Waiting)>)> {
    let limits = tenure.pool.plan.limits.clone();
    let mut log = tenure.pool.plan.log.clone();
    let began = Instant::now();
    let ended = match attempt(tenure, log.clone(), began + limits.init).await {
        Ok(mut environment) => {
            environment.init = Some(began.elapsed());
            return Some((environment, None));
        }
        Err(ended) => ended,
    };
    match ended {
        Ended::Stopped => None,
        Ended::Failed(failure) => {
            if !matches!(failure, StartFailure::Host(_)) {
                log.notice(report::init(began.elapsed(), &status(&failure)));
            }
            fail(tenure, &failure);
            None
        }
        Ended::Overdue => {
            log.notice(report::init(began.elapsed(), "timeout"));
            within_invocation(tenure, &mut log).await
        }
    }
}

/// The second attempt, on the time of an invocation.
async fn within_invocation(tenure: &mut Tenure, log: &mut Log) -> Option<(Environment, Option<(Times, Waiting)>)> {
    let waiting = tenure.next_waiting()?;
    let id = waiting.invocation.request_id.clone();
    log.belongs_to(Some(id.clone()));
    log.report(|| report::start(&id));
    let began = Instant::now();
    let timeout = tenure.pool.plan.timeout;
    let deadline = began + timeout;
    let failed = match attempt(tenure, log.clone(), deadline).await {
        Ok(environment) => return Some((environment, Some((Times { began, deadline }, waiting)))),
        Err(Ended::Overdue) => {
            log.notice(report::timed_out(&id, timeout));
            failure::timed_out(&id, timeout)
        }
        Err(Ended::Failed(StartFailure::Reported(failed))) => failed,
        Err(Ended::Failed(StartFailure::Exited(exit))) => failure::exited(&id, &exit),
        Err(Ended::Failed(failure @ (StartFailure::NoBootstrap | StartFailure::Host(_)))) => {
            refuse(waiting, tenure.pool.plan.refuse(&id, &failure));
            return None;
        }
        Err(Ended::Stopped) => {
            refuse(waiting, Err(tenure.pool.closed()));
            return None;
        }
    };
    let memory_mb = tenure.pool.plan.memory_mb;
    let (duration, error) = (began.elapsed(), Some(&failed.error));
    log.report(|| report::end(&id));
    log.report(|| report::Report { request_id: &id, duration, init: None, memory_mb, peak_mb: 0, error }.line());
    let Failed { payload, error } = failed;
    refuse(waiting, Ok(Completed { payload, error: Some(error), duration, init_duration: None }));
    None
}

/// Tells those who waited for the environment why there is none.
fn fail(tenure: &Tenure, failure: &StartFailure) {
    for waiting in tenure.failed(failure) {
        let outcome = tenure.pool.plan.refuse(&waiting.invocation.request_id, failure);
        refuse(waiting, outcome);
    }
}

fn status(failure: &StartFailure) -> String {
    let error_type = match failure {
        StartFailure::Reported(failed) => failed.error.error_type.as_str(),
        StartFailure::Exited(_) => "Runtime.ExitError",
        StartFailure::NoBootstrap => "Runtime.InvalidEntrypoint",
        StartFailure::Host(_) => "Sandbox.Failure",
    };
    format!("error\tError Type: {error_type}")
}

/// Starts a process and waits until it asks for an invocation.
async fn attempt(tenure: &mut Tenure, log: Log, deadline: Instant) -> Result<Environment, Ended> {
    let alarm = Alarm::at(deadline);
    let carrier = tenure.pool.plan.carrier;
    let (newborn, link) = match carrier {
        Carrier::Unix => {
            let path = tenure.room().map_err(host)?.socket();
            let door = Door::open(&path).map_err(host)?;
            let api = format!("unix:{}", path.display());
            let (group, output) = spawn(tenure, api.as_ref())?;
            let mut newborn = Newborn { group, output, log, alarm };
            let connection = match newborn.met(&door, tenure).await {
                Ok(connection) => connection,
                Err(ended) => {
                    newborn.group.kill().await;
                    newborn.output.settle(&newborn.log);
                    return Err(ended);
                }
            };
            drop(door);
            // Whoever else knows the path finds nothing there.
            std::fs::remove_file(&path).map_err(host)?;
            (newborn, Link::Unix(connection))
        }
        Carrier::Tcp => {
            let server = Server::open().await.map_err(host)?;
            let (group, output) = spawn(tenure, server.address().to_string().as_ref())?;
            (Newborn { group, output, log, alarm }, Link::Tcp(server))
        }
    };
    let Newborn { group, output, log, alarm } = newborn;
    let memory = Memory::of(group.id());
    let mut environment = Environment {
        group,
        link,
        output,
        log,
        alarm,
        state: State::Started,
        next: None,
        init: None,
        memory,
        refused: 0,
        home: Handle::current().id(),
    };
    match environment.initialised(tenure).await {
        Ok(()) => {
            environment.output.settle(&environment.log);
            Ok(environment)
        }
        Err(ended) => {
            environment.kill().await;
            Err(ended)
        }
    }
}

fn spawn(tenure: &mut Tenure, api: &OsStr) -> Result<(Group, Output), Ended> {
    let room = tenure.room().map_err(host)?;
    std::fs::create_dir_all(room.tmp()).map_err(host)?;
    let tmp = room.tmp();
    let plan = &tenure.pool.plan;
    let variables = variables::of_environment(&plan.variables, &tmp, api);
    let (group, pipes): (Group, Pipes) =
        plan.launch.start(&variables).map_err(|error| match (plan.carrier, error.kind()) {
            (Carrier::Tcp, io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
                if plan.launch.folder.is_dir() =>
            {
                Ended::Failed(StartFailure::NoBootstrap)
            }
            (Carrier::Tcp | Carrier::Unix, _) => host(error),
        })?;
    Ok((group, Output::new(pipes, &plan.limits).map_err(host)?))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn host(error: io::Error) -> Ended {
    Ended::Failed(StartFailure::Host(error.to_string()))
}

impl Newborn {
    /// The connection of a bootstrap of our own, which it makes before anything else.
    async fn met(&mut self, door: &Door, tenure: &Tenure) -> Result<Connection, Ended> {
        tokio::select! {
            connection = door.connection() => connection.map_err(host),
            status = self.group.exited() => {
                let exit = status.map_or(Exit::Killed, Exit::Status);
                Err(Ended::Failed(StartFailure::Exited(exit)))
            }
            never = self.output.pump(&self.log) => match never {},
            () = tenure.berth.stopped() => Err(Ended::Stopped),
            () = self.alarm.rings() => Err(Ended::Overdue),
        }
    }
}

impl Environment {
    /// Waits until the runtime asks for its first invocation.
    async fn initialised(&mut self, tenure: &Tenure) -> Result<(), Ended> {
        use super::environment::Happening;
        loop {
            match self.happening(&tenure.berth).await {
                Happening::Call(call, reply) => {
                    if let Some((call, reply)) = self.admit(call, reply) {
                        return self.first(call, reply).await;
                    }
                }
                Happening::Broken(broken) => {
                    let exit = self.lost(&broken).await;
                    return Err(Ended::Failed(StartFailure::Exited(exit)));
                }
                Happening::Exited(exit) => return self.last_words(exit).await,
                Happening::Stop => return Err(Ended::Stopped),
                Happening::Clock => return Err(Ended::Overdue),
            }
        }
    }

    /// The first call of a runtime decides whether it has started.
    async fn first(&mut self, call: Call, reply: Reply) -> Result<(), Ended> {
        match call {
            Call::Next => {
                self.next = Some(reply);
                self.state = State::Ready;
                Ok(())
            }
            Call::InitError { error_type, payload } => {
                self.state = State::InitError;
                self.answer(reply, Answer::Accepted);
                // It is expected to end by itself, and may have something to print before.
                if timeout(LAST_WORDS, self.group.exited()).await.is_err() {
                    tracing::debug!("a runtime that failed to initialise goes on");
                }
                Err(Ended::Failed(StartFailure::Reported(init_error(payload, error_type))))
            }
            Call::Response { .. } | Call::Error { .. } => {
                self.answer(reply, Answer::Refused(Refusal::UnknownId));
                Err(Ended::Failed(StartFailure::Exited(Exit::Killed)))
            }
        }
    }

    /// A process that is gone may have reported why.
    async fn last_words(&mut self, exit: Exit) -> Result<(), Ended> {
        let call = timeout(LAST_WORDS, self.link.call()).await;
        if let Ok(Ok((Call::InitError { error_type, payload }, _))) = call {
            return Err(Ended::Failed(StartFailure::Reported(init_error(payload, error_type))));
        }
        Err(Ended::Failed(StartFailure::Exited(exit)))
    }
}

fn init_error(payload: Payload, error_type: Option<String>) -> Failed {
    match payload {
        Payload::Complete(payload) => failure::reported(payload, error_type),
        Payload::TooLarge => failure::too_large(),
    }
}
