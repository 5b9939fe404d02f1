//! Keeps the answers of Lambda authorizers in bounded memory. Which to keep is moka's choice: those that are asked for
//! often, so that a flood of identities that come once does not push out the others.

use crate::limits;
use fanlight_execute::authorize::cache::{Kept, Key, Scope, Store};
use moka::sync::Cache;
use std::sync::Arc;

/// Answers by identity.
#[derive(Debug)]
pub(crate) struct Answers(Cache<Key, Arc<Kept>>);

/// What an entry takes beside its answer: the key twice, links, counters.
const ENTRY_BYTES: usize = 2 * size_of::<Key>() + 160;

impl Default for Answers {
    fn default() -> Self {
        let weigh = |_: &Key, kept: &Arc<Kept>| {
            u32::try_from(ENTRY_BYTES + size_of::<Kept>() + kept.answer.weight()).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(limits::AUTHORIZER_ANSWERS_BYTES).weigher(weigh);
        Self(cache.support_invalidation_closures().build())
    }
}

impl Store for Answers {
    fn get(&self, key: &Key) -> Option<Arc<Kept>> {
        self.0.get(key)
    }

    fn insert(&self, key: Key, kept: Arc<Kept>) {
        self.0.insert(key, kept);
    }

    fn forget(&self, scope: Option<Scope>) {
        let Some(scope) = scope else { return self.0.invalidate_all() };
        if let Err(error) = self.0.invalidate_entries_if(move |key, _| key.scope == scope) {
            tracing::warn!(%error, "all answers of authorizers are forgotten, not only those of a stage");
            self.0.invalidate_all();
        }
    }
}
