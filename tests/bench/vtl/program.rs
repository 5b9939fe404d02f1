//! Engines in processes of their own: commands in, one line each, and answers out.

use crate::Result;
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// For any answer; rounds are long on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(600);

/// An engine that runs; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Program {
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let commands = child.stdin.take().ok_or("a process without input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("a process without output")?).lines();
        Ok(Self { commands, answers, _child: child })
    }

    /// The outputs of all inputs.
    pub(crate) async fn outputs(&mut self) -> Result<Vec<String>> {
        Ok(serde_json::from_str(&self.ask("outputs\n").await?)?)
    }

    /// Renders for that much CPU time, and gives the renders per second of it.
    pub(crate) async fn round(&mut self, duration: Duration) -> Result<f64> {
        let answer = self.ask(&format!("round {}\n", duration.as_secs_f64())).await?;
        let (renders, nanoseconds) = answer.split_once(' ').ok_or("a round without figures")?;
        Ok(renders.parse::<f64>()? * 1e9 / nanoseconds.parse::<f64>()?)
    }

    async fn ask(&mut self, command: &str) -> Result<String> {
        self.commands.write_all(command.as_bytes()).await?;
        let answer = timeout(PATIENCE, self.answers.next_line()).await??;
        answer.ok_or_else(|| "the process ended".into())
    }
}
