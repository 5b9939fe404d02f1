//! `fanlight journal`: what the services of a host received.

use super::fail;
use crate::{cli, control, limits};
use http_body_util::BodyExt;
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(arguments: &cli::Journal) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot be started: {error}")),
    };
    match runtime.block_on(show(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

#[expect(clippy::print_stdout, reason = "the journal is the command's output")]
async fn show(arguments: &cli::Journal) -> Result<(), String> {
    let mut after = 0;
    loop {
        let path = format!("/journal/{}/{after}", arguments.service.as_deref().unwrap_or("-"));
        let response = control::send(&arguments.data, (http::Method::GET, &path)).await?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| format!("the host went away: {error}"))?;
        let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        if !status.is_success() {
            return Err(text);
        }
        for line in text.lines() {
            println!("{line}");
        }
        let number = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?.get("number")?.as_i64();
        match text.lines().next_back().and_then(number) {
            Some(last) => after = last,
            None if !arguments.follow => return Ok(()),
            None => tokio::time::sleep(limits::JOURNAL_POLL).await,
        }
    }
}
