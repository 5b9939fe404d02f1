//! One invocation: from its delivery to its outcome, and on to the runtime's call for the next.

use super::{Environment, Happening};
use crate::{
    Completed, Invocation,
    process::{
        failure::{self, Exit, Failed},
        limits::LAST_WORDS,
        link::Reply,
        plan::Plan,
        pool::{Berth, Errand, Outcome, Place, Pool, Tenure},
        report::{self, Report},
        runtime_api::{Answer, Call, Event, Payload, Refusal, State, unix::Broken},
    },
};
use bytes::Bytes;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::time::{Instant, timeout};

/// When an invocation began and when it must be over.
#[derive(Debug, Clone, Copy)]
pub(in crate::process) struct Times {
    pub(in crate::process) began: Instant,
    pub(in crate::process) deadline: Instant,
}

/// An invocation that an environment works on.
#[derive(Debug)]
pub(in crate::process) struct Running {
    pub(in crate::process) invocation: Arc<Invocation>,
    pub(in crate::process) times: Times,
    /// How it came to the environment.
    pub(in crate::process) place: Place,
}

/// Whether anybody waits for the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::process) enum Caller {
    Waits,
    Gone,
}

/// What became of an invocation.
#[derive(Debug)]
pub(in crate::process) enum Served {
    /// It is over, and the environment goes on with this.
    Outcome(Outcome, Errand),
    /// The environment died, and nothing of the invocation has been run; another environment can.
    Unread,
}

impl Environment {
    /// An invocation begins.
    pub(in crate::process) fn begin(&mut self, invocation: &Invocation, timeout: Duration) -> Times {
        // What has been printed up to now belongs to no invocation.
        self.output.settle(&self.log);
        self.log.belongs_to(Some(invocation.request_id.clone()));
        self.log.report(|| report::start(&invocation.request_id));
        let began = Instant::now();
        Times { began, deadline: began + timeout }
    }

    /// Works on an invocation until it is over.
    pub(in crate::process) async fn serve(&mut self, running: &mut Running, at: (&Pool, &Berth)) -> Served {
        let (pool, _) = at;
        if self.deliver(running, &pool.plan).is_err() && running.place == Place::Last {
            return Served::Unread;
        }
        self.attend(running, Caller::Waits, at).await
    }

    /// Waits for the outcome of an invocation that has been delivered.
    pub(in crate::process) async fn attend(
        &mut self,
        running: &mut Running,
        caller: Caller,
        (pool, berth): (&Pool, &Berth),
    ) -> Served {
        self.alarm.set(running.times.deadline);
        loop {
            match self.happening(berth).await {
                Happening::Call(call, reply) => match self.admit(call, reply) {
                    Some((Call::Response { payload, .. }, reply)) => {
                        return self.respond(running, response(payload), reply, &pool.plan);
                    }
                    Some((Call::Error { error_type, payload, .. }, reply)) => {
                        return self.respond(running, error(payload, error_type), reply, &pool.plan);
                    }
                    Some((Call::Next | Call::InitError { .. }, reply)) => {
                        self.answer(reply, Answer::Refused(Refusal::Internal));
                    }
                    None => {}
                },
                Happening::Broken(broken) => {
                    if broken.unread() && running.place == Place::Last {
                        return Served::Unread;
                    }
                    let exit = self.lost(&broken).await;
                    return self.died(running, &exit, &pool.plan).await;
                }
                Happening::Exited(exit) => return self.died(running, &exit, &pool.plan).await,
                Happening::Stop => {
                    if caller == Caller::Gone {
                        return Served::Outcome(Err(pool.closed()), Errand::Stop);
                    }
                    let times = &mut running.times;
                    times.deadline = times.deadline.min(Instant::now() + pool.plan.limits.drain);
                    self.alarm.set(times.deadline);
                }
                Happening::Clock => return self.overdue(running, pool).await,
            }
        }
    }

    /// Hands the invocation to the runtime, which waits for it.
    pub(in crate::process) fn deliver(&mut self, running: &Running, plan: &Plan) -> Result<(), Broken> {
        self.state = State::Running { id: running.invocation.request_id.clone() };
        let left = running.times.deadline.saturating_duration_since(Instant::now());
        let event = Event {
            invocation: Arc::clone(&running.invocation),
            deadline: SystemTime::now() + left,
            function_arn: Arc::clone(&plan.arn),
        };
        let reply = self.next.take().ok_or(Broken::Closed)?;
        self.link.answer(reply, Answer::Event(event))
    }

    /// The runtime has answered: completes the invocation.
    fn respond(&mut self, running: &Running, result: Result<Bytes, Failed>, reply: Reply, plan: &Plan) -> Served {
        let oversize = result.as_ref().is_err_and(|failed| failed.error.error_type == failure::TOO_LARGE);
        self.answer(reply, if oversize { Answer::Refused(Refusal::TooLarge) } else { Answer::Accepted });
        self.state = State::Responded { id: running.invocation.request_id.clone() };
        let outcome = self.complete(running, result, plan);
        // A caller who invokes again at once should find this environment ready, so the call for the next invocation,
        // which our bootstraps send together with the response, is looked at before the caller is answered.
        let errand = match self.link.buffered() {
            Ok(Some((Call::Next, reply))) => self.asks(reply),
            Ok(Some((call, reply))) => {
                drop(self.admit(call, reply));
                Errand::Settle { deadline: running.times.deadline }
            }
            Ok(None) | Err(_) => Errand::Settle { deadline: running.times.deadline },
        };
        Served::Outcome(outcome, errand)
    }

    /// The runtime asks for the next invocation.
    fn asks(&mut self, reply: Reply) -> Errand {
        self.next = Some(reply);
        self.state = State::Ready;
        Errand::Rest
    }

    /// Waits for the runtime to ask for the next invocation.
    pub(super) async fn settle(&mut self, deadline: Instant, tenure: &Tenure) -> Errand {
        self.alarm.set(deadline.min(Instant::now() + tenure.pool.plan.limits.settle));
        let mut patience = Some(());
        loop {
            match self.happening(&tenure.berth).await {
                Happening::Call(call, reply) => {
                    if let Some((Call::Next, reply)) = self.admit(call, reply) {
                        return self.asks(reply);
                    }
                }
                Happening::Broken(_) | Happening::Exited(_) => return Errand::End,
                Happening::Stop => return Errand::Stop,
                Happening::Clock => match patience.take() {
                    Some(()) => {
                        tenure.busy_after_all();
                        self.alarm.set(deadline);
                    }
                    None => return Errand::End,
                },
            }
        }
    }

    /// The time is up: nothing of the function is left when the caller hears of it.
    async fn overdue(&mut self, running: &Running, pool: &Pool) -> Served {
        self.kill().await;
        let (plan, times) = (&pool.plan, running.times);
        if times.deadline < times.began + plan.timeout {
            return Served::Outcome(Err(pool.closed()), Errand::End);
        }
        let id = &running.invocation.request_id;
        self.log.notice(report::timed_out(id, plan.timeout));
        let outcome = self.complete(running, Err(failure::timed_out(id, plan.timeout)), plan);
        Served::Outcome(outcome, Errand::End)
    }

    /// The process has ended in the middle; perhaps it has responded before.
    async fn died(&mut self, running: &Running, exit: &Exit, plan: &Plan) -> Served {
        self.group.kill().await;
        let result = loop {
            match timeout(LAST_WORDS, self.link.call()).await {
                Ok(Ok((call, reply))) => match self.admit(call, reply) {
                    Some((Call::Response { payload, .. }, _)) => break response(payload),
                    Some((Call::Error { payload, error_type, .. }, _)) => break error(payload, error_type),
                    Some((Call::Next | Call::InitError { .. }, _)) | None => {}
                },
                Ok(Err(_)) | Err(_) => break Err(failure::exited(&running.invocation.request_id, exit)),
            }
        };
        Served::Outcome(self.complete(running, result, plan), Errand::End)
    }

    /// Writes the closing lines of an invocation and gives its outcome.
    fn complete(&mut self, running: &Running, result: Result<Bytes, Failed>, plan: &Plan) -> Outcome {
        let (duration, init) = (running.times.began.elapsed(), self.init.take());
        let (payload, error) = match result {
            Ok(payload) => (payload, None),
            Err(failed) => (failed.payload, Some(failed.error)),
        };
        let request_id = running.invocation.request_id.as_str();
        let (memory_mb, peak_mb) = (plan.memory_mb, self.memory.peak_mb());
        self.output.settle(&self.log);
        self.log.report(|| report::end(request_id));
        self.log.report(|| Report { request_id, duration, init, memory_mb, peak_mb, error: error.as_ref() }.line());
        Ok(Completed { payload, error, duration, init_duration: init })
    }
}

fn response(payload: Payload) -> Result<Bytes, Failed> {
    match payload {
        Payload::Complete(payload) => Ok(payload),
        Payload::TooLarge => Err(failure::too_large()),
    }
}

fn error(payload: Payload, error_type: Option<String>) -> Result<Bytes, Failed> {
    response(payload).and_then(|payload| Err(failure::reported(payload, error_type)))
}
