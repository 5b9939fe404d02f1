//! `fanlight trace` beside a running host: it follows what happens from then on.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html>

use fanlight_tests::{Outcome, folder, host, message, plan, scenario, wire};
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::{Instant, timeout},
};

const GUARD: Duration = Duration::from_secs(30);

/// A request now and then until the follower shows one: only the host knows when it listens.
const PAUSE: Duration = Duration::from_millis(50);

#[test]
fn a_follower_sees_every_step() -> Outcome<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(follow())
}

async fn follow() -> Outcome<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let scenario = scenario::read(&root, &root.join("cli/trace_flag.md"))?;
    let folder = folder::make(&plan::of(&scenario)?, ToOwned::to_owned)?;
    let host = host::Host::start(folder.project(), folder.data(), &[]).await?.map_err(|refused| refused.stderr)?;
    let mut follower = host::command(folder.project())?;
    let mut follower = follower
        .args(["trace", "--data"])
        .arg(folder.data())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut lines = BufReader::new(follower.stdout.take().ok_or("no standard output")?).lines();
    let mut connection = wire::Connection::open(host.address).await?;
    let request = message::request("GET /pets/7\nAuthorization: Bearer secret")?;
    let started = Instant::now();
    let mut shown: Vec<String> = Vec::new();
    while !shown.iter().any(|line| line.starts_with("  method response")) {
        if started.elapsed() > GUARD {
            return Err(format!("the follower shows nothing but {shown:?}"));
        }
        // One that had begun before is shown without its steps.
        if !shown.iter().any(|line| line.starts_with("  ")) {
            connection.exchange(&request, false).await?;
        }
        if let Ok(line) = timeout(PAUSE, lines.next_line()).await {
            shown.push(line.map_err(|error| error.to_string())?.ok_or("the follower ended")?);
        }
    }
    for expected in
        [" GET /pets/7 200 ", "resource: /pets/{id}", "integration request", "\"resourcePath\":\"/pets/{id}\""]
    {
        if !shown.iter().any(|line| line.contains(expected)) {
            return Err(format!("`{expected}` is not in {shown:#?}"));
        }
    }
    drop(connection);
    host.stop().await?;
    // With the host gone, so is its follower.
    let status = timeout(GUARD, follower.wait()).await.map_err(|_| "the follower does not end")?;
    status.map(drop).map_err(|error| error.to_string())
}
