//! `AWS::Lambda::Function`: code, handler and limits.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-function.html>

use crate::Place;
use indexmap::IndexMap;
use std::path::{Path, PathBuf};

/// A function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The logical id in a template.
    pub logical_id: String,
    /// `FunctionName`, or the logical id.
    pub name: String,
    /// `arn:aws:lambda:{region}:{account}:function:{name}`.
    pub arn: String,
    /// What executes it.
    pub kind: FunctionKind,
    /// Where its code is.
    pub code: Code,
    /// Milliseconds an invocation may take; AWS's default is 3,000.
    pub timeout_ms: u64,
    /// Memory in MB; AWS's default is 128.
    pub memory_mb: u32,
    /// Environment variables of the definition.
    pub environment: IndexMap<String, String>,
    /// `ReservedConcurrentExecutions`: at most this many at once.
    pub reserved_concurrency: Option<u32>,
    /// Folders of layers, absolute, in order.
    pub layers: Vec<PathBuf>,
    /// Architecture the definition asks for.
    pub architecture: Architecture,
    /// Where the function is defined.
    pub place: Place,
    /// Where its handler is named; the function's own place when it is not.
    pub handler_place: Place,
}

impl Function {
    /// Why this machine cannot run the function, where that is known before anybody calls it. The API is served all the
    /// same; calls of the function fail.
    #[must_use]
    pub fn unserved(&self) -> Option<String> {
        match (&self.kind, &self.code) {
            (FunctionKind::Image, _) => Some("container images are not run here".to_owned()),
            (FunctionKind::Process { runtime: Runtime::Other(runtime), handler: _ }, _) => {
                Some(format!("the runtime `{runtime}` is not run here"))
            }
            (_, Code::Absent(Some(folder))) => Some(format!("its code is missing: no `{}`", folder.display())),
            (_, Code::Absent(None)) => Some("its code is not on this machine".to_owned()),
            (_, Code::Folder(_) | Code::Inline { .. }) => None,
        }
    }
}

/// Where the code of a function is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// In a folder (`LAMBDA_TASK_ROOT`), absolute.
    Folder(PathBuf),
    /// In the definition itself: one module, to be written into a folder of its own.
    Inline {
        /// The name of the module's file, such as `index.js`.
        file: String,
        /// The module.
        text: String,
    },
    /// Not on this machine. The folder or file that a definition names is here as soon as somebody makes it.
    Absent(Option<PathBuf>),
}

impl Code {
    /// The folder on disk, if the code has one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Inline { .. } | Self::Absent(_) => None,
        }
    }
}

/// How a function is executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionKind {
    /// A process that speaks the Lambda Runtime API.
    Process {
        /// The runtime.
        runtime: Runtime,
        /// The handler, such as `index.handler`; `provided.*` may do without.
        handler: String,
    },
    /// A WebAssembly module or component in this process.
    Wasm {
        /// The module, absolute.
        module: PathBuf,
        /// How much one invocation may see of the ones before.
        isolation: Isolation,
    },
    /// A container image, which nothing here runs.
    Image,
}

/// A Lambda runtime identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runtime {
    /// `nodejs*`, as written.
    Nodejs(String),
    /// `python3.*`, as written.
    Python(String),
    /// `provided.*`: the code's own `bootstrap`, as written.
    Provided(String),
    /// One of Lambda's that nothing here runs, as written.
    Other(String),
}

impl Runtime {
    /// The identifier as the definition writes it.
    #[must_use]
    pub fn identifier(&self) -> &str {
        match self {
            Self::Nodejs(identifier)
            | Self::Python(identifier)
            | Self::Provided(identifier)
            | Self::Other(identifier) => identifier,
        }
    }
}

/// What survives between invocations of a WebAssembly function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// Nothing: each invocation has a fresh instance.
    #[default]
    Request,
    /// One warm instance serves one event at a time; globals survive.
    Instance,
}

/// `Architectures`; recorded, not enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Architecture {
    /// `x86_64`
    #[default]
    X86_64,
    /// `arm64`
    Arm64,
}
