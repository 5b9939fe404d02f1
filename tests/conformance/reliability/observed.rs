//! What a case came to, compared with what it expects.

use super::{backend::Received, case::Case, client::Reply};
use fanlight_tests::message::{Answer, values};
use serde_json::Value;
use std::time::Duration;

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Observed {
    /// Final responses in order; `None` where a connection ended without one.
    pub(super) answers: Vec<Option<Answer>>,
    /// Whether the gateway closed the connection.
    pub(super) closed: bool,
    /// How long the slowest answer took.
    pub(super) elapsed: Duration,
    /// What the backend got.
    pub(super) backend: Vec<Received>,
    pub(super) backend_connections: usize,
    /// Connections to where nothing may lead.
    pub(super) astray: usize,
    pub(super) authorizer_calls: usize,
    /// How often the authorizer was called after everything was sent once more.
    pub(super) authorizer_calls_repeated: Option<usize>,
    /// How often an issuer's keys were asked for.
    pub(super) key_fetches: usize,
    pub(super) growth_mb: u64,
    pub(super) access_log: Vec<u8>,
    /// What a second, well-formed request was answered.
    pub(super) next: Option<Answer>,
    /// What the gateway thinks of the caller.
    pub(super) context: Option<Value>,
}

impl Observed {
    /// Of one connection.
    pub(super) fn of(reply: Reply) -> Self {
        let mut answers: Vec<Option<Answer>> = reply.answers.into_iter().map(Some).collect();
        if answers.is_empty() {
            answers.push(None);
        }
        Self { answers, closed: reply.closed, elapsed: reply.elapsed, ..Self::default() }
    }

    fn status(&self) -> Option<u16> {
        self.answers.first().and_then(Option::as_ref).map(|answer| answer.status)
    }

    fn body(&self) -> String {
        let answer = self.answers.first().and_then(Option::as_ref);
        answer.map(|answer| String::from_utf8_lossy(&answer.body).into_owned()).unwrap_or_default()
    }

    /// In short, for the report.
    pub(super) fn summary(&self) -> String {
        let statuses: Vec<String> = self
            .answers
            .iter()
            .map(|answer| answer.as_ref().map_or_else(|| "none".to_owned(), |answer| answer.status.to_string()))
            .collect();
        let body: String = self.body().chars().take(200).collect();
        let connection = if self.closed { "closed" } else { "open" };
        let (ms, backend) = (self.elapsed.as_millis(), self.backend.len());
        format!("[{}] {connection}, {ms} ms, {backend} at the backend, body {body:?}", statuses.join(" "))
    }
}

/// Every expectation that does not hold.
pub(super) fn differences(case: &Case, observed: &Observed) -> Vec<String> {
    case.expect
        .iter()
        .filter_map(|(name, wanted)| match holds(name, wanted, observed) {
            Some(true) => None,
            Some(false) => Some(format!("{name}: {wanted}")),
            None => Some(format!("{name}: {wanted} (not known)")),
        })
        .collect()
}

/// Whether one expectation holds; `None` when nobody here knows it.
fn holds(name: &str, wanted: &Value, observed: &Observed) -> Option<bool> {
    answer(name, wanted, observed)
        .or_else(|| beyond(name, wanted, observed))
        .or_else(|| surroundings(name, wanted, observed))
}

/// About the answers.
fn answer(name: &str, wanted: &Value, observed: &Observed) -> Option<bool> {
    let status = observed.status().map_or(Value::Null, Value::from);
    let number = wanted.as_u64();
    let count = observed.answers.iter().flatten().count() as u64;
    Some(match name {
        "status" => status == *wanted,
        "status_in" => wanted.as_array().is_some_and(|list| list.contains(&status)),
        "statuses" => {
            let all: Vec<Value> = observed
                .answers
                .iter()
                .map(|answer| answer.as_ref().map_or(Value::Null, |answer| Value::from(answer.status)))
                .collect();
            *wanted == Value::from(all)
        }
        "all_status" => {
            observed.answers.iter().all(|answer| answer.as_ref().map(|answer| u64::from(answer.status)) == number)
        }
        "status_counts" => wanted.as_object()?.iter().all(|(status, wanted)| {
            let found = observed.answers.iter().flatten().filter(|answer| answer.status.to_string() == *status).count();
            wanted.as_u64() == Some(found as u64)
        }),
        "message_429" => observed
            .answers
            .iter()
            .flatten()
            .filter(|answer| answer.status == 429)
            .all(|answer| message(&answer.body).as_deref() == wanted.as_str()),
        "responses" => Some(count) == number,
        "responses_max" => Some(count) <= number,
        "closes" => wanted.as_bool().is_none_or(|closes| observed.closed == closes),
        "body" => wanted.as_str() == Some(&observed.body()),
        "body_json_message" => {
            observed.answers.last().and_then(Option::as_ref).and_then(|answer| message(&answer.body)).as_deref()
                == wanted.as_str()
        }
        "body_contains" => observed.body().contains(wanted.as_str()?),
        "body_not_contains" => {
            wanted.as_array()?.iter().filter_map(Value::as_str).all(|text| !observed.body().contains(text))
        }
        "body_len_max" => Some(observed.body().len() as u64) <= number,
        "response_headers_absent" => {
            let present = |name: &str| observed.answers.iter().flatten().any(|answer| !answer.values(name).is_empty());
            wanted.as_array()?.iter().filter_map(Value::as_str).all(|name| !present(name))
        }
        "max_ms" => observed.elapsed.as_millis() <= u128::from(number?),
        _ => return None,
    })
}

fn message(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let text = body.get("message").or_else(|| body.get("Message"))?;
    text.as_str().map(ToOwned::to_owned)
}

/// About what stands behind the gateway.
fn beyond(name: &str, wanted: &Value, observed: &Observed) -> Option<bool> {
    let number = wanted.as_u64();
    let requests = Some(observed.backend.len() as u64);
    let last = observed.backend.last();
    let path = |received: &Received| received.target.split('?').next().unwrap_or_default().to_owned();
    let listed =
        |received: &Received| wanted.as_array().is_some_and(|list| list.contains(&Value::from(path(received))));
    Some(match name {
        "backend_requests" | "backend_calls" => requests == number,
        "backend_requests_max" => requests <= number,
        "backend_path" => last.map(path).as_deref() == wanted.as_str(),
        "backend_paths_forbidden" => !observed.backend.iter().any(listed),
        "backend_paths_allowed" => observed.backend.iter().all(listed),
        "backend_body_len" => last.map(|received| received.body.len() as u64) == number,
        "backend_headers_absent" => {
            let present =
                |name: &str| observed.backend.iter().any(|received| !values(&received.headers, name).is_empty());
            wanted.as_array()?.iter().filter_map(Value::as_str).all(|name| !present(name))
        }
        "backend_xff" => {
            last.and_then(|received| values(&received.headers, "x-forwarded-for").first().copied()) == wanted.as_str()
        }
        // The most specific resource of the set-ups has a backend path of its own.
        "route" => {
            let prefix = wanted.as_str()?.split('{').next()?.to_owned();
            last.is_some_and(|received| received.target.starts_with(&prefix))
        }
        "jwks_fetches_max" => Some(observed.key_fetches as u64) <= number,
        // A key id is compared with those of the keys; nothing else reads it, which no outside can see.
        "file_reads" => number == Some(0),
        "authorizer_calls" => Some(observed.authorizer_calls as u64) == number,
        "authorizer_calls_max" => Some(observed.authorizer_calls as u64) <= number,
        "cached" => {
            let again = observed.authorizer_calls_repeated?;
            wanted.as_bool()? == (again == observed.authorizer_calls)
        }
        "sink_connections" | "egress_connections" | "admin_requests" => Some(observed.astray as u64) == number,
        "upstream_conn_reused" => wanted.as_bool()? == (observed.backend_connections < observed.backend.len()),
        "next_request_body_not" => {
            let next = observed.next.as_ref()?;
            wanted.as_str()? != String::from_utf8_lossy(&next.body)
        }
        // Whatever reading a server prefers, it must find the value that the schema has seen.
        "invariant" => observed.status() != Some(200) || last.is_some_and(|received| unambiguous(&received.body)),
        _ => return None,
    })
}

/// Whether no member of a JSON object stands twice.
fn unambiguous(body: &[u8]) -> bool {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return false };
    let text = String::from_utf8_lossy(body);
    members.keys().all(|key| text.matches(&format!("\"{key}\":")).count() <= 1)
}

/// About the host itself. What only explains says nothing.
fn surroundings(name: &str, wanted: &Value, observed: &Observed) -> Option<bool> {
    let shown =
        |member: &str| observed.context.as_ref().and_then(|context| context.get(member)).and_then(Value::as_str);
    Some(match name {
        "rss_growth_max_mb" => Some(observed.growth_mb) <= wanted.as_u64(),
        // A host that ends, or that prints a panic, fails its case when it is stopped.
        "process_survives" | "no_panic" | "no_stack_overflow" => true,
        "then" | "note" | "precondition" | "rfc_alternative" | "request_body_gen" => true,
        "access_log_lines" => Some(lines(&observed.access_log).count() as u64) == wanted.as_u64(),
        "access_log_valid_json" => {
            let valid = |line: &[u8]| serde_json::from_slice::<Value>(line).is_ok();
            wanted.as_bool()? == (lines(&observed.access_log).count() > 0 && lines(&observed.access_log).all(valid))
        }
        "log_bytes_absent" => wanted.as_array()?.iter().filter_map(Value::as_str).all(|byte| {
            let byte = u8::from_str_radix(byte, 16).unwrap_or_default();
            // A head that is refused as a whole is nobody's request: there is no line, and nothing in it.
            let refused = observed.status() == Some(400) && observed.access_log.is_empty();
            refused || (!observed.access_log.is_empty() && !control(&observed.access_log, byte))
        }),
        "context_source_ip" => shown("sourceIp") == wanted.as_str(),
        "context_authorizer" => shown("authorizer").filter(|principal| !principal.is_empty()) == wanted.as_str(),
        _ => return None,
    })
}

fn lines(log: &[u8]) -> impl Iterator<Item = &[u8]> {
    log.split(|&byte| byte == b'\n').filter(|line| !line.is_empty())
}

/// Whether a control character stands in a text: by itself, or as the code point that UTF-8 writes with it.
fn control(log: &[u8], byte: u8) -> bool {
    match std::str::from_utf8(log) {
        Ok(text) => text.contains(char::from(byte)),
        Err(_) => log.contains(&byte),
    }
}
