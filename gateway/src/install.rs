//! `--install`: prepares what functions need, with the package managers' own output shown.

use crate::{print::Printer, settings::Settings, site::Plan};
use fanlight_definition::resources::{Function, FunctionKind, Runtime};
use std::{path::Path, process::Stdio};
use tokio::process::Command;

/// Prepares all functions, one after the other.
///
/// # Errors
/// A message that names the function and the command that failed.
pub(crate) async fn prepare(
    (plan, settings): (&Plan, &Settings),
    functions: &[Function],
    printer: &Printer,
) -> Result<(), String> {
    for function in functions {
        let build = plan.source.build_folder(function);
        let FunctionKind::Process { runtime, .. } = &function.kind else { continue };
        if fanlight_definition::missing_dependencies(function, &build).is_none() {
            continue;
        }
        let Some(code) = function.code.folder() else { continue };
        match runtime {
            Runtime::Nodejs(_) => packages(function, code, printer).await?,
            Runtime::Python(_) => requirements((plan, settings), (function, code), runtime, printer).await?,
            Runtime::Provided(_) => bootstrap(function, (code, &build), printer).await?,
            Runtime::Other(_) => {}
        }
    }
    Ok(())
}

async fn packages(function: &Function, code: &Path, printer: &Printer) -> Result<(), String> {
    let locked = code.join("package-lock.json").is_file();
    let verb = if locked { "ci" } else { "install" };
    run(function, printer, code, "npm", &[verb, "--no-audit", "--no-fund"]).await
}

/// With the interpreter that will run the function: compiled packages fit one version only.
async fn requirements(
    (plan, settings): (&Plan, &Settings),
    (function, code): (&Function, &Path),
    runtime: &Runtime,
    printer: &Printer,
) -> Result<(), String> {
    let interpreter = match &settings.interpreters.python {
        Some(path) => path.clone(),
        None => plan.workshop.interpreter(runtime).await.map_err(|error| error.to_string())?.path,
    };
    let build = plan.source.build_folder(function);
    let (interpreter, target) = (interpreter.to_string_lossy(), build.to_string_lossy());
    let arguments =
        ["-m", "pip", "install", "--disable-pip-version-check", "--requirement", "requirements.txt", "--target"];
    let arguments: Vec<&str> = arguments.into_iter().chain([target.as_ref(), "--upgrade"]).collect();
    run(function, printer, code, &interpreter, &arguments).await
}

async fn bootstrap(function: &Function, (code, build): (&Path, &Path), printer: &Printer) -> Result<(), String> {
    run(function, printer, code, "cargo", &["build", "--release"]).await?;
    let built = code.join("target/release/bootstrap");
    let copied = std::fs::create_dir_all(build).and_then(|()| std::fs::copy(&built, build.join("bootstrap")));
    match copied {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{}: {error}; the package must build a binary named `bootstrap`", built.display())),
    }
}

async fn run(
    function: &Function,
    printer: &Printer,
    folder: &Path,
    program: &str,
    arguments: &[&str],
) -> Result<(), String> {
    let shown = format!("{program} {}", arguments.join(" "));
    printer.line(format!("[{}] {shown} (in {})", function.name, folder.display()));
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(|error| format!("`{program}` cannot be run for function `{}`: {error}", function.name))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` failed for function `{}` ({status})", function.name)) }
}
