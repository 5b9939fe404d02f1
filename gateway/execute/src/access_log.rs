//! The access log: one line for each exchange, in the stage's own format.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>

use crate::{
    backends::Backends,
    caller::AuthorizerResult,
    context_variable::{ContextVariable, Facts},
    deployment::Protocol,
    exchange::Response,
    gateway_response::{answer, http_api},
    limits::ACCESS_LOG_FORMAT_BYTES,
};
use std::{borrow::Cow, fmt::Write as _};

/// A compiled format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLog {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Context(ContextVariable),
    Outcome(Outcome),
    /// A name that AWS does not know; it prints as one that is not set.
    Unknown,
}

/// What is known when the exchange has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    AuthorizerLatency,
    AuthorizerStatus,
    BasePathMatched,
    EndpointType,
    ErrorMessage,
    ErrorMessageString,
    ErrorResponseType,
    IntegrationError,
    IntegrationLatency,
    IntegrationRequestId,
    /// The status of a function's response; of any other endpoint its own.
    IntegrationStatus,
    /// The status of Lambda itself; of any other endpoint its own.
    IntegrationServiceStatus,
    ResponseLatency,
    ResponseLength,
    Status,
    TransferMode,
    ValidationErrorString,
    /// One that AWS knows and that nothing here can have.
    Absent,
}

const OUTCOMES: [(&str, Outcome); 41] = [
    ("authenticate.error", Outcome::Absent),
    ("authenticate.latency", Outcome::Absent),
    ("authenticate.status", Outcome::Absent),
    ("authorize.error", Outcome::Absent),
    ("authorize.latency", Outcome::Absent),
    ("authorize.status", Outcome::Absent),
    ("authorizer.error", Outcome::Absent),
    ("authorizer.integrationLatency", Outcome::AuthorizerLatency),
    ("authorizer.integrationStatus", Outcome::AuthorizerStatus),
    ("authorizer.latency", Outcome::AuthorizerLatency),
    ("authorizer.requestId", Outcome::Absent),
    ("authorizer.status", Outcome::AuthorizerStatus),
    ("awsEndpointRequestId2", Outcome::Absent),
    ("cipherSuite", Outcome::Absent),
    ("customDomain.basePathMatched", Outcome::BasePathMatched),
    ("customDomain.routingRuleIdMatched", Outcome::Absent),
    ("dataProcessed", Outcome::Absent),
    ("endpointType", Outcome::EndpointType),
    ("error.message", Outcome::ErrorMessage),
    ("error.messageString", Outcome::ErrorMessageString),
    ("error.responseType", Outcome::ErrorResponseType),
    ("error.validationErrorString", Outcome::ValidationErrorString),
    ("integration.error", Outcome::IntegrationError),
    ("integration.integrationStatus", Outcome::IntegrationServiceStatus),
    ("integration.latency", Outcome::IntegrationLatency),
    ("integration.requestId", Outcome::IntegrationRequestId),
    ("integration.responseTransferMode", Outcome::TransferMode),
    ("integration.status", Outcome::IntegrationStatus),
    ("integration.timeToAllHeaders", Outcome::Absent),
    ("integration.timeToFirstContent", Outcome::Absent),
    ("integrationErrorMessage", Outcome::IntegrationError),
    ("integrationLatency", Outcome::IntegrationLatency),
    ("integrationStatus", Outcome::IntegrationServiceStatus),
    ("responseLatency", Outcome::ResponseLatency),
    ("responseLength", Outcome::ResponseLength),
    ("status", Outcome::Status),
    ("tlsVersion", Outcome::Absent),
    ("waf.error", Outcome::Absent),
    ("waf.latency", Outcome::Absent),
    ("waf.status", Outcome::Absent),
    ("xrayTraceId", Outcome::Absent),
];

impl AccessLog {
    /// Reads a format, and gives the names in it that AWS does not know. Line breaks become blanks: an exchange is one line.
    ///
    /// # Errors
    /// What AWS refuses, for a diagnostic.
    pub fn parse(format: &str) -> Result<(Self, Vec<String>), String> {
        if format.len() > ACCESS_LOG_FORMAT_BYTES {
            return Err(format!("an access log format has at most {ACCESS_LOG_FORMAT_BYTES} bytes"));
        }
        let format = format.trim_end().replace(['\r', '\n'], " ");
        let mut log = Self { parts: Vec::new() };
        let mut unknown = Vec::new();
        let mut identified = false;
        let mut pieces = format.split("$context.");
        log.parts.extend(pieces.next().map(|text| Part::Text(text.to_owned())));
        for piece in pieces {
            let (name, rest) = split_name(piece);
            identified |= matches!(name.as_str(), "requestId" | "extendedRequestId");
            let part = part(&name);
            if part == Part::Unknown {
                unknown.push(name);
            }
            log.parts.extend([part, Part::Text(rest.to_owned())]);
        }
        if !identified {
            return Err("an access log format needs `$context.requestId` or `$context.extendedRequestId`".to_owned());
        }
        Ok((log, unknown))
    }

    /// The line of an exchange, without a line break at its end. What is not set is `-`.
    #[must_use]
    pub fn line(&self, facts: &Facts<'_>, response: &Response, backends: &dyn Backends) -> String {
        let mut line = String::new();
        for part in &self.parts {
            let value = match part {
                Part::Text(text) => {
                    line.push_str(text);
                    continue;
                }
                Part::Context(variable) => variable.value(facts),
                // It is JSON text already.
                Part::Outcome(Outcome::ErrorMessageString) => {
                    let message = outcome(Outcome::ErrorMessage, facts, response, backends);
                    let quoted = message.map(|text| serde_json::Value::from(text).to_string());
                    line.push_str(quoted.as_deref().unwrap_or("-"));
                    continue;
                }
                Part::Outcome(named) => outcome(*named, facts, response, backends),
                Part::Unknown => None,
            };
            match value.filter(|value| !value.is_empty()) {
                Some(value) => escape(&value, &mut line),
                None => line.push('-'),
            }
        }
        line
    }
}

/// The longest name at the beginning: `authorizer.claims['custom:x']` has brackets, and a dot at the end ends a sentence.
fn split_name(piece: &str) -> (String, &str) {
    let length = piece
        .find(|character: char| !character.is_ascii_alphanumeric() && !matches!(character, '.' | '_' | '-' | ':'))
        .unwrap_or(piece.len());
    let (name, rest) = piece.split_at(length);
    if let Some((claim, after)) = rest.strip_prefix("['").and_then(|rest| rest.split_once("']")) {
        return (format!("{name}.{claim}"), after);
    }
    let kept = name.trim_end_matches(['.', '-', ':']);
    (kept.to_owned(), piece.get(kept.len()..).unwrap_or_default())
}

fn part(name: &str) -> Part {
    match OUTCOMES.iter().find(|(known, _)| *known == name) {
        Some((_, outcome)) => Part::Outcome(*outcome),
        None => ContextVariable::parse(name).map_or(Part::Unknown, Part::Context),
    }
}

fn outcome<'a>(
    named: Outcome,
    facts: &Facts<'a>,
    response: &Response,
    backends: &dyn Backends,
) -> Option<Cow<'a, str>> {
    let exchange = facts.exchange;
    let answer = exchange.failure.as_ref().map(answer::to);
    let message = || match &facts.stage.deployment.protocol {
        Protocol::Rest => answer?.message.text().map(ToOwned::to_owned),
        Protocol::Http(_) => exchange.failure.as_ref().map(|failure| http_api::answer(failure).1.to_owned()),
    };
    let lambda = || match exchange.caller.authorizer.as_ref()? {
        AuthorizerResult::Lambda(result) => Some(result),
        AuthorizerResult::Claims(_) | AuthorizerResult::Jwt(_) => None,
    };
    let endpoint = &exchange.endpoint;
    let text = match named {
        Outcome::AuthorizerLatency => lambda()?.integration_latency_ms.to_string(),
        Outcome::AuthorizerStatus => lambda().map(|_| "200".to_owned())?,
        Outcome::BasePathMatched => return exchange.request.base_path.as_deref().map(Cow::Borrowed),
        Outcome::EndpointType => "REGIONAL".to_owned(),
        Outcome::ErrorMessage | Outcome::ErrorMessageString => message()?,
        Outcome::ErrorResponseType => answer?.response_type.as_str().to_owned(),
        Outcome::IntegrationError => {
            endpoint.latency?;
            exchange.failure.as_ref()?.reason().to_owned()
        }
        Outcome::IntegrationLatency => endpoint.latency?.as_millis().to_string(),
        Outcome::IntegrationRequestId => endpoint.request_id.clone()?,
        Outcome::IntegrationStatus => endpoint.function_status.or(endpoint.status)?.to_string(),
        Outcome::IntegrationServiceStatus => endpoint.status?.to_string(),
        Outcome::ResponseLatency => {
            backends.now().monotonic.saturating_sub(exchange.started.monotonic).as_millis().to_string()
        }
        Outcome::ResponseLength => response.body.len()?.to_string(),
        Outcome::Status => response.status.as_u16().to_string(),
        Outcome::TransferMode => {
            endpoint.latency?;
            "BUFFERED".to_owned()
        }
        Outcome::ValidationErrorString | Outcome::Absent => return None,
    };
    Some(text.into())
}

/// So that no value ends a line, a JSON text, or a terminal's patience.
fn escape(value: &str, out: &mut String) {
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() || matches!(control, '\u{2028}' | '\u{2029}') => {
                let _infallible = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let parsed = |format: &str| AccessLog::parse(format).map(|(log, unknown)| (log.parts, unknown));
        let text = |text: &str| Part::Text(text.to_owned());
        let request_id = || part("requestId");
        assert_eq!(
            parsed("$context.requestId $context.status. $context.what\n"),
            Ok((
                vec![
                    text(""),
                    request_id(),
                    text(" "),
                    Part::Outcome(Outcome::Status),
                    text(". "),
                    Part::Unknown,
                    text("")
                ],
                vec!["what".to_owned()]
            ))
        );
        let claim = AccessLog::parse("$context.requestId $context.authorizer.claims['custom:x']").unwrap();
        assert!(claim.0.parts.contains(&Part::Context(ContextVariable::Claim("custom:x".to_owned()))));
        assert!(parsed("$context.status").is_err());
        assert!(parsed(&format!("$context.requestId{}", "x".repeat(3072))).is_err());
    }

    #[test]
    fn no_value_ends_a_line_or_a_text() {
        let mut out = String::new();
        escape("a\"\\\r\n\u{1b}]0;x\u{7}\u{9b}31m\u{2028}é", &mut out);
        assert_eq!(out, "a\\\"\\\\\\r\\n\\u001b]0;x\\u0007\\u009b31m\\u2028é");
        assert!(serde_json::from_str::<String>(&format!("\"{out}\"")).is_ok());
    }
}
