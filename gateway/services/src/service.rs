//! The one shape of all services.

use crate::{BoxFuture, ServiceError};
use fanlight_store as store;
use serde_json::Value;
use std::fmt;

/// A service: operations by name, with input and output as its JSON model has them.
pub trait Service: fmt::Debug + Send + Sync {
    /// Performs an operation. What it changes is on disk before it answers.
    fn handle<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Value, ServiceError>>;
}

/// One call of an operation.
#[derive(Debug)]
pub struct Call<'a> {
    /// `SendMessage`
    pub operation: &'a str,
    /// Its input, with members in the spelling of the JSON model. Binary values are base64.
    pub input: Value,
    /// Whose resources it is about.
    pub owner: &'a Owner,
    /// Milliseconds since 1970. A service has no clock of its own.
    pub now_ms: i64,
    /// The id of this call; for a call of an integration, that of the exchange.
    pub request_id: &'a str,
}

/// Where resources stand; part of their ARNs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// `us-east-1`
    pub region: String,
    /// `000000000000`
    pub account_id: String,
}

impl Call<'_> {
    /// The error for an operation that the service does not have.
    #[must_use]
    pub fn unknown_operation(&self) -> ServiceError {
        ServiceError::sender(
            "UnknownOperationException",
            format!("the operation `{}` is not known here", self.operation),
        )
    }
}

/// The store's failures are the service's own: nothing was acknowledged.
#[must_use]
pub fn store_failure(code: &'static str, error: &store::Error) -> ServiceError {
    ServiceError::receiver(code, error.to_string())
}
