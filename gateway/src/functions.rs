//! The functions of a site, made of their definitions.

use crate::{limits, settings::Settings, site::Plan};
use fanlight_definition::{
    Diagnostic, Resources,
    resources::{self, Code, FunctionKind, Runtime},
};
use fanlight_runtime::{
    Completed, Function, FunctionConfig, FunctionError, Invocation, InvokeError, LogSink, Program,
    interpreter::{self, Interpreter},
    invocation::BoxFuture,
    process,
};
use fanlight_runtime_wasm::{Engine, Settings as WasmSettings};
use futures_util::future::join_all;
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{Mutex, OnceCell, mpsc};

/// Functions by name.
#[derive(Debug, Default)]
pub(crate) struct Functions(HashMap<String, Arc<Handle>>);

/// A function that ends its environments when the last site that has it is gone.
#[derive(Debug)]
pub(crate) struct Handle {
    definition: resources::Function,
    function: Arc<dyn Function>,
    /// Whether this machine can run it; the calls of one that it cannot run fail.
    runs: bool,
    retire: mpsc::UnboundedSender<Arc<dyn Function>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // Nobody listens any more only when the host is going down, which ends all functions anyway.
        let _gone = self.retire.send(Arc::clone(&self.function));
    }
}

impl Functions {
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Handle>> {
        self.0.get(name)
    }

    /// Initialises the functions that were not there before; `None` when one of them fails to.
    pub(crate) async fn warm_new(&self, kept: Kept<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<()> {
        let known = |handle: &Arc<Handle>| {
            let before = kept.functions.and_then(|functions| functions.get(&handle.definition.name));
            before.is_some_and(|before| Arc::ptr_eq(before, handle))
        };
        let warming = self.0.values().filter(|handle| !known(handle)).map(|handle| async {
            let failure = handle.function.warm().await.err()?;
            let message = format!(
                "`{}` cannot be initialised: {}: {}",
                handle.definition.name, failure.error_type, failure.message
            );
            Some(Diagnostic::error(&handle.definition.handler_place, message))
        });
        let failures: Vec<Diagnostic> = join_all(warming).await.into_iter().flatten().collect();
        let initialised = failures.is_empty().then_some(());
        diagnostics.extend(failures);
        initialised
    }
}

impl Handle {
    pub(crate) async fn invoke(&self, invocation: Invocation) -> Result<Completed, InvokeError> {
        self.function.invoke(invocation).await
    }
}

/// Where the prepared dependencies of a function lie.
pub(crate) fn build_folder(data: &Path, function: &resources::Function) -> PathBuf {
    data.join("build").join(&function.name)
}

/// Makes functions, and keeps what they share.
#[derive(Debug)]
pub(crate) struct Workshop {
    logs: Arc<dyn LogSink>,
    retire: mpsc::UnboundedSender<Arc<dyn Function>>,
    /// Made for the first WebAssembly function: its pool takes a while to reserve.
    engine: OnceCell<Engine>,
    interpreters: Mutex<HashMap<String, Interpreter>>,
}

/// What a new revision may keep of the one before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept<'a> {
    /// The functions there were.
    pub(crate) functions: Option<&'a Functions>,
    /// The files that have changed since.
    pub(crate) changed: &'a [PathBuf],
}

/// Functions that no site has any more, to be shut down.
pub(crate) type Retired = mpsc::UnboundedReceiver<Arc<dyn Function>>;

impl Workshop {
    pub(crate) fn new(logs: Arc<dyn LogSink>) -> (Self, Retired) {
        let (retire, retired) = mpsc::unbounded_channel();
        (Self { logs, retire, engine: OnceCell::new(), interpreters: Mutex::default() }, retired)
    }

    /// All functions of a definition; `None` when one cannot be made. A function that there was before stays as it is,
    /// warm, when its definition is the same and nothing under its code has changed.
    pub(crate) async fn make(
        &self,
        plan: &Plan,
        (resources, settings): (&Resources, &Settings),
        kept: Kept<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Functions> {
        let mut functions = Functions::default();
        let mut broken = false;
        for definition in &resources.functions {
            let build = plan.source.build_folder(definition);
            let touched = |path: &PathBuf| {
                // An empty path stands for any.
                let layers = definition.layers.iter().map(PathBuf::as_path);
                let folders = definition.code.folder().into_iter().chain([build.as_path()]).chain(layers);
                path.as_os_str().is_empty() || folders.into_iter().any(|folder| path.starts_with(folder))
            };
            let same = kept
                .functions
                .and_then(|functions| functions.get(&definition.name))
                .filter(|handle| handle.definition == *definition && !kept.changed.iter().any(touched));
            let handle = match same {
                Some(handle) => Ok(Arc::clone(handle)),
                // A build that replaces a folder, or an editor, may have taken away for a moment what worked before.
                None if lost(plan, kept, definition) => Err(format!("`{}` would stop working", definition.name)),
                None => self.one(plan, (resources, settings), definition, diagnostics).await.map(Arc::new),
            };
            match handle {
                Ok(handle) => {
                    functions.0.insert(definition.name.clone(), handle);
                }
                Err(message) => {
                    broken = true;
                    diagnostics.push(Diagnostic::error(&definition.handler_place, message));
                }
            }
        }
        (!broken).then_some(functions)
    }

    async fn one(
        &self,
        plan: &Plan,
        (resources, settings): (&Resources, &Settings),
        definition: &resources::Function,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Handle, String> {
        if let Some(why) = definition.unserved() {
            return Ok(self.absent(definition, why));
        }
        let code = code_folder(plan, definition)?;
        let config = config(plan, (resources, settings), definition, code);
        let function: Arc<dyn Function> = match &definition.kind {
            FunctionKind::Image => return Ok(self.absent(definition, "a container image".to_owned())),
            FunctionKind::Wasm { module, .. } => {
                let engine = self.engine(&plan.source.data).await?;
                let loaded = fanlight_runtime_wasm::load(engine, config, module, Arc::clone(&self.logs)).await;
                loaded.map_err(|error| error.to_string())?
            }
            FunctionKind::Process { runtime, .. } => {
                match program(self, (plan, settings), definition, diagnostics).await? {
                    Some(program) => {
                        let made = process::Function::new(config, program, Arc::clone(&self.logs));
                        Arc::new(made.map_err(|error| format!("`{}` cannot be prepared: {error}", definition.name))?)
                    }
                    None => {
                        let why = format!("this machine cannot run {}", runtime.identifier());
                        return Ok(self.absent(definition, why));
                    }
                }
            }
        };
        Ok(Handle { definition: definition.clone(), function, runs: true, retire: self.retire.clone() })
    }

    /// A function whose calls fail.
    fn absent(&self, definition: &resources::Function, why: String) -> Handle {
        let function = Arc::new(Absent(why));
        Handle { definition: definition.clone(), function, runs: false, retire: self.retire.clone() }
    }

    /// The interpreter for a runtime, asked once: that takes as long as starting it.
    pub(crate) async fn interpreter(&self, runtime: &Runtime) -> Result<Interpreter, interpreter::Error> {
        let mut known = self.interpreters.lock().await;
        let identifier = runtime.identifier();
        if let Some(found) = known.get(identifier) {
            return Ok(found.clone());
        }
        let found = match runtime {
            Runtime::Python(identifier) => interpreter::python(identifier).await,
            Runtime::Nodejs(identifier) | Runtime::Provided(identifier) | Runtime::Other(identifier) => {
                interpreter::node(identifier).await
            }
        }?;
        known.insert(identifier.to_owned(), found.clone());
        Ok(found)
    }

    async fn engine(&self, data: &Path) -> Result<&Engine, String> {
        let settings = WasmSettings { cache: Some(data.join("cache").join("wasm")), ..WasmSettings::default() };
        self.engine.get_or_try_init(|| async { Engine::new(settings).map_err(|error| error.to_string()) }).await
    }
}

/// Whether the code of a function that could be run before is not there any more.
fn lost(plan: &Plan, kept: Kept<'_>, definition: &resources::Function) -> bool {
    let before = kept.functions.and_then(|functions| functions.get(&definition.name));
    let gone = match (&definition.code, &definition.kind) {
        (Code::Absent(Some(_)), _) => true,
        (_, FunctionKind::Process { runtime: Runtime::Provided(_), .. }) => bootstrap(plan, definition).is_none(),
        (Code::Folder(_) | Code::Inline { .. } | Code::Absent(None), _) => false,
    };
    gone && before.is_some_and(|before| before.runs)
}

/// The folder of a function's code. Code of the definition itself is written into one, a new one for each text, because
/// environments of the revision before may still start.
fn code_folder(plan: &Plan, definition: &resources::Function) -> Result<PathBuf, String> {
    let (file, text) = match &definition.code {
        Code::Folder(folder) => return Ok(folder.clone()),
        Code::Absent(_) => return Err(format!("`{}` has no code", definition.name)),
        Code::Inline { file, text } => (file, text),
    };
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let folder = plan.source.data.join("code").join(&definition.name).join(format!("{:016x}", hasher.finish()));
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join(file), text));
    match written {
        Ok(()) => Ok(folder),
        Err(error) => {
            Err(format!("the code of `{}` cannot be written to {}: {error}", definition.name, folder.display()))
        }
    }
}

fn config(
    plan: &Plan,
    (resources, settings): (&Resources, &Settings),
    definition: &resources::Function,
    code: PathBuf,
) -> FunctionConfig {
    let most = settings.limits.environments_per_function.unwrap_or(limits::ENVIRONMENTS_PER_FUNCTION);
    let reserved = definition.reserved_concurrency.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    FunctionConfig {
        name: definition.name.clone(),
        arn: definition.arn.clone(),
        region: resources.region.clone(),
        code,
        build: Some(plan.source.build_folder(definition)),
        layers: definition.layers.clone(),
        timeout: Duration::from_millis(definition.timeout_ms),
        memory_mb: definition.memory_mb,
        environment: definition.environment.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        max_environments: reserved.map_or(most, |reserved| reserved.min(most)),
    }
}

/// The program of a process function; `None` when this machine has no interpreter of its family, which is said in a
/// warning: the API is served all the same, and the function's calls fail.
async fn program(
    shop: &Workshop,
    (plan, settings): (&Plan, &Settings),
    definition: &resources::Function,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Program>, String> {
    let FunctionKind::Process { runtime, handler } = &definition.kind else { return Ok(None) };
    let handler = handler.clone();
    let interpreters = &settings.interpreters;
    let configured = match runtime {
        Runtime::Nodejs(_) => interpreters.node.clone(),
        Runtime::Python(_) => interpreters.python.clone(),
        Runtime::Provided(runtime) => {
            let program = |path| Program::Bootstrap { runtime: runtime.clone(), path, handler };
            return Ok(bootstrap(plan, definition).map(program));
        }
        Runtime::Other(_) => return Ok(None),
    };
    let interpreter = match configured {
        Some(path) => path,
        None => match shop.interpreter(runtime).await {
            Ok(found) => {
                let notice = found.notice.map(|notice| Diagnostic::warning(&definition.handler_place, notice));
                diagnostics.extend(notice);
                found.path
            }
            Err(error) => {
                let message = format!("{error}; calls of `{}` will fail", definition.name);
                diagnostics.push(Diagnostic::warning(&definition.handler_place, message));
                return Ok(None);
            }
        },
    };
    let runtime_id = runtime.identifier().to_owned();
    Ok(Some(match runtime {
        Runtime::Python(_) => Program::Python { runtime: runtime_id, handler, interpreter },
        Runtime::Nodejs(_) | Runtime::Provided(_) | Runtime::Other(_) => {
            Program::Nodejs { runtime: runtime_id, handler, interpreter }
        }
    }))
}

/// Where the program of a `provided` function is; `None` when it is not built, which its reader has said.
fn bootstrap(plan: &Plan, definition: &resources::Function) -> Option<PathBuf> {
    let built = plan.source.build_folder(definition);
    let folders = definition.code.folder().into_iter().chain([built.as_path()]);
    let layers = definition.layers.iter().map(PathBuf::as_path);
    folders.chain(layers).map(|folder| folder.join("bootstrap")).find(|path| path.is_file())
}

/// A function that this machine cannot run, and why.
#[derive(Debug)]
struct Absent(String);

impl Function for Absent {
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'_, Result<Completed, InvokeError>> {
        let message = format!("RequestId: {} Error: {}", invocation.request_id, self.0);
        let error = FunctionError { error_type: "Runtime.InvalidEntrypoint".to_owned(), message };
        let payload = serde_json::json!({ "errorType": error.error_type, "errorMessage": error.message }).to_string();
        let completed =
            Completed { payload: payload.into(), error: Some(error), duration: Duration::ZERO, init_duration: None };
        Box::pin(std::future::ready(Ok(completed)))
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
