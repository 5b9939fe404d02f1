//! WebAssembly functions on wasmtime: a sandbox per invocation, made in microseconds.
//!
//! One [`Engine`] serves all functions of the process: it owns the pool of instance slots, the clock that ends endless
//! loops, and the folder of compiled code. [`load`] reads a module, finds out by its exports which contract it speaks, and
//! returns something that implements [`fanlight_runtime::Function`]:
//!
//! ```no_run
//! # use fanlight_runtime::{Function, FunctionConfig, LogSink};
//! # use fanlight_runtime_wasm::{Engine, Settings};
//! # use std::{path::Path, sync::Arc};
//! # async fn example(config: FunctionConfig, logs: Arc<dyn LogSink>) -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::new(Settings { cache: Some(".fanlight/cache/wasm".into()), ..Settings::default() })?;
//! let function: Arc<dyn Function> =
//!     fanlight_runtime_wasm::load(&engine, config, Path::new("hello.wasm"), logs).await?;
//! # drop(function);
//! # Ok(())
//! # }
//! ```
//!
//! Contracts (see [`Contract`]): a WASI command reads the event on standard input and writes the response on standard
//! output. Each invocation has an instance of its own, so nothing survives from one to the next.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>

pub mod engine;
pub mod raw;

mod abandoned;
mod admission;
mod cache;
mod command;
mod contract;
mod environment;
mod failure;
mod instance;
mod limits;
mod memory;
mod module;
mod stdio;
mod ticker;

pub use contract::Contract;
pub use engine::{Allocation, Engine, EngineError, Pooling, Settings};
pub use module::LoadError;

use fanlight_runtime::{Function, FunctionConfig, LogSink};
use std::{path::Path, sync::Arc};

/// Loads the module at `path`, in binary or text form, as a function. Compiles it unless the engine's cache has it.
///
/// # Errors
///
/// When the file cannot be read or compiled, speaks no contract that this host knows, imports what this host does not
/// provide, or needs more memory from the start than the function has.
pub async fn load(
    engine: &Engine,
    config: FunctionConfig,
    path: &Path,
    logs: Arc<dyn LogSink>,
) -> Result<Arc<dyn Function>, LoadError> {
    let module = module::load(engine, path).await?;
    match module.contract {
        Contract::Command => Ok(Arc::new(command::Command::new(engine, config, &module, logs)?)),
    }
}
