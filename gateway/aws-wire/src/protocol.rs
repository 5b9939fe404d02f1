//! The protocols: requests into operation and input, outputs and errors into responses.

pub mod json;
pub mod query;
