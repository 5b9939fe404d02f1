//! Whose turn it is when an environment becomes free.
//!
//! Moving an environment's sockets to another runtime costs a dozen system calls, so callers on its own runtime come first,
//! but not for ever.

use super::{Place, State, Waiting};
use crate::process::limits::PASSED_OVER;
use tokio::runtime;

impl State {
    /// The invocation that an environment begins next: the oldest, unless its caller is on another runtime, has not been
    /// passed over often, and there is one on the environment's own.
    pub(super) fn next_for(&mut self, home: runtime::Id) -> Option<Waiting> {
        let oldest = self.oldest()?;
        let may_pass = oldest.place == Place::Last && self.passed_over < PASSED_OVER && oldest.home != Some(home);
        let near = |waiting: &Waiting| waiting.home == Some(home) && !waiting.reply.is_closed();
        if may_pass && let Some(waiting) = self.queue.iter().position(near).and_then(|near| self.queue.remove(near)) {
            self.passed_over += 1;
            self.queue.push_front(oldest);
            return Some(waiting);
        }
        self.passed_over = 0;
        Some(oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Invocation;
    use bytes::Bytes;
    use std::sync::Arc;
    use tokio::{
        runtime::{Builder, Runtime},
        sync::oneshot::{self, Receiver},
    };

    fn runtime() -> Runtime {
        Builder::new_current_thread().build().unwrap()
    }

    /// Lets an invocation wait; it goes away with what is returned.
    fn wait(state: &mut State, ticket: u64, home: &Runtime, place: Place) -> Receiver<super::super::Grant> {
        let (reply, granted) = oneshot::channel();
        let invocation =
            Invocation { request_id: ticket.to_string(), payload: Bytes::new(), trace_id: None, client_context: None };
        let home = Some(home.handle().id());
        state.queue.push_back(Waiting { invocation: Arc::new(invocation), reply, place, ticket, home });
        granted
    }

    #[test]
    fn callers_of_the_same_runtime_come_first_but_not_for_ever() {
        let (own, other) = (runtime(), runtime());
        let mut state = State::default();
        let count = u64::from(PASSED_OVER) + 2;
        let _oldest = wait(&mut state, 0, &other, Place::Last);
        drop(wait(&mut state, 100, &own, Place::Last));
        let _waiting: Vec<_> = (1..count).map(|ticket| wait(&mut state, ticket, &own, Place::Last)).collect();
        let order: Vec<_> = std::iter::from_fn(|| state.next_for(own.handle().id())).map(|next| next.ticket).collect();
        let passing = 1..count - 1;
        assert_eq!(order, passing.chain([0, count - 1]).collect::<Vec<_>>());
    }

    #[test]
    fn who_was_given_a_dead_environment_is_not_passed_over() {
        let (own, other) = (runtime(), runtime());
        let mut state = State::default();
        let _first = wait(&mut state, 1, &other, Place::First);
        let _second = wait(&mut state, 2, &own, Place::Last);
        assert_eq!(state.next_for(own.handle().id()).map(|next| next.ticket), Some(1));
    }
}
