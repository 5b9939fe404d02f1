//! Processes that die while they write: nothing that they acknowledged may be lost.
//!
//! The test starts itself as a child, which writes from many tasks at once and prints what was acknowledged. It is killed
//! with SIGKILL at a random moment, again and again on the same files. `CYCLES` says how often.
#![expect(clippy::print_stdout, reason = "a child acknowledges on standard output")]

use fanlight_store::{
    Embedded, Error, Options, Part, Quotas,
    quota::{Counter, Wanted},
};
use std::{
    collections::HashMap,
    io::Write as _,
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    task::JoinSet,
};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Tasks that write at once.
const WRITERS: usize = 32;

const LIMIT: u64 = 1_000_000_000;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match std::env::var_os("FANLIGHT_STORE_CHILD") {
                Some(folder) => child(&PathBuf::from(folder)).await,
                None => parent().await,
            }
        })
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn counter(key: usize) -> Counter {
    Counter { plan_id: "p".to_owned(), key_id: format!("k{key}"), window_start: 0, window_end: 1, day: 0 }
}

/// Writes until it is killed or the disk fails. `+KEY` is an acknowledged write; after a failure it says how the store
/// behaves and ends.
async fn child(folder: &Path) -> Outcome<()> {
    let store = Arc::new(Embedded::new(folder, Options::default()));
    let mut writers = JoinSet::new();
    for key in 0..WRITERS {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            loop {
                if let Err(error) = store.take(counter(key), Wanted { amount: 1, limit: LIMIT }).await {
                    return error;
                }
                let mut out = std::io::stdout().lock();
                if writeln!(out, "+{key}").and_then(|()| out.flush()).is_err() {
                    return Error::Closed;
                }
            }
        });
    }
    let errors = writers.join_all().await;
    println!("errors {}", errors.iter().all(|error| matches!(error, Error::Poisoned(_))));
    let after = store.take(counter(0), Wanted { amount: 1, limit: LIMIT }).await;
    println!("write {}", matches!(after, Err(Error::Poisoned(_))));
    println!("read {}", store.usage("p", 0).await.is_ok());
    Ok(())
}

async fn parent() -> Outcome<()> {
    let cycles = std::env::var("CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(15);
    killed(cycles).await?;
    failing_disk().await
}

fn start(folder: &Path, shell: &str) -> Outcome<(Child, Lines<BufReader<ChildStdout>>)> {
    let mut child = Command::new("sh")
        .args(["-c", &format!("{shell} exec \"$0\"")])
        .arg(std::env::current_exe()?)
        .env("FANLIGHT_STORE_CHILD", folder)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    Ok((child, lines))
}

async fn killed(cycles: usize) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let mut acknowledged: HashMap<usize, u64> = (0..WRITERS).map(|key| (key, 0)).collect();
    let mut total = 0_u64;
    for cycle in 0..cycles {
        let (mut child, mut lines) = start(folder.path(), "")?;
        // Different moments: right after the first acknowledgements, up to some hundred later.
        let patience = 1 + (cycle * 37) % 400;
        let mut seen = 0;
        while let Some(line) = lines.next_line().await? {
            if let Some(key) = line.strip_prefix('+') {
                *acknowledged.entry(key.parse()?).or_default() += 1;
                total += 1;
                seen += 1;
            }
            if seen == patience {
                child.start_kill()?;
            }
        }
        child.wait().await?;
        let store = Embedded::new(folder.path(), Options::default());
        let found: HashMap<String, u64> =
            store.usage("p", 0).await?.into_iter().map(|usage| (usage.key_id, usage.used)).collect();
        for (key, count) in &mut acknowledged {
            let kept = found.get(&format!("k{key}")).copied().unwrap_or_default();
            // At most the one that was under way is more than was acknowledged.
            if kept < *count || kept > *count + 1 {
                return Err(format!("cycle {cycle}: key {key} has {kept}, acknowledged were {count}").into());
            }
            *count = kept;
        }
        let damage = store.quick_check(Part::Data).await?;
        if !damage.is_empty() {
            return Err(format!("cycle {cycle}: {damage:?}").into());
        }
    }
    println!("{cycles} kills, {total} acknowledged writes, none lost");
    Ok(())
}

/// Writing fails with an I/O error when the log reaches the size that the shell allows for files.
async fn failing_disk() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (mut child, mut lines) = start(folder.path(), "trap '' XFSZ; ulimit -f 1000;")?;
    let (mut acknowledged, mut said) = (0_u64, Vec::new());
    let reading = async {
        while let Some(line) = lines.next_line().await? {
            if line.starts_with('+') { acknowledged += 1 } else { said.push(line) }
        }
        Outcome::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(60), reading).await.map_err(|_| "the disk does not fail")??;
    child.wait().await?;
    if said != ["errors true", "write true", "read true"] {
        return Err(format!("after an I/O error: {said:?}").into());
    }
    let store = Embedded::new(folder.path(), Options::default());
    let kept: u64 = store.usage("p", 0).await?.iter().map(|usage| usage.used).sum();
    if kept < acknowledged {
        return Err(format!("{kept} writes are there, acknowledged were {acknowledged}").into());
    }
    println!("a failing disk: {acknowledged} acknowledged writes, none lost, reads went on");
    Ok(())
}
