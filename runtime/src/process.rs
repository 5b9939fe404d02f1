//! Process functions: a pool of child processes that speak the AWS Lambda Runtime API.
//!
//! Node.js and Python handlers run unmodified in small bootstraps of our own, which talk to the host over a Unix socket;
//! any other `bootstrap` gets a loopback port of its own. Each child has its own process group, which is killed as a whole.
//! When the host itself is killed, our bootstraps see their socket close and kill their group; a foreign runtime sees its
//! connection refused and is expected to end.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

mod environment;
mod failure;
mod folder;
mod limits;
mod link;
mod memory;
mod output;
mod plan;
mod pool;
mod report;
mod runtime_api;
mod settings;
pub(crate) mod spawn;
mod start;
mod variables;

pub use limits::{Limits, RESPONSE_BYTES};
pub use settings::{Credentials, Settings};

use crate::{
    Completed, FunctionConfig, FunctionError, Invocation, InvokeError, LogSink, Program, invocation::BoxFuture,
};
use pool::{Grant, Lease, Outcome, Place, Placed, Pool, Worked};
use std::{fmt, io, sync::Arc};
use tokio::time::timeout;

/// A function that runs in processes.
pub struct Function {
    pool: Arc<Pool>,
}

impl Function {
    /// A function with the host's default settings. Starts nothing yet.
    ///
    /// # Errors
    /// The host's private folder cannot be made.
    pub fn new(config: FunctionConfig, program: Program, logs: Arc<dyn LogSink>) -> io::Result<Self> {
        Self::with_settings(config, program, logs, Settings::default())
    }

    /// A function with other bounds, or with credentials.
    ///
    /// # Errors
    /// The host's private folder cannot be made.
    pub fn with_settings(
        config: FunctionConfig,
        program: Program,
        logs: Arc<dyn LogSink>,
        settings: Settings,
    ) -> io::Result<Self> {
        Ok(Self { pool: Pool::new(plan::Plan::new(config, program, settings, logs)?) })
    }

    async fn run(&self, invocation: Invocation) -> Outcome {
        let invocation = Arc::new(invocation);
        let mut place = Place::Last;
        loop {
            let lease = match self.lease(&invocation, place).await {
                Ok(lease) => lease,
                Err(outcome) => return outcome,
            };
            match lease.work(&invocation, place).await {
                Worked::Outcome(outcome) => return outcome,
                Worked::Unread => place = Place::First,
            }
        }
    }

    /// An environment for an invocation, or what it comes to without one.
    async fn lease(&self, invocation: &Arc<Invocation>, place: Place) -> Result<Lease, Outcome> {
        let (ticket, mut granted) = match self.pool.place(invocation, place) {
            Placed::Leased(lease) => return Ok(lease),
            Placed::Done(outcome) => return Err(outcome),
            Placed::Waiting(ticket, granted) => (ticket, granted),
        };
        let granted = match timeout(self.pool.plan.limits.queue_wait, &mut granted).await {
            Ok(granted) => granted,
            Err(_) => match self.pool.withdraw(ticket) {
                Some(throttled) => return Err(Err(throttled)),
                // It is being started for.
                None => granted.await,
            },
        };
        match granted {
            Ok(Grant::Lease(lease)) => Ok(lease),
            Ok(Grant::Refused(outcome)) => Err(outcome),
            Err(_) => Err(Err(self.pool.closed())),
        }
    }
}

impl crate::Function for Function {
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'_, Result<Completed, InvokeError>> {
        Box::pin(self.run(invocation))
    }

    fn warm(&self) -> BoxFuture<'_, Result<(), FunctionError>> {
        Box::pin(self.pool.warm())
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.pool.close())
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.pool.abort();
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("process::Function").field("name", &self.pool.plan.name).finish_non_exhaustive()
    }
}
