//! JSON as API Gateway reads and writes it (json-smart).

mod number;
mod object;
pub(crate) mod parse;
mod plain;
pub(crate) mod text;
pub(crate) mod write;
