//! A function's code on disk: does its handler exist, and are its dependencies there?

use crate::{
    Diagnostic,
    diagnostic::Findings,
    resources::{Code, Function, FunctionKind, Runtime},
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What a runtime would load for a handler.
struct Candidates {
    files: Vec<PathBuf>,
    /// Files that would be there if something had been compiled, and what to do then.
    sources: Vec<(PathBuf, &'static str)>,
}

/// Says which file is missing when a function's handler is in none of the files that the runtime would load. That is a
/// warning where it is one on AWS, which deploys such a function and fails its calls.
pub(crate) fn check_handler(findings: &mut Findings, function: &Function) {
    if function.unserved().is_some() {
        return; // That has been said already.
    }
    let wanted = match &function.kind {
        FunctionKind::Process { runtime: Runtime::Nodejs(_), handler } => nodejs(handler),
        FunctionKind::Process { runtime: Runtime::Python(_), handler } => python(handler),
        FunctionKind::Process { runtime: Runtime::Provided(_), handler: _ } => provided(),
        FunctionKind::Process { runtime: Runtime::Other(_), handler: _ } | FunctionKind::Image => return,
        FunctionKind::Wasm { module, isolation: _ } => {
            let module = function.code.folder().and_then(|folder| module.strip_prefix(folder).ok()).unwrap_or(module);
            let sources = vec![(PathBuf::from("Cargo.toml"), "build it for `wasm32-wasip1` or `wasm32-wasip2` first")];
            Some(Candidates { files: vec![module.to_path_buf()], sources })
        }
    };
    let place = &function.handler_place;
    let Some(candidates) = wanted else {
        findings.push(
            Diagnostic::warning(place, "the handler names no function, so its calls answer 502")
                .help("write `file.function`, such as `index.handler`"),
        );
        return;
    };
    let exists = |path: &PathBuf| match &function.code {
        Code::Folder(folder) => folder.join(path).is_file(),
        Code::Inline { file, .. } => path.as_os_str() == file.as_str(),
        Code::Absent(_) => false,
    };
    if candidates.files.iter().any(exists) {
        return;
    }
    let source = candidates.sources.iter().find(|(file, _)| exists(file));
    if let (FunctionKind::Process { runtime: Runtime::Provided(_), handler: _ }, Some(_)) = (&function.kind, source) {
        return; // Not built yet: `missing_dependencies` says so.
    }
    let names: Vec<String> = candidates.files.iter().map(|file| format!("`{}`", file.display())).collect();
    let within = match &function.code {
        Code::Folder(folder) => format!("`{}`", folder.display()),
        Code::Inline { file, .. } => format!("the template, whose code is `{file}`"),
        Code::Absent(_) => return,
    };
    let message = format!("the handler's file is missing: there is no {} in {within}", names.join(" or "));
    let advice = source.map(|(file, advice)| format!("`{}` is there: {advice}", file.display()));
    findings.push(match &function.kind {
        FunctionKind::Process { .. } | FunctionKind::Image => {
            let help = advice.map(|advice| format!("{advice}; ")).unwrap_or_default();
            Diagnostic::warning(place, message).help(format!("{help}calls of the function answer 502"))
        }
        // A module is loaded when the host starts.
        FunctionKind::Wasm { .. } => Diagnostic { help: advice, ..Diagnostic::error(place, message) },
    });
}

/// `src/index.handler` is `handler` in `src/index.js`: the module ends at the first dot of the last part.
fn nodejs(handler: &str) -> Option<Candidates> {
    let (folder, name) = handler.rsplit_once('/').map_or(("", handler), |(folder, name)| (folder, name));
    let (module, function) = name.split_once('.')?;
    if module.is_empty() || function.is_empty() {
        return None;
    }
    let file = |extension: &str| Path::new(folder).join(format!("{module}.{extension}"));
    let advice = "compile it to JavaScript first";
    Some(Candidates {
        files: vec![file("js"), file("mjs"), file("cjs")],
        sources: vec![(file("ts"), advice), (file("mts"), advice), (file("cts"), advice)],
    })
}

/// `src/app.handler` or `src.app.handler` is `handler` in `src/app.py`: the module ends at the last dot.
fn python(handler: &str) -> Option<Candidates> {
    let (module, function) = handler.rsplit_once('.')?;
    if module.is_empty() || function.is_empty() {
        return None;
    }
    let module = module.replace('.', "/");
    let files = vec![PathBuf::from(format!("{module}.py")), Path::new(&module).join("__init__.py")];
    Some(Candidates { files, sources: Vec::new() })
}

/// The code's own `bootstrap`, or something that builds it.
fn provided() -> Option<Candidates> {
    let sources = vec![(PathBuf::from("Cargo.toml"), "build it first")];
    Some(Candidates { files: vec![PathBuf::from("bootstrap")], sources })
}

/// What a function needs that is not installed, with the command that installs it: a warning, because packages may lie
/// where only the function's own code looks for them. `build_dir` is the folder that
/// holds what is built and installed for this function.
#[must_use]
pub fn missing_dependencies(function: &Function, build_dir: &Path) -> Option<Diagnostic> {
    let code = function.code.folder()?;
    match &function.kind {
        FunctionKind::Process { runtime: Runtime::Nodejs(_), handler: _ } => missing_packages(function, code),
        FunctionKind::Process { runtime: Runtime::Python(_), handler: _ } => {
            missing_requirements(function, code, build_dir)
        }
        FunctionKind::Process { runtime: Runtime::Provided(_), handler: _ } => {
            missing_bootstrap(function, code, build_dir)
        }
        FunctionKind::Process { runtime: Runtime::Other(_), handler: _ }
        | FunctionKind::Wasm { .. }
        | FunctionKind::Image => None,
    }
}

fn missing_packages(function: &Function, code: &Path) -> Option<Diagnostic> {
    let text = fs::read_to_string(code.join("package.json")).ok()?;
    let package: Value = serde_json::from_str(&text).ok()?;
    let dependencies = package.get("dependencies")?.as_object()?;
    // Node.js looks in every folder above, and so do workspaces.
    let installed = |name: &str| {
        code.ancestors().any(|folder| folder.join("node_modules").join(name).is_dir())
            || function.layers.iter().any(|layer| layer.join("nodejs/node_modules").join(name).is_dir())
    };
    let missing: Vec<&str> = dependencies.keys().map(String::as_str).filter(|name| !installed(name)).collect();
    let first = missing.first()?;
    let others = match missing.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let message = format!("`{}` needs `{first}`{others} from `package.json`, not installed", function.logical_id);
    let command = if code.join("package-lock.json").is_file() { "npm ci" } else { "npm install" };
    Some(advise(function, message, &format!("{command} --prefix {}", code.display())))
}

fn missing_requirements(function: &Function, code: &Path, build_dir: &Path) -> Option<Diagnostic> {
    let requirements = code.join("requirements.txt");
    let text = fs::read_to_string(&requirements).ok()?;
    let needs_any = text.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'));
    let in_layer = |layer: &PathBuf| holds_packages(&layer.join("python")) || holds_packages(layer);
    let installed = holds_packages(build_dir) || holds_packages(code) || function.layers.iter().any(in_layer);
    if !needs_any || installed {
        return None;
    }
    let message = format!("`{}` needs the packages of `requirements.txt`, not installed", function.logical_id);
    let command = format!("pip install --requirement {} --target {}", requirements.display(), build_dir.display());
    Some(advise(function, message, &command))
}

/// Whether pip has installed anything here: each package leaves a `*.dist-info` folder.
fn holds_packages(folder: &Path) -> bool {
    let is_package = |entry: fs::DirEntry| entry.path().extension().is_some_and(|end| end == "dist-info");
    fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(is_package))
}

fn missing_bootstrap(function: &Function, code: &Path, build_dir: &Path) -> Option<Diagnostic> {
    let manifest = code.join("Cargo.toml");
    let built = code.join("bootstrap").is_file() || build_dir.join("bootstrap").is_file();
    if built || !manifest.is_file() {
        return None;
    }
    let message = format!("`{}` is not built: there is no `bootstrap`", function.logical_id);
    Some(advise(function, message, &format!("cargo build --release --manifest-path {}", manifest.display())))
}

fn advise(function: &Function, message: String, command: &str) -> Diagnostic {
    Diagnostic::warning(&function.handler_place, message).help(format!("run with `--install`, or run `{command}`"))
}
