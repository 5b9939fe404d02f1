//! Requests as services take them, to the services that are here: from methods' integrations, and from SDKs.

use crate::{BoxFuture, Call, Clock, Owner, Service, ServiceError, journal, sns, sqs, store_failure, uuid};
use fanlight_aws_wire::{
    Protocol, Service as Which,
    protocol::{
        json::{self, ErrorStyle},
        query::{self, Dialect, Format},
    },
};
use fanlight_store::{Store, journal::NewEntry};
use http::{HeaderMap, Response, header};
use serde_json::Value;
use std::sync::Arc;

/// The services of a host.
#[derive(Debug)]
pub struct Sinks {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    services: Vec<(Which, Arc<dyn Service>)>,
}

/// A request to a service.
#[derive(Debug)]
pub struct Request<'a> {
    /// Which one.
    pub service: Which,
    /// Whose resources it is about.
    pub owner: Owner,
    /// Path and query.
    pub target: &'a str,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a [u8],
    /// Who calls.
    pub caller: Caller,
}

/// Who calls a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The integration of a method, with the id of the exchange.
    Integration(String),
    /// An SDK.
    Sdk,
}

/// How a request was written, and so how the answer is.
enum Spoken {
    Json { version: &'static str, style: ErrorStyle },
    Query { dialect: &'static Dialect, format: Format },
}

impl Sinks {
    /// No services yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, services: Vec::new() }
    }

    /// One more service.
    #[must_use]
    pub fn with(mut self, which: Which, service: Arc<dyn Service>) -> Self {
        self.services.push((which, service));
        self
    }

    /// Answers a request, in the protocol it came in.
    pub fn answer<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Response<Vec<u8>>> {
        Box::pin(self.respond(request))
    }

    async fn respond(&self, request: Request<'_>) -> Response<Vec<u8>> {
        let request_id = match &request.caller {
            Caller::Integration(id) => id.clone(),
            Caller::Sdk => uuid(),
        };
        let Some((operation, spoken, input)) = read(&request) else { return unknown() };
        let outcome = match input {
            Ok(input) => self.call(&request, (&operation, input), &request_id).await,
            Err(error) => Err(error),
        };
        write(request.service, (&operation, &spoken), &request_id, outcome)
    }

    async fn call(
        &self,
        request: &Request<'_>,
        (operation, input): (&str, Value),
        request_id: &str,
    ) -> Result<Value, ServiceError> {
        let Some((_, service)) = self.services.iter().find(|(which, _)| *which == request.service) else {
            let message = format!("there is no `{}` here", request.service.name());
            return Err(ServiceError::sender("UnknownService", message));
        };
        let now_ms = self.clock.now_ms();
        let is_recorded = request.caller != Caller::Sdk || journal::is_recorded(operation);
        let entry = is_recorded.then(|| NewEntry {
            received_ms: now_ms,
            service: request.service.name().to_owned(),
            operation: operation.to_owned(),
            request_id: request_id.to_owned(),
            input: input.to_string(),
        });
        let call = service.handle(Call { operation, input, owner: &request.owner, now_ms, request_id });
        let record = async {
            match entry {
                Some(entry) => self.store.record(entry).await,
                None => Ok(()),
            }
        };
        // Both wait for the disk; what is done at once shares a commit.
        let (recorded, outcome) = tokio::join!(record, call);
        recorded.map_err(|error| store_failure("InternalFailure", &error))?;
        outcome
    }
}

/// Operation, protocol and input of a request.
type Read = (String, Spoken, Result<Value, ServiceError>);

/// `None` when the request names no operation.
fn read(request: &Request<'_>) -> Option<Read> {
    let (path, uri_query) = request.target.split_once('?').unwrap_or((request.target, ""));
    if let (Protocol::Json { version, target }, Some((prefix, operation))) =
        (request.service.protocol(), json::target(request.headers))
        && prefix == target
    {
        let spoken = Spoken::Json { version, style: style(request.service) };
        let input = json::input(request.body).map(|input| addressed(request.service, path, input));
        return Some((operation.to_owned(), spoken, input));
    }
    let dialect = dialect(request.service)?;
    let mut pairs = query::pairs(uri_query);
    let content_type = request.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded")) {
        pairs.extend(query::pairs(&String::from_utf8_lossy(request.body)));
    }
    let operation = pairs.iter().find(|(name, _)| name == "Action").map(|(_, value)| value.clone())?;
    let input = addressed(request.service, path, query::input(dialect, &operation, &pairs));
    let spoken = Spoken::Query { dialect, format: Format::accepted(request.headers.get(header::ACCEPT)) };
    Some((operation, spoken, Ok(input)))
}

/// What a service answers that finds no operation in a request.
fn unknown() -> Response<Vec<u8>> {
    let mut response = Response::new(b"<UnknownOperationException/>\n".to_vec());
    *response.status_mut() = http::StatusCode::NOT_FOUND;
    response
}

/// A queue may be named by the path alone.
fn addressed(service: Which, path: &str, mut input: Value) -> Value {
    let queue = path.trim_matches('/');
    if let (Which::Sqs, Value::Object(members), true) = (service, &mut input, queue.contains('/')) {
        members.entry("QueueUrl").or_insert_with(|| format!("/{queue}").into());
    }
    input
}

fn style(service: Which) -> ErrorStyle {
    match service {
        Which::Sqs => sqs::wire::ERRORS,
        Which::DynamoDb => ErrorStyle { namespace: Some("com.amazonaws.dynamodb.v20120810"), query_compatible: false },
        Which::Sns | Which::Kinesis | Which::EventBridge | Which::StepFunctions | Which::S3 | Which::Ssm => {
            ErrorStyle::default()
        }
    }
}

fn dialect(service: Which) -> Option<&'static Dialect> {
    match service {
        Which::Sqs => Some(&sqs::wire::DIALECT),
        Which::Sns => Some(&sns::wire::DIALECT),
        Which::DynamoDb | Which::Kinesis | Which::EventBridge | Which::StepFunctions | Which::S3 | Which::Ssm => None,
    }
}

fn write(
    service: Which,
    (operation, spoken): (&str, &Spoken),
    request_id: &str,
    outcome: Result<Value, ServiceError>,
) -> Response<Vec<u8>> {
    match (spoken, outcome) {
        (Spoken::Json { version, .. }, Ok(output)) => json::success(version, request_id, &output),
        (Spoken::Json { version, style }, Err(error)) => {
            let query_code = style.query_compatible.then(|| sqs::wire::query_code(error.code));
            json::error((version, *style), request_id, &error, query_code)
        }
        (Spoken::Query { dialect, format }, Ok(output)) => {
            query::success(dialect, operation, *format, request_id, &in_dialect(service, output))
        }
        (Spoken::Query { dialect, format }, Err(mut error)) => {
            if service == Which::Sqs {
                error.code = sqs::wire::query_code(error.code);
            }
            if error.code == "UnknownOperationException" {
                error.code = "InvalidAction";
                error.message = format!("The action {operation} is not valid for this endpoint.");
            }
            query::error(dialect, *format, request_id, &error)
        }
    }
}

/// The codes of a batch's failed entries are those of the protocol too.
fn in_dialect(service: Which, mut output: Value) -> Value {
    let failed = output.get_mut("Failed").and_then(Value::as_array_mut);
    for entry in failed.into_iter().flatten().filter(|_| service == Which::Sqs) {
        let code = entry.get("Code").and_then(Value::as_str).map(|code| sqs::wire::query_code(code).to_owned());
        if let (Some(code), Value::Object(members)) = (code, entry) {
            members.insert("Code".to_owned(), code.into());
        }
    }
    output
}
