//! Counts allocations of one piece of work on its own thread. Everything else is not counted.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    fmt,
};

/// What some work allocated; growing something counts as an allocation of what is new.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allocations {
    pub(crate) count: usize,
    pub(crate) bytes: usize,
}

impl fmt::Display for Allocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.count, self.bytes)
    }
}

thread_local! {
    /// What this thread allocated while it counts.
    static COUNTED: Cell<Option<Allocations>> = const { Cell::new(None) };
}

/// Does some work and tells what it allocated.
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> (T, Allocations) {
    COUNTED.set(Some(Allocations::default()));
    let done = work();
    (done, COUNTED.take().unwrap_or_default())
}

fn count(bytes: usize) {
    if let Some(Allocations { count, bytes: before }) = COUNTED.get() {
        COUNTED.set(Some(Allocations { count: count.wrapping_add(1), bytes: before.wrapping_add(bytes) }));
    }
}

/// The system's allocator, which counts where it is asked to.
#[derive(Debug)]
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[expect(unsafe_code, reason = "an allocator cannot be written without it")]
// SAFETY: each method passes its arguments on to the system's allocator; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promises are those that are needed.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.saturating_sub(layout.size()));
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }
}
