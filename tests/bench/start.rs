//! From the start of the process to the first answered MOCK request, and what the idle process keeps in memory.

use crate::{Plan, Result, compare::median, cpu, definition, load, process::Server};
use std::time::{Duration, Instant};

/// Starts whose median counts.
const STARTS: usize = 10;

/// Promised.
const MAX_MS: f64 = 100.0;
const MAX_MB: f64 = 40.0;

/// Until the process is called idle.
const SETTLE: Duration = Duration::from_millis(300);

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn run(_: Plan) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = definition::one_mock(folder.path())?;
    let request = load::get(definition::MOCK);
    let (mut milliseconds, mut megabytes) = (Vec::new(), Vec::new());
    println!("start: {STARTS} starts with one API of one MOCK method, until the first answer");
    for _ in 0..STARTS {
        let began = Instant::now();
        let server = Server::fanlight(&file).await?;
        server.once(&request).await?;
        milliseconds.push(began.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(SETTLE).await;
        megabytes.push(cpu::resident_bytes(server.id)? as f64 / (1024.0 * 1024.0));
        server.stop().await?;
    }
    let list = |values: &[f64]| values.iter().map(|value| format!("{value:.1}")).collect::<Vec<_>>().join(" ");
    println!("  ms: {}", list(&milliseconds));
    println!("  MB: {}", list(&megabytes));
    println!("start ms={:.1} max={MAX_MS:.0}", median(milliseconds));
    println!("start rss_mb={:.1} max={MAX_MB:.0}", median(megabytes));
    Ok(())
}
