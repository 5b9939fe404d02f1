//! `fanlight check`: reads and compiles, runs nothing.

use super::{locate, report, routes, tally};
use crate::{
    cli,
    site::{Judged, judge},
};
use fanlight_definition::Severity;
use std::process::ExitCode;

#[expect(clippy::print_stdout, reason = "the summary is the command's output")]
pub(crate) fn run(arguments: &cli::Check) -> ExitCode {
    let (source, settings) = match locate(&arguments.source) {
        Ok(located) => located,
        Err(code) => return code,
    };
    let Judged { resources, diagnostics, sources, .. } = judge(&source, &settings, 0, None);
    if let Some(resources) = &resources {
        println!("{}", routes::table(resources, None));
    }
    report(&diagnostics, &sources);
    println!("{}: {}", source.definition.display(), tally(&diagnostics));
    let broken = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
