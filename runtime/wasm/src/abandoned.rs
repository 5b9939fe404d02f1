//! Invocations whose caller has gone: they run to their end all the same, as on Lambda.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::{runtime::Handle, task::JoinSet};

/// The owner of the invocations that nobody waits for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Abandoned(Arc<Mutex<JoinSet<()>>>);

impl Abandoned {
    /// Runs `invocation` within its caller's own task, and as a task of this owner from when the caller drops it half-way.
    pub(crate) fn adopt_later<T>(&self, invocation: impl Future<Output = T> + Send + 'static) -> Adoptable<T>
    where
        T: Send + 'static,
    {
        Adoptable { invocation: Some(Box::pin(invocation)), begun: false, owner: self.clone() }
    }

    /// Ends them all.
    pub(crate) fn abort(&self) {
        self.tasks(JoinSet::abort_all);
    }

    fn tasks<R>(&self, change: impl FnOnce(&mut JoinSet<()>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// See [`Abandoned::adopt_later`].
pub(crate) struct Adoptable<T: Send + 'static> {
    invocation: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    begun: bool,
    owner: Abandoned,
}

impl<T: Send + 'static> Future for Adoptable<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.begun = true;
        let Some(invocation) = &mut self.invocation else { return Poll::Pending };
        let polled = invocation.as_mut().poll(context);
        if polled.is_ready() {
            self.invocation = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Adoptable<T> {
    fn drop(&mut self) {
        let Some(invocation) = self.invocation.take().filter(|_| self.begun) else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        self.owner.tasks(|tasks| {
            while tasks.try_join_next().is_some() {}
            tasks.spawn_on(async move { drop(invocation.await) }, &runtime);
        });
    }
}
