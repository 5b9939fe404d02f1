//! The entries of the cache, and those that are on their way.
//!
//! Invariants: an entry is never handed out at or after its end; what was asked before a flush is not kept after it.

use crate::{
    authorize::cache::{Key, Scope, Store},
    single_flight::{Flights, Role},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// An answer that is kept.
#[derive(Debug)]
pub struct Entry {
    /// The status.
    pub status: StatusCode,
    /// The headers, without those of one exchange.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// When it ends, on the monotonic clock.
    pub until: Duration,
}

impl Entry {
    /// Roughly how many bytes it takes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 64).sum();
        size_of::<Self>() + headers + self.body.len()
    }
}

/// What came of asking the endpoint.
#[derive(Debug, Clone)]
pub enum Answer {
    /// This.
    Kept(Arc<Entry>),
    /// Something that is not kept.
    NotKept,
}

/// The cache of a host.
#[derive(Debug)]
pub struct Cache {
    store: Box<dyn Store<Entry>>,
    flights: Flights<Key, Answer>,
    flushes: AtomicU64,
}

impl Cache {
    /// A cache that keeps its entries in `store`.
    #[must_use]
    pub fn new(store: Box<dyn Store<Entry>>) -> Self {
        Self { store, flights: Flights::default(), flushes: AtomicU64::new(0) }
    }

    /// Forgets a stage's entries, or all. What is being asked meanwhile is not kept.
    pub fn flush(&self, scope: Option<Scope>) {
        self.flushes.fetch_add(1, Ordering::SeqCst);
        self.flights.close();
        self.store.forget(scope);
    }

    pub(super) fn flushes(&self) -> u64 {
        self.flushes.load(Ordering::SeqCst)
    }

    /// What is kept and has not ended.
    pub(super) fn get(&self, key: &Key, now: Duration) -> Option<Arc<Entry>> {
        self.store.get(key).filter(|entry| now < entry.until)
    }

    /// Waits for another request that asks the same, or leads those that will.
    pub(super) fn join(&self, key: &Key) -> Role<'_, Key, Answer> {
        self.flights.join(key)
    }

    /// Keeps an entry, unless there was a flush since `flushes`.
    pub(super) fn insert(&self, key: Key, entry: &Arc<Entry>, flushes: u64) {
        if self.flushes() == flushes {
            self.store.insert(key, Arc::clone(entry));
            if self.flushes() != flushes {
                // A flush that came between the two has missed it.
                self.store.forget(Some(key.scope));
            }
        }
    }
}
