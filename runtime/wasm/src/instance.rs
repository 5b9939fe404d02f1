//! One instance: made, run, dropped.

use crate::{memory::Limiter, module::Module};
use std::time::{Duration, Instant};
use wasmtime::{InstancePre, ModuleExport, Store, Trap, UpdateDeadline};
use wasmtime_wasi::{I32Exit, WasiView, p1::WasiP1Ctx};

/// What the host keeps for a guest.
pub(crate) struct State {
    pub wasi: WasiP1Ctx,
    pub memory: Limiter,
}

/// A command, ready to be instantiated.
pub(crate) struct Program {
    pre: InstancePre<State>,
    start: ModuleExport,
}

/// How an instance ended.
pub(crate) enum Ending {
    /// There was no instance: the host could not make one.
    NotStarted(wasmtime::Error),
    /// It ran to its end after being made in this time.
    Ran {
        /// The time it took to make the instance.
        init: Duration,
        /// A trap, or an exit status, or nothing to report.
        result: wasmtime::Result<()>,
    },
}

impl Program {
    pub(crate) fn new(module: &Module) -> Self {
        Self { pre: module.pre.clone(), start: module.start }
    }

    /// A store for one instance that lets other tasks run at each tick and ends at the deadline.
    pub(crate) fn store(&self, mut wasi: WasiP1Ctx, memory: Limiter, deadline: Instant) -> Store<State> {
        wasi.ctx().table.set_max_capacity(crate::limits::RESOURCES);
        let mut store = Store::new(self.pre.module().engine(), State { wasi, memory });
        store.limiter(|state| &mut state.memory);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            Ok(if Instant::now() < deadline {
                // tokio's own way to yield lets sockets be looked at before the guest goes on.
                UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))
            } else {
                UpdateDeadline::Interrupt
            })
        });
        store
    }

    /// Makes the instance and runs it to its end. Dropping the future ends the guest wherever it is.
    pub(crate) async fn run(&self, store: &mut Store<State>, began: Instant) -> Ending {
        let instance = match self.pre.instantiate_async(&mut *store).await {
            Ok(instance) => instance,
            Err(error) if error.is::<Trap>() || error.is::<I32Exit>() => {
                return Ending::Ran { init: began.elapsed(), result: Err(error) };
            }
            Err(error) => return Ending::NotStarted(error),
        };
        let start = instance
            .get_module_export(&mut *store, &self.start)
            .and_then(wasmtime::Extern::into_func)
            .ok_or_else(|| wasmtime::format_err!("`_start` is missing"))
            .and_then(|start| start.typed::<(), ()>(&*store));
        let init = began.elapsed();
        match start {
            Ok(start) => Ending::Ran { init, result: start.call_async(store, ()).await },
            Err(error) => Ending::NotStarted(error),
        }
    }
}
