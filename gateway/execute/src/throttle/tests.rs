use super::*;
use proptest::prelude::*;

/// The promise itself, as slowly as it can be kept: a request passes if no span that ends with it has had its share.
struct Naive {
    /// Tokens per second, times 1,024.
    rate: u128,
    burst: u128,
    admitted: Vec<u128>,
}

impl Naive {
    fn take(&mut self, now: u128) -> Decision {
        // From each earlier admission on, itself and everything after it: count <= burst + rate * span.
        let within = |(index, since): (usize, &u128)| {
            let count = (self.admitted.len() - index + 1) as u128;
            count * 1_024_000_000_000 <= self.burst * 1_024_000_000_000 + self.rate * (now - since)
        };
        if self.burst == 0 || self.rate == 0 || !self.admitted.iter().enumerate().all(within) {
            return Decision::Throttled;
        }
        self.admitted.push(now);
        Decision::Admitted
    }
}

fn nanoseconds(count: u128) -> Duration {
    Duration::from_nanos(count.try_into().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Rates that are whole in binary leave no room for rounding: every decision is the same.
    #[test]
    fn decides_as_the_promise_says(
        rate in 0_u32..200_000,
        burst in 0_u32..12,
        pauses in prop::collection::vec(prop_oneof![Just(0), 0_u64..3_000_000, 0_u64..2_000_000_000], 1..120),
    ) {
        let throttle = Throttle::new(f64::from(rate) / 1_024.0, burst);
        let mut naive = Naive { rate: rate.into(), burst: burst.into(), admitted: Vec::new() };
        let mut now = 5_000_000_u128;
        let mut bucket = Bucket::full(&throttle, nanoseconds(now));
        for pause in pauses {
            now += u128::from(pause);
            prop_assert_eq!(bucket.take(&throttle, nanoseconds(now)), naive.take(now));
        }
    }

    /// Any rate, steady demand, any span: never above, at most one below.
    #[test]
    fn admits_burst_plus_rate_times_span(
        rate in 0.001_f64..5_000.0,
        burst in 1_u32..1_000,
        step in 1_u64..50_000_000,
        steps in 1_u32..3_000,
    ) {
        let throttle = Throttle::new(rate, burst);
        let mut bucket = Bucket::full(&throttle, Duration::ZERO);
        let mut admitted = 0_u64;
        for index in 0..=steps {
            let now = Duration::from_nanos(step * u64::from(index));
            // Until it says no: more demand than there can be tokens.
            while bucket.take(&throttle, now) == Decision::Admitted {
                admitted += 1;
            }
            // What the step of the demand lets the bucket overflow is nobody's.
            if rate * Duration::from_nanos(step).as_secs_f64() < f64::from(burst - 1) {
                let ideal = f64::from(burst) + rate * now.as_secs_f64();
                prop_assert!(admitted as f64 <= ideal + 1e-6, "{} above {}", admitted, ideal);
                prop_assert!(admitted as f64 > ideal - 1.0 - 1e-6 - 1e-9 * ideal, "{} below {}", admitted, ideal);
            }
        }
    }

    /// Times out of order never make tokens.
    #[test]
    fn late_callers_gain_nothing(
        rate in 1_u32..10_000,
        burst in 1_u32..20,
        times in prop::collection::vec(0_u64..100_000_000, 1..200),
    ) {
        let throttle = Throttle::new(rate.into(), burst);
        let mut bucket = Bucket::full(&throttle, Duration::ZERO);
        let mut admitted = 0_u32;
        for &time in &times {
            admitted += u32::from(bucket.take(&throttle, Duration::from_nanos(time)) == Decision::Admitted);
        }
        let span = Duration::from_nanos(times.iter().copied().max().unwrap_or_default()).as_secs_f64();
        prop_assert!(f64::from(admitted) <= f64::from(burst) + f64::from(rate) * span + 1e-6);
    }
}

fn admits(rate: f64, burst: u32, times: &[u64]) -> Vec<bool> {
    let throttle = Throttle::new(rate, burst);
    let mut bucket = Bucket::full(&throttle, Duration::ZERO);
    let take = |ms: &u64| bucket.take(&throttle, Duration::from_millis(*ms)) == Decision::Admitted;
    times.iter().map(take).collect()
}

#[test]
fn the_burst_comes_first_then_the_rate() {
    assert_eq!(
        admits(10.0, 2, &[0, 0, 0, 99, 100, 100, 1_000, 1_000, 1_000]),
        [true, true, false, false, true, false, true, true, false]
    );
}

#[test]
fn a_limit_of_nothing_admits_nobody() {
    for (rate, burst) in [(0.0, 5), (5.0, 0), (f64::NAN, 5), (-1.0, 5)] {
        assert_eq!(admits(rate, burst, &[0, 1_000_000]), [false, false], "{rate} {burst}");
    }
}

#[test]
fn extremes_do_not_overflow() {
    assert_eq!(admits(f64::INFINITY, u32::MAX, &[0, u64::MAX / 1_000_000]), [true, true]);
    assert_eq!(admits(f64::MIN_POSITIVE, 1, &[0, u64::MAX / 1_000_000]), [true, false]);
}

#[test]
fn a_smaller_limit_shrinks_the_bucket() {
    let (large, small) = (Throttle::new(1.0, 100), Throttle::new(1.0, 2));
    let mut bucket = Bucket::full(&large, Duration::ZERO);
    let taken = (0..100).filter(|_| bucket.take(&small, Duration::ZERO) == Decision::Admitted).count();
    assert_eq!(taken, 2);
}

#[test]
fn names_are_kept_apart() {
    assert_ne!(BucketId::of(&["ab", "c"]), BucketId::of(&["a", "bc"]));
    let (key, method) = (BucketId::of(&["key"]), BucketId::of(&["method"]));
    assert_ne!(method.within(key), key.within(method));
    assert_ne!(key.within(key), BucketId(0));
}
