//! Quotas, counted in the store.
//!
//! A request against a quota of fewer than 2,000 is written by itself before it passes: exact, and it costs a commit. Of
//! larger quotas a block of a thousandth is written at once and then spent in memory; what is left of it when the process
//! is killed is lost to the caller. Whatever happens, nobody gets more than the quota.

use fanlight_execute::{
    quota::{CountFailure, Counter, Decision, Window},
    throttle::BucketId,
};
use fanlight_store::{
    Error, Store,
    quota::{Counter as Stored, DailyUsage, Wanted},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The share of a quota that is taken in advance.
const BLOCKS: u64 = 1_000;

/// The counters of all keys.
#[derive(Debug)]
pub(crate) struct Quotas {
    store: Arc<dyn Store>,
    accounts: Mutex<HashMap<BucketId, Arc<Account>>>,
    failing: AtomicBool,
}

/// What is known of one key in one plan.
#[derive(Debug, Default)]
struct Account {
    /// Held while a block is taken, so that callers who find nothing left take one block together.
    taking: tokio::sync::Mutex<()>,
    state: Mutex<Option<Lease>>,
}

/// Requests that are counted already and may still be spent.
#[derive(Debug, Clone)]
struct Lease {
    counter: Stored,
    left: u64,
    /// The limit at which the store said that there is no more.
    exhausted_at: Option<u64>,
}

impl Lease {
    fn is_of(&self, window: Window) -> bool {
        self.counter.window_start == window.start && self.counter.window_end == window.end
    }
}

impl Account {
    fn state<T>(&self, change: impl FnOnce(&mut Option<Lease>) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Decides without the store, if that is possible.
    fn decide(&self, window: Window, limit: u64) -> Option<Decision> {
        self.state(|state| {
            let lease = state.as_mut().filter(|lease| lease.is_of(window))?;
            if let Some(left) = lease.left.checked_sub(1) {
                lease.left = left;
                return Some(Decision::Counted);
            }
            (lease.exhausted_at == Some(limit)).then_some(Decision::Exceeded)
        })
    }

    /// Notes what the store granted, one of it for the caller.
    fn granted(&self, counter: Stored, granted: u64, wanted: Wanted) -> Decision {
        let exhausted_at = (granted < wanted.amount).then_some(wanted.limit);
        let (decision, left) = match granted.checked_sub(1) {
            Some(left) => (Decision::Counted, left),
            None => (Decision::Exceeded, 0),
        };
        self.state(|state| match state {
            Some(lease)
                if lease.counter.window_start == counter.window_start
                    && lease.counter.window_end == counter.window_end =>
            {
                lease.left += left;
                lease.counter.day = counter.day;
                lease.exhausted_at = exhausted_at;
            }
            Some(_) | None => *state = Some(Lease { counter, left, exhausted_at }),
        });
        decision
    }
}

impl Quotas {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, accounts: Mutex::default(), failing: AtomicBool::new(false) }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn count(&self, counter: Counter<'_>) -> Result<Decision, CountFailure> {
        let counted = self.counted(counter).await;
        match &counted {
            Ok(_) => self.failing.store(false, Ordering::Relaxed),
            Err(error) if !self.failing.swap(true, Ordering::Relaxed) => {
                tracing::error!(%error, "quotas cannot be counted: as on AWS, requests pass without");
            }
            Err(_) => {}
        }
        counted.map_err(|error| CountFailure(error.to_string()))
    }

    async fn counted(&self, counter: Counter<'_>) -> Result<Decision, Error> {
        let Counter { id, window, limit, .. } = counter;
        let account = self.account(id);
        if let Some(decision) = account.decide(window, limit) {
            return Ok(decision);
        }
        let stored = Stored {
            plan_id: counter.plan_id.to_owned(),
            key_id: counter.key_id.to_owned(),
            window_start: window.start,
            window_end: window.end,
            day: counter.day,
        };
        let wanted = Wanted { amount: (limit / BLOCKS).max(1), limit };
        if wanted.amount == 1 {
            let granted = self.store.take(stored.clone(), wanted).await?;
            return Ok(account.granted(stored, granted, wanted));
        }
        // A task of its own: a caller that goes away must not take the block along.
        let store = Arc::clone(&self.store);
        let taking = tokio::spawn(async move {
            let _turn = account.taking.lock().await;
            if let Some(decision) = account.decide(window, limit) {
                return Ok(decision);
            }
            let past = account.state(|state| state.take_if(|lease| !lease.is_of(window)));
            if let Some(Lease { counter, left, .. }) = past.filter(|lease| lease.left > 0) {
                store.give_back(counter, left).await?;
            }
            let granted = store.take(stored.clone(), wanted).await?;
            Ok(account.granted(stored, granted, wanted))
        });
        taking.await.map_err(|_| Error::Closed)?
    }

    fn account(&self, id: BucketId) -> Arc<Account> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(accounts.entry(id).or_default())
    }

    fn leases(&self) -> Vec<(Arc<Account>, Lease)> {
        let accounts: Vec<_> =
            self.accounts.lock().unwrap_or_else(PoisonError::into_inner).values().map(Arc::clone).collect();
        let lease = |account: Arc<Account>| Some((Arc::clone(&account), account.state(|state| state.clone())?));
        accounts.into_iter().filter_map(lease).filter(|(_, lease)| lease.left > 0).collect()
    }

    /// What was used of a plan since a day, without what was only taken in advance.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) async fn usage(&self, plan_id: &str, first_day: i32) -> Result<Vec<DailyUsage>, Error> {
        let leases = self.leases();
        let mut usage = self.store.usage(plan_id, first_day).await?;
        for (_, Lease { counter, left, .. }) in leases.iter().filter(|(_, lease)| lease.counter.plan_id == plan_id) {
            for day in usage.iter_mut().filter(|day| day.key_id == counter.key_id && day.day == counter.day) {
                day.used = day.used.saturating_sub(*left);
                day.remaining += left;
            }
        }
        Ok(usage)
    }

    /// Gives back what was taken in advance; for the end of the host.
    pub(crate) async fn give_back(&self) {
        for (account, _) in self.leases() {
            let Some(lease) = account.state(Option::take) else { continue };
            if let Err(error) = self.store.give_back(lease.counter, lease.left).await {
                tracing::warn!(%error, "what was taken in advance of a quota is lost");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanlight_store::{Embedded, Options, Part};
    use std::path::Path;

    const WINDOW: Window = Window { start: 10, end: 20 };

    fn open(folder: &Path) -> Quotas {
        Quotas::new(Arc::new(Embedded::new(folder, Options::default())))
    }

    fn counter(limit: u64, window: Window) -> Counter<'static> {
        let day = window.start;
        Counter { id: BucketId::of(&["p", "k"]), plan_id: "p", key_id: "k", window, day, limit }
    }

    async fn counted(quotas: &Quotas, limit: u64, window: Window, requests: u64) -> u64 {
        let mut counted = 0;
        for _ in 0..requests {
            counted += u64::from(quotas.count(counter(limit, window)).await == Ok(Decision::Counted));
        }
        counted
    }

    async fn used(quotas: &Quotas) -> Vec<(i32, u64, u64)> {
        let usage = quotas.usage("p", 0).await.unwrap_or_default();
        usage.into_iter().map(|day| (day.day, day.used, day.remaining)).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn small_quotas_are_exact_even_for_a_process_that_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        // Nothing is given back: as if each had been killed.
        assert_eq!(counted(&open(folder.path()), 7, WINDOW, 3).await, 3);
        assert_eq!(counted(&open(folder.path()), 7, WINDOW, 3).await, 3);
        let last = open(folder.path());
        assert_eq!(counted(&last, 7, WINDOW, 3).await, 1);
        assert_eq!(used(&last).await, [(10, 7, 0)]);
        assert_eq!(counted(&last, 8, WINDOW, 3).await, 1, "a raised limit");
        assert_eq!(counted(&last, 7, Window { start: 20, end: 30 }, 9).await, 7, "the next window");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn large_quotas_lose_less_than_a_thousandth_to_a_kill() {
        let folder = tempfile::tempdir().unwrap();
        let limit = 5_000;
        let mut all = 0;
        for kill in 1..=10 {
            all += counted(&open(folder.path()), limit, WINDOW, 7).await;
            assert_eq!(all, 7 * kill);
        }
        let last = open(folder.path());
        all += counted(&last, limit, WINDOW, limit).await;
        assert!((limit - 10 * (limit / BLOCKS)..=limit).contains(&all), "{all}");
        assert_eq!(used(&last).await, [(10, limit, 0)]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_taken_in_advance_is_not_shown_as_used_and_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path());
        assert_eq!(counted(&first, 10_000, WINDOW, 3).await, 3);
        assert_eq!(used(&first).await, [(10, 3, 9_997)]);
        first.give_back().await;
        drop(first);
        let second = open(folder.path());
        assert_eq!(used(&second).await, [(10, 3, 9_997)]);
        assert_eq!(counted(&second, 10_000, Window { start: 20, end: 30 }, 1).await, 1);
        assert_eq!(counted(&second, 10_000, WINDOW, 10_000).await, 9_997);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn callers_at_once_get_the_quota_exactly() {
        let folder = tempfile::tempdir().unwrap();
        for (limit, plan) in [(150, "small"), (3_000, "large")] {
            let quotas = Arc::new(open(folder.path()));
            let mut callers = tokio::task::JoinSet::new();
            for _ in 0..limit + 50 {
                let quotas = Arc::clone(&quotas);
                let counter = Counter { plan_id: plan, id: BucketId::of(&[plan]), ..counter(limit, WINDOW) };
                callers.spawn(async move { quotas.count(counter).await });
            }
            let outcomes = callers.join_all().await;
            let counted = outcomes.iter().filter(|outcome| **outcome == Ok(Decision::Counted)).count();
            assert_eq!(counted as u64, limit, "{plan}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_fails_is_told_apart_from_a_quota_that_is_exhausted() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("data.db"), "no database at all, and longer than the header of one is")
            .unwrap();
        let failure = open(folder.path()).count(counter(5, WINDOW)).await.unwrap_err();
        assert!(failure.0.contains("is no database of fanlight"), "{failure:?}");
        assert!(Embedded::new(folder.path(), Options::default()).file(Part::Data).is_file());
    }
}
