//! The binary target: `fanlight serve` on a folder, spoken to over TCP.

use crate::{
    Outcome,
    folder::Folder,
    host::{self, Host, Refused},
    http2, mask,
    message::{Answer, Request},
    upstream::Upstreams,
    wire::{After, Connection},
    wire_script,
};
use std::process::Stdio;

/// A folder, the host that serves it, and the session's connection.
#[derive(Debug)]
pub struct Binary {
    folder: Folder,
    upstreams: Upstreams,
    flags: Vec<String>,
    state: State,
    connection: Option<Connection>,
}

/// Whether the host runs. Scenarios of commands only need none.
#[derive(Debug)]
enum State {
    NotStarted,
    Running(Box<Host>),
    Refused(Refused),
}

impl Binary {
    /// A host that is started when it is needed.
    #[must_use]
    pub const fn new(folder: Folder, upstreams: Upstreams, flags: Vec<String>) -> Self {
        Self { folder, upstreams, flags, state: State::NotStarted, connection: None }
    }

    /// The folder.
    #[must_use]
    pub const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The web servers.
    #[must_use]
    pub const fn upstreams(&self) -> &Upstreams {
        &self.upstreams
    }

    async fn start(&mut self) -> Outcome<()> {
        if matches!(self.state, State::NotStarted) {
            let started = Host::start(self.folder.project(), self.folder.data(), &self.flags).await?;
            self.state = match started {
                Ok(host) => State::Running(Box::new(host)),
                Err(refused) => State::Refused(refused),
            };
        }
        Ok(())
    }

    /// The running host.
    async fn host(&mut self) -> Outcome<&mut Host> {
        self.start().await?;
        match &mut self.state {
            State::Running(host) => Ok(host),
            State::Refused(refused) => Err(format!("the host did not start: {}", refused.stderr)),
            State::NotStarted => Err("the host was not started".to_owned()),
        }
    }

    /// Ends the host, and starts it again on the same data.
    ///
    /// # Errors
    /// When it does not end, or does not start.
    pub async fn restart(&mut self, how: &str) -> Outcome<()> {
        self.host().await?;
        self.connection = None;
        let State::Running(host) = std::mem::replace(&mut self.state, State::NotStarted) else {
            return Err("the host does not run".to_owned());
        };
        match how {
            "kill" => host.kill().await?,
            "stop" => host.stop().await?,
            other => return Err(format!("`{other}` is no way to end a host: `kill` or `stop`")),
        }
        self.host().await.map(|_| ())
    }

    /// Sends a request on the session's connection.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn exchange(&mut self, request: &Request, chunked: bool) -> Outcome<Answer> {
        let address = self.host().await?.address;
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(address).await?,
        };
        let (answer, after) = connection.exchange(request, chunked).await?;
        if after == After::KeepAlive {
            self.connection = Some(connection);
        }
        Ok(answer)
    }

    /// Sends a request over HTTP/2, on a connection of its own.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn exchange_h2(&mut self, request: &Request) -> Outcome<Answer> {
        let address = self.host().await?.address;
        http2::exchange(address, request).await
    }

    /// Follows a `@wire` block; gives what happened in its form.
    ///
    /// # Errors
    /// When the script is none.
    pub async fn wire(&mut self, script: &str) -> Outcome<String> {
        let address = self.host().await?.address;
        wire_script::follow(address, script).await
    }

    /// What was said about the definition, once it has that many lines or the host has ended.
    ///
    /// # Errors
    /// When the host does neither.
    pub async fn diagnostics(&mut self, lines: usize) -> Outcome<String> {
        self.start().await?;
        let text = match &mut self.state {
            State::NotStarted => String::new(),
            State::Running(host) => host.stderr(lines).await?,
            State::Refused(Refused { stderr, code: Some(1) }) => {
                let summary = stderr.lines().last().unwrap_or_default();
                let whole = summary.starts_with("error: nothing is served: ");
                if whole { stderr.trim_end_matches(summary).trim_end().to_owned() } else { stderr.clone() }
            }
            State::Refused(Refused { stderr, code }) => return Err(format!("the host ended with {code:?}: {stderr}")),
        };
        Ok(self.folder.hide(&text))
    }

    /// Waits until the host has printed lines like these, in order; others may stand between.
    ///
    /// # Errors
    /// The first line that does not come, with what came instead.
    pub async fn stdout(&mut self, expected: &str) -> Outcome<()> {
        let mut printed = Vec::new();
        for wanted in expected.lines() {
            loop {
                let line = self.host().await?.line().await;
                let line = line.map_err(|error| format!("waited for `{wanted}`: {error}; printed: {printed:#?}"))?;
                let line = self.folder.hide(&line);
                let found = mask::matches(wanted, &line)?;
                printed.push(line);
                if found {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The growth of the host's memory, in MB.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn growth_mb(&mut self) -> Outcome<u64> {
        Ok(self.host().await?.growth_kb()? / 1024)
    }

    /// Runs one command line; gives what it prints, and its exit code when that is not 0.
    ///
    /// # Errors
    /// When it cannot be run.
    pub async fn console(&mut self, line: &str) -> Outcome<String> {
        let running = line.contains("[PORT]") || (line.contains("trace") && line.contains("[DATA]"));
        let mut line = line.replace("[DATA]", &self.folder.data().to_string_lossy());
        line = line.replace("[DIR]", &self.folder.project().to_string_lossy());
        if running {
            let port = self.host().await?.address.port();
            line = line.replace("[PORT]", &port.to_string());
        }
        let mut words = line.split_whitespace();
        if words.next() != Some("fanlight") {
            return Err(format!("`{line}` does not run `fanlight`"));
        }
        let mut command = host::command(self.folder.project())?;
        let output = command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
        let output =
            tokio::time::timeout(crate::wire::GUARD, output).await.map_err(|_| format!("`{line}` does not end"))?;
        let output = output.map_err(|error| error.to_string())?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        let mut text = self.folder.hide(text.trim_end());
        if !output.status.success() {
            let code = output.status.code().map_or_else(|| "by a signal".to_owned(), |code| code.to_string());
            text.push_str(&format!("\n[exit {code}]"));
        }
        Ok(text)
    }

    /// Stops the host, if it runs.
    ///
    /// # Errors
    /// When it does not end well.
    pub async fn stop(self) -> Outcome<()> {
        drop(self.connection);
        match self.state {
            State::Running(host) => host.stop().await,
            State::NotStarted | State::Refused(_) => Ok(()),
        }
    }
}
