//! What each command does.

pub(crate) mod check;
pub(crate) mod flush;
pub(crate) mod journal;
pub(crate) mod render;
pub(crate) mod request;
pub(crate) mod routes;
pub(crate) mod serve;
pub(crate) mod trace;
pub(crate) mod usage;

use crate::{cli::Source, settings::Settings, site};
use fanlight_definition::{Diagnostic, Environment, ReadOptions, Severity, Sources, find, render};
use std::{ffi::OsString, io::IsTerminal, process::ExitCode};

/// The exit code of a usage error, as clap's own.
const USAGE: u8 = 2;

/// Finds the definition and its settings, or says why not.
pub(crate) fn locate(source: &Source) -> Result<(site::Source, Settings), ExitCode> {
    let path = source.template.as_ref().unwrap_or(&source.path);
    let definition = find(path).map_err(|diagnostic| {
        report(&[*diagnostic], &Sources::default());
        ExitCode::FAILURE
    })?;
    let settings = Settings::beside(&definition).map_err(|message| fail(&message))?;
    let mut options = ReadOptions { stage: source.stage.clone(), ..ReadOptions::default() };
    if let Some(region) = source.region.as_ref().or(settings.region.as_ref()) {
        options.region.clone_from(region);
    }
    // A region that somebody asks for stands above that of a service, one that is merely in the environment does not.
    let around = std::env::var("AWS_REGION").ok();
    if let Some(region) = source.region.as_ref().filter(|region| around.as_ref() != Some(*region)) {
        options.opt.insert("region".to_owned(), region.clone());
    }
    options.environment = environment();
    if let Some(account_id) = &settings.account_id {
        options.account_id.clone_from(account_id);
    }
    for text in source.parameter_overrides.iter().flat_map(|text| text.split_whitespace()) {
        let (key, value) =
            parameter(text).ok_or_else(|| usage(&format!("`{text}` is no parameter: write Key=Value")))?;
        options.parameter_overrides.insert(key.to_owned(), value.to_owned());
    }
    let data =
        std::path::absolute(&source.data).map_err(|error| fail(&format!("{}: {error}", source.data.display())))?;
    Ok((site::Source { definition, options, data }, settings))
}

/// The process's variables, as far as they are text.
fn environment() -> Environment {
    let texts = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    Environment(std::env::vars_os().filter_map(texts).collect())
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

/// `1 error, 2 warnings`
pub(crate) fn tally(diagnostics: &[Diagnostic]) -> String {
    let count = |severity, noun: &str| {
        let count = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
    };
    format!("{}, {}", count(Severity::Error, "error"), count(Severity::Warning, "warning"))
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
