//! Many who want the same thing at the same time ask once.
//!
//! Invariant: a flight ends. Whoever leads it lands it or, when it is dropped before that, abandons it, and those who
//! follow are told so.

use std::{
    collections::HashMap,
    hash::Hash,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// What is under way.
#[derive(Debug)]
pub struct Flights<K, T>(Mutex<HashMap<K, Arc<Flight<T>>>>);

impl<K, T> Default for Flights<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

type Flight<T> = Mutex<State<T>>;

#[derive(Debug)]
enum State<T> {
    UnderWay(Vec<Waker>),
    Landed(T),
    Abandoned,
}

/// What somebody who joined has to do.
#[derive(Debug)]
pub enum Role<'a, K: Eq + Hash, T> {
    /// Do it, and land it.
    Leader(Leader<'a, K, T>),
    /// Wait for the leader.
    Follower(Follower<T>),
}

/// Does it for all.
#[derive(Debug)]
pub struct Leader<'a, K: Eq + Hash, T> {
    flights: &'a Flights<K, T>,
    key: K,
    flight: Arc<Flight<T>>,
}

/// Waits for the leader. Resolves to `None` when the leader gave up.
#[derive(Debug)]
pub struct Follower<T>(Arc<Flight<T>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K: Eq + Hash + Clone, T> Flights<K, T> {
    /// Follows a flight that is under way, or begins one.
    pub fn join(&self, key: &K) -> Role<'_, K, T> {
        let mut flights = lock(&self.0);
        if let Some(flight) = flights.get(key) {
            return Role::Follower(Follower(Arc::clone(flight)));
        }
        let flight = Arc::new(Mutex::new(State::UnderWay(Vec::new())));
        flights.insert(key.clone(), Arc::clone(&flight));
        drop(flights);
        Role::Leader(Leader { flights: self, key: key.clone(), flight })
    }

    /// From here on nobody joins what is under way.
    pub fn close(&self) {
        lock(&self.0).clear();
    }
}

impl<K: Eq + Hash, T> Leader<'_, K, T> {
    /// Hands the outcome to all who follow.
    pub fn land(self, value: T) {
        self.end(State::Landed(value));
    }

    fn end(&self, state: State<T>) {
        let mut flights = lock(&self.flights.0);
        // After `close` another flight may have its place.
        if flights.get(&self.key).is_some_and(|flight| Arc::ptr_eq(flight, &self.flight)) {
            flights.remove(&self.key);
        }
        drop(flights);
        let mut current = lock(&self.flight);
        if let State::UnderWay(wakers) = &mut *current {
            let wakers = std::mem::take(wakers);
            *current = state;
            drop(current);
            wakers.into_iter().for_each(Waker::wake);
        }
    }
}

impl<K: Eq + Hash, T> Drop for Leader<'_, K, T> {
    fn drop(&mut self) {
        self.end(State::Abandoned);
    }
}

impl<T: Clone> Future for Follower<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        match &mut *lock(&self.0) {
            State::UnderWay(wakers) => {
                if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                    wakers.push(context.waker().clone());
                }
                Poll::Pending
            }
            State::Landed(value) => Poll::Ready(Some(value.clone())),
            State::Abandoned => Poll::Ready(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn leader<'a>(flights: &'a Flights<u8, u8>) -> Leader<'a, u8, u8> {
        match flights.join(&1) {
            Role::Leader(leader) => leader,
            Role::Follower(_) => panic!("somebody leads already"),
        }
    }

    fn follower(flights: &Flights<u8, u8>) -> Follower<u8> {
        match flights.join(&1) {
            Role::Leader(_) => panic!("nobody leads"),
            Role::Follower(follower) => follower,
        }
    }

    #[test]
    fn followers_get_what_lands() {
        let flights = Flights::default();
        let leader = leader(&flights);
        let mut followers = [follower(&flights), follower(&flights)];
        assert!(followers.iter_mut().all(|follower| follower.now_or_never().is_none()));
        leader.land(7);
        assert_eq!(followers.map(|follower| follower.now_or_never()), [Some(Some(7)), Some(Some(7))]);
        // The next one asks again.
        self::leader(&flights).land(8);
    }

    #[test]
    fn a_leader_that_is_dropped_is_missed() {
        let flights = Flights::default();
        let leader = leader(&flights);
        let follower = follower(&flights);
        drop(leader);
        assert_eq!(follower.now_or_never(), Some(None));
    }

    #[test]
    fn a_closed_flight_lands_for_those_who_are_on_it() {
        let flights = Flights::default();
        let first = leader(&flights);
        let early = follower(&flights);
        flights.close();
        let second = leader(&flights);
        first.land(1);
        let late = follower(&flights);
        second.land(2);
        assert_eq!((early.now_or_never(), late.now_or_never()), (Some(Some(1)), Some(Some(2))));
    }
}
