//! How each kind of case is run.

use super::{
    backend,
    case::Case,
    client, config,
    fixture::Fixtures,
    generate,
    observed::Observed,
    request,
    session::{self, Session, Started},
    sigv4,
};
use fanlight_tests::message::{Answer, Request};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection that says nothing for so long has said all.
const QUIET: Duration = Duration::from_millis(700);

/// What a case came to.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Something to compare with what is expected.
    Observed(Box<Observed>),
    /// What is expected happened before a request was sent.
    Passed,
    /// Nothing that can be checked here, and why.
    Skipped(&'static str),
}

/// Runs a case.
///
/// # Errors
/// When its set-up does not start, or its words are not known.
pub(super) async fn run(case: &Case, fixtures: &Fixtures) -> Result<Outcome, String> {
    match case.kind.as_str() {
        "config" => return config::run(case).await,
        "jwt" => return super::jwt::run(case, fixtures).await,
        "h2" => return Ok(Outcome::Skipped("frames of HTTP/2 are not spoken by this runner yet")),
        "wasm" => return Ok(Outcome::Skipped("the guests are not described in the case")),
        "kill9" | "fault" => return Ok(Outcome::Skipped("the sinks are not served yet")),
        "unit" => return Ok(Outcome::Skipped("a unit test of the source, not of the binary")),
        _ => {}
    }
    match case.fixture.as_str() {
        "functions" => return Ok(Outcome::Skipped("faults of functions are not run by this runner yet")),
        "sinks" => return Ok(Outcome::Skipped("the sinks are not served yet")),
        _ => {}
    }
    let session = match session::start(case, fixtures, backend::script(case)?).await? {
        Started::Running(session) => session,
        Started::Refused(reason) => return refused(case, &reason),
    };
    let mut observed = Box::pin(observe(case, &session)).await?;
    observed.backend = session.backend.received();
    observed.backend_connections = session.backend.connections();
    observed.astray = session.sink.connections();
    observed.growth_mb = session.host.growth_kb()? / 1024;
    observed.access_log = session.stop().await?;
    Ok(Outcome::Observed(Box::new(observed)))
}

/// A definition that is refused is an answer, where the case is about definitions.
fn refused(case: &Case, reason: &str) -> Result<Outcome, String> {
    if case.expect.contains_key("status_at_deploy") || case.expect.contains_key("status_at_deploy_in") {
        return Ok(deployed(case, 400));
    }
    // An address whose host the client chooses is refused as a whole, which the set-up calls the better answer.
    if case.line.to_string().contains("/go/") && reason.contains("{h}") {
        return Ok(Outcome::Passed);
    }
    Err(format!("the host did not start: {reason}"))
}

fn deployed(case: &Case, status: u64) -> Outcome {
    let allowed = match (case.expect.get("status_at_deploy"), case.expect.get("status_at_deploy_in")) {
        (Some(one), _) => vec![one.clone()],
        (None, Some(Value::Array(several))) => several.clone(),
        (None, _) => Vec::new(),
    };
    if allowed.contains(&Value::from(status)) {
        return Outcome::Passed;
    }
    let answer = Answer { status: u16::try_from(status).unwrap_or_default(), headers: Vec::new(), body: Vec::new() };
    Outcome::Observed(Box::new(Observed { answers: vec![Some(answer)], ..Observed::default() }))
}

async fn observe(case: &Case, session: &Session) -> Result<Observed, String> {
    match case.kind.as_str() {
        "raw_http" => raw(case, session).await,
        "timed_raw" => timed(case, session).await,
        "http" => {
            let request = request::read(case.get("request").ok_or("the case has no request")?, &session.base)?;
            once(session, &request).await
        }
        "sequence" => sequence(case, session).await,
        "burst" => burst(case, session).await,
        "sigv4" => sigv4::run(case, session).await,
        "template" => template(case, session).await,
        "upstream" => upstream(case, session).await,
        other => Err(format!("cases of the kind `{other}` are not known")),
    }
}

async fn once(session: &Session, request: &Request) -> Result<Observed, String> {
    let (answer, elapsed) = request::exchange(session, request).await?;
    Ok(Observed { answers: vec![answer], elapsed, ..Observed::default() })
}

async fn raw(case: &Case, session: &Session) -> Result<Observed, String> {
    let bytes = request::raw(case.get("send").ok_or("the case sends nothing")?)?;
    let reply = client::send(session.host.address, &bytes, QUIET).await?;
    let mut observed = Observed::of(reply);
    if case.expect.keys().any(|name| name.starts_with("context_")) {
        // The same head to a path that shows what the gateway makes of it.
        let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        let (line, rest) = text.split_once("\r\n").ok_or("the request has no head")?;
        let line: Vec<&str> = line.split(' ').collect();
        let version = line.last().copied().unwrap_or("HTTP/1.1");
        let bytes: Vec<u8> = format!("GET /__context {version}\r\n{rest}").bytes().collect();
        let reply = client::send(session.host.address, &bytes, QUIET).await?;
        let body = reply.answers.first().map(|answer| answer.body.clone()).unwrap_or_default();
        observed.context = serde_json::from_slice(&body).ok();
    }
    Ok(observed)
}

/// A client that dribbles: what counts is when the connection ends.
async fn timed(case: &Case, session: &Session) -> Result<Observed, String> {
    let slow = case.get("send_slow").ok_or("the case sends nothing")?;
    let text = |name: &str| slow.get(name).and_then(Value::as_str).unwrap_or_default();
    let limit = Duration::from_millis(case.expected_number("closes_within_ms").ok_or("the case has no limit")?);
    let stream = TcpStream::connect(session.host.address).await.map_err(|error| error.to_string())?;
    let (mut reader, mut writer) = stream.into_split();
    writer.write_all(text("bytes").as_bytes()).await.map_err(|error| error.to_string())?;
    let every = slow.get("then_every_ms").and_then(Value::as_u64).map(Duration::from_millis);
    let dribble = async {
        let Some(every) = every else { return std::future::pending::<()>().await };
        loop {
            tokio::time::sleep(every).await;
            if writer.write_all(text("byte").as_bytes()).await.is_err() {
                return std::future::pending().await;
            }
        }
    };
    let mut received = Vec::new();
    let reading = async { while reader.read_buf(&mut received).await.is_ok_and(|read| read > 0) {} };
    let started = Instant::now();
    let closed = tokio::select! {
        () = dribble => false,
        ended = tokio::time::timeout(limit, reading) => ended.is_ok(),
    };
    let reply = client::Reply { answers: client::answers(&received), closed, elapsed: started.elapsed() };
    Ok(Observed::of(reply))
}

async fn sequence(case: &Case, session: &Session) -> Result<Observed, String> {
    let steps = case.get("steps").and_then(Value::as_array).ok_or("the case has no steps")?;
    let mut observed = steps_once(steps, session).await?;
    observed.authorizer_calls = session.authorizer_calls();
    if case.expect.contains_key("cached") {
        steps_once(steps, session).await?;
        observed.authorizer_calls_repeated = Some(session.authorizer_calls());
    }
    Ok(observed)
}

async fn steps_once(steps: &[Value], session: &Session) -> Result<Observed, String> {
    let mut observed = Observed::default();
    for step in steps {
        let request = request::read(step, &session.base)?;
        let times = step.get("parallel").or_else(|| step.get("times")).and_then(Value::as_u64).unwrap_or(1);
        let all = (0..times).map(|_| request::exchange(session, &request));
        for result in futures_util::future::join_all(all).await {
            let (answer, elapsed) = result?;
            observed.answers.push(answer);
            observed.elapsed = observed.elapsed.max(elapsed);
        }
    }
    Ok(observed)
}

async fn burst(case: &Case, session: &Session) -> Result<Observed, String> {
    let count = case.get("requests").and_then(Value::as_u64).ok_or("the case has no number of requests")?;
    let key = case.get("key").and_then(Value::as_str).ok_or("the case has no key")?;
    let given = case.get("request").cloned().unwrap_or_else(|| json!({ "path": "/k" }));
    let mut request = request::read(&given, &session.base)?;
    request.headers.push(("x-api-key".to_owned(), key.to_owned()));
    let mut observed = Observed::default();
    let mut add = |result: Result<(Option<Answer>, Duration), String>| {
        result.map(|(answer, elapsed)| {
            observed.answers.push(answer);
            observed.elapsed = observed.elapsed.max(elapsed);
        })
    };
    if case.get("simultaneous").and_then(Value::as_bool).unwrap_or(false) {
        let all = (0..count).map(|_| request::exchange(session, &request));
        futures_util::future::join_all(all).await.into_iter().try_for_each(&mut add)?;
    } else {
        let pause = case.get("every_ms").and_then(Value::as_u64).map(Duration::from_millis);
        for _ in 0..count {
            add(request::exchange(session, &request).await)?;
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
        }
    }
    Ok(observed)
}

async fn template(case: &Case, session: &Session) -> Result<Observed, String> {
    if case.expect.contains_key("status_at_deploy") && case.expected_number("status_at_deploy") != Some(201) {
        return Err("the definition was accepted".to_owned());
    }
    let description = case.expect.get("request_body_gen").or_else(|| case.get("request_body_gen"));
    let body = description.and_then(Value::as_str).map(generate::bytes).transpose()?;
    let method = if body.is_some() { "POST" } else { "GET" };
    let mut request = request::read(&json!({ "method": method, "path": "/t" }), &session.base)?;
    request.body = body.unwrap_or_default();
    let mut observed = once(session, &request).await?;
    if case.expect.contains_key("status_at_deploy_in") {
        // Accepted, and it answered something.
        observed.answers.iter_mut().flatten().for_each(|answer| answer.status = 201);
    }
    Ok(observed)
}

async fn upstream(case: &Case, session: &Session) -> Result<Observed, String> {
    let given = case.get("request").cloned().unwrap_or_else(|| json!({ "path": "/x" }));
    let request = request::read(&given, &session.base)?;
    let mut observed = once(session, &request).await?;
    if case.expect.contains_key("next_request_body_not") || case.expect.contains_key("upstream_conn_reused") {
        observed.next = request::exchange(session, &request).await?.0;
    }
    Ok(observed)
}
