//! An error of a service, before a protocol gives it its form.

use serde_json::{Map, Value};

/// An error of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceError {
    /// `ResourceNotFoundException`, without a namespace.
    pub code: &'static str,
    /// For the caller.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// Whose fault it is.
    pub fault: Fault,
    /// Further members of the error's body, such as `CancellationReasons`.
    pub detail: Map<String, Value>,
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller's.
    Sender,
    /// The service's.
    Receiver,
}

impl ServiceError {
    /// The caller's fault: 400.
    #[must_use]
    pub fn sender(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: 400, fault: Fault::Sender, detail: Map::new() }
    }

    /// The service's fault: 500.
    #[must_use]
    pub fn receiver(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: 500, fault: Fault::Receiver, detail: Map::new() }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}
