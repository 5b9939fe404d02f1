//! A function from what a definition says of it, whichever kind of definition that is.

use crate::{
    Diagnostic, Place, code,
    document::{Map, Node},
    identifier,
    intrinsics::Scope,
    limits,
    read::Reading,
    resources::{Architecture, Function, FunctionKind, Isolation, Runtime},
    shape, spelling,
};
use indexmap::IndexMap;
use std::path::{Path, PathBuf};

/// What a definition says, intrinsics resolved; the same for SAM and for `x-fanlight-functions`.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) code: Option<Node>,
    pub(crate) handler: Option<Node>,
    pub(crate) runtime: Option<Node>,
    pub(crate) timeout: Option<Node>,
    pub(crate) memory: Option<Node>,
    /// Names and values.
    pub(crate) environment: Option<Node>,
    pub(crate) concurrency: Option<Node>,
    pub(crate) architectures: Option<Node>,
    /// Folders of layers.
    pub(crate) layers: Vec<PathBuf>,
    /// `wasm` or `process`.
    pub(crate) kind: Option<Node>,
    pub(crate) isolation: Option<Node>,
    pub(crate) module: Option<Node>,
}

/// What a function is called.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) logical_id: String,
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// Checks what is wanted and makes a function of it.
pub(crate) fn build(reading: &mut Reading<'_>, scope: &Scope, id: Identity, wanted: &Wanted) -> Option<Function> {
    let code = read_folder(reading, scope, wanted.code.as_ref(), &id.place);
    let kind = read_kind(reading, wanted, code.as_deref(), &id.place);
    let (timeout_ms, memory_mb) = read_sizes(reading, wanted);
    let environment = read_environment(reading, wanted.environment.as_ref());
    let concurrency = wanted.concurrency.as_ref();
    let reserved_concurrency = concurrency
        .and_then(|node| shape::integer(&mut reading.findings, node, &limits::FUNCTION_CONCURRENCY))
        .and_then(|count| u32::try_from(count).ok());
    let architecture = read_architecture(reading, wanted.architectures.as_ref());
    let named_by = wanted.module.as_ref().or(wanted.handler.as_ref());
    let function = Function {
        arn: identifier::function_arn(&scope.region, &scope.account_id, &id.name),
        logical_id: id.logical_id,
        name: id.name,
        kind: kind?,
        code: code?,
        timeout_ms,
        memory_mb,
        environment,
        reserved_concurrency,
        layers: wanted.layers.clone(),
        architecture,
        handler_place: named_by.map_or_else(|| id.place.clone(), Node::place),
        place: id.place,
    };
    code::check_handler(&mut reading.findings, &function);
    Some(function)
}

/// A folder that a definition names, absolute; `None` with a finding when it is not there.
pub(crate) fn folder(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<PathBuf> {
    let place = node.place();
    if node.as_map().is_some() {
        reading
            .findings
            .push(Diagnostic::error(&place, "code in S3 is not read").help("name a folder beside the definition"));
        return None;
    }
    let text = shape::text(&mut reading.findings, node)?;
    if text.starts_with("s3://") || text.starts_with("https://") {
        let message = format!("`{}` is not on this machine", shape::brief(&text));
        reading.findings.push(Diagnostic::error(&place, message).help("name a folder beside the definition"));
        return None;
    }
    let path = scope.folder.join(&text);
    match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => absolute(reading, &path, &place),
        Ok(_) => {
            let message = format!("`{}` is a file, not a folder", shape::brief(&text));
            reading.findings.push(Diagnostic::error(&place, message).help("archives are not read yet; unpack it"));
            None
        }
        Err(error) => {
            let reason = match error.kind() {
                std::io::ErrorKind::NotFound => "there is no such folder".to_owned(),
                _ => error.to_string(),
            };
            reading.findings.error(&place, format!("cannot read `{}`: {reason}", path.display()));
            None
        }
    }
}

fn absolute(reading: &mut Reading<'_>, path: &Path, place: &Place) -> Option<PathBuf> {
    match path.canonicalize() {
        Ok(path) => Some(path),
        Err(error) => {
            reading.findings.error(place, format!("cannot read `{}`: {error}", path.display()));
            None
        }
    }
}

fn read_folder(reading: &mut Reading<'_>, scope: &Scope, node: Option<&Node>, place: &Place) -> Option<PathBuf> {
    match node {
        Some(node) => folder(reading, scope, node),
        None => {
            let missing = Diagnostic::error(place, "the function names no folder with its code");
            reading.findings.push(missing.help("add `CodeUri` (`codeUri` in OpenAPI), relative to the definition"));
            None
        }
    }
}

fn read_sizes(reading: &mut Reading<'_>, wanted: &Wanted) -> (u64, u32) {
    let seconds = wanted.timeout.as_ref();
    let seconds = seconds.and_then(|node| shape::integer(&mut reading.findings, node, &limits::FUNCTION_TIMEOUT));
    let memory = wanted.memory.as_ref();
    let memory = memory.and_then(|node| shape::integer(&mut reading.findings, node, &limits::FUNCTION_MEMORY));
    (seconds.unwrap_or(3) * 1000, memory.and_then(|memory| u32::try_from(memory).ok()).unwrap_or(128))
}

fn read_kind(reading: &mut Reading<'_>, wanted: &Wanted, code: Option<&Path>, place: &Place) -> Option<FunctionKind> {
    let handler = match &wanted.handler {
        Some(node) => shape::text(&mut reading.findings, node)?,
        None => String::new(),
    };
    let is_module = |text: &str| text.ends_with(".wasm") || text.ends_with(".wat");
    let wasm = match &wanted.kind {
        None => is_module(&handler) || wanted.module.is_some(),
        Some(node) => match shape::text(&mut reading.findings, node)?.as_str() {
            "wasm" => true,
            "process" => false,
            other => {
                let message = match other {
                    "web" => "functions of kind `web` are not served yet".to_owned(),
                    _ => format!("unknown kind `{}` of a function", shape::brief(other)),
                };
                reading.findings.push(Diagnostic::error(&node.place(), message).help("one of `process`, `wasm`"));
                return None;
            }
        },
    };
    if !wasm {
        let runtime = read_runtime(reading, wanted.runtime.as_ref(), place)?;
        return process(reading, runtime, handler, place);
    }
    let isolation = read_isolation(reading, wanted.isolation.as_ref());
    let module = match &wanted.module {
        Some(node) => shape::text(&mut reading.findings, node)?,
        None => handler,
    };
    if !is_module(&module) {
        let missing = Diagnostic::error(place, "the function names no WebAssembly module");
        reading.findings.push(missing.help("write a handler such as `app.wasm`, relative to the code"));
        return None;
    }
    Some(FunctionKind::Wasm { module: code?.join(module), isolation })
}

fn process(reading: &mut Reading<'_>, runtime: Runtime, handler: String, place: &Place) -> Option<FunctionKind> {
    let needs_handler = match runtime {
        Runtime::Nodejs(_) | Runtime::Python(_) => true,
        Runtime::Provided(_) => false,
    };
    if needs_handler && handler.is_empty() {
        let missing = Diagnostic::error(place, "the function has no handler");
        reading.findings.push(missing.help("name a file and a function in it, such as `index.handler`"));
        return None;
    }
    Some(FunctionKind::Process { runtime, handler })
}

const RUNTIMES: &str = "`nodejs*.x`, `python3.*` and `provided.*` are served";

fn read_runtime(reading: &mut Reading<'_>, node: Option<&Node>, place: &Place) -> Option<Runtime> {
    let Some(node) = node else {
        reading.findings.push(Diagnostic::error(place, "the function has no runtime").help(RUNTIMES));
        return None;
    };
    let text = shape::text(&mut reading.findings, node)?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.strip_prefix("nodejs").and_then(|rest| rest.strip_suffix(".x")).is_some_and(digits) {
        return Some(Runtime::Nodejs(text));
    }
    if text.strip_prefix("python3.").is_some_and(digits) {
        return Some(Runtime::Python(text));
    }
    if matches!(text.as_str(), "provided" | "provided.al2" | "provided.al2023") {
        return Some(Runtime::Provided(text));
    }
    let known =
        ["nodejs20.x", "nodejs22.x", "nodejs24.x", "python3.12", "python3.13", "provided.al2", "provided.al2023"];
    let help = match spelling::suggestion(&text, known) {
        Some(suggestion) => format!("{suggestion}; {RUNTIMES}"),
        None => RUNTIMES.to_owned(),
    };
    let message = format!("the runtime `{}` is not served", shape::brief(&text));
    reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
    None
}

fn read_isolation(reading: &mut Reading<'_>, node: Option<&Node>) -> Isolation {
    let Some(node) = node else { return Isolation::default() };
    match node.as_text() {
        Some("request") => Isolation::Request,
        Some("instance") => Isolation::Instance,
        _ => {
            shape::mismatch(&mut reading.findings, node, "`request` or `instance`");
            Isolation::default()
        }
    }
}

fn read_architecture(reading: &mut Reading<'_>, node: Option<&Node>) -> Architecture {
    let Some(node) = node else { return Architecture::default() };
    let items = shape::list(&mut reading.findings, node).unwrap_or_default();
    match items {
        [item] if item.as_text() == Some("x86_64") => Architecture::X86_64,
        [item] if item.as_text() == Some("arm64") => Architecture::Arm64,
        _ => {
            let message = "expected `[x86_64]` or `[arm64]`";
            reading.findings.error(&items.first().unwrap_or(node).place(), message);
            Architecture::default()
        }
    }
}

/// Names that Lambda itself sets, and refuses in a definition.
const RESERVED: [&str; 19] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
];

fn read_environment(reading: &mut Reading<'_>, node: Option<&Node>) -> IndexMap<String, String> {
    let mut variables = IndexMap::new();
    let Some(node) = node else { return variables };
    let mut bytes = 0;
    for (name, entry) in shape::map(&mut reading.findings, node).into_iter().flat_map(Map::iter) {
        let valid = name.len() > 1
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if RESERVED.contains(&name) {
            let message = format!("`{name}` is set by Lambda itself, which refuses it here");
            reading.findings.error(&entry.key_place(), message);
        } else if !valid {
            let message = format!("`{}` is no name of an environment variable", shape::brief(name));
            let help = "a letter, then at least one of letters, digits and `_`";
            reading.findings.push(Diagnostic::error(&entry.key_place(), message).help(help));
        } else if let Some(value) = shape::text(&mut reading.findings, &entry.node) {
            if value.contains("{{resolve:") {
                let message = format!("`{name}` refers to a secret or parameter of AWS, which is passed on as it is");
                reading.findings.warn(&entry.node.place(), message);
            }
            bytes += name.len() + value.len();
            variables.insert(name.to_owned(), value);
        }
    }
    if bytes > limits::FUNCTION_ENVIRONMENT {
        let message =
            format!("the environment variables are {bytes} bytes; Lambda takes {}", limits::FUNCTION_ENVIRONMENT);
        reading.findings.error(&node.place(), message);
    }
    variables
}
