//! Fanlight: a serverless function host with the AWS API Gateway built in, in one process.
//!
//! This package is the process: the command line, the listener, and the wiring that joins the gateway's lifecycle
//! (`fanlight-execute`) to functions (`fanlight-runtime`), web servers and clocks.

mod access_log_file;
mod answer;
mod aws_api;
mod backends;
mod caches;
mod cli;
mod command;
mod control;
mod crew;
mod functions;
mod install;
mod limits;
mod listen;
mod observe;
mod print;
mod quotas;
mod reload;
mod settings;
mod sinks;
mod site;
mod storage;
mod upstream;
mod usage;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    log();
    match arguments.command {
        cli::Command::Serve(arguments) => command::serve::run(&arguments),
        cli::Command::Check(arguments) => command::check::run(&arguments),
        cli::Command::Flush(arguments) => command::flush::run(&arguments),
        cli::Command::Journal(arguments) => command::journal::run(&arguments),
        cli::Command::Trace(arguments) => command::trace::run(&arguments),
        cli::Command::Request(arguments) => command::request::run(&arguments),
        cli::Command::Render(arguments) => command::render::run(&arguments),
        cli::Command::Usage(arguments) => command::usage::run(&arguments),
    }
}

/// The host's own log goes to standard error, warnings by default; `FANLIGHT_LOG` says otherwise.
fn log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("FANLIGHT_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}
