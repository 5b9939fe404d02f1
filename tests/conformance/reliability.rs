//! Bad inputs, attacks and faults: each case starts the built binary with its set-up, sends what the case sends, and
//! compares what came of it. Cases of classes that are not served yet are skipped with their reason.

mod backend;
mod case;
mod client;
mod config;
mod fixture;
mod generate;
mod issuer;
mod jwt;
mod kinds;
mod observed;
mod request;
mod session;
mod sigv4;

use crate::report::{Report, Verdict, print};
use case::Case;
use fixture::Fixtures;
use kinds::Outcome;
use std::path::{Path, PathBuf};

/// Runs the cases of files; of some classes only, if any are named.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn run(files: &[PathBuf], classes: &[String]) -> Result<Report, String> {
    let mut all = Report::default();
    for file in files {
        all.add(check(file, classes)?);
    }
    Ok(all)
}

fn check(file: &Path, classes: &[String]) -> Result<Report, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let fixtures = Fixtures::beside(file)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
    let mut report = Report::default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let case = match Case::parse(line) {
            Ok(case) => case,
            Err(error) => {
                let verdict = Verdict::of(false, "a case", error);
                print(&format!("{}:{}", file.display(), number + 1), None, &verdict);
                report.count(&verdict);
                continue;
            }
        };
        if !classes.is_empty() && !classes.contains(&case.class) {
            continue;
        }
        let verdict = match runtime.block_on(Box::pin(kinds::run(&case, &fixtures))) {
            Ok(Outcome::Passed) => Verdict::Passed,
            Ok(Outcome::Skipped(reason)) => Verdict::Skipped(reason),
            Ok(Outcome::Observed(observed)) => {
                let differences = observed::differences(&case, &observed);
                Verdict::of(differences.is_empty(), differences.join("; "), observed.summary())
            }
            Err(error) => Verdict::of(false, "an answer", error),
        };
        print(&format!("{} {} ({})", case.id, case.title, case.class), None, &verdict);
        report.count(&verdict);
    }
    Ok(report)
}
