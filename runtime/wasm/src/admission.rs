//! Who may run now, who waits, who is turned away.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>

use fanlight_runtime::InvokeError;
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time,
};

/// What a semaphore can hand out at once, and so what `emptied` can wait for.
const LARGEST: usize = (u32::MAX >> 3) as usize;

/// The concurrency of one function.
#[derive(Debug)]
pub(crate) struct Admission {
    function: String,
    limit: usize,
    environments: Semaphore,
    queue: usize,
    n_waiting: AtomicUsize,
    patience: Duration,
    closed: AtomicBool,
}

/// Leave to run, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    _environment: SemaphorePermit<'a>,
    _slot: SemaphorePermit<'a>,
}

impl Admission {
    /// At most `limit` at once, `queue` more waiting, each for `patience` at most.
    pub(crate) fn new(function: String, limit: usize, queue: usize, patience: Duration) -> Self {
        let limit = limit.min(LARGEST);
        Self {
            function,
            limit,
            environments: Semaphore::new(limit),
            queue,
            n_waiting: AtomicUsize::new(0),
            patience,
            closed: AtomicBool::new(false),
        }
    }

    /// Waits for one of the function's environments, then for one of the engine's slots.
    pub(crate) async fn enter<'a>(&'a self, slots: &'a Semaphore) -> Result<Permit<'a>, InvokeError> {
        self.open()?;
        if self.limit == 0 {
            return Err(self.throttled());
        }
        let environment = self.wait(&self.environments).await?;
        let slot = self.wait(slots).await?;
        self.open()?;
        Ok(Permit { _environment: environment, _slot: slot })
    }

    /// Fails once the function is being shut down.
    pub(crate) fn open(&self) -> Result<(), InvokeError> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(InvokeError::ShuttingDown(self.function.clone()));
        }
        Ok(())
    }

    /// Lets nobody in any more, those who wait included.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Resolves when nobody is inside, or after `patience`.
    pub(crate) async fn emptied(&self, patience: Duration) -> Option<()> {
        let everybody = u32::try_from(self.limit).unwrap_or(u32::MAX);
        let all = time::timeout(patience, self.environments.acquire_many(everybody)).await;
        all.ok().map(drop)
    }

    async fn wait<'a>(&self, semaphore: &'a Semaphore) -> Result<SemaphorePermit<'a>, InvokeError> {
        if let Ok(permit) = semaphore.try_acquire() {
            return Ok(permit);
        }
        let _place = Place::take(&self.n_waiting, self.queue).ok_or_else(|| self.throttled())?;
        match time::timeout(self.patience, semaphore.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(self.throttled()),
        }
    }

    fn throttled(&self) -> InvokeError {
        InvokeError::Throttled { function: self.function.clone(), limit: self.limit }
    }
}

/// A place in the queue, left when it is dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(n_waiting: &'a AtomicUsize, queue: usize) -> Option<Self> {
        let place = Self(n_waiting);
        (n_waiting.fetch_add(1, Ordering::Relaxed) < queue).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
