//! What callers have used of their limits: buckets in memory, quotas in the store.

mod buckets;
mod quotas;

pub(crate) use buckets::Buckets;
pub(crate) use quotas::Quotas;
