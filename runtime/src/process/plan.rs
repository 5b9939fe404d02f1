//! What every environment of a function is made from: worked out once, when the function is loaded.

use super::{
    failure::{self, Exit, Failed},
    folder::Folder,
    limits::Limits,
    output::Log,
    report::{self, Report},
    settings::Settings,
    spawn::Launch,
    variables::{self, Variables},
};
use crate::{Completed, FunctionConfig, FunctionError, InvokeError, LogSink, Program};
use std::{ffi::OsString, io, path::PathBuf, sync::Arc, time::Duration};

/// A function, ready to start environments.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) name: Arc<str>,
    pub(super) arn: Arc<str>,
    pub(super) timeout: Duration,
    pub(super) memory_mb: u32,
    pub(super) max_environments: usize,
    pub(super) limits: Limits,
    pub(super) folder: Arc<Folder>,
    pub(super) launch: Launch,
    pub(super) variables: Variables,
    pub(super) carrier: Carrier,
    pub(super) log: Log,
}

/// How the runtime reaches the Runtime API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// Our own bootstraps.
    Unix,
    /// Everybody else.
    Tcp,
}

/// Why an environment did not start.
#[derive(Debug, Clone)]
pub(super) enum StartFailure {
    /// The runtime said so.
    Reported(Failed),
    /// The process ended.
    Exited(Exit),
    /// `provided.*` without a bootstrap.
    NoBootstrap,
    /// The host could not start a process.
    Host(String),
}

impl Plan {
    pub(super) fn new(
        config: FunctionConfig,
        program: Program,
        settings: Settings,
        logs: Arc<dyn LogSink>,
    ) -> io::Result<Self> {
        let folder = Folder::open(settings.folder.as_deref())?;
        let mut variables = variables::shared(&config, &program, &settings);
        let (launch, carrier) = launch(&config, program, &folder, settings.limits.open_files);
        let launch = wrapped(launch, &mut variables);
        let name: Arc<str> = config.name.into();
        Ok(Self {
            arn: config.arn.into(),
            timeout: config.timeout,
            memory_mb: config.memory_mb,
            max_environments: config.max_environments,
            limits: settings.limits,
            folder,
            launch,
            variables,
            carrier,
            log: Log::new(logs, Arc::clone(&name)),
            name,
        })
    }

    /// Why an environment did not start, for people.
    pub(super) fn describe(&self, failure: &StartFailure) -> FunctionError {
        match self.failed("", failure) {
            Ok(failed) => failed.error,
            Err(error) => FunctionError { error_type: "Sandbox.Failure".to_owned(), message: error.to_string() },
        }
    }

    fn failed(&self, request_id: &str, failure: &StartFailure) -> Result<Failed, InvokeError> {
        match failure {
            StartFailure::Reported(failed) => Ok(failed.clone()),
            StartFailure::Exited(exit) => Ok(failure::exited(request_id, exit)),
            StartFailure::NoBootstrap => Ok(failure::no_bootstrap(request_id)),
            StartFailure::Host(reason) => {
                Err(InvokeError::CannotStart { function: self.name.to_string(), reason: reason.clone() })
            }
        }
    }

    /// What an invocation gets whose environment did not start, with its lines in the log.
    pub(super) fn refuse(&self, request_id: &str, failure: &StartFailure) -> Result<Completed, InvokeError> {
        let failed = self.failed(request_id, failure)?;
        let mut log = self.log.clone();
        log.belongs_to(Some(request_id.to_owned()));
        log.report(|| report::start(request_id));
        log.report(|| report::end(request_id));
        let (memory_mb, error) = (self.memory_mb, Some(&failed.error));
        let duration = Duration::ZERO;
        log.report(|| Report { request_id, duration, init: None, memory_mb, peak_mb: 0, error }.line());
        let (payload, error) = (failed.payload, Some(failed.error));
        Ok(Completed { payload, error, duration, init_duration: None })
    }
}

fn launch(config: &FunctionConfig, program: Program, folder: &Folder, open_files: u64) -> (Launch, Carrier) {
    let (program, arguments, carrier): (PathBuf, Vec<OsString>, _) = match program {
        Program::Nodejs { interpreter, .. } => {
            // Lambda's memory bounds the heap too: a leak ends the function before it troubles the machine.
            let heap = format!("--max-old-space-size={}", config.memory_mb);
            (interpreter, vec![heap.into(), folder.node().into()], Carrier::Unix)
        }
        // -u: a line is in the log even if the process is killed right after it. -s: not the packages of the user who
        // runs the host.
        Program::Python { interpreter, .. } => {
            (interpreter, vec!["-u".into(), "-s".into(), folder.python().into()], Carrier::Unix)
        }
        Program::Bootstrap { path, .. } => (path, Vec::new(), Carrier::Tcp),
    };
    (Launch { program, arguments, folder: config.code.clone(), open_files }, carrier)
}

/// `AWS_LAMBDA_EXEC_WRAPPER` starts in the runtime's place and is given its command.
fn wrapped(launch: Launch, variables: &mut Variables) -> Launch {
    let Some(wrapper) = variables.remove(std::ffi::OsStr::new("AWS_LAMBDA_EXEC_WRAPPER")) else { return launch };
    let arguments = std::iter::once(launch.program.into_os_string()).chain(launch.arguments).collect();
    Launch { program: wrapper.into(), arguments, folder: launch.folder, open_files: launch.open_files }
}
