//! The servers that are measured, each a process of its own that ends with the benchmark.

use crate::{Result, load, load::Answer};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

/// To say where it listens, or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its process.
    pub(crate) id: u32,
    child: Child,
    output: JoinHandle<()>,
    _data: Option<tempfile::TempDir>,
}

/// Builds the host, unless it is there.
pub(crate) async fn build() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--quiet", "--package", "fanlight"]).current_dir(repository());
    let status = command.status().await?;
    if status.success() { Ok(()) } else { Err("the host does not build".into()) }
}

/// The folder of the whole project.
pub(crate) fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

impl Server {
    /// The host, serving `definition`.
    pub(crate) async fn fanlight(definition: &Path) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let mut command = Command::new(host_binary()?);
        command.arg("serve").arg(definition).args(["--port", "0", "--quiet", "--no-watch", "--data"]).arg(data.path());
        let mut server = Self::start(command).await?;
        server._data = Some(data);
        Ok(server)
    }

    /// A bare server of ours; see [`crate::server`].
    pub(crate) async fn bare(kind: &str) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["server", kind]);
        Self::start(command).await
    }

    /// Any program that prints `ready on http://ADDRESS` when it listens.
    pub(crate) async fn start(mut command: Command) -> Result<Self> {
        let name = command.as_std().get_program().to_owned();
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| format!("{}: {error}", name.display()))?;
        let id = child.id().ok_or("a process without an id")?;
        let stdout = child.stdout.take().ok_or("a process without output")?;
        let mut lines = BufReader::new(stdout).lines();
        let ready = timeout(PATIENCE, address(&mut lines)).await;
        let address = ready.map_err(|_| format!("{} does not start", name.display()))?;
        let address = address?.ok_or_else(|| format!("{} ended before it listened", name.display()))?;
        // A full pipe would hold the server up.
        let output = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { address, id, child, output, _data: None })
    }

    /// Sends one request.
    pub(crate) async fn once(&self, request: &[u8]) -> Result<Answer> {
        load::once(self.address, request).await
    }

    /// Asks it to stop, so that it ends its own children, and waits.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.terminate();
        if timeout(PATIENCE, self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }

    /// Nothing happens to a process that has been waited for.
    fn terminate(&self) {
        if let Some(id) = self.child.id().and_then(|id| i32::try_from(id).ok()) {
            // One that has ended by itself needs no signal.
            let _ended = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.terminate();
        self.output.abort();
    }
}

/// The address that a server prints once it listens.
async fn address(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<Option<SocketAddr>> {
    while let Some(line) = lines.next_line().await? {
        if let Some(rest) = line.strip_prefix("ready on http://") {
            return Ok(Some(rest.split_whitespace().next().unwrap_or_default().parse()?));
        }
    }
    Ok(None)
}

/// Stops servers, the first one first.
pub(crate) async fn stop(servers: impl IntoIterator<Item = Server>) -> Result<()> {
    for server in servers {
        server.stop().await?;
    }
    Ok(())
}

fn host_binary() -> Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("fanlight");
    if beside.exists() { Ok(beside) } else { Err(format!("{} is not there; build it", beside.display()).into()) }
}
