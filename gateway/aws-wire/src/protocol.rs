//! The protocols: requests into operation and input, outputs and errors into responses.

pub mod json;
