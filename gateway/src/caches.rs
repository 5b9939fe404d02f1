//! Keeps the answers of Lambda authorizers and those of cached methods in bounded memory. Which to keep is moka's choice:
//! those that are asked for often, so that a flood of what is asked once does not push out the others.

use crate::limits;
use fanlight_execute::{
    authorize::cache::{self, Kept, Key, Scope, Store},
    stage_cache::entries::{self, Entry},
};
use moka::sync::Cache;
use std::{fmt, sync::Arc};

/// The cache of all Lambda authorizers.
pub(crate) fn of_authorizers() -> cache::Cache {
    let weigh = |kept: &Kept| size_of::<Kept>() + kept.answer.weight();
    cache::Cache::new(Box::new(Bounded::new(limits::AUTHORIZER_ANSWERS_BYTES, weigh)))
}

/// The cache of all stages.
pub(crate) fn of_stages() -> entries::Cache {
    entries::Cache::new(Box::new(Bounded::new(limits::CACHED_ANSWERS_BYTES, Entry::weight)))
}

/// Answers of one kind.
struct Bounded<T>(Cache<Key, Arc<T>>);

impl<T> fmt::Debug for Bounded<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Bounded")
    }
}

/// What an entry takes beside its answer: the key twice, links, counters.
const ENTRY_BYTES: usize = 2 * size_of::<Key>() + 160;

impl<T: Send + Sync + 'static> Bounded<T> {
    /// Keeps so many bytes, as `weigh` counts them.
    fn new(bytes: u64, weigh: fn(&T) -> usize) -> Self {
        let weigh = move |_: &Key, kept: &Arc<T>| u32::try_from(ENTRY_BYTES + weigh(kept)).unwrap_or(u32::MAX);
        let cache = Cache::builder().max_capacity(bytes).weigher(weigh);
        Self(cache.support_invalidation_closures().build())
    }
}

impl<T: fmt::Debug + Send + Sync + 'static> Store<T> for Bounded<T> {
    fn get(&self, key: &Key) -> Option<Arc<T>> {
        self.0.get(key)
    }

    fn insert(&self, key: Key, kept: Arc<T>) {
        self.0.insert(key, kept);
    }

    fn forget(&self, scope: Option<Scope>) {
        let Some(scope) = scope else { return self.0.invalidate_all() };
        if let Err(error) = self.0.invalidate_entries_if(move |key, _| key.scope == scope) {
            tracing::warn!(%error, "all answers are forgotten, not only those of a stage");
            self.0.invalidate_all();
        }
    }
}
