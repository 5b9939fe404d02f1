//! JSON as API Gateway reads and writes it (json-smart).

pub(crate) mod parse;
pub(crate) mod text;
pub(crate) mod write;
