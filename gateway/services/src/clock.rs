//! Time as something given.

use crate::BoxFuture;
use std::fmt;

/// A clock to wait by.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// Resolves when that time has come.
    fn sleep_until(&self, at_ms: i64) -> BoxFuture<'_, ()>;
}
