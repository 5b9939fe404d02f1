//! What a function is: its code and its limits, as the host runs it.

use std::{path::PathBuf, time::Duration};

/// Everything the host needs to know to run a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionConfig {
    /// `AWS_LAMBDA_FUNCTION_NAME`.
    pub name: String,
    /// `Lambda-Runtime-Invoked-Function-Arn`.
    pub arn: String,
    /// `AWS_REGION`.
    pub region: String,
    /// The folder of the code, `LAMBDA_TASK_ROOT`.
    pub code: PathBuf,
    /// Where prepared dependencies of the function lie (`pip install --target`, a built `bootstrap`).
    pub build: Option<PathBuf>,
    /// Folders of layers, in order.
    pub layers: Vec<PathBuf>,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, and the limit of a WebAssembly memory.
    pub memory_mb: u32,
    /// Environment variables of the definition.
    pub environment: Vec<(String, String)>,
    /// At most this many environments at once; more invocations wait, then are throttled.
    pub max_environments: usize,
}

/// The program of a process function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// `nodejs*`: our bootstrap runs the handler.
    Nodejs {
        /// The identifier, such as `nodejs22.x`.
        runtime: String,
        /// `file.export`.
        handler: String,
        /// The `node` to run.
        interpreter: PathBuf,
    },
    /// `python3.*`: our bootstrap runs the handler.
    Python {
        /// The identifier, such as `python3.13`.
        runtime: String,
        /// `module.function`.
        handler: String,
        /// The `python3` to run.
        interpreter: PathBuf,
    },
    /// `provided.*`: the code's own program speaks the Runtime API.
    Bootstrap {
        /// The identifier, such as `provided.al2023`.
        runtime: String,
        /// The executable.
        path: PathBuf,
        /// `_HANDLER`.
        handler: String,
    },
}
