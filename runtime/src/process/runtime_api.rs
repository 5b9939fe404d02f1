//! The Lambda Runtime API as one environment sees it: which calls there are, when each is allowed, what is answered.
//!
//! Pure: [`unix`] and [`tcp`] carry the calls, the environment acts on them.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

pub(super) mod tcp;
pub(super) mod unix;

use super::limits::RESPONSE_BYTES;
use crate::Invocation;
use bytes::Bytes;
use http::StatusCode;
use std::{sync::Arc, time::SystemTime};

/// What a runtime asks for.
#[derive(Debug)]
pub(super) enum Call {
    /// `GET /runtime/invocation/next`.
    Next,
    /// `POST /runtime/invocation/{id}/response`.
    Response { id: String, payload: Payload },
    /// `POST /runtime/invocation/{id}/error`.
    Error { id: String, error_type: Option<String>, payload: Payload },
    /// `POST /runtime/init/error`.
    InitError { error_type: Option<String>, payload: Payload },
}

/// A body, unless it is too large.
#[derive(Debug)]
pub(super) enum Payload {
    Complete(Bytes),
    TooLarge,
}

/// What a call is answered with.
#[derive(Debug)]
pub(super) enum Answer {
    /// 202.
    Accepted,
    /// The next invocation.
    Event(Event),
    /// An error.
    Refused(Refusal),
}

/// An invocation on its way to the runtime.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) invocation: Arc<Invocation>,
    pub(super) deadline: SystemTime,
    pub(super) function_arn: Arc<str>,
}

/// Why a call is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    UnknownId,
    WrongState { from: &'static str, to: &'static str },
    TooLarge,
    Truncated,
    ResponseMode,
    NotFound,
    MethodNotAllowed,
    Internal,
}

/// The state of the runtime, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Started,
    InitError,
    Ready,
    Running { id: String },
    Responded { id: String },
}

/// Which call a request line names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route<'a> {
    Next,
    Response(&'a str),
    Error(&'a str),
    InitError,
    Ping,
}

impl<'a> Route<'a> {
    /// Finds the call of a method and a path.
    pub(super) fn of(method: &str, path: &'a str) -> Result<Self, Refusal> {
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let (route, expected) = match path.strip_prefix("/2018-06-01/") {
            Some("runtime/invocation/next") => (Self::Next, "GET"),
            Some("runtime/init/error") => (Self::InitError, "POST"),
            Some("ping") => (Self::Ping, "GET"),
            Some(rest) => {
                let (id, call) = rest
                    .strip_prefix("runtime/invocation/")
                    .and_then(|rest| rest.split_once('/'))
                    .ok_or(Refusal::NotFound)?;
                match call {
                    "response" => (Self::Response(id), "POST"),
                    "error" => (Self::Error(id), "POST"),
                    _ => return Err(Refusal::NotFound),
                }
            }
            None => return Err(Refusal::NotFound),
        };
        if method == expected { Ok(route) } else { Err(Refusal::MethodNotAllowed) }
    }

    /// The call with its body; a ping is nobody's business but the carrier's.
    pub(super) fn call(self, error_type: Option<String>, payload: Payload) -> Option<Call> {
        match self {
            Self::Next => Some(Call::Next),
            Self::Response(id) => Some(Call::Response { id: id.to_owned(), payload }),
            Self::Error(id) => Some(Call::Error { id: id.to_owned(), error_type, payload }),
            Self::InitError => Some(Call::InitError { error_type, payload }),
            Self::Ping => None,
        }
    }
}

impl State {
    /// Whether the call may be made now, and then what its answer is as far as that does not depend on an invocation.
    pub(super) fn admit(&self, call: &Call) -> Result<(), Refusal> {
        match call {
            Call::Next => match self {
                Self::Started | Self::Ready | Self::Responded { .. } => Ok(()),
                Self::InitError | Self::Running { .. } => Err(self.refuse("Ready")),
            },
            Call::Response { id, .. } => self.answered(id, "InvocationResponse"),
            Call::Error { id, .. } => self.answered(id, "InvocationErrorResponse"),
            Call::InitError { .. } => match self {
                Self::Started => Ok(()),
                Self::InitError | Self::Ready | Self::Running { .. } | Self::Responded { .. } => {
                    Err(self.refuse("InitError"))
                }
            },
        }
    }

    fn answered(&self, id: &str, to: &'static str) -> Result<(), Refusal> {
        match self {
            Self::Running { id: current } if current == id => Ok(()),
            Self::Responded { id: current } if current == id => Err(self.refuse(to)),
            Self::Started | Self::InitError | Self::Ready | Self::Running { .. } | Self::Responded { .. } => {
                Err(Refusal::UnknownId)
            }
        }
    }

    fn refuse(&self, to: &'static str) -> Refusal {
        let from = match self {
            Self::Started => "Started",
            Self::InitError => "InitError",
            Self::Ready => "Ready",
            Self::Running { .. } => "Running",
            Self::Responded { .. } => "RuntimeResponseSentState",
        };
        Refusal::WrongState { from, to }
    }
}

impl Event {
    /// The headers of the answer to `next`, without the empty ones.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&'static str, HeaderText<'_>)> {
        let deadline = self.deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let Invocation { request_id, trace_id, client_context, .. } = &*self.invocation;
        [
            ("Lambda-Runtime-Aws-Request-Id", Some(HeaderText::Text(request_id))),
            ("Lambda-Runtime-Deadline-Ms", Some(HeaderText::Number(deadline.as_millis()))),
            ("Lambda-Runtime-Invoked-Function-Arn", Some(HeaderText::Text(&self.function_arn))),
            ("Lambda-Runtime-Trace-Id", trace_id.as_deref().map(HeaderText::Text)),
            ("Lambda-Runtime-Client-Context", client_context.as_deref().map(HeaderText::Text)),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.filter(|value| !value.is_empty()).map(|value| (name, value)))
    }
}

/// A header's value before it is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum HeaderText<'a> {
    Text(&'a str),
    Number(u128),
}

impl HeaderText<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Number(_) => false,
        }
    }
}

impl Refusal {
    /// The status and the body.
    pub(super) fn parts(self) -> (StatusCode, String) {
        match self {
            Self::UnknownId => (StatusCode::BAD_REQUEST, document("InvalidRequestID", "Invalid request ID")),
            Self::WrongState { from, to } => {
                let message = format!(
                    "State transition from {from} to {to} failed for runtime. Error: State transition is not allowed"
                );
                (StatusCode::FORBIDDEN, document("InvalidStateTransition", &message))
            }
            Self::TooLarge => {
                let message = format!("Exceeded maximum allowed payload size ({RESPONSE_BYTES} bytes).");
                (StatusCode::PAYLOAD_TOO_LARGE, document("RequestEntityTooLarge", &message))
            }
            Self::Truncated => {
                let message = "HTTP request detected as truncated";
                (StatusCode::BAD_REQUEST, document("TruncatedHTTPRequest", message))
            }
            Self::ResponseMode => {
                let message = "Invalid function response mode";
                (StatusCode::BAD_REQUEST, document("InvalidFunctionResponseMode", message))
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "404 page not found\n".to_owned()),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
            Self::Internal => {
                let message = "Internal Server Error";
                (StatusCode::INTERNAL_SERVER_ERROR, document("InternalServerError", message))
            }
        }
    }
}

fn document(error_type: &str, message: &str) -> String {
    serde_json::json!({ "errorMessage": message, "errorType": error_type }).to_string()
}

/// The body of a 202.
pub(super) const ACCEPTED: &str = "{\"status\":\"OK\"}\n";
