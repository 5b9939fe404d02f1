//! `fanlight trace`: follows the exchanges of a running host.

use super::fail;
use crate::{cli, control, observe};
use http_body_util::BodyExt;
use hyper::body::Bytes;
use observe::Record;
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(arguments: &cli::Trace) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot be started: {error}")),
    };
    match runtime.block_on(follow(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

async fn follow(arguments: &cli::Trace) -> Result<(), String> {
    let path = if arguments.recent { "/exchanges" } else { "/exchanges/live" };
    let mut body = control::send(&arguments.data, (http::Method::GET, path)).await?.into_body();
    let mut pending = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| format!("the host went away: {error}"))?;
        pending.extend_from_slice(frame.data_ref().map_or(&[][..], Bytes::as_ref));
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = pending.drain(..=end).collect();
            show(&line, arguments.json)?;
        }
    }
    if arguments.recent {
        let records: Vec<Record> = serde_json::from_slice(&pending).map_err(|error| error.to_string())?;
        for record in &records {
            print(record, arguments.json)?;
        }
    }
    Ok(())
}

fn show(line: &[u8], json: bool) -> Result<(), String> {
    if line.trim_ascii().is_empty() {
        return Ok(());
    }
    print(&serde_json::from_slice(line).map_err(|error| error.to_string())?, json)
}

#[expect(clippy::print_stdout, reason = "the exchanges are the command's output")]
fn print(record: &Record, json: bool) -> Result<(), String> {
    if json {
        println!("{}", serde_json::to_string(record).map_err(|error| error.to_string())?);
    } else {
        println!("{}", observe::full(record));
    }
    Ok(())
}
