//! Where a function's code is: a folder, the definition itself, or nowhere on this machine.
//!
//! Code that is not here keeps nothing from being served: AWS's own tools find that out when the function is called,
//! and so do its callers here.

use crate::{
    Diagnostic, Place,
    document::Node,
    intrinsics::Scope,
    limits,
    read::Reading,
    resources::{Code, FunctionKind, Runtime},
    shape,
};
use std::path::{Path, PathBuf};

/// Where a definition says that the code is, intrinsics resolved.
#[derive(Debug, Default)]
pub(crate) enum Location {
    /// It does not say.
    #[default]
    Nowhere,
    /// The folder of the definition, which SAM takes when nothing is said.
    Beside,
    /// A folder, or whatever stands where one is named.
    Folder(Node),
    /// The text of a module.
    Inline(Node),
    /// A container image.
    Image(Place),
}

/// What callers get of a function whose code is not here.
const CALLS_FAIL: &str = "its calls answer 502";

/// The code as far as the location says; `None` with a finding when there can be none.
pub(super) fn read(reading: &mut Reading<'_>, scope: &Scope, location: &Location, place: &Place) -> Option<Code> {
    match location {
        Location::Nowhere => {
            let missing = Diagnostic::error(place, "the function names no folder with its code");
            reading.findings.push(missing.help("add `CodeUri` (`codeUri` in OpenAPI), relative to the definition"));
            None
        }
        Location::Beside => {
            let folder = if scope.folder.as_os_str().is_empty() { Path::new(".") } else { &scope.folder };
            Some(absolute(folder).map_or_else(|_| Code::Absent(Some(folder.to_path_buf())), Code::Folder))
        }
        Location::Folder(node) => in_folder(reading, scope, node),
        // Its file is named when the runtime is known.
        Location::Inline(node) => {
            let text = shape::text(&mut reading.findings, node)?;
            check_inline(reading, node, &text);
            Some(Code::Inline { file: String::new(), text })
        }
        Location::Image(place) => {
            let warning = Diagnostic::warning(place, "container images are not run here");
            reading.findings.push(warning.help(format!("name a folder with the code; {CALLS_FAIL}")));
            Some(Code::Absent(None))
        }
    }
}

/// The file that Lambda puts inline code into: `index.js` or `index.py`; `None` with a finding for other runtimes.
pub(super) fn name_file(
    reading: &mut Reading<'_>,
    (code, kind): (&mut Code, &FunctionKind),
    location: &Location,
) -> Option<()> {
    let (Code::Inline { file, .. }, Location::Inline(node)) = (code, location) else { return Some(()) };
    match kind {
        FunctionKind::Process { runtime: Runtime::Nodejs(_), handler: _ } => "index.js".clone_into(file),
        FunctionKind::Process { runtime: Runtime::Python(_), handler: _ } => "index.py".clone_into(file),
        FunctionKind::Process { runtime: Runtime::Provided(_) | Runtime::Other(_), handler: _ }
        | FunctionKind::Wasm { .. }
        | FunctionKind::Image => {
            let message = "code in the template itself is for Node.js and Python; Lambda refuses it for others";
            reading.findings.error(&node.place(), message);
            return None;
        }
    }
    Some(())
}

fn check_inline(reading: &mut Reading<'_>, node: &Node, text: &str) {
    if text.trim().is_empty() {
        reading.findings.error(&node.place(), "the code is empty, and Lambda takes none that is");
    }
    if text.len() > limits::INLINE_CODE {
        let message = format!("the code has {} bytes; CloudFormation takes {}", text.len(), limits::INLINE_CODE);
        reading.findings.error(&node.place(), message);
    }
    let response_module = ["cfn-response", "cfnresponse"].into_iter().find(|name| text.contains(name));
    if let Some(name) = response_module {
        let message = format!("the code uses `{name}`, a module that CloudFormation adds to it");
        let help = "nothing here calls functions of custom resources, and the module is not there";
        reading.findings.push(Diagnostic::warning(&node.place(), message).help(help));
    }
}

fn in_folder(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<Code> {
    match found(scope, node, reading)? {
        Ok(folder) => Some(Code::Folder(folder)),
        Err((missing, message, help)) => {
            let help = help.map_or_else(|| CALLS_FAIL.to_owned(), |help| format!("{help}; {CALLS_FAIL}"));
            reading.findings.push(Diagnostic::warning(&node.place(), message).help(help));
            Some(Code::Absent(missing))
        }
    }
}

/// A folder of a layer, absolute; `None` with a warning when it is not there.
pub(crate) fn layer_folder(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<PathBuf> {
    match found(scope, node, reading)? {
        Ok(folder) => Some(folder),
        Err((_, message, help)) => {
            let help = help.map(|help| format!("{help}; ")).unwrap_or_default();
            let warning = Diagnostic::warning(&node.place(), message);
            reading.findings.push(warning.help(format!("{help}functions run without this layer")));
            None
        }
    }
}

/// What is missing where, why, and what to do.
type Missing = (Option<PathBuf>, String, Option<&'static str>);

/// A folder that a definition names, absolute; `None` when the text is none.
fn found(scope: &Scope, node: &Node, reading: &mut Reading<'_>) -> Option<Result<PathBuf, Missing>> {
    const NAME_A_FOLDER: Option<&str> = Some("name a folder beside the definition");
    if node.as_map().is_some() {
        return Some(Err((None, "code in S3 is not read".to_owned(), NAME_A_FOLDER)));
    }
    let text = shape::text(&mut reading.findings, node)?;
    if text.starts_with("s3://") || text.starts_with("https://") {
        return Some(Err((None, format!("`{}` is not on this machine", shape::brief(&text)), NAME_A_FOLDER)));
    }
    let path = scope.folder.join(&text);
    let missing = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
    Some(match absolute(&path) {
        Ok(folder) if folder.is_dir() => Ok(folder),
        Ok(_) => {
            let message = format!("`{}` is a file, not a folder", shape::brief(&text));
            Err((Some(missing), message, Some("archives are not read yet; unpack it")))
        }
        Err(error) => {
            let reason = match error.kind() {
                std::io::ErrorKind::NotFound => "there is no such folder".to_owned(),
                // The set is open: other reasons speak for themselves.
                _ => error.to_string(),
            };
            Err((Some(missing), format!("cannot read `{}`: {reason}", path.display()), None))
        }
    })
}

fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    path.canonicalize()
}
