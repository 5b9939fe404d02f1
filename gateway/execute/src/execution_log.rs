//! The execution log of an exchange in AWS's words, as `TestInvokeMethod` gives it.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>

use crate::{
    deployment::Deployment,
    exchange::{Exchange, Response},
    failure::Failure,
    query,
    stage::StageSnapshot,
    trace::{CapturedStep, Step, headers},
};
use indexmap::IndexMap;
use jiff::{Timestamp, tz::TimeZone};
use std::borrow::Cow;

/// The log of an exchange that was captured; each line but the first has its time.
#[must_use]
pub fn test_invoke(stage: &StageSnapshot, exchange: &Exchange, response: &Response) -> String {
    let mut log = Log { started_ms: exchange.started.unix_ms, unix_ms: exchange.started.unix_ms, text: String::new() };
    log.text.push_str(&format!("Execution log for request {}\n", exchange.id));
    request(&mut log, exchange);
    let steps = exchange.trace.capture.as_ref().map_or(&[][..], |capture| &capture.steps);
    endpoint(&mut log, stage, exchange, steps);
    match &exchange.failure {
        None => {
            let step = find(steps, Step::IntegrationResponse);
            log.at(step);
            log.line(&format!("Method response body after transformations: {}", value(step, "body")));
            log.line(&format!("Method response headers: {{{}}}", headers(&response.headers)));
            log.line("Successfully completed execution");
        }
        Some(failure) => log.line(&refusal(failure)),
    }
    log.line(&format!("Method completed with status: {}", response.status.as_u16()));
    log.text
}

struct Log {
    started_ms: i64,
    unix_ms: i64,
    text: String,
}

impl Log {
    /// `Sun Jan 19 17:19:42 UTC 2020 : ..`
    fn line(&mut self, message: &str) {
        let time = Timestamp::from_millisecond(self.unix_ms).unwrap_or_default().to_zoned(TimeZone::UTC);
        self.text.push_str(&format!("{} : {message}\n", time.strftime("%a %b %d %H:%M:%S UTC %Y")));
    }

    /// The time when a step ended.
    fn at(&mut self, step: Option<&CapturedStep>) {
        let elapsed = step.and_then(|step| i64::try_from(step.at_us / 1000).ok());
        self.unix_ms = elapsed.map_or(self.unix_ms, |elapsed| self.started_ms + elapsed);
    }
}

fn request(log: &mut Log, exchange: &Exchange) {
    let steps = exchange.trace.capture.as_ref().map_or(&[][..], |capture| &capture.steps);
    let route = find(steps, Step::Route);
    let sent = &exchange.request;
    let pairs: IndexMap<Cow<'_, str>, Cow<'_, str>> = query::pairs(sent.uri.query().unwrap_or_default()).collect();
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    log.line(&format!("Starting execution for request: {}", exchange.id));
    log.line(&format!("HTTP Method: {}, Resource Path: {}", exchange.verb_name(), exchange.path()));
    log.line(&format!("Method request path: {{{}}}", value(route, "path parameters")));
    log.line(&format!("Method request query string: {{{}}}", query.join(", ")));
    log.line(&format!("Method request headers: {{{}}}", headers(&sent.headers)));
    log.line(&format!("Method request body before transformations: {}", value(route, "body")));
}

/// A mock has no endpoint, and nothing is said of it.
fn endpoint(log: &mut Log, stage: &StageSnapshot, exchange: &Exchange, steps: &[CapturedStep]) {
    let Some(step) = find(steps, Step::IntegrationRequest) else { return };
    let function = exchange.trace.target.as_deref().filter(|_| !value(Some(step), "event").is_empty());
    let (uri, request_headers, body) = match function {
        Some(name) => (lambda_uri(stage, name), lambda_request_headers(stage, exchange), value(Some(step), "event")),
        None => {
            let text = |name| value(Some(step), name);
            (text("uri").to_owned(), text("headers").to_owned(), text("body"))
        }
    };
    if uri.is_empty() {
        return;
    }
    log.at(Some(step));
    log.line(&format!("Endpoint request URI: {uri}"));
    log.line(&format!("Endpoint request headers: {{{request_headers}}}"));
    log.line(&format!("Endpoint request body after transformations: {body}"));
    log.line(&format!("Sending request to {uri}"));
    let answered = find(steps, Step::Integration);
    log.at(answered);
    let (Some(status), Some(latency)) = (exchange.endpoint.status, exchange.endpoint.latency) else { return };
    let (response_headers, body) = match function {
        None => (value(answered, "headers").to_owned(), value(answered, "body")),
        Some(_) => {
            let payload = Some(value(answered, "payload")).filter(|payload| !payload.is_empty());
            let payload = payload.unwrap_or_else(|| value(answered, "function error"));
            (lambda_response_headers(exchange, payload), payload)
        }
    };
    log.line(&format!("Received response. Status: {status}, Integration latency: {} ms", latency.as_millis()));
    log.line(&format!("Endpoint response headers: {{{response_headers}}}"));
    log.line(&format!("Endpoint response body before transformations: {body}"));
}

fn lambda_uri(stage: &StageSnapshot, name: &str) -> String {
    let Deployment { region, account_id, .. } = stage.deployment.as_ref();
    format!(
        "https://lambda.{region}.amazonaws.com/2015-03-31/functions/arn:aws:lambda:{region}:{account_id}:function:{name}/invocations"
    )
}

fn lambda_request_headers(stage: &StageSnapshot, exchange: &Exchange) -> String {
    let api_id = &stage.deployment.api_id;
    format!(
        "x-amzn-lambda-integration-tag={}, x-amzn-apigateway-api-id={api_id}, Accept=application/json, \
         User-Agent=AmazonAPIGateway_{api_id}, X-Amzn-Trace-Id={}, Content-Type=application/json",
        exchange.id, exchange.trace_id
    )
}

fn lambda_response_headers(exchange: &Exchange, payload: &str) -> String {
    format!(
        "Content-Type=application/json, Content-Length={}, x-amzn-RequestId={}, X-Amz-Executed-Version=$LATEST, \
         X-Amzn-Trace-Id={}",
        payload.len(),
        exchange.endpoint.request_id.as_deref().unwrap_or_default(),
        exchange.trace_id
    )
}

fn refusal(failure: &Failure) -> String {
    match failure {
        Failure::IntegrationTimeout(_) => "Execution failed due to a timeout error".to_owned(),
        Failure::MalformedProxyResponse(reason) if reason.starts_with("Lambda execution failed") => reason.clone(),
        other => format!("Execution failed due to configuration error: {}", other.reason()),
    }
}

fn find(steps: &[CapturedStep], wanted: Step) -> Option<&CapturedStep> {
    steps.iter().find(|step| step.step == wanted)
}

fn value<'a>(step: Option<&'a CapturedStep>, name: &str) -> &'a str {
    let found = step.and_then(|step| step.values.iter().find(|(known, _)| *known == name));
    found.map_or("", |(_, value)| value.as_str())
}
