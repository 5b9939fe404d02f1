//! One trial per scenario file and target.
//!
//! `cargo test --release -p fanlight-tests --test scenarios [FILTER]`; `UPDATE=1` rewrites expectations in place.

use fanlight_tests::{
    plan::{self, Plan},
    run::{self, Target},
    scenario::{self, Scenario},
    update::Update,
};
use libtest_mimic::{Arguments, Failed, Trial};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// Scenarios that wait for a slow client; they wait beside all others.
const SLOW: &str = "listen/slow_clients/";

/// Trials at once, beside the slow ones.
const THREADS: usize = 4;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files = Vec::new();
    find(&root, &mut files);
    files.sort();
    let mut trials: Vec<Trial> = files.iter().flat_map(|file| trials(&root, file)).collect();
    let slow = |trial: &Trial| trial.name().starts_with(SLOW);
    trials.sort_by_key(|trial| !slow(trial));
    let waiting = trials.iter().filter(|trial| slow(trial)).count();
    arguments.test_threads.get_or_insert(THREADS + waiting);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|end| end == "md") {
            files.push(path);
        }
    }
}

fn trials(root: &Path, file: &Path) -> Vec<Trial> {
    let read = scenario::read(root, file).and_then(|scenario| Ok((plan::of(&scenario)?, scenario)));
    let (plan, scenario) = match read {
        Ok((plan, scenario)) => (Arc::new(plan), Arc::new(scenario)),
        Err(problem) => return vec![Trial::test(file.display().to_string(), move || Err(Failed::from(problem)))],
    };
    let both = [Target::InProcess, Target::Binary];
    let shows = |target: &Target| match target {
        Target::InProcess => plan.binary_only.is_none(),
        Target::Binary => !plan.fake_clock,
    };
    let mut targets: Vec<Target> = both.into_iter().filter(shows).collect();
    if Update::from_environment().is_wanted() {
        // Two targets would write the same file.
        targets.truncate(1);
    }
    let trial = |target: Target| {
        let (plan, scenario, file) = (Arc::clone(&plan), Arc::clone(&scenario), file.to_path_buf());
        let name = format!("{} [{}]", scenario.name, target.as_str());
        Trial::test(name, move || run_one(&scenario, &plan, target, &file).map_err(Failed::from))
    };
    targets.into_iter().map(trial).collect()
}

fn run_one(scenario: &Scenario, plan: &Plan, target: Target, file: &Path) -> Result<(), String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let mut update = Update::from_environment();
    let result = runtime.block_on(run::scenario(scenario, plan, target, &mut update));
    update.write(scenario, file)?;
    result
}
