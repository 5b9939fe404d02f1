//! A function from what a definition says of it, whichever kind of definition that is.

mod environment;
mod location;

pub(crate) use location::{Location, layer_folder};

use crate::{
    Diagnostic, Place, code,
    document::Node,
    identifier,
    intrinsics::Scope,
    limits,
    read::Reading,
    resources::{Architecture, Code, Function, FunctionKind, Isolation, Runtime},
    shape, spelling,
};
use std::path::PathBuf;

/// What a definition says, intrinsics resolved; the same for SAM and for `x-fanlight-functions`.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) code: Location,
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
    let code = location::read(reading, scope, &wanted.code, &id.place);
    let kind = read_kind(reading, wanted, code.as_ref(), &id.place);
    let (timeout_ms, memory_mb) = read_sizes(reading, wanted);
    let environment = environment::read(reading, wanted.environment.as_ref());
    let concurrency = wanted.concurrency.as_ref();
    let reserved_concurrency = concurrency
        .and_then(|node| shape::integer(&mut reading.findings, node, &limits::FUNCTION_CONCURRENCY))
        .and_then(|count| u32::try_from(count).ok());
    let architecture = read_architecture(reading, wanted.architectures.as_ref());
    let (mut code, kind) = (code?, kind?);
    location::name_file(reading, (&mut code, &kind), &wanted.code)?;
    let named_by = wanted.module.as_ref().or(wanted.handler.as_ref());
    let function = Function {
        arn: identifier::function_arn(&scope.region, &scope.account_id, &id.name),
        logical_id: id.logical_id,
        name: id.name,
        kind,
        code,
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

fn read_sizes(reading: &mut Reading<'_>, wanted: &Wanted) -> (u64, u32) {
    let seconds = wanted.timeout.as_ref();
    let seconds = seconds.and_then(|node| shape::integer(&mut reading.findings, node, &limits::FUNCTION_TIMEOUT));
    let memory = wanted.memory.as_ref();
    let memory = memory.and_then(|node| shape::integer(&mut reading.findings, node, &limits::FUNCTION_MEMORY));
    (seconds.unwrap_or(3) * 1000, memory.and_then(|memory| u32::try_from(memory).ok()).unwrap_or(128))
}

fn read_kind(reading: &mut Reading<'_>, wanted: &Wanted, code: Option<&Code>, place: &Place) -> Option<FunctionKind> {
    if matches!(wanted.code, Location::Image(_)) {
        return Some(FunctionKind::Image);
    }
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
    let module = match code? {
        Code::Folder(folder) | Code::Absent(Some(folder)) => folder.join(module),
        Code::Inline { .. } | Code::Absent(None) => PathBuf::from(module),
    };
    Some(FunctionKind::Wasm { module, isolation })
}

fn process(reading: &mut Reading<'_>, runtime: Runtime, handler: String, place: &Place) -> Option<FunctionKind> {
    let needs_handler = match runtime {
        Runtime::Nodejs(_) | Runtime::Python(_) => true,
        Runtime::Provided(_) | Runtime::Other(_) => false,
    };
    if needs_handler && handler.is_empty() {
        let missing = Diagnostic::error(place, "the function has no handler");
        reading.findings.push(missing.help("name a file and a function in it, such as `index.handler`"));
        return None;
    }
    Some(FunctionKind::Process { runtime, handler })
}

const RUNTIMES: &str = "`nodejs*.x`, `python3.*` and `provided.*` are served";

/// Runtimes of Lambda that nothing here runs.
const UNSERVED: [&str; 8] =
    ["go1.x", "java8.al2", "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "python2.7"];

/// Whether a text is a family of runtimes that nothing here runs, and a version: `java21`, `dotnet8`, `ruby3.3`.
fn is_of_other_family(text: &str) -> bool {
    let version = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    let version = |text: &str| version(text) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    ["dotnetcore", "dotnet", "java", "ruby"].iter().filter_map(|family| text.strip_prefix(family)).any(version)
}

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
    if UNSERVED.contains(&text.as_str()) || is_of_other_family(&text) {
        let warning = Diagnostic::warning(&node.place(), format!("the runtime `{text}` is not run here"));
        reading.findings.push(warning.help(format!("{RUNTIMES}; its calls answer 502")));
        return Some(Runtime::Other(text));
    }
    let known =
        ["nodejs20.x", "nodejs22.x", "nodejs24.x", "python3.12", "python3.13", "provided.al2", "provided.al2023"];
    let help = match spelling::suggestion(&text, known) {
        Some(suggestion) => format!("{suggestion}; {RUNTIMES}"),
        None => RUNTIMES.to_owned(),
    };
    let message = format!("`{}` is no runtime of Lambda", shape::brief(&text));
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
