//! Runs case files that live outside of the repository:
//! `cargo run --release -p fanlight-tests --bin conformance -- vtl [FILE...]`, `-- jsonschema [FOLDER]` and
//! `-- reliability [FILE...]`.
//!
//! Each difference is printed, what is skipped is named with its reason, and the last line is
//! `N passed, N failed, N skipped`. The exit code is 1 when a case failed.
#![expect(clippy::print_stdout, reason = "the differences and the counts are the output")]
#![expect(clippy::print_stderr, reason = "what could not be read goes beside the output")]

mod jsonschema;
mod reliability;
mod report;
mod vtl;

use clap::{Parser, Subcommand};
use report::Report;
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Checks Fanlight against recorded behaviour.
#[derive(Debug, Parser)]
#[command(name = "conformance")]
struct Arguments {
    #[command(subcommand)]
    class: Class,
}

/// What is checked.
#[derive(Debug, Subcommand)]
enum Class {
    /// Mapping templates
    Vtl {
        /// JSON Lines files in the formats of `vtl-recorded`, `vtl-probes` and `vtl-real-templates` [default: all
        /// `vtl-*.jsonl` of the folder that FANLIGHT_CASES names, else of ../shared/cases beside the repository]
        files: Vec<PathBuf>,
    },
    /// The official tests of JSON Schema draft 4
    Jsonschema {
        /// A folder of test files in upstream's format [default: `jsonschema` in the folder that FANLIGHT_CASES names, else
        /// in ../shared/cases beside the repository]
        folder: Option<PathBuf>,
    },
    /// Bad inputs, attacks and faults, against the built binary
    Reliability {
        /// JSON Lines files; `reliability-fixtures.json` lies beside them [default: `reliability.jsonl` of the folder that
        /// FANLIGHT_CASES names, else of ../shared/cases beside the repository]
        files: Vec<PathBuf>,
        /// Only the cases of this class; may be given several times
        #[arg(long)]
        class: Vec<String>,
    },
}

/// How the text of a file is checked.
type Check = fn(&str, &str) -> Report;

fn main() -> ExitCode {
    let or_default = |files: Vec<PathBuf>, prefix| {
        if files.is_empty() { in_folder(&cases(), prefix, ".jsonl") } else { files }
    };
    let outcome = match Arguments::parse().class {
        Class::Vtl { files } => run(&or_default(files, "vtl-"), vtl::check),
        Class::Jsonschema { folder } => {
            let folder = folder.unwrap_or_else(|| cases().join("jsonschema"));
            run(&in_folder(&folder, "", ".json"), jsonschema::check)
        }
        Class::Reliability { files, class } => reliability::run(&or_default(files, "reliability"), &class),
    };
    match outcome {
        Ok(report) => {
            println!("{report}");
            if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(files: &[PathBuf], check: Check) -> Result<Report, String> {
    let mut all = Report::default();
    for file in files {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        let report = check(&name, &text);
        println!("{name}: {report}");
        all.add(report);
    }
    Ok(all)
}

/// The default folder.
fn cases() -> PathBuf {
    std::env::var_os("FANLIGHT_CASES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases"), PathBuf::from)
}

/// The case files of a folder, which may have none: people who have only the repository are told so.
fn in_folder(folder: &Path, start: &str, end: &str) -> Vec<PathBuf> {
    let is_case_file = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(start) && name.ends_with(end)
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_case_file).collect();
    files.sort_unstable();
    if files.is_empty() {
        println!("no {start}*{end} in {}: the case files are absent, so nothing was checked", folder.display());
    }
    files
}
