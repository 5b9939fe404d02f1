//! How many durable writes a second: `cargo run --release -p fanlight-store --example commits`.
#![expect(clippy::print_stdout, reason = "the measurements are the output")]

use fanlight_store::{
    Embedded, Options, Quotas,
    quota::{Counter, Wanted},
};
use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

const ROUND: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    for writers in [1, 8, 64, 256] {
        // Beside the build, not in memory: an fsync is what is measured.
        let folder = tempfile::tempdir_in(std::env::current_exe()?.parent().ok_or("no folder")?)?;
        let store = Arc::new(Embedded::new(folder.path(), Options::default()));
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for key in 0..writers {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let mut waits = Vec::new();
                while started.elapsed() < ROUND {
                    let began = Instant::now();
                    let counter = Counter {
                        plan_id: "p".to_owned(),
                        key_id: format!("k{key}"),
                        window_start: 0,
                        window_end: 1,
                        day: 0,
                    };
                    store.take(counter, Wanted { amount: 1, limit: 1_000_000_000 }).await?;
                    waits.push(began.elapsed());
                }
                Ok::<_, fanlight_store::Error>(waits)
            });
        }
        let mut waits = Vec::new();
        while let Some(task) = tasks.join_next().await {
            waits.extend(task??);
        }
        waits.sort_unstable();
        let at = |share: usize| waits.get(waits.len() * share / 100).copied().unwrap_or_default();
        let rate = waits.len() as f64 / started.elapsed().as_secs_f64();
        println!("{writers} writers: {rate:.0} writes/s, p50 {:?}, p99 {:?}", at(50), at(99));
    }
    Ok(())
}
