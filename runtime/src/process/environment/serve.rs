//! One invocation: from its delivery to the runtime's call for the next.

use super::{Environment, Fate, Happening, Running, answer};
use crate::{
    Completed,
    process::{
        failure::{self, Exit, Failed},
        limits::LAST_WORDS,
        link::Reply,
        pool::{Command, Job, Outcome, Tenure, Turn},
        report::{self, Report},
        runtime_api::{Answer, Call, Event, Payload, Refusal, State, unix::Broken},
    },
};
use bytes::Bytes;
use std::{sync::Arc, time::SystemTime};
use tokio::time::{Instant, timeout};

impl Environment {
    /// Works on one invocation until the runtime asks for the next.
    pub(super) async fn serve(&mut self, running: Running, tenure: &mut Tenure) -> Fate {
        if self.deliver(&running, tenure).is_err() && !running.job.returned {
            // Nothing of it has been run; another environment can.
            tenure.give_back(running.job);
            return Fate::End;
        }
        self.state = State::Running { id: running.job.invocation.request_id.clone() };
        self.until(running.deadline);
        let mut running = running;
        loop {
            match self.happening(tenure).await {
                Happening::Call(call, reply) => match self.admit(call, reply) {
                    Some((Call::Response { payload, .. }, reply)) => {
                        return self.respond(running, response(payload), reply, tenure).await;
                    }
                    Some((Call::Error { error_type, payload, .. }, reply)) => {
                        return self.respond(running, error(payload, error_type), reply, tenure).await;
                    }
                    Some((Call::Next | Call::InitError { .. }, reply)) => {
                        self.answer(reply, Answer::Refused(Refusal::Internal));
                    }
                    None => {}
                },
                Happening::Broken(broken) => {
                    if broken.unread() && !running.job.returned {
                        tenure.give_back(running.job);
                        return Fate::End;
                    }
                    let exit = self.lost(&broken).await;
                    return self.died(running, &exit, tenure).await;
                }
                Happening::Exited(exit) => return self.died(running, &exit, tenure).await,
                Happening::Command(Command::Stop) => {
                    if running.job.reply.is_closed() {
                        return Fate::Turn(Turn::Stop);
                    }
                    running.deadline = running.deadline.min(Instant::now() + tenure.pool.plan.limits.drain);
                    self.until(running.deadline);
                }
                Happening::Command(Command::Invoke(job)) => tenure.give_back(job),
                Happening::Clock => return self.overdue(running, tenure).await,
            }
        }
    }

    /// Hands the invocation to the runtime, which waits for it.
    fn deliver(&mut self, running: &Running, tenure: &Tenure) -> Result<(), Broken> {
        let left = running.deadline.saturating_duration_since(Instant::now());
        let event = Event {
            invocation: Arc::clone(&running.job.invocation),
            deadline: SystemTime::now() + left,
            function_arn: Arc::clone(&tenure.pool.plan.arn),
        };
        let reply = self.next.take().ok_or(Broken::Closed)?;
        self.link.answer(reply, Answer::Event(event))
    }

    /// The runtime has answered: completes the invocation and waits for the runtime to be ready again.
    async fn respond(
        &mut self,
        running: Running,
        result: Result<Bytes, Failed>,
        reply: Reply,
        tenure: &mut Tenure,
    ) -> Fate {
        let oversize = result.as_ref().is_err_and(|failed| failed.error.error_type == failure::TOO_LARGE);
        self.answer(reply, if oversize { Answer::Refused(Refusal::TooLarge) } else { Answer::Accepted });
        let Running { job, began, deadline } = running;
        self.state = State::Responded { id: job.invocation.request_id.clone() };
        let outcome = self.complete(&job, began, result, tenure);
        // A caller who invokes again at once should find this environment ready, so the call for the next invocation,
        // which our bootstraps send together with the response, is looked at before the caller is answered.
        let turn = match self.link.buffered() {
            Ok(Some((Call::Next, reply))) => {
                self.next = Some(reply);
                self.state = State::Ready;
                Some(tenure.ready())
            }
            Ok(Some((call, reply))) => {
                drop(self.admit(call, reply));
                None
            }
            Ok(None) | Err(_) => None,
        };
        if turn.is_none() {
            tenure.settling();
        }
        answer(job.reply, outcome);
        match turn {
            Some(turn) => Fate::Turn(turn),
            None => self.settle(deadline, tenure).await,
        }
    }

    /// Waits for the runtime to ask for the next invocation.
    async fn settle(&mut self, deadline: Instant, tenure: &mut Tenure) -> Fate {
        self.until(deadline.min(Instant::now() + tenure.pool.plan.limits.settle));
        let mut patience = Some(());
        loop {
            match self.happening(tenure).await {
                Happening::Call(call, reply) => {
                    if let Some((Call::Next, reply)) = self.admit(call, reply) {
                        self.next = Some(reply);
                        self.state = State::Ready;
                        return Fate::Turn(tenure.ready());
                    }
                }
                Happening::Broken(_) | Happening::Exited(_) => return Fate::End,
                Happening::Command(Command::Stop) => return Fate::Turn(Turn::Stop),
                Happening::Command(Command::Invoke(job)) => tenure.give_back(job),
                Happening::Clock => match patience.take() {
                    Some(()) => {
                        tenure.busy_after_all();
                        self.until(deadline);
                    }
                    None => return Fate::End,
                },
            }
        }
    }

    /// The time is up: nothing of the function is left when the caller hears of it.
    async fn overdue(&mut self, running: Running, tenure: &Tenure) -> Fate {
        self.group.kill().await;
        let plan = &tenure.pool.plan;
        let id = &running.job.invocation.request_id;
        if running.deadline < running.began + plan.timeout {
            self.output.settle(&self.log);
            answer(running.job.reply, Err(tenure.pool.closed()));
            return Fate::End;
        }
        self.output.settle(&self.log);
        self.log.notice(report::timed_out(id, plan.timeout));
        let outcome = self.complete(&running.job, running.began, Err(failure::timed_out(id, plan.timeout)), tenure);
        answer(running.job.reply, outcome);
        Fate::End
    }

    /// The process has ended in the middle; perhaps it has responded before.
    async fn died(&mut self, running: Running, exit: &Exit, tenure: &Tenure) -> Fate {
        self.group.kill().await;
        let id = &running.job.invocation.request_id;
        let result = loop {
            match timeout(LAST_WORDS, self.link.call()).await {
                Ok(Ok((call, reply))) => match self.admit(call, reply) {
                    Some((Call::Response { payload, .. }, _)) => break response(payload),
                    Some((Call::Error { payload, error_type, .. }, _)) => break error(payload, error_type),
                    Some((Call::Next | Call::InitError { .. }, _)) | None => {}
                },
                Ok(Err(_)) | Err(_) => break Err(failure::exited(id, exit)),
            }
        };
        let outcome = self.complete(&running.job, running.began, result, tenure);
        answer(running.job.reply, outcome);
        Fate::End
    }

    /// Writes the closing lines of an invocation and gives its outcome.
    fn complete(&mut self, job: &Job, began: Instant, result: Result<Bytes, Failed>, tenure: &Tenure) -> Outcome {
        let (duration, init) = (began.elapsed(), self.init.take());
        let (payload, error) = match result {
            Ok(payload) => (payload, None),
            Err(failed) => (failed.payload, Some(failed.error)),
        };
        let request_id = job.invocation.request_id.as_str();
        let (memory_mb, peak_mb) = (tenure.pool.plan.memory_mb, self.memory.peak_mb());
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
