//! What an instance may allocate. A refused growth is remembered, because the guest's trap that follows does not say why.

use crate::limits;
use wasmtime::ResourceLimiter;

/// The memory limit of one instance.
#[derive(Debug)]
pub(crate) struct Limiter {
    limit: usize,
    used: usize,
    exhausted: bool,
}

impl Limiter {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, used: 0, exhausted: false }
    }

    /// Whether the guest once asked for more than it may have.
    pub(crate) fn exhausted(&self) -> bool {
        self.exhausted
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.limit {
            self.exhausted = true;
            return Ok(false);
        }
        // Growth beyond the module's own maximum fails after this call: it counts nothing and is the guest's own doing.
        if maximum.is_none_or(|maximum| desired <= maximum) {
            self.used = used;
        }
        Ok(true)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= limits::TABLE_ELEMENTS)
    }
}
