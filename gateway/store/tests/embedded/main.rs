//! The store in files: the conformance suite, and what only files can suffer.

mod conformance;
mod damage;
mod full;
mod opening;

use fanlight_store::{Embedded, Options, quota::Counter};
use std::path::Path;

fn store(folder: &Path) -> Embedded {
    Embedded::new(folder, Options::default())
}

/// A counter of a window of one day.
fn counter(plan: &str, key: &str, day: i32) -> Counter {
    Counter { plan_id: plan.to_owned(), key_id: key.to_owned(), window_start: day, window_end: day + 1, day }
}
