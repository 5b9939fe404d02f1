//! The only place that starts processes: clean environment, own process group, limits, nothing on standard input.
//!
//! The group is what is signalled, so a function's own children end with it. A descendant that leaves the group by
//! `setsid` is out of reach here; that takes a cgroup.

use super::limits::REAP;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit};
use std::{
    ffi::OsString,
    io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

/// A command, ready to start.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    /// The executable.
    pub(super) program: PathBuf,
    /// Its arguments.
    pub(super) arguments: Vec<OsString>,
    /// Where it starts.
    pub(super) folder: PathBuf,
    /// `RLIMIT_NOFILE`.
    pub(super) open_files: u64,
}

/// A running process group; dropping it kills the group.
#[derive(Debug)]
pub(super) struct Group {
    child: Child,
    leader: Option<Pid>,
    ended: bool,
}

/// The read ends of standard output and standard error.
#[derive(Debug)]
pub(super) struct Pipes {
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

impl Launch {
    /// Starts the process with exactly these variables.
    pub(super) fn start<'a, V>(&self, variables: V) -> io::Result<(Group, Pipes)>
    where
        V: IntoIterator<Item = (&'a OsString, &'a OsString)>,
    {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let pipes = child.stdout.take().zip(child.stderr.take());
        let group = Group { child, leader, ended: false };
        if let Some(leader) = leader {
            limit(leader, self.open_files);
        }
        let (stdout, stderr) = pipes.ok_or_else(|| io::Error::other("the process has no output"))?;
        Ok((group, Pipes { stdout: stdout.into_owned_fd()?, stderr: stderr.into_owned_fd()? }))
    }
}

impl Group {
    /// The process id of the leader, for `/proc`.
    pub(super) fn id(&self) -> Option<u32> {
        self.leader.map(|leader| leader.as_raw_nonzero().get().unsigned_abs())
    }

    /// Resolves when the leader has exited.
    pub(super) async fn exited(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks the group to end, and after `grace` makes it.
    pub(super) async fn stop(&mut self, grace: Duration) {
        self.signal(Signal::TERM);
        // The leader's exit is enough: whoever of the group is left has had its notice.
        if timeout(grace, self.child.wait()).await.is_err() {
            tracing::debug!(process = self.id(), "a function did not end on SIGTERM");
        }
        self.kill().await;
    }

    /// Kills the group and waits until its leader is gone.
    pub(super) async fn kill(&mut self) {
        self.signal(Signal::KILL);
        match timeout(REAP, self.child.wait()).await {
            Ok(Ok(_)) => self.ended = true,
            Ok(Err(error)) => tracing::warn!(process = self.id(), %error, "a killed function cannot be waited for"),
            Err(_) => tracing::warn!(process = self.id(), "a killed function does not end"),
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = self.leader {
            // An error means that nobody is left in the group.
            kill_process_group(leader, signal).unwrap_or_default();
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.ended {
            self.signal(Signal::KILL);
        }
    }
}

/// Bounds a process that has just started; it has run for microseconds and none of the function's code.
fn limit(process: Pid, open_files: u64) {
    let files = Rlimit { current: Some(open_files), maximum: Some(open_files) };
    let core = Rlimit { current: Some(0), maximum: Some(0) };
    for (resource, bound) in [(Resource::Nofile, files), (Resource::Core, core)] {
        if let Err(error) = prlimit(Some(process), resource, bound) {
            tracing::debug!(?resource, %error, "a limit could not be set");
        }
    }
}

/// Runs a short command of the host's own in its own environment and returns what it printed.
pub(crate) async fn ask(program: &Path, arguments: &[&str], limit: Duration) -> io::Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = timeout(limit, command.output()).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    if !output.status.success() {
        return Err(io::Error::other(format!("`{}` failed: {}", program.display(), output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
