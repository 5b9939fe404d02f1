//! A function that speaks the command contract: a fresh instance for each invocation.

use crate::{
    Engine, LoadError,
    abandoned::Abandoned,
    admission::Admission,
    environment,
    failure::Failure,
    instance::{Ending, Program, State},
    limits,
    memory::Limiter,
    module::Module,
    stdio::{Log, Output, Response},
};
use bytes::Bytes;
use fanlight_runtime::{Completed, Function, FunctionConfig, Invocation, InvokeError, LogSink, invocation::BoxFuture};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Notify, time};
use wasmtime::{Store, Trap};
use wasmtime_wasi::{I32Exit, WasiCtxBuilder, p1::WasiP1Ctx, p2::pipe::MemoryInputPipe};

/// What a command that writes nothing and succeeds has returned, as a Node.js or Python handler without a result has.
const NOTHING: Bytes = Bytes::from_static(b"null");

/// A WASI command as a function.
pub(crate) struct Command {
    guest: Arc<Guest>,
    abandoned: Abandoned,
}

struct Guest {
    program: Program,
    name: Arc<str>,
    handler: String,
    environment: Vec<(String, String)>,
    timeout: Duration,
    memory_mb: u32,
    memory_bytes: usize,
    logs: Arc<dyn LogSink>,
    engine: Engine,
    admission: Admission,
    killed: Notify,
}

impl Command {
    pub(crate) fn new(
        engine: &Engine,
        config: FunctionConfig,
        module: &Module,
        logs: Arc<dyn LogSink>,
    ) -> Result<Self, LoadError> {
        let memory_bytes = u64::from(config.memory_mb).saturating_mul(1024 * 1024);
        if module.memory_bytes > memory_bytes {
            return Err(LoadError::Memory {
                path: module.path.clone(),
                needed_mb: module.memory_bytes.div_ceil(1024 * 1024),
                memory_mb: config.memory_mb,
            });
        }
        let handler = module.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let timeout = config.timeout.min(limits::TIMEOUT);
        let queue = engine.settings().queue;
        let guest = Guest {
            program: Program::new(module),
            name: Arc::from(config.name.as_str()),
            environment: environment::of_function(&config, &handler),
            handler,
            timeout,
            memory_mb: config.memory_mb,
            memory_bytes: usize::try_from(memory_bytes).unwrap_or(usize::MAX),
            logs,
            engine: engine.clone(),
            admission: Admission::new(config.name, config.max_environments, queue, timeout),
            killed: Notify::new(),
        };
        Ok(Self { guest: Arc::new(guest), abandoned: Abandoned::default() })
    }
}

impl Function for Command {
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'_, Result<Completed, InvokeError>> {
        let guest = Arc::clone(&self.guest);
        Box::pin(self.abandoned.adopt_later(async move { guest.invoke(&invocation).await }))
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let grace = self.guest.engine.settings().shutdown_grace;
            self.guest.admission.close();
            if self.guest.admission.emptied(grace).await.is_none() {
                self.guest.killed.notify_waiters();
                self.abandoned.abort();
                if self.guest.admission.emptied(grace).await.is_none() {
                    tracing::warn!(function = %self.guest.name, "an invocation that nobody polls was left behind");
                }
            }
        })
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("function", &self.guest.name)
            .field("handler", &self.guest.handler)
            .finish_non_exhaustive()
    }
}

impl Guest {
    async fn invoke(&self, invocation: &Invocation) -> Result<Completed, InvokeError> {
        let _permit = self.admission.enter(self.engine.slots()).await?;
        // Listening before looking: a shutdown between the two is seen by one of them.
        let killed = self.killed.notified();
        self.admission.open()?;
        let began = Instant::now();
        let deadline = began + self.timeout;
        let response = Output::new(Response::default());
        let log = Output::new(Log::new(Arc::clone(&self.logs), Arc::clone(&self.name), invocation.request_id.clone()));
        let wasi = self.wasi(invocation, &response, &log);
        let mut store = self.program.store(wasi, Limiter::new(self.memory_bytes), deadline);
        let ending = tokio::select! {
            biased;
            ending = self.program.run(&mut store, began) => Some(ending),
            // Ticks end a guest that computes; this ends one that waits inside a host call.
            () = time::sleep_until(deadline.into()) => None,
            () = killed => return Err(InvokeError::ShuttingDown(self.name.to_string())),
        };
        let (init, failure) = match ending {
            Some(Ending::NotStarted(error)) => return Err(self.cannot_start(&error)),
            Some(Ending::Ran { init, result }) => (Some(init), self.failure(result, &store, &response, &log)),
            None => (None, Some(Failure::TimedOut(self.timeout))),
        };
        drop(store);
        if let Some(line) = failure.as_ref().and_then(|failure| self.explanation(failure)) {
            log.sink().host_line(line);
        }
        log.sink().finish();
        let duration = began.elapsed().saturating_sub(init.unwrap_or_default());
        let (payload, error) = match failure {
            Some(failure) => {
                let (document, error) = failure.report(&invocation.request_id);
                (document, Some(error))
            }
            None => (Some(response.sink().take_payload()).filter(|it| !it.is_empty()).unwrap_or(NOTHING), None),
        };
        Ok(Completed { payload, error, duration, init_duration: init })
    }

    fn wasi(&self, invocation: &Invocation, response: &Output<Response>, log: &Output<Log>) -> WasiP1Ctx {
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdin(MemoryInputPipe::new(invocation.payload.clone())).stdout(response.clone()).stderr(log.clone());
        wasi.arg(&self.handler).envs(&self.environment);
        environment::add_invocation(&mut wasi, invocation);
        wasi.build_p1()
    }

    fn failure(
        &self,
        result: wasmtime::Result<()>,
        store: &Store<State>,
        response: &Output<Response>,
        log: &Output<Log>,
    ) -> Option<Failure> {
        let error = result.err()?;
        let exit = error.downcast_ref::<I32Exit>().map(|exit| exit.0);
        if exit == Some(0) {
            return None;
        }
        if response.sink().too_large() {
            return Some(Failure::ResponseTooLarge);
        }
        let trap = error.downcast_ref::<Trap>();
        if trap == Some(&Trap::Interrupt) {
            return Some(Failure::TimedOut(self.timeout));
        }
        if exit.is_none() {
            let mut log = log.sink();
            format!("{error:?}").lines().for_each(|line| log.host_line(line.to_owned()));
        }
        Some(match (store.data().memory.exhausted(), exit, trap) {
            (true, ..) => Failure::OutOfMemory,
            (false, Some(status), _) => Failure::Exited(status),
            (false, None, Some(trap)) => Failure::Trapped(trap.to_string()),
            (false, None, None) => Failure::Trapped(error.root_cause().to_string()),
        })
    }

    /// What the log says beside what the caller is told.
    fn explanation(&self, failure: &Failure) -> Option<String> {
        match failure {
            Failure::TimedOut(limit) => Some(format!("Task timed out after {:.2} seconds", limit.as_secs_f64())),
            Failure::OutOfMemory => Some(format!("the memory limit of {} MB was reached", self.memory_mb)),
            Failure::ResponseTooLarge => Some(format!("the response exceeds {} bytes", limits::RESPONSE_BYTES)),
            Failure::Exited(_) | Failure::Trapped(_) => None,
        }
    }

    fn cannot_start(&self, error: &wasmtime::Error) -> InvokeError {
        InvokeError::CannotStart { function: self.name.to_string(), reason: format!("{error:#}") }
    }
}
