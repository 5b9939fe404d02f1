//! All token buckets of a host, in memory: locked in parts, and bounded because a bucket that is full again is dropped.
//!
//! They belong to the host, not to a deployment: a reload that keeps a plan keeps what was used of it.

use super::{Bucket, BucketId, Decision, Throttle};
use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasherDefault, Hasher},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Locks, so that two callers seldom want the same one. A power of two.
const SHARDS: usize = 64;

/// Buckets of a shard before the full ones among them are looked for: a full bucket is as good as none.
const SWEEP_AT: usize = 256;

/// All buckets.
pub struct Buckets(Box<[Mutex<Shard>]>);

#[derive(Default)]
struct Shard {
    buckets: HashMap<BucketId, Known, BuildHasherDefault<Ready>>,
    sweep_at: usize,
}

/// A bucket with the limit it was used with last.
struct Known {
    bucket: Bucket,
    throttle: Throttle,
}

impl fmt::Debug for Buckets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Buckets")
    }
}

impl Default for Buckets {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }
}

impl Buckets {
    /// Takes a token.
    pub fn take(&self, id: BucketId, throttle: &Throttle, now: Duration) -> Decision {
        let index = usize::try_from(id.0 % SHARDS as u128).unwrap_or_default();
        let Some(shard) = self.0.get(index) else { return Decision::Throttled };
        shard.lock().unwrap_or_else(PoisonError::into_inner).take(id, throttle, now)
    }
}

impl Shard {
    fn take(&mut self, id: BucketId, throttle: &Throttle, now: Duration) -> Decision {
        if let Some(known) = self.buckets.get_mut(&id) {
            known.throttle = *throttle;
            return known.bucket.take(throttle, now);
        }
        if self.buckets.len() >= self.sweep_at.max(SWEEP_AT) {
            self.buckets.retain(|_, known| !known.bucket.is_full(&known.throttle, now));
            self.sweep_at = 2 * self.buckets.len();
        }
        let mut known = Known { bucket: Bucket::full(throttle, now), throttle: *throttle };
        let decision = known.bucket.take(throttle, now);
        self.buckets.insert(id, known);
        decision
    }
}

/// Ids are hashes already.
#[derive(Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, id: u128) {
        // The lowest bits choose the shard and are the same for all of it.
        self.0 = u64::try_from(id >> 64).unwrap_or_default();
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(buckets: &Buckets) -> usize {
        buckets.0.iter().map(|shard| shard.lock().unwrap().buckets.len()).sum()
    }

    #[test]
    fn each_bucket_is_its_own() {
        let (buckets, throttle) = (Buckets::default(), Throttle::new(1.0, 1));
        for name in ["a", "b"] {
            let id = BucketId::of(&[name]);
            assert_eq!(buckets.take(id, &throttle, Duration::ZERO), Decision::Admitted);
            assert_eq!(buckets.take(id, &throttle, Duration::ZERO), Decision::Throttled);
        }
    }

    /// Every second bucket has had time to fill up again; the other half must be kept, and must still say no.
    #[test]
    fn full_buckets_go_and_used_ones_stay() {
        let buckets = Buckets::default();
        let (fast, slow) = (Throttle::new(1_000.0, 1), Throttle::new(0.001, 1));
        let id = |number: u32| BucketId::of(&[&number.to_string()]);
        let many = 64 * 256;
        for number in 0..many {
            let throttle = if number % 2 == 0 { &fast } else { &slow };
            let now = Duration::from_millis(number.into());
            assert_eq!(buckets.take(id(number), throttle, now), Decision::Admitted);
        }
        let later = Duration::from_secs(30);
        for number in many..2 * many {
            buckets.take(id(number), &fast, later + Duration::from_millis(number.into()));
        }
        assert!(size(&buckets) < 3 * many as usize / 2, "{}", size(&buckets));
        for number in (1..many).step_by(2) {
            assert_eq!(buckets.take(id(number), &slow, later), Decision::Throttled, "{number}");
        }
    }

    #[test]
    fn callers_at_once_never_get_more_than_the_burst() {
        let (buckets, throttle, id) = (Buckets::default(), Throttle::new(0.001, 1_000), BucketId::of(&["hot"]));
        let admitted: usize = std::thread::scope(|scope| {
            let caller =
                || (0..1_000).filter(|_| buckets.take(id, &throttle, Duration::ZERO) == Decision::Admitted).count();
            let callers: Vec<_> = (0..4).map(|_| scope.spawn(caller)).collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        assert_eq!(admitted, 1_000);
    }
}
