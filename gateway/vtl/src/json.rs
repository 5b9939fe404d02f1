//! JSON as API Gateway reads and writes it (json-smart).

mod number;
pub(crate) mod parse;
pub(crate) mod text;
pub(crate) mod write;
