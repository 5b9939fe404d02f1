//! DynamoDB's errors, in its words.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>

use super::value::{Invalid, Item, to_json};
use crate::{ServiceError, store_failure};
use fanlight_store as store;
use serde_json::{Value, json};

pub(crate) type Answer<T> = Result<T, ServiceError>;

pub(crate) fn validation(message: impl Into<String>) -> ServiceError {
    ServiceError::sender("ValidationException", message)
}

/// `One or more parameter values were invalid: ..`
pub(crate) fn invalid(message: impl AsRef<str>) -> ServiceError {
    validation(format!("One or more parameter values were invalid: {}", message.as_ref()))
}

pub(crate) fn serialization(message: impl Into<String>) -> ServiceError {
    ServiceError::sender("SerializationException", message)
}

/// A parameter that DynamoDB keeps for old programs, and that is not supported here.
pub(crate) fn legacy(parameter: &str, instead: &str) -> ServiceError {
    validation(format!("The legacy parameter {parameter} is not supported: use {instead}"))
}

pub(crate) fn no_such_table() -> ServiceError {
    ServiceError::sender("ResourceNotFoundException", "Requested resource not found")
}

pub(crate) fn no_table_named(name: &str) -> ServiceError {
    ServiceError::sender("ResourceNotFoundException", format!("Requested resource not found: Table: {name} not found"))
}

pub(crate) fn in_use(message: impl Into<String>) -> ServiceError {
    ServiceError::sender("ResourceInUseException", message)
}

/// The condition was not met; with the item, where that is wanted.
pub(crate) fn condition_failed(item: Option<&Item>) -> ServiceError {
    let mut error = ServiceError::sender("ConditionalCheckFailedException", "The conditional request failed");
    if let Some(item) = item {
        error.detail.insert("Item".to_owned(), to_json(item));
    }
    error
}

/// One reason for each item of the transaction, `None` for those that had none.
pub(crate) fn cancelled(reasons: &[Option<ServiceError>]) -> ServiceError {
    let code = |reason: &ServiceError| match reason.code {
        "ConditionalCheckFailedException" => "ConditionalCheckFailed",
        "ValidationException" => "ValidationError",
        other => other,
    };
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.as_ref().map_or("None", code)).collect();
    let shown = codes.join(", ");
    let message = format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{shown}]");
    let mut error = ServiceError::sender("TransactionCanceledException", message);
    let reasons = reasons.iter().map(|reason| match reason {
        None => json!({ "Code": "None" }),
        Some(reason) => {
            let mut shown = json!({ "Code": code(reason), "Message": reason.message });
            if let (Some(item), Value::Object(members)) = (reason.detail.get("Item"), &mut shown) {
                members.insert("Item".to_owned(), item.clone());
            }
            shown
        }
    });
    error.detail.insert("CancellationReasons".to_owned(), reasons.collect());
    error
}

/// The store's failures are the service's own.
pub(crate) fn failed(error: &store::Error) -> ServiceError {
    store_failure("InternalServerError", error)
}

/// A record that cannot be read back.
pub(crate) fn damaged() -> ServiceError {
    ServiceError::receiver("InternalServerError", "a record of the store cannot be read")
}

impl From<Invalid> for ServiceError {
    fn from(invalid: Invalid) -> Self {
        match invalid {
            Invalid::Shape(message) => serialization(message),
            Invalid::Value(message) => validation(message),
        }
    }
}
