//! A Node.js function with N environments against N bare Node.js `http` servers with the same handler.

use crate::{
    Plan, Result,
    compare::{self, Side},
    load::{self, CONNECTIONS},
    process::{self, Server},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::process::Command;

/// Environments, and servers; as many as there are cores.
const ENVIRONMENTS: usize = 2;

/// Promised.
const MIN: f64 = 0.5;

const HANDLER: &str = include_str!("node/handler.js");
const SERVER: &str = include_str!("node/server.js");

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = [Server::fanlight(&write(folder.path())?).await?];
    let mut reference = Vec::new();
    for _ in 0..ENVIRONMENTS {
        let mut command = Command::new("node");
        command.arg(folder.path().join("server.js"));
        reference.push(Server::start(command).await?);
    }
    let request = load::get("/hello?name=bench");
    compare::same_answer(&ours, &reference, &request).await?;
    let requests: Arc<[Vec<u8>]> = [request].into();

    println!("node: a handler in {ENVIRONMENTS} environments, against {ENVIRONMENTS} bare Node.js http servers");
    for connections in [ENVIRONMENTS, CONNECTIONS] {
        println!("  {connections} connections");
        let side = |name, servers| Side { name, servers, behind: &[], connections, requests: Arc::clone(&requests) };
        let comparison = compare::alternate(plan, &side("fanlight", &ours), &side("node", &reference)).await?;
        if connections == ENVIRONMENTS {
            comparison.promised("node", MIN);
        } else {
            comparison.orientation(&format!("node connections={connections}"));
        }
    }
    process::stop(ours.into_iter().chain(reference)).await
}

fn write(folder: &Path) -> Result<PathBuf> {
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: handler.handler
      Runtime: nodejs20.x
      ReservedConcurrentExecutions: {ENVIRONMENTS}
      Events:
        Hello: {{ Type: Api, Properties: {{ Path: /hello, Method: GET }} }}
"
    );
    for (name, text) in [("handler.js", HANDLER), ("server.js", SERVER), ("template.yaml", &template)] {
        fs::write(folder.join(name), text)?;
    }
    Ok(folder.join("template.yaml"))
}
