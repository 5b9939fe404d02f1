//! How many invocations per second a warm function takes: `cargo run --release -p fanlight-runtime --example rate`.
#![expect(clippy::print_stdout, reason = "a measuring tool")]

use fanlight_runtime::{
    Function, FunctionConfig, Invocation, LogLine, LogSink, Program, interpreter,
    process::{self, Settings},
};
use std::{
    error::Error,
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

const NODE: &str =
    "exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify({ hello: event.name }) });";
const PYTHON: &str =
    "def handler(event, context):\n    return {'statusCode': 200, 'body': '{\"hello\": \"' + event['name'] + '\"}'}\n";

#[derive(Debug)]
struct Quiet;

impl LogSink for Quiet {
    fn line(&self, _: LogLine) {}
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("fanlight-rate-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("index.js"), NODE)?;
    fs::write(folder.join("app.py"), PYTHON)?;
    let node = interpreter::node("nodejs20.x").await?.path;
    let python = interpreter::python("python3.11").await?.path;
    for environments in [1, 2, 4] {
        let program = Program::Nodejs {
            runtime: "nodejs20.x".into(),
            handler: "index.handler".into(),
            interpreter: node.clone(),
        };
        measure("node", program, &folder, environments).await?;
        let program = Program::Python {
            runtime: "python3.11".into(),
            handler: "app.handler".into(),
            interpreter: python.clone(),
        };
        measure("python", program, &folder, environments).await?;
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

async fn measure(name: &str, program: Program, folder: &Path, environments: usize) -> Result<(), Box<dyn Error>> {
    let function = Arc::new(process::Function::with_settings(
        config(folder, environments),
        program,
        Arc::new(Quiet),
        Settings::default(),
    )?);
    let began = Instant::now();
    function.invoke(invocation(0)).await?;
    let cold = began.elapsed();
    let each = 40_000 / environments;
    run(&function, environments, 500).await?;
    let (began, before) = (Instant::now(), cpu_ms());
    run(&function, environments, each).await?;
    let (elapsed, host) = (began.elapsed(), cpu_ms().0 - before.0);
    function.shutdown().await;
    let child = cpu_ms().1 - before.1;
    let count = (each * environments) as f64;
    println!(
        "{name} environments={environments} cold={:.1}ms rate={:.0}/s host={:.1}us child={:.1}us of CPU per invocation",
        cold.as_secs_f64() * 1e3,
        count / elapsed.as_secs_f64(),
        host * 1e3 / count,
        child * 1e3 / count,
    );
    Ok(())
}

/// Milliseconds of CPU that this process and its ended children have used.
fn cpu_ms() -> (f64, f64) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(4).flat_map(str::parse).collect();
    // Ticks of a hundredth of a second.
    match fields.as_slice() {
        [user, system, child_user, child_system] => (10.0 * (user + system), 10.0 * (child_user + child_system)),
        _ => (0.0, 0.0),
    }
}

async fn run(function: &Arc<process::Function>, callers: usize, each: usize) -> Result<(), Box<dyn Error>> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..callers {
        let function = Arc::clone(function);
        tasks.spawn(async move {
            for number in 0..each {
                let completed = function.invoke(invocation(number)).await.map_err(|error| error.to_string())?;
                if let Some(error) = completed.error {
                    return Err(error.message);
                }
            }
            Ok::<_, String>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

fn invocation(number: usize) -> Invocation {
    Invocation {
        request_id: format!("00000000-0000-4000-8000-{number:012}"),
        payload: r#"{"name":"world","headers":{"accept":"*/*","host":"localhost"},"path":"/"}"#.into(),
        trace_id: Some("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".into()),
        client_context: None,
    }
}

fn config(folder: &Path, environments: usize) -> FunctionConfig {
    FunctionConfig {
        name: "rate".into(),
        arn: "arn:aws:lambda:us-east-1:000000000000:function:rate".into(),
        region: "us-east-1".into(),
        code: folder.to_path_buf(),
        build: None,
        layers: Vec::new(),
        timeout: Duration::from_secs(3),
        memory_mb: 128,
        environment: Vec::new(),
        max_environments: environments,
    }
}
