//! What each step of an exchange saw and did.
//!
//! Two levels, chosen when an exchange begins: a summary of fixed size is always kept, so that the 403 of a minute ago can
//! be explained; a full capture, bounded and redacted, is made only while somebody looks.

use crate::{body::Body, limits};
use serde::Serialize;
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// The steps of the lifecycle, in AWS's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Finding the method.
    Route,
    /// What the resource policy says.
    ResourcePolicy,
    /// Finding out who calls.
    Authorize,
    /// API key, usage plan, throttles.
    UsagePlan,
    /// Checking parameters and body.
    MethodRequest,
    /// Looking for an answer in the stage's cache.
    StageCache,
    /// Method request to integration request.
    IntegrationRequest,
    /// The call itself.
    Integration,
    /// Integration response to method response.
    IntegrationResponse,
    /// The last touch of a response.
    MethodResponse,
    /// The answer to a failure.
    GatewayResponse,
}

impl Step {
    /// AWS's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::ResourcePolicy => "resource policy",
            Self::Authorize => "authorize",
            Self::UsagePlan => "usage plan",
            Self::MethodRequest => "method request",
            Self::StageCache => "stage cache",
            Self::IntegrationRequest => "integration request",
            Self::Integration => "integration",
            Self::IntegrationResponse => "integration response",
            Self::MethodResponse => "method response",
            Self::GatewayResponse => "gateway response",
        }
    }
}

/// The record of one exchange.
#[derive(Debug, Default)]
pub struct Trace {
    /// The path template that matched.
    pub resource_path: Option<Arc<str>>,
    /// The function or address that answered.
    pub target: Option<Arc<str>>,
    /// The gateway response type and reason of a failure.
    pub failure: Option<(&'static str, String)>,
    /// Everything seen, when somebody looks.
    pub capture: Option<Capture>,
}

/// A full record, bounded by [`limits::CAPTURE_BYTES`].
#[derive(Debug, Default, Serialize)]
pub struct Capture {
    /// What happened, in order.
    pub steps: Vec<CapturedStep>,
    /// What no longer fitted.
    pub omitted_values: usize,
    #[serde(skip)]
    bytes: usize,
}

/// One step of a capture.
#[derive(Debug, Serialize)]
pub struct CapturedStep {
    /// Which.
    pub step: Step,
    /// Microseconds since the exchange began, when the step ended.
    pub at_us: u64,
    /// What it saw and did.
    pub values: Vec<(&'static str, String)>,
}

impl Trace {
    /// A trace with a full capture.
    #[must_use]
    pub fn capturing() -> Self {
        Self { capture: Some(Capture::default()), ..Self::default() }
    }

    /// Records the end of a step. `values` is called only while somebody looks.
    pub fn step(
        &mut self,
        step: Step,
        elapsed: impl FnOnce() -> Duration,
        values: impl FnOnce() -> Vec<(&'static str, String)>,
    ) {
        let Some(capture) = &mut self.capture else { return };
        let mut kept = Vec::new();
        for (name, mut value) in values() {
            truncate(&mut value, limits::CAPTURE_VALUE_BYTES);
            capture.bytes += value.len();
            if capture.bytes > limits::CAPTURE_BYTES {
                capture.omitted_values += 1;
            } else {
                kept.push((name, value));
            }
        }
        let at_us = u64::try_from(elapsed().as_micros()).unwrap_or(u64::MAX);
        capture.steps.push(CapturedStep { step, at_us, values: kept });
    }
}

fn truncate(value: &mut String, limit: usize) {
    if value.len() > limit {
        let mut end = limit;
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        value.truncate(end);
        value.push_str(" [TRUNCATED]");
    }
}

/// A proxy event or response as text, without the values of headers that carry credentials. What is no JSON object is
/// shown as it is.
#[must_use]
pub fn document(bytes: &[u8]) -> String {
    let Ok(Value::Object(mut document)) = serde_json::from_slice(bytes) else {
        return String::from_utf8_lossy(bytes).into_owned();
    };
    for member in ["headers", "multiValueHeaders"] {
        let headers = document.get_mut(member).and_then(Value::as_object_mut);
        for (name, value) in headers.into_iter().flatten() {
            if is_secret(name) {
                *value = Value::from(REDACTED);
            }
        }
    }
    Value::Object(document).to_string()
}

/// A body as text; one that has not come yet is not waited for.
#[must_use]
pub fn body(body: &Body) -> String {
    match body {
        Body::Stream(_) => "[Streamed Data]".to_owned(),
        Body::Buffered(bytes) => {
            let start = bytes.get(..limits::CAPTURE_VALUE_BYTES + 1).unwrap_or(bytes);
            match std::str::from_utf8(start) {
                Ok(text) => text.to_owned(),
                // The end may be the middle of a character.
                Err(error) if error.error_len().is_none() => String::from_utf8_lossy(start).into_owned(),
                Err(_) => "[Binary Data]".to_owned(),
            }
        }
    }
}

const REDACTED: &str = "[REDACTED]";

fn is_secret(name: &str) -> bool {
    const SECRET: [&str; 6] =
        ["authorization", "cookie", "proxy-authorization", "set-cookie", "x-amz-security-token", "x-api-key"];
    SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// Headers as text, without the values of those that carry credentials.
#[must_use]
pub fn headers(headers: &http::HeaderMap) -> String {
    let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let shown = if is_secret(name.as_str()) { REDACTED.into() } else { String::from_utf8_lossy(value.as_bytes()) };
        format!("{name}={shown}")
    };
    headers.iter().map(line).collect::<Vec<_>>().join(", ")
}
