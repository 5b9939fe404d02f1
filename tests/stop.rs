//! How a host stops, and where it keeps its socket: what no scenario can write down.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>

use fanlight_tests::{Outcome, host, message, wire};
use nix::sys::signal::Signal;
use std::{fs, io, path::Path};

/// A function that tells when it has begun, never ends by itself, and leaves a file when it is asked to.
const ENDLESS: &str =
    "process.on('SIGTERM', () => { require('fs').writeFileSync(`${__dirname}/asked`, ''); process.exit(); });
exports.handler = () => { console.log('begun'); setInterval(() => {}, 1000); return new Promise(() => {}); };
";

const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  Endless:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: index.handler
      Runtime: nodejs20.x
      Timeout: 900
      Events: { Get: { Type: Api, Properties: { Path: /, Method: GET } } }
";

fn told<T>(result: io::Result<T>) -> Outcome<T> {
    result.map_err(|error| error.to_string())
}

fn block_on(test: impl Future<Output = Outcome<()>>) -> Outcome<()> {
    told(tokio::runtime::Builder::new_current_thread().enable_all().build())?.block_on(test)
}

async fn start(folder: &Path, data: &Path) -> Outcome<host::Host> {
    told(fs::write(folder.join("index.js"), ENDLESS))?;
    told(fs::write(folder.join("template.yaml"), TEMPLATE))?;
    host::Host::start(folder, data, &["--no-watch".to_owned()]).await?.map_err(|refused| refused.stderr)
}

#[test]
fn the_second_signal_does_not_wait_for_requests() -> Outcome<()> {
    block_on(async {
        let folder = told(tempfile::tempdir())?;
        let mut host = start(folder.path(), &folder.path().join("data")).await?;
        let mut connection = wire::Connection::open(host.address).await?;
        let request = message::request("GET /")?;
        let asking = connection.exchange(&request, false);
        let stopping = async {
            while !host.line().await?.ends_with("begun") {}
            host.signal(Signal::SIGTERM)?;
            while !host.line().await?.starts_with("stopping") {}
            // Another stops it at once.
            host.stop().await
        };
        let (answer, stopped) = tokio::join!(asking, stopping);
        stopped?;
        // One that is waited for until its time is up is killed; this one was asked to end.
        if !folder.path().join("asked").exists() {
            return Err("the function was not asked to end".to_owned());
        }
        match answer {
            Ok((answer, _)) => Err(format!("the request was answered: {answer:?}")),
            Err(_) => Ok(()),
        }
    })
}

#[test]
fn a_data_directory_may_lie_deeper_than_a_socket_can() -> Outcome<()> {
    block_on(async {
        let folder = told(tempfile::tempdir())?;
        // The kernel takes 107 bytes.
        let data = folder.path().join("a".repeat(100)).join("b".repeat(100));
        let host = start(folder.path(), &data).await?;
        let mut connection = wire::Connection::open(host.address).await?;
        connection.exchange(&message::request("GET /nothing")?, false).await?;
        let mut trace = host::command(folder.path())?;
        let output = told(trace.args(["trace", "--recent", "--data"]).arg(&data).output().await)?;
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        drop(connection);
        host.stop().await?;
        if shown.contains(" GET /nothing 403 ") { Ok(()) } else { Err(format!("{output:?}")) }
    })
}
