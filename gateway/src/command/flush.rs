//! `fanlight flush`: a running host forgets what Lambda authorizers answered, and what is in the caches of its stages.

use super::fail;
use crate::{cli, control};
use http::{Method, StatusCode};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(arguments: &cli::Flush) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot be started: {error}")),
    };
    match runtime.block_on(flush(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

async fn flush(arguments: &cli::Flush) -> Result<(), String> {
    for kind in ["authorizers", "data"] {
        let path = match (&arguments.api, &arguments.stage) {
            (Some(api), Some(stage)) => format!("/restapis/{api}/stages/{stage}/cache/{kind}"),
            (None, None) | (Some(_), None) | (None, Some(_)) => format!("/cache/{kind}"),
        };
        let response = control::send(&arguments.data, (Method::DELETE, &path)).await?;
        match response.status() {
            StatusCode::ACCEPTED => {}
            StatusCode::NOT_FOUND => return Err("the host serves no such stage".to_owned()),
            other => return Err(format!("the host answered {other}")),
        }
    }
    Ok(())
}
