//! Benchmarks: `cargo run --release -p fanlight-tests --bin bench [NAME...]`.
//!
//! Both sides of a row are measured in alternation in one run, by the same load generator, on 127.0.0.1. A promised row
//! ends in `ratio=X min=Y` (or `=X max=Y` for what must stay small), an orientation row in `compared=X`; higher is better.
//! Nothing is asserted: the exit code says only whether everything could be measured. See `README.md` beside this file.
#![expect(clippy::print_stdout, reason = "the measurements are the output")]
#![expect(clippy::print_stderr, reason = "what could not be measured goes beside the output")]

mod authorizer;
mod compare;
mod cpu;
mod definition;
mod http_proxy;
mod lifecycle;
mod load;
mod mock;
mod node;
mod process;
mod routes;
mod server;
mod start;
mod throttle;
mod vtl;
mod wasm;

use clap::{Parser, Subcommand, ValueEnum};
use std::{error::Error, process::ExitCode, time::Duration};
use tokio::signal::unix::{SignalKind, signal};

/// Whatever kept something from being measured.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Measures Fanlight against what it would be without itself.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    hidden: Option<Hidden>,
    /// What to measure [default: everything]
    #[arg(value_enum)]
    names: Vec<Name>,
    /// Seconds per round
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Rounds of each side
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Measure the binary that is there instead of building it first
    #[arg(long)]
    no_build: bool,
}

/// What the benchmarks start themselves as.
#[derive(Debug, Subcommand)]
enum Hidden {
    /// A bare server to compare with
    #[command(hide = true)]
    Server {
        /// Which one
        kind: server::Kind,
    },
}

/// A benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// A MOCK method against a bare axum handler
    Mock,
    /// The whole lifecycle against a bare axum handler that validates bodies
    Lifecycle,
    /// Node.js functions against bare Node.js servers
    Node,
    /// A WebAssembly function against a bare axum handler and against the instances alone
    Wasm,
    /// Ten thousand routes against ten
    Routes,
    /// Start-up time and idle memory
    Start,
    /// A web server through the gateway against the server itself
    HttpProxy,
    /// What a kept answer of a Lambda authorizer costs
    Authorizer,
    /// Mapping templates against Velocity on the JVM
    Vtl,
    /// A throttle decision
    Throttle,
}

/// How long everything takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// One round of one side.
    pub(crate) round: Duration,
    /// Rounds of each side.
    pub(crate) rounds: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.hidden {
        Some(Hidden::Server { kind }) => server::run(kind),
        None => measure(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the chosen benchmarks. One that fails does not keep the others from being measured.
fn measure(arguments: &Arguments) -> Result<()> {
    let round = Duration::try_from_secs_f64(arguments.seconds)?;
    let plan = Plan { round, rounds: arguments.rounds.max(1) };
    let names = if arguments.names.is_empty() { Name::value_variants() } else { &arguments.names };
    // One thread: the generator leaves to the servers what it can.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let hosted = names.iter().any(|&name| !matches!(name, Name::Vtl | Name::Throttle));
        if hosted && !arguments.no_build {
            process::build().await?;
        }
        let mut terminate = signal(SignalKind::terminate())?;
        // Whatever is dropped here stops its servers.
        tokio::select! {
            outcome = each(names, plan) => outcome,
            _ = terminate.recv() => Err("told to stop".into()),
            _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        }
    })
}

async fn each(names: &[Name], plan: Plan) -> Result<()> {
    let cores = std::thread::available_parallelism()?;
    println!("{cores} cores, shared by the load generator (one thread) and the server; all on 127.0.0.1");
    println!("{} rounds of {:?} for each side, in alternation", plan.rounds, plan.round);
    let mut failed = Vec::new();
    for &name in names {
        println!();
        if let Err(error) = one(name, plan).await {
            eprintln!("error: {name:?} could not be measured: {error}");
            failed.push(format!("{name:?}"));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("not measured: {}", failed.join(", ")).into()) }
}

async fn one(name: Name, plan: Plan) -> Result<()> {
    match name {
        Name::Mock => mock::run(plan).await,
        Name::Lifecycle => lifecycle::run(plan).await,
        Name::Node => node::run(plan).await,
        Name::Wasm => wasm::run(plan).await,
        Name::Routes => routes::run(plan).await,
        Name::Start => start::run(plan).await,
        Name::HttpProxy => http_proxy::run(plan).await,
        Name::Authorizer => authorizer::run(plan).await,
        Name::Vtl => vtl::run(plan).await,
        Name::Throttle => throttle::run(plan),
    }
}
