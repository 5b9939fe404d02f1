//! What a kept answer of a Lambda authorizer costs a request, with one caller and with many, and how much memory a
//! million callers take.
//!
//! The authorizer is a WebAssembly function, the cheapest there is to ask; what is measured does not ask it.

use crate::{
    Plan, Result,
    compare::{self, Comparison, Side},
    cpu, definition,
    load::{self, CONNECTIONS, Load},
    process::{self, Server},
};
use serde_json::{Map, Value, json};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// CPU time of a kept answer.
const MAX_US: f64 = 5.0;

/// How much the host may grow with a million callers.
const MAX_MB: f64 = 160.0;

/// Callers that come again and again.
const MANY: usize = 50_000;

/// Callers that come once each.
const FLOOD: usize = 1_000_000;

const OPEN: &str = "/open";
const GUARDED: &str = "/guarded";

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let servers = [Server::fanlight(&api(folder.path())?).await?];
    let side = |name, requests| Side { name, servers: &servers, behind: &[], connections: CONNECTIONS, requests };
    let (open, one, many) = (callers(OPEN, 1), callers(GUARDED, 1), callers(GUARDED, MANY));

    println!("authorizer: a MOCK method behind a TOKEN authorizer whose answers are kept, against the same without");
    let guarded =
        compare::alternate(plan, &side("one caller", Arc::clone(&one)), &side("open", Arc::clone(&open))).await?;
    guarded.orientation("authorizer");
    println!("authorizer callers=1 kept_answer_cpu_us={:.1} max={MAX_US:.1}", cost(&guarded));

    // All of them are known before the first round.
    let server = servers.first().ok_or("no server")?;
    fill(server, Arc::clone(&many), MANY).await?;
    let comparison =
        compare::alternate(plan, &side("many callers", many), &side("one caller", Arc::clone(&one))).await?;
    comparison.orientation("authorizer-callers");

    let before = cpu::resident_bytes(server.id)?;
    let took = fill(server, callers(GUARDED, FLOOD), FLOOD).await?;
    let grown = cpu::resident_bytes(server.id)?.saturating_sub(before) as f64 / (1024.0 * 1024.0);
    println!("  {FLOOD} callers, each asked about once, in {:.0} s", took.as_secs_f64());
    println!("authorizer grown_mb={grown:.1} max={MAX_MB:.0}");

    let guarded = compare::alternate(plan, &side("one caller", one), &side("open", open)).await?;
    println!("authorizer callers={FLOOD} kept_answer_cpu_us={:.1} max={MAX_US:.1}", cost(&guarded));
    process::stop(servers).await
}

/// CPU time that the authorizer adds.
fn cost(guarded: &Comparison) -> f64 {
    guarded.ours.cpu_us - guarded.reference.cpu_us
}

fn api(folder: &Path) -> Result<PathBuf> {
    let policy = json!({
        "principalId": "me",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:*/*/GET/*" }],
        },
    });
    let text = policy.to_string();
    let module = format!(
        "(module (import \"wasi_snapshot_preview1\" \"fd_write\" (func $write (param i32 i32 i32 i32) (result i32)))\n\
         (memory (export \"memory\") 1) (data (i32.const 16) {text:?})\n\
         (func (export \"_start\") (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const {}))\n\
         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))",
        text.len()
    );
    std::fs::create_dir(folder.join("gate"))?;
    std::fs::write(folder.join("gate/module.wat"), module)?;
    let mut guarded = definition::mock();
    let method = guarded.get_mut("get").and_then(Value::as_object_mut).ok_or("no method")?;
    method.insert("security".to_owned(), json!([{ "gate": [] }]));
    let paths: Map<String, Value> =
        [(OPEN.to_owned(), definition::mock()), (GUARDED.to_owned(), guarded)].into_iter().collect();
    let scheme = json!({
        "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "token", "authorizerUri": "function:gate", "authorizerResultTtlInSeconds": 3600,
        },
    });
    let document = json!({
        "openapi": "3.0.1",
        "info": { "title": "bench", "version": "1" },
        "x-fanlight-functions": { "gate": { "handler": "module.wat", "runtime": "provided.al2023", "codeUri": "gate" } },
        "components": { "securitySchemes": { "gate": scheme } },
        "paths": paths,
    });
    let file = folder.join("openapi.json");
    std::fs::write(&file, serde_json::to_vec(&document)?)?;
    Ok(file)
}

fn callers(path: &str, count: usize) -> Arc<[Vec<u8>]> {
    let request = |number| {
        let head =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer caller-{number}-of-{count}");
        format!("{head}\r\nuser-agent: bench\r\naccept: */*\r\n\r\n").into_bytes()
    };
    (0..count).map(request).collect()
}

/// Sends each request about once.
async fn fill(server: &Server, requests: Arc<[Vec<u8>]>, count: usize) -> Result<Duration> {
    let load = Load { addresses: vec![server.address], connections: CONNECTIONS, requests };
    let (began, mut sent) = (Instant::now(), 0);
    while sent < count as u64 {
        // Connections begin at even distances, so what is left over is where each has not come yet.
        sent += load::run(&load, Duration::from_secs(600).min(estimate(count))).await?.requests;
    }
    Ok(began.elapsed())
}

/// Longer than so many invocations take.
fn estimate(count: usize) -> Duration {
    Duration::from_micros(count as u64 * 100)
}
