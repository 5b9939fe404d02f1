//! Which keys open a stage, and on what terms.

use crate::{
    caller::ApiKeyIdentity,
    deployment::Method,
    throttle::{BucketId, Limit, Throttle, leading},
};
use fanlight_definition::resources::Quota;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, fmt, hint::black_box, sync::Arc};

/// The longest value of a key.
const VALUE_BYTES: usize = 128;

/// The keys that open a stage.
///
/// They are found by a hash of their value, so that how long a search takes says nothing about any of them.
#[derive(Default)]
pub struct UsagePlans(HashMap<u128, Subscription>);

/// How many there are, not which.
impl fmt::Debug for UsagePlans {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UsagePlans({} keys)", self.0.len())
    }
}

/// A key with its plan.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The key.
    pub key: ApiKeyIdentity,
    /// Its terms.
    pub plan: Arc<Plan>,
    /// What it has used of them.
    pub bucket: BucketId,
}

/// The terms of a plan for one stage.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The plan's id.
    pub id: String,
    /// For each key, over all methods and stages of the plan.
    pub throttle: Option<Throttle>,
    /// In its place for methods, by number.
    pub methods: HashMap<usize, Limit>,
    /// For each key, over all stages of the plan.
    pub quota: Option<Quota>,
}

impl UsagePlans {
    /// Adds a key. Returns the plan that it has already, if it has one.
    pub fn insert(&mut self, subscription: Subscription) -> Option<Arc<Plan>> {
        let hash = hash(subscription.key.value.as_bytes());
        match self.0.get(&hash) {
            Some(known) => Some(Arc::clone(&known.plan)),
            None => {
                self.0.insert(hash, subscription);
                None
            }
        }
    }

    /// The key of this value.
    #[must_use]
    pub fn find(&self, value: &[u8]) -> Option<&Subscription> {
        if value.len() > VALUE_BYTES {
            return None;
        }
        self.0.get(&hash(value)).filter(|found| same(found.key.value.as_bytes(), value))
    }
}

impl Subscription {
    /// What holds for a method: its own limit in the plan, or the plan's.
    #[must_use]
    pub fn limit(&self, method: &Method) -> Option<Limit> {
        let own = |limit: &Limit| Limit { throttle: limit.throttle, bucket: limit.bucket.within(self.bucket) };
        let shared = |throttle| Limit { throttle, bucket: self.bucket };
        self.plan.methods.get(&method.number).map(own).or_else(|| self.plan.throttle.map(shared))
    }
}

fn hash(value: &[u8]) -> u128 {
    leading(&Sha256::digest(value).into())
}

/// Looks at every byte, whatever the ones before were.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).fold(0, |all, (one, other)| black_box(all | (one ^ other)));
    one.len() == other.len() && differences == 0
}
