//! From a file to a program that can be instantiated: read, inspect, compile or take from the cache, link.

use crate::{Contract, Engine, contract, instance::State, limits};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};
use wasmtime::{ExternType, InstancePre, ModuleExport};

/// Why a module is not a function. Each message names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read `{path}`: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// The file is larger than a deployment package may be.
    #[error("`{path}` is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// Neither WebAssembly nor its text form.
    #[error("`{path}` is not WebAssembly: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// WebAssembly that speaks no contract of this host.
    #[error(
        "`{path}` is {found}; expected a WASI command, a core module that exports the function `_start` without \
         parameters and results, reads the event on standard input and writes the response on standard output"
    )]
    UnknownContract {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: String,
    },
    /// The module is invalid, or uses what the engine does not support.
    #[error("`{path}` cannot be compiled: {reason}")]
    Compile {
        /// The file.
        path: PathBuf,
        /// What the compiler says.
        reason: String,
    },
    /// The module imports what this host does not provide.
    #[error("`{path}` cannot be linked: {reason}; a WASI command may import `wasi_snapshot_preview1` only")]
    Import {
        /// The file.
        path: PathBuf,
        /// What the linker says.
        reason: String,
    },
    /// The module would be out of memory before it began.
    #[error("`{path}` needs {needed_mb} MB of memory from the start; its function has {memory_mb} MB")]
    Memory {
        /// The file.
        path: PathBuf,
        /// What its memories begin with.
        needed_mb: u64,
        /// `MemorySize`.
        memory_mb: u32,
    },
}

/// A module that is compiled and linked.
pub(crate) struct Module {
    pub path: PathBuf,
    pub contract: Contract,
    pub pre: InstancePre<State>,
    pub start: ModuleExport,
    pub memory_bytes: u64,
}

/// Reads and compiles on a thread where that may take its time.
pub(crate) async fn load(engine: &Engine, path: &Path) -> Result<Module, LoadError> {
    let engine = engine.clone();
    let path = path.to_owned();
    let shown = path.clone();
    let loaded = tokio::task::spawn_blocking(move || read(&engine, path)).await;
    loaded.unwrap_or_else(|panic| Err(LoadError::Compile { path: shown, reason: panic.to_string() }))
}

fn read(engine: &Engine, path: PathBuf) -> Result<Module, LoadError> {
    let bytes = bytes(&path)?;
    let binary = wat::parse_bytes(&bytes).map_err(|error| malformed(&path, &error))?;
    let inspection = contract::inspect(&binary).map_err(|error| malformed(&path, &error))?;
    let contract = inspection.contract.map_err(|found| LoadError::UnknownContract { path: path.clone(), found })?;
    let module = compiled(engine, &binary)
        .map_err(|error| LoadError::Compile { path: path.clone(), reason: format!("{error:#}") })?;
    let start = start(&module).map_err(|found| LoadError::UnknownContract { path: path.clone(), found })?;
    let pre = engine
        .linker()
        .instantiate_pre(&module)
        .map_err(|error| LoadError::Import { path: path.clone(), reason: format!("{error:#}") })?;
    Ok(Module { path, contract, pre, start, memory_bytes: inspection.memory_bytes })
}

fn bytes(path: &Path) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limits::MODULE_BYTES.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|reason| LoadError::Read { path: path.to_owned(), reason })?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limits::MODULE_BYTES) {
        Ok(bytes)
    } else {
        Err(LoadError::TooLarge { path: path.to_owned(), limit: limits::MODULE_BYTES })
    }
}

fn malformed(path: &Path, error: &dyn std::error::Error) -> LoadError {
    LoadError::Malformed { path: path.to_owned(), reason: one_line(&error.to_string()) }
}

/// The parser of the text form draws its messages over several lines: the first says what, the second where.
fn one_line(message: &str) -> String {
    let mut lines = message.lines();
    let what = lines.next().unwrap_or_default();
    match lines.next().and_then(|place| place.trim().strip_prefix("--> <anon>:")) {
        Some(place) => format!("{what} at {place}"),
        None => what.to_owned(),
    }
}

/// From the cache, or compiled and cached. The one place that compiles: a compiler in a process of its own belongs here.
fn compiled(engine: &Engine, binary: &[u8]) -> wasmtime::Result<wasmtime::Module> {
    if let Some(module) = engine.cache().and_then(|cache| cache.load(engine.wasmtime(), binary)) {
        return Ok(module);
    }
    let module = wasmtime::Module::from_binary(engine.wasmtime(), binary)?;
    if let Some(cache) = engine.cache() {
        cache.store(binary, &module);
    }
    Ok(module)
}

fn start(module: &wasmtime::Module) -> Result<ModuleExport, String> {
    let plain = match module.get_export("_start") {
        Some(ExternType::Func(start)) => start.params().len() == 0 && start.results().len() == 0,
        Some(_) | None => false,
    };
    module
        .get_export_index("_start")
        .filter(|_| plain)
        .ok_or_else(|| "a core module whose `_start` has parameters or results".to_owned())
}
