//! `fanlight request`: sends one request through the lifecycle, without a listener, and prints every step.

use super::{fail, locate, report, tally, usage};
use crate::{
    cli::{self, RequestFormat},
    print::{Printer, Verbosity, printable},
    site::{Built, Destination, Plan, Served, Site, Source, build},
};
use fanlight_execute::{
    Body, Exchange, Request, Response, StageSnapshot, Trace,
    exchange::{Client, Spelling},
    execution_log, gateway_response, lifecycle,
    limits::PAYLOAD_BYTES,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr},
    process::ExitCode,
};

/// Runs the command. The exit code is 0 whatever the answer is: it was given.
pub(crate) fn run(arguments: &cli::Request) -> ExitCode {
    let wanted = match wanted(arguments) {
        Ok(wanted) => wanted,
        Err(message) => return usage(&message),
    };
    let source = cli::Source {
        path: arguments.template.clone(),
        template: None,
        stage: arguments.stage.clone(),
        region: None,
        parameter_overrides: arguments.parameter_overrides.clone(),
        data: arguments.data.clone(),
    };
    let (source, _) = match locate(&source) {
        Ok(located) => located,
        Err(code) => return code,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot be started: {error}")),
    };
    match runtime.block_on(answer(source, wanted, arguments.format)) {
        Ok(text) => print(&text),
        Err(message) => fail(&message),
    }
}

#[expect(clippy::print_stdout, reason = "the steps are the command's output")]
fn print(text: &str) -> ExitCode {
    println!("{}", text.trim_end());
    ExitCode::SUCCESS
}

/// The request before it has a stage.
struct Wanted {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    head: String,
    body: Vec<u8>,
}

fn wanted(arguments: &cli::Request) -> Result<Wanted, String> {
    let target = &arguments.target;
    let method =
        Method::from_bytes(arguments.method.as_bytes()).map_err(|_| format!("`{}` is no method", arguments.method))?;
    let uri = target.parse().map_err(|error| format!("`{target}` is no path: {error}"))?;
    if !target.starts_with('/') {
        return Err(format!("`{target}` is no path: it begins with `/`"));
    }
    let body = match &arguments.body {
        None => Vec::new(),
        Some(text) => match text.strip_prefix('@') {
            None => text.clone().into_bytes(),
            Some(file) => std::fs::read(file).map_err(|error| format!("{file}: {error}"))?,
        },
    };
    let mut headers = HeaderMap::new();
    let mut head = format!("{method} {target} HTTP/1.1\r\n");
    for header in &arguments.header {
        let (name, value) =
            header.split_once(':').ok_or_else(|| format!("`{header}` is no header: write `Name: value`"))?;
        let parsed = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.trim().as_bytes()));
        let (Ok(parsed_name), Ok(parsed_value)) = parsed else {
            return Err(format!("`{}` is no header", printable(header)));
        };
        let _infallible = write!(head, "{name}: {}\r\n", value.trim());
        headers.append(parsed_name, parsed_value);
    }
    if !headers.contains_key(http::header::HOST) {
        headers.insert(http::header::HOST, HeaderValue::from_static("localhost"));
    }
    Ok(Wanted { method, uri, headers, head, body })
}

async fn answer(source: Source, wanted: Wanted, format: RequestFormat) -> Result<String, String> {
    // Nothing but the answer is printed.
    let printer = Printer::start(Verbosity::Quiet).map_err(|error| error.to_string())?;
    let (plan, mut retired) = Plan::new(source, &printer, None);
    let Built { served, diagnostics, sources } = build(&plan, 0, None, &[]).await;
    report(&diagnostics, &sources);
    let Some(Served { site, .. }) = served else {
        return Err(format!("nothing can answer: {}", tally(&diagnostics)));
    };
    let text = exchange(&site, wanted, format).await;
    drop((site, plan));
    while let Some(function) = retired.recv().await {
        function.shutdown().await;
    }
    text
}

async fn exchange(site: &Site, wanted: Wanted, format: RequestFormat) -> Result<String, String> {
    let Wanted { method, uri, headers, head, body } = wanted;
    let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let Destination { stage, path_start, domain } = match site.find(host, uri.path()) {
        Ok(destination) => destination,
        Err(nowhere) => {
            let response = gateway_response::forbidden();
            return Ok(format!("refused: {}\n{}", nowhere.reason(), shown(&response, b"")));
        }
    };
    let request = Request {
        method,
        uri,
        path_start,
        base_path: domain.map(|(base_path, _)| base_path),
        headers,
        spelling: Spelling::new(head.into()),
        client: Client { source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 443 },
    };
    let body = Body::Buffered(body.into());
    let (mut response, exchange) = lifecycle::serve(stage, &site.backends, request, body, Trace::capturing()).await;
    let body = std::mem::replace(&mut response.body, Body::EMPTY);
    let bytes = body.read_limited(PAYLOAD_BYTES).await.map_err(|error| error.to_string())?;
    Ok(match format {
        RequestFormat::Log => execution_log::test_invoke(stage, &exchange, &response),
        RequestFormat::Steps => steps(stage, &exchange) + &shown(&response, &bytes),
    })
}

/// Each step with what it saw and did, and why the request was refused.
fn steps(stage: &StageSnapshot, exchange: &Exchange) -> String {
    let mut text = format!("stage {} of {}\n", stage.name, stage.deployment.api_id);
    for step in exchange.trace.capture.iter().flat_map(|capture| &capture.steps) {
        let _infallible = writeln!(text, "{} ({} us)", step.step.as_str(), step.at_us);
        for (name, value) in step.values.iter().filter(|(_, value)| !value.is_empty()) {
            let _infallible = writeln!(text, "  {name}: {}", printable(value));
        }
    }
    if let Some((response_type, reason)) = &exchange.trace.failure {
        let _infallible = writeln!(text, "refused: {response_type}: {}", printable(reason));
    }
    text
}

/// The response as a client would see it.
fn shown(response: &Response, body: &[u8]) -> String {
    let mut text = format!("\n{}\n", response.status);
    for (name, value) in &response.headers {
        let _infallible = writeln!(text, "{name}: {}", printable(&String::from_utf8_lossy(value.as_bytes())));
    }
    let lines = String::from_utf8_lossy(body).lines().map(printable).collect::<Vec<_>>().join("\n");
    let _infallible = write!(text, "\n{lines}");
    text
}
