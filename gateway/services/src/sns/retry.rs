//! When a delivery that failed is tried again.
//!
//! AWS: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use serde_json::Value;

/// The phases of retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schedule {
    /// At once.
    immediate: i64,
    /// After the shortest delay.
    short: i64,
    /// After delays that grow.
    growing: i64,
    /// After the longest delay.
    long: i64,
    shortest_ms: i64,
    longest_ms: i64,
    growth: Growth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Growth {
    Linear,
    Exponential,
}

/// To what is AWS's own: 23 days.
pub(super) const MANAGED: Schedule = Schedule {
    immediate: 3,
    short: 2,
    growing: 10,
    long: 100_000,
    shortest_ms: 1_000,
    longest_ms: 20_000,
    growth: Growth::Exponential,
};

/// To web servers, unless their subscription says otherwise.
pub(super) const HTTP: Schedule = Schedule {
    immediate: 0,
    short: 0,
    growing: 3,
    long: 0,
    shortest_ms: 20_000,
    longest_ms: 20_000,
    growth: Growth::Linear,
};

/// Of a function that was run and failed, as Lambda itself does it: after one minute, then after two.
pub(super) const FUNCTION: Schedule = Schedule {
    immediate: 0,
    short: 0,
    growing: 2,
    long: 0,
    shortest_ms: 60_000,
    longest_ms: 120_000,
    growth: Growth::Linear,
};

impl Schedule {
    /// Reads a `DeliveryPolicy`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).map_err(|error| format!("DeliveryPolicy: {error}"))?;
        let policy = document.get("healthyRetryPolicy").cloned().unwrap_or_default();
        let number = |name: &str, default: i64, (lowest, highest): (i64, i64)| {
            let given = policy.get(name).map_or(Some(default), Value::as_i64);
            given
                .filter(|number| (lowest..=highest).contains(number))
                .ok_or_else(|| format!("DeliveryPolicy: {name} must be between {lowest} and {highest}"))
        };
        let immediate = number("numNoDelayRetries", 0, (0, 100))?;
        let short = number("numMinDelayRetries", 0, (0, 100))?;
        let long = number("numMaxDelayRetries", 0, (0, 100))?;
        let growing = number("numRetries", 3, (0, 100))? - immediate - short - long;
        let shortest_ms = number("minDelayTarget", 20, (1, 3_600))? * 1_000;
        let longest_ms = number("maxDelayTarget", 20, (1, 3_600))? * 1_000;
        if growing < 0 || longest_ms < shortest_ms {
            return Err("DeliveryPolicy: the phases have more retries than numRetries, or the delays cross".to_owned());
        }
        let growth = match policy.get("backoffFunction").and_then(Value::as_str) {
            None | Some("linear") => Growth::Linear,
            Some("arithmetic" | "exponential" | "geometric") => Growth::Exponential,
            Some(other) => return Err(format!("DeliveryPolicy: backoffFunction {other}")),
        };
        Ok(Self { immediate, short, growing, long, shortest_ms, longest_ms, growth })
    }

    /// How long after a failure the next attempt is; `None` when there is none. `failures` counts all so far.
    pub(super) fn delay_ms(&self, failures: i64) -> Option<i64> {
        let mut retry = failures - 1;
        for (count, delay) in [(self.immediate, 0), (self.short, self.shortest_ms)] {
            if retry < count {
                return Some(delay);
            }
            retry -= count;
        }
        if retry < self.growing {
            return Some(self.grown_ms(retry));
        }
        (retry - self.growing < self.long).then_some(self.longest_ms)
    }

    fn grown_ms(&self, retry: i64) -> i64 {
        let (shortest, longest) = (self.shortest_ms, self.longest_ms);
        match self.growth {
            Growth::Linear => shortest + (longest - shortest) * retry / (self.growing - 1).max(1),
            Growth::Exponential => {
                let doubled = 1_i64.checked_shl(u32::try_from(retry).unwrap_or(u32::MAX)).unwrap_or(i64::MAX);
                shortest.saturating_mul(doubled).min(longest)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(schedule: Schedule, at_most: i64) -> Vec<i64> {
        (1..=at_most).map_while(|failures| schedule.delay_ms(failures)).map(|ms| ms / 1_000).collect()
    }

    #[test]
    fn schedules() {
        assert_eq!(delays(HTTP, 9), [20, 20, 20]);
        assert_eq!(delays(FUNCTION, 9), [60, 120]);
        assert_eq!(delays(MANAGED, 12), [0, 0, 0, 1, 1, 1, 2, 4, 8, 16, 20, 20]);
        assert_eq!(delays(MANAGED, 200_000).len(), 100_015);
        let text = r#"{"healthyRetryPolicy":{"numRetries":7,"numNoDelayRetries":1,"numMinDelayRetries":1,
            "numMaxDelayRetries":1,"minDelayTarget":10,"maxDelayTarget":40}}"#;
        assert_eq!(delays(Schedule::parse(text).unwrap(), 20), [0, 10, 10, 20, 30, 40, 40]);
        assert!(Schedule::parse(r#"{"healthyRetryPolicy":{"numRetries":101}}"#).is_err());
    }
}
