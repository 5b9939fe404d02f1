//! A WebAssembly function behind AWS_PROXY against a bare axum handler, and against its instances without a gateway.

use crate::{
    Plan, Result,
    compare::{self, Side, median},
    cpu,
    load::{self, CONNECTIONS},
    process::{self, Server},
};
use bytes::Bytes;
use fanlight_runtime_wasm::{Engine, Settings, raw::Raw};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// An event as the gateway makes it of a small GET request, for the instances alone.
const EVENT: &str = include_str!("wasm/event.json");

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let sample = process::repository().join("functions/wasm-hello");
    let ours = [Server::fanlight(&sample).await?];
    let reference = [Server::bare("axum").await?];
    let requests: Arc<[Vec<u8>]> = [load::get(crate::definition::MOCK)].into();

    println!("wasm: functions/wasm-hello behind AWS_PROXY, against a bare axum handler; {CONNECTIONS} connections");
    let side =
        |name, servers| Side { name, servers, behind: &[], connections: CONNECTIONS, requests: Arc::clone(&requests) };
    let comparison = compare::alternate(plan, &side("fanlight", &ours), &side("axum", &reference)).await?;
    comparison.orientation("wasm");
    process::stop(ours.into_iter().chain(reference)).await?;

    let engine = Engine::new(Settings::default())?;
    let raw = Raw::load(&engine, &sample.join("hello.wasm")).await?;
    println!("  the instances alone: one thread, an event of {} bytes", EVENT.len());
    let (mut per_second, mut cpu_us) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let (rate, used) = instances(&raw, plan.round).await?;
        println!("  raw {rate:.0}/s, {used:.1} us CPU");
        per_second.push(rate);
        cpu_us.push(used);
    }
    let (per_second, raw_us, ours_us) = (median(per_second), median(cpu_us), comparison.ours.cpu_us);
    println!(
        "wasm raw-instances raw={per_second:.0}/s raw_cpu_us={raw_us:.1} raw_per_cpu_second={:.0} \
         ours_per_cpu_second={:.0} compared={:.2}",
        1e6 / raw_us,
        1e6 / ours_us,
        raw_us / ours_us
    );
    Ok(())
}

/// Invocations per second, and CPU microseconds of each.
async fn instances(raw: &Raw, duration: Duration) -> Result<(f64, f64)> {
    let here = [std::process::id()];
    let before = cpu::used(&here)?;
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < duration {
        raw.run(Bytes::from_static(EVENT.as_bytes())).await.ok_or("an instance failed")?;
        count = count.saturating_add(1);
    }
    let elapsed = started.elapsed().as_secs_f64();
    let used = cpu::used(&here)?.since(before).own.as_secs_f64();
    Ok((f64::from(count) / elapsed, used * 1e6 / f64::from(count)))
}
