//! The engine that all functions share: its settings, its allocator, its slots.
//!
//! wasmtime: <https://docs.wasmtime.dev/examples-fast-instantiation.html>

use crate::{cache::Cache, instance::State, limits, ticker::Ticker};
use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, Linker, OptLevel, PoolingAllocationConfig};

/// How the engine is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Instances at once, of all functions together.
    pub instances: u32,
    /// Whether instances come from a pool that is reserved once.
    pub pooling: Pooling,
    /// The folder for compiled code; `None` compiles at every start. Created with mode 0700.
    pub cache: Option<PathBuf>,
    /// Invocations that wait, per function, before further ones are throttled.
    pub queue: usize,
    /// How long running invocations may go on when their function is shut down.
    pub shutdown_grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            instances: 1000,
            pooling: Pooling::WhenPossible,
            cache: None,
            queue: 1000,
            shutdown_grace: Duration::from_secs(2),
        }
    }
}

/// Which allocator is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The pool, if the address space for it (4 GiB for each instance) is to be had; otherwise each instance maps its own.
    WhenPossible,
    /// Each instance maps its own memory: four times slower, and modest in address space.
    Never,
}

/// Which allocator the engine works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// From the pool.
    Pool,
    /// Mapped by each instance.
    OnDemand,
}

/// The shared engine. Cloning it is cheap; the last clone (functions hold one each) stops its clock.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    settings: Settings,
    allocation: Allocation,
    linker: Linker<State>,
    slots: Semaphore,
    cache: Option<Cache>,
    wasmtime: wasmtime::Engine,
    _ticker: Ticker,
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// wasmtime refuses this machine.
    #[error("the WebAssembly engine cannot be created: {0}")]
    Wasmtime(String),
    /// No thread for the clock.
    #[error("the clock of the WebAssembly engine cannot be started")]
    Clock(#[from] io::Error),
}

impl Engine {
    /// Creates the engine and reserves its pool.
    ///
    /// A cache folder that is not private is reported in the log and left alone; everything then compiles at each start.
    ///
    /// # Errors
    ///
    /// When wasmtime does not support this machine, or no thread can be started.
    pub fn new(settings: Settings) -> Result<Self, EngineError> {
        let (wasmtime, allocation) = create(&settings).map_err(|error| EngineError::Wasmtime(format!("{error:#}")))?;
        let mut linker = Linker::new(&wasmtime);
        wasmtime_wasi::p1::add_to_linker_async(&mut linker, |state: &mut State| &mut state.wasi)
            .map_err(|error| EngineError::Wasmtime(format!("{error:#}")))?;
        let cache = settings.cache.as_ref().and_then(|folder| Cache::open(folder, &wasmtime));
        let ticker = Ticker::start(wasmtime.clone())?;
        let slots = Semaphore::new(usize::try_from(settings.instances).unwrap_or(usize::MAX));
        Ok(Self(Arc::new(Inner { settings, allocation, linker, slots, cache, wasmtime, _ticker: ticker })))
    }

    /// Which allocator is at work.
    #[must_use]
    pub fn allocation(&self) -> Allocation {
        self.0.allocation
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.0.wasmtime
    }

    pub(crate) fn linker(&self) -> &Linker<State> {
        &self.0.linker
    }

    pub(crate) fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }

    /// One permit for each instance that may live at once: the pool refuses the one after, so that callers queue here.
    pub(crate) fn slots(&self) -> &Semaphore {
        &self.0.slots
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("settings", &self.0.settings)
            .field("allocation", &self.0.allocation)
            .finish_non_exhaustive()
    }
}

/// Creating the pool is its own probe: it reserves its address space at once, or fails.
fn create(settings: &Settings) -> wasmtime::Result<(wasmtime::Engine, Allocation)> {
    if settings.pooling == Pooling::WhenPossible {
        let mut config = common();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(settings.instances)));
        match wasmtime::Engine::new(&config) {
            Ok(engine) => return Ok((engine, Allocation::Pool)),
            Err(error) => tracing::warn!(
                error = format!("{error:#}"),
                "no address space for the pool of WebAssembly instances: each will map its own memory"
            ),
        }
    }
    let mut config = common();
    // Where a pool does not fit, a reservation of 4 GiB per instance fits hardly better: check bounds in code instead.
    config.memory_reservation(0).memory_guard_size(0).memory_reservation_for_growth(1024 * 1024);
    Ok((wasmtime::Engine::new(&config)?, Allocation::OnDemand))
}

fn common() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .memory_init_cow(true)
        .concurrency_support(false)
        .generate_address_map(true)
        .cranelift_opt_level(OptLevel::Speed);
    config
}

/// Measured on a 6.18 kernel: asking it which pages a guest has touched (`pagemap_scan`) and zeroing those in place halves
/// the cost of an instance against returning all of its memory.
fn pool(instances: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(instances)
        .total_component_instances(instances)
        .total_memories(instances)
        .total_tables(instances.saturating_mul(limits::TABLES))
        .total_stacks(instances)
        .max_tables_per_module(limits::TABLES)
        .table_elements(limits::TABLE_ELEMENTS)
        .max_memory_size(limits::MEMORY_BYTES)
        .linear_memory_keep_resident(1024 * 1024)
        .table_keep_resident(512 * 1024)
        .async_stack_keep_resident(64 * 1024)
        .max_unused_warm_slots(100)
        .decommit_batch_size(16)
        .pagemap_scan(Enabled::Auto);
    pool
}
