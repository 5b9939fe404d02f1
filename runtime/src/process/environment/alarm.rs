//! A clock that is set for every invocation and hardly ever rings.

use std::pin::Pin;
use tokio::time::{Instant, Sleep, sleep_until};

/// Rings when the time has come.
///
/// A timer that rings before that is left as it is, and set again when it does: moving a timer costs a lock, and one that
/// becomes the earliest of all a system call.
#[derive(Debug)]
pub(in crate::process) struct Alarm {
    due: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Alarm {
    pub(in crate::process) fn at(due: Instant) -> Self {
        Self { due, timer: Box::pin(sleep_until(due)) }
    }

    pub(in crate::process) fn set(&mut self, due: Instant) {
        self.due = due;
        if due < self.timer.deadline() {
            self.timer.as_mut().reset(due);
        }
    }

    /// Resolves when the time has come, and at once from then on. Cancel-safe.
    pub(in crate::process) async fn rings(&mut self) {
        loop {
            self.timer.as_mut().await;
            if self.due <= self.timer.deadline() {
                return;
            }
            self.timer.as_mut().reset(self.due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn rings_at_the_time_set_last() {
        let start = Instant::now();
        let millis = |millis| start + Duration::from_millis(millis);
        for (times, due) in [(vec![5], 5), (vec![500, 5], 5), (vec![5, 40], 40), (vec![40, 500, 5, 20], 20)] {
            let mut alarm = Alarm::at(millis(10));
            for &time in &times {
                alarm.set(millis(time));
            }
            alarm.rings().await;
            assert!(Instant::now() >= millis(due), "{times:?}");
            assert_eq!(alarm.timer.deadline(), millis(due), "{times:?}");
        }
    }
}
