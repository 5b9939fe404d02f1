//! The built binary as a process: started, listened to, stopped, and looked after.

use crate::Outcome;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    collections::VecDeque,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
    time::timeout,
};

/// Nothing takes this long unless it hangs.
const GUARD: Duration = Duration::from_secs(60);

/// A running host.
#[derive(Debug)]
pub struct Host {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    stdout: Lines,
    stderr: Lines,
    /// The peak of its memory when it was ready, in KB.
    ready_kb: u64,
}

/// A host that did not start.
#[derive(Debug)]
pub struct Refused {
    /// What it printed to standard error.
    pub stderr: String,
    /// Its exit code.
    pub code: Option<i32>,
}

/// Lines that a process prints.
#[derive(Debug)]
struct Lines {
    incoming: mpsc::UnboundedReceiver<String>,
    waiting: VecDeque<String>,
}

/// The binary under test: `FANLIGHT_BIN`, or the one that was built beside the tests.
///
/// # Errors
/// When there is none.
pub fn program() -> Outcome<PathBuf> {
    if let Some(path) = std::env::var_os("FANLIGHT_BIN") {
        return Ok(PathBuf::from(path));
    }
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let profile = own.ancestors().nth(2).ok_or("the test is in no target folder")?;
    let program = profile.join("fanlight");
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("{} is not there: run `cargo build --release`", program.display()))
    }
}

/// The binary with a clean environment and no input.
///
/// # Errors
/// When there is none.
pub fn command(folder: &Path) -> Outcome<Command> {
    let mut command = Command::new(program()?);
    command.current_dir(folder).env_remove("AWS_REGION").env("NO_COLOR", "1").stdin(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

impl Host {
    /// Starts `fanlight serve` and waits until it is ready.
    ///
    /// # Errors
    /// The inner one when the host refuses to start, the outer one when it cannot be found or hangs.
    pub async fn start(project: &Path, data: &Path, flags: &[String]) -> Outcome<Result<Self, Refused>> {
        let mut command = command(project)?;
        command.arg("serve").arg(project).args(["--port", "0", "--data"]).arg(data).args(flags);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let mut stdout = Lines::of(child.stdout.take().ok_or("no standard output")?);
        let mut stderr = Lines::of(child.stderr.take().ok_or("no standard error")?);
        let mut printed = VecDeque::new();
        let address = loop {
            let Some(line) = stdout.next().await? else {
                let status =
                    timeout(GUARD, child.wait()).await.map_err(|_| "the host closed its output and did not end")?;
                let code = status.map_err(|error| error.to_string())?.code();
                return Ok(Err(Refused { stderr: stderr.rest().await?, code }));
            };
            let ready = line.strip_prefix("ready on http://").and_then(|rest| rest.split(' ').next()).map(str::parse);
            printed.push_back(line);
            if let Some(address) = ready {
                break address.map_err(|error| format!("{printed:?}: {error}"))?;
            }
        };
        stdout.waiting = printed;
        let mut host = Self { child, address, stdout, stderr, ready_kb: 0 };
        host.ready_kb = host.peak_kb()?;
        Ok(Ok(host))
    }

    /// The next line on standard output.
    ///
    /// # Errors
    /// When none comes within the guard, or the output has ended.
    pub async fn line(&mut self) -> Outcome<String> {
        self.stdout.next().await?.ok_or_else(|| "the host closed its output".to_owned())
    }

    /// What standard error holds, as soon as it has that many lines.
    ///
    /// # Errors
    /// When they do not come.
    pub async fn stderr(&mut self, lines: usize) -> Outcome<String> {
        let mut text = String::new();
        for _ in 0..lines {
            let line = self.stderr.next().await?.ok_or("the host closed its standard error")?;
            text.push_str(&line);
            text.push('\n');
        }
        Ok(text.trim_end().to_owned())
    }

    /// How much the peak of the memory has grown since the host was ready, in KB.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn growth_kb(&self) -> Outcome<u64> {
        Ok(self.peak_kb()?.saturating_sub(self.ready_kb))
    }

    fn peak_kb(&self) -> Outcome<u64> {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.id()?)).map_err(|error| error.to_string())?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        line.trim().trim_end_matches(" kB").parse().map_err(|error| format!("{line}: {error}"))
    }

    fn id(&self) -> Outcome<u32> {
        self.child.id().ok_or_else(|| "the host has ended".to_owned())
    }

    /// Ends the host at once, with SIGKILL.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn kill(mut self) -> Outcome<()> {
        self.child.kill().await.map_err(|error| error.to_string())
    }

    /// Sends the host a signal.
    ///
    /// # Errors
    /// When it is gone.
    pub fn signal(&self, signal: Signal) -> Outcome<()> {
        let id = i32::try_from(self.id()?).map_err(|error| error.to_string())?;
        kill(Pid::from_raw(id), signal).map_err(|error| error.to_string())
    }

    /// Stops the host with SIGTERM. It must end well and leave no process behind.
    ///
    /// # Errors
    /// When it does not.
    pub async fn stop(mut self) -> Outcome<()> {
        let id = i32::try_from(self.id()?).map_err(|error| error.to_string())?;
        let children = descendants(id);
        self.signal(Signal::SIGTERM)?;
        let status = timeout(GUARD, self.child.wait()).await.map_err(|_| "the host does not stop")?;
        let status = status.map_err(|error| error.to_string())?;
        let stderr = self.stderr.rest().await?;
        if !status.success() {
            return Err(format!("the host ended with {status}: {stderr}"));
        }
        if let Some(panic) = stderr.lines().find(|line| line.contains("panicked at")) {
            return Err(format!("the host panicked: {panic}"));
        }
        match children.into_iter().find(Process::is_running) {
            Some(child) => Err(format!("the host left a process behind: {child:?}")),
            None => Ok(()),
        }
    }
}

impl Lines {
    fn of(stream: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let (sender, incoming) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { incoming, waiting: VecDeque::new() }
    }

    async fn next(&mut self) -> Outcome<Option<String>> {
        match self.waiting.pop_front() {
            Some(line) => Ok(Some(line)),
            None => timeout(GUARD, self.incoming.recv()).await.map_err(|_| "no line within the guard".to_owned()),
        }
    }

    async fn rest(&mut self) -> Outcome<String> {
        let mut text = String::new();
        while let Some(line) = self.next().await? {
            text.push_str(&line);
            text.push('\n');
        }
        Ok(text.trim_end().to_owned())
    }
}

/// A process, told apart from a later one of the same id by its start.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    id: i32,
    parent: i32,
    name: String,
    state: char,
    start: String,
}

impl Process {
    fn read(id: i32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (before, after) = stat.rsplit_once(')')?;
        let name = before.split_once('(')?.1.to_owned();
        let fields: Vec<&str> = after.split_whitespace().collect();
        let state = fields.first()?.chars().next()?;
        Some(Self { id, parent: fields.get(1)?.parse().ok()?, name, state, start: (*fields.get(19)?).to_owned() })
    }

    fn is_running(&self) -> bool {
        // One that has ended and that nobody has asked about is a zombie.
        Self::read(self.id).is_some_and(|now| now.start == self.start && now.state != 'Z')
    }
}

fn descendants(root: i32) -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut others: Vec<Process> = ids.filter_map(Process::read).collect();
    let mut parents = vec![root];
    let mut found = Vec::new();
    while let Some(parent) = parents.pop() {
        let (children, rest) = others.into_iter().partition(|process| process.parent == parent);
        others = rest;
        parents.extend(children.iter().map(|child: &Process| child.id));
        found.extend(children);
    }
    found
}
