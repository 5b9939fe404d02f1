//! The bare cost of an instance, for comparison: what wasmtime alone needs for what a function does.

use crate::{
    Engine, LoadError,
    instance::{Ending, Program},
    limits,
    memory::Limiter,
    module,
};
use bytes::Bytes;
use std::{
    fmt,
    path::Path,
    time::{Duration, Instant},
};
use wasmtime_wasi::{
    WasiCtxBuilder,
    p2::pipe::{MemoryInputPipe, MemoryOutputPipe},
};

/// A command without a function around it: no queue, no environment variables, no log, no timer, no error documents.
pub struct Raw {
    program: Program,
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raw")
    }
}

impl Raw {
    /// Loads a module as [`crate::load`] does.
    ///
    /// # Errors
    ///
    /// As [`crate::load`].
    pub async fn load(engine: &Engine, path: &Path) -> Result<Self, LoadError> {
        Ok(Self { program: Program::new(&module::load(engine, path).await?) })
    }

    /// Makes a fresh instance, feeds it `payload`, and returns what it wrote. `None` when it failed.
    pub async fn run(&self, payload: Bytes) -> Option<Bytes> {
        let began = Instant::now();
        let output = MemoryOutputPipe::new(limits::RESPONSE_BYTES);
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdin(MemoryInputPipe::new(payload)).stdout(output.clone());
        let deadline = began + Duration::from_secs(3);
        let mut store = self.program.store(wasi.build_p1(), Limiter::new(limits::MEMORY_BYTES), deadline);
        let ending = self.program.run(&mut store, began).await;
        drop(store);
        match ending {
            Ending::Ran { result: Ok(()), .. } => output.try_into_inner().map(bytes::BytesMut::freeze),
            Ending::Ran { result: Err(_), .. } | Ending::NotStarted(_) => None,
        }
    }
}
