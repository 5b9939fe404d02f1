//! What Lambda authorizers answered, for as long as they allow it to be kept.
//!
//! Kept is the policy, not the decision: each request is judged by it anew. Allowing and denying answers are kept alike;
//! failures are not.
//!
//! Invariants: a key is the digest of API, stage, authorizer and every value of every identity source, each with its
//! length before it, so no two identities share one; an answer is never handed out at or after its end; what was asked
//! before a flush is not kept after it.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>

use super::lambda::Answer;
use crate::{
    backends::BoxFuture,
    failure::Failure,
    single_flight::{Flights, Role},
};
use sha2::{Digest, Sha256};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Whose answer it is. Identities themselves, which may be secrets, are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The API and the stage.
    pub scope: Scope,
    identity: [u8; 32],
}

/// A stage of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope([u8; 16]);

impl Scope {
    /// The scope of a stage.
    #[must_use]
    pub fn new(api_id: &str, stage: &str) -> Self {
        let mut writer = KeyWriter(Sha256::new());
        writer.value(api_id.as_bytes());
        writer.value(stage.as_bytes());
        let digest = writer.0.finalize();
        let mut scope = [0; 16];
        scope.iter_mut().zip(digest).for_each(|(byte, digested)| *byte = digested);
        Self(scope)
    }
}

/// Writes the parts of a key.
#[derive(Debug)]
pub struct KeyWriter(Sha256);

impl KeyWriter {
    /// Begins the key of an authorizer.
    #[must_use]
    pub fn new(scope: Scope, authorizer: &str) -> Self {
        let mut writer = Self(Sha256::new());
        writer.value(&scope.0);
        writer.value(authorizer.as_bytes());
        writer
    }

    /// Adds one value.
    pub fn value(&mut self, value: &[u8]) {
        self.0.update(value.len().to_le_bytes());
        self.0.update(value);
    }

    /// Says how many values follow.
    pub fn count(&mut self, count: usize) {
        self.0.update(count.to_le_bytes());
    }

    /// Ends the key.
    #[must_use]
    pub fn finish(self, scope: Scope) -> Key {
        Key { scope, identity: self.0.finalize().into() }
    }
}

/// An answer and when it ends.
#[derive(Debug)]
pub struct Kept {
    /// The answer.
    pub answer: Answer,
    /// On the monotonic clock.
    pub until: Duration,
}

/// Where answers are kept, within bounds. Expiry is not its business.
pub trait Store<T = Kept>: Send + Sync + fmt::Debug {
    /// What was kept, if it still is.
    fn get(&self, key: &Key) -> Option<Arc<T>>;
    /// Keeps an answer, or does not.
    fn insert(&self, key: Key, kept: Arc<T>);
    /// Forgets a stage's answers, or all.
    fn forget(&self, scope: Option<Scope>);
}

/// The cache of a host.
#[derive(Debug)]
pub struct Cache {
    store: Box<dyn Store>,
    flights: Flights<Key, Outcome>,
    flushes: AtomicU64,
}

/// A failure is shared with those who asked about the same method: the authorizer may think otherwise of another one.
type Outcome = Result<Arc<Kept>, (Arc<str>, Failure)>;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was kept.
    Hit,
    /// Another request asked for it at the same time.
    Shared,
    /// The authorizer was asked for this request.
    Miss,
}

impl Cache {
    /// A cache that keeps its answers in `store`.
    #[must_use]
    pub fn new(store: Box<dyn Store>) -> Self {
        Self { store, flights: Flights::default(), flushes: AtomicU64::new(0) }
    }

    /// Forgets a stage's answers, or all. What is being asked meanwhile is not kept.
    pub fn flush(&self, scope: Option<Scope>) {
        self.flushes.fetch_add(1, Ordering::SeqCst);
        self.flights.close();
        self.store.forget(scope);
    }

    /// What is kept and has not ended.
    #[must_use]
    pub fn get(&self, key: &Key, now: Duration) -> Option<Arc<Kept>> {
        self.store.get(key).filter(|kept| now < kept.until)
    }

    /// What is kept, or what `ask` answers. Of those who want the same at the same time, one asks.
    ///
    /// # Errors
    /// What `ask` fails with.
    pub async fn get_or_ask(
        &self,
        key: Key,
        method_arn: &str,
        now: impl Fn() -> Duration,
        ask: BoxFuture<'_, Result<Kept, Failure>>,
    ) -> Result<(Arc<Kept>, Origin), Failure> {
        loop {
            let flushes = self.flushes.load(Ordering::SeqCst);
            match self.flights.join(&key) {
                Role::Leader(leader) => {
                    // The flight before may have landed after this request had looked.
                    if let Some(kept) = self.get(&key, now()) {
                        leader.land(Ok(Arc::clone(&kept)));
                        return Ok((kept, Origin::Hit));
                    }
                    let answered = self.keep(key, flushes, ask).await;
                    leader.land(answered.clone().map_err(|failure| (method_arn.into(), failure)));
                    return answered.map(|kept| (kept, Origin::Miss));
                }
                Role::Follower(follower) => match follower.await {
                    Some(Ok(kept)) => return Ok((kept, Origin::Shared)),
                    Some(Err((asked, failure))) if *asked == *method_arn => return Err(failure),
                    Some(Err(_)) => return self.keep(key, flushes, ask).await.map(|kept| (kept, Origin::Miss)),
                    None => {}
                },
            }
        }
    }

    async fn keep(
        &self,
        key: Key,
        flushes: u64,
        ask: BoxFuture<'_, Result<Kept, Failure>>,
    ) -> Result<Arc<Kept>, Failure> {
        let kept = Arc::new(ask.await?);
        if self.flushes.load(Ordering::SeqCst) == flushes {
            self.store.insert(key, Arc::clone(&kept));
            if self.flushes.load(Ordering::SeqCst) != flushes {
                // A flush that came between the two has missed it.
                self.store.forget(Some(key.scope));
            }
        }
        Ok(kept)
    }
}
