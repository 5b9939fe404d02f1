//! `fanlight check`: reads and compiles, runs nothing.

use super::{Located, locate, report, routes};
use crate::{cli, functions};
use fanlight_definition::{Read, Severity, missing_dependencies, read};
use fanlight_execute::compile;
use std::process::ExitCode;

#[expect(clippy::print_stdout, reason = "the summary is the command's output")]
pub(crate) fn run(arguments: &cli::Check) -> ExitCode {
    let Located { definition, options, .. } = match locate(&arguments.source) {
        Ok(located) => located,
        Err(code) => return code,
    };
    let Read { resources, mut diagnostics, sources } = read(&definition, &options);
    if let Some(resources) = &resources {
        for api in &resources.rest_apis {
            diagnostics.extend(compile::rest_api(api, resources).1);
        }
        for function in &resources.functions {
            let build = functions::build_folder(&arguments.source.data, function);
            diagnostics.extend(missing_dependencies(function, &build));
        }
        println!("{}", routes::table(resources, None));
    }
    report(&diagnostics, &sources);
    let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    println!("{}: {errors} errors, {warnings} warnings", definition.display());
    if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
