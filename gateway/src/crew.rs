//! The threads that serve connections: one for each core, each with a runtime of its own.
//!
//! A connection, the requests on it and the environments they use stay on one thread, so that a request wakes no second
//! one. A runtime that shares its tasks among threads wakes another whenever there is something to do, which costs more
//! than the rest of a short request.

use std::{
    io,
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    thread::{self, JoinHandle},
};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

/// All of them; dropping it ends what still runs on them.
#[derive(Debug)]
pub(crate) struct Crew {
    members: Vec<Member>,
    turn: AtomicUsize,
}

#[derive(Debug)]
struct Member {
    runtime: Handle,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Crew {
    /// One thread for each core that this process may use.
    pub(crate) fn start() -> io::Result<Self> {
        let count = thread::available_parallelism().map_or(1, NonZero::get);
        let members = (0..count).map(Member::start).collect::<io::Result<_>>()?;
        Ok(Self { members, turn: AtomicUsize::new(0) })
    }

    /// Whose turn it is to take a connection.
    pub(crate) fn next(&self) -> Option<&Handle> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.members.get(turn % self.members.len().max(1)).map(|member| &member.runtime)
    }
}

impl Member {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        let thread = thread::Builder::new().name(format!("crew-{number}")).spawn(move || {
            // Its sender gone means the same.
            drop(runtime.block_on(ended));
        })?;
        Ok(Self { runtime: handle, end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for member in &mut self.members {
            drop(member.end.take());
        }
        for thread in self.members.iter_mut().filter_map(|member| member.thread.take()) {
            if thread.join().is_err() {
                tracing::warn!("a thread that served connections has panicked");
            }
        }
    }
}
