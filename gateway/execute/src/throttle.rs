//! The token bucket: how many requests a second, and how many at once.
//!
//! Pure arithmetic on whole numbers: a bucket and a time in, a decision out. In any span of time a bucket admits at most
//! its size plus its rate times the span, and under steady demand at most one less.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>

mod buckets;
#[cfg(test)]
mod tests;

pub use buckets::Buckets;

use sha2::{Digest, Sha256};
use std::{fmt, time::Duration};

/// What AWS allows an account when a method sets only one of the two.
pub const ACCOUNT_RATE: f64 = 10_000.0;
/// See [`ACCOUNT_RATE`].
pub const ACCOUNT_BURST: u32 = 5_000;

/// A token in the unit that buckets count in. A rate of `r` tokens per second is `r * 2^32` units per nanosecond, so rates
/// are exact down to one token in a century.
const TOKEN: u128 = 1_000_000_000 << 32;

/// A limit, compiled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    rate_limit: f64,
    burst_limit: u32,
    units_per_nanosecond: u64,
    /// The bucket's size in units.
    capacity: u128,
}

impl Throttle {
    /// A limit. A rate or a burst of nothing admits nobody.
    #[must_use]
    pub fn new(rate_limit: f64, burst_limit: u32) -> Self {
        let rejects_all = rate_limit <= 0.0 || rate_limit.is_nan() || burst_limit == 0;
        let capacity = if rejects_all { 0 } else { u128::from(burst_limit) * TOKEN };
        Self { rate_limit, burst_limit, units_per_nanosecond: units_per_nanosecond(rate_limit), capacity }
    }
}

/// Rounded down, so that a bucket never gives more than it should.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion of a float saturates, and that is what is meant"
)]
fn units_per_nanosecond(rate_limit: f64) -> u64 {
    (rate_limit * f64::from(2_u32.pow(31)) * 2.0) as u64
}

/// As AWS's log shows it.
impl fmt::Display for Throttle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Limit: {:.2} Burst: {}", self.rate_limit, self.burst_limit)
    }
}

/// What is left at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    units: u128,
    at: Duration,
}

/// Whether a request may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It has taken a token.
    Admitted,
    /// There is none.
    Throttled,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub const fn full(throttle: &Throttle, now: Duration) -> Self {
        Self { units: throttle.capacity, at: now }
    }

    /// Whether it would be the same to have a new one.
    #[must_use]
    pub fn is_full(&self, throttle: &Throttle, now: Duration) -> bool {
        self.filled(throttle, now).units == throttle.capacity
    }

    /// Takes a token if there is one. Callers may be late, and their times out of order: the bucket's own time never goes
    /// back.
    pub fn take(&mut self, throttle: &Throttle, now: Duration) -> Decision {
        *self = self.filled(throttle, now);
        match self.units.checked_sub(TOKEN) {
            Some(left) => {
                self.units = left;
                Decision::Admitted
            }
            None => Decision::Throttled,
        }
    }

    fn filled(&self, throttle: &Throttle, now: Duration) -> Self {
        let gained = now.saturating_sub(self.at).as_nanos().saturating_mul(throttle.units_per_nanosecond.into());
        Self { units: self.units.saturating_add(gained).min(throttle.capacity), at: self.at.max(now) }
    }
}

/// Which bucket. Made of names when a definition is compiled, so that a request only copies it; the same names give the
/// same bucket after a reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BucketId(pub u128);

impl BucketId {
    /// Of names, which may contain anything.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        let mut digest = Sha256::new();
        for name in names {
            digest.update(name.len().to_le_bytes());
            digest.update(name);
        }
        Self(leading(&digest.finalize().into()))
    }

    /// A bucket of the same owner for something else.
    #[must_use]
    pub const fn within(self, owner: Self) -> Self {
        Self(self.0 ^ owner.0.rotate_left(1))
    }
}

/// The first half of a digest, as a number.
pub(crate) fn leading(digest: &[u8; 32]) -> u128 {
    digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// A limit with its bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The limit.
    pub throttle: Throttle,
    /// The bucket.
    pub bucket: BucketId,
}
