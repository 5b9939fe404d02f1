//! What each command does.

pub(crate) mod check;
pub(crate) mod render;
pub(crate) mod routes;
pub(crate) mod serve;
pub(crate) mod trace;

use crate::{
    cli::Source,
    settings::Settings,
    site::{self, Built},
};
use fanlight_definition::{Diagnostic, ReadOptions, Severity, Sources, render};
use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

/// The exit code of a usage error, as clap's own.
const USAGE: u8 = 2;

/// A definition's file with everything that says how to read it.
pub(crate) struct Located {
    pub(crate) definition: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) options: ReadOptions,
}

/// Finds the definition and its settings, or says why not.
pub(crate) fn locate(source: &Source) -> Result<Located, ExitCode> {
    let path = source.template.as_ref().unwrap_or(&source.path);
    let definition = site::find(path).map_err(|diagnostic| {
        report(&[*diagnostic], &Sources::default());
        ExitCode::FAILURE
    })?;
    let settings = Settings::beside(&definition).map_err(|message| fail(&message))?;
    let mut options = ReadOptions { stage: source.stage.clone(), ..ReadOptions::default() };
    if let Some(region) = source.region.as_ref().or(settings.region.as_ref()) {
        options.region.clone_from(region);
    }
    if let Some(account_id) = &settings.account_id {
        options.account_id.clone_from(account_id);
    }
    for text in source.parameter_overrides.iter().flat_map(|text| text.split_whitespace()) {
        let (key, value) =
            parameter(text).ok_or_else(|| usage(&format!("`{text}` is no parameter: write Key=Value")))?;
        options.parameter_overrides.insert(key.to_owned(), value.to_owned());
    }
    Ok(Located { definition, settings, options })
}

/// `Key=Value` or `ParameterKey=Key,ParameterValue=Value`
fn parameter(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix("ParameterKey=") {
        Some(rest) => rest.split_once(",ParameterValue="),
        None => text.split_once('='),
    }
}

/// Prints diagnostics to standard error.
#[expect(clippy::print_stderr, reason = "what a command reports goes to the terminal")]
pub(crate) fn report(diagnostics: &[Diagnostic], sources: &Sources) {
    if !diagnostics.is_empty() {
        eprintln!("{}", render(diagnostics, sources, std::io::stderr().is_terminal()).trim_end());
        eprintln!();
    }
}

/// Prints what was found, and whether anything can be served.
#[expect(clippy::print_stderr, reason = "what a command reports goes to the terminal")]
pub(crate) fn report_built(built: &Built) {
    report(&built.diagnostics, &built.sources);
    let count = |severity| built.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if errors > 0 {
        eprintln!("error: nothing is served: {errors} errors, {warnings} warnings");
    }
}

/// Prints one error.
#[expect(clippy::print_stderr, reason = "what a command reports goes to the terminal")]
pub(crate) fn fail(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::FAILURE
}

/// Prints one error about the command line.
pub(crate) fn usage(message: &str) -> ExitCode {
    let _same_text = fail(message);
    ExitCode::from(USAGE)
}
