//! `fanlight usage`: what was used of the usage plans of a running host.

use super::fail;
use crate::{
    cli, control,
    usage::{self, PlanUsage},
};
use http_body_util::BodyExt;
use std::process::ExitCode;

/// Runs the command.
#[expect(clippy::print_stdout, reason = "the report is the command's output")]
pub(crate) fn run(arguments: &cli::Usage) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot be started: {error}")),
    };
    match runtime.block_on(report(arguments)) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => fail(&message),
    }
}

async fn report(arguments: &cli::Usage) -> Result<String, String> {
    let response = control::send(&arguments.data, (http::Method::GET, "/usage")).await?;
    let status = response.status();
    let body = response.into_body().collect().await.map_err(|error| format!("the host went away: {error}"))?.to_bytes();
    if !status.is_success() {
        return Err(String::from_utf8_lossy(&body).into_owned());
    }
    let mut plans: Vec<PlanUsage> = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    if let Some(wanted) = &arguments.plan {
        plans.retain(|plan| plan.id == *wanted || plan.name == *wanted);
        if plans.is_empty() {
            return Err(format!("the host has no usage plan `{wanted}`"));
        }
    }
    if arguments.json {
        return serde_json::to_string_pretty(&plans).map_err(|error| error.to_string());
    }
    Ok(if plans.is_empty() { "the host has no usage plan".to_owned() } else { usage::table(&plans) })
}
