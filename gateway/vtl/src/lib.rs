//! Velocity templates exactly as API Gateway renders them: text in, [`Template`] out, text out.
//!
//! AWS runs Apache Velocity 1.7 with four changes: what cannot be resolved is the empty string,
//! macros do nothing, `#evaluate`, `#include` and `#parse` do not exist, and a loop ends after
//! 1,000 rounds. This crate is that engine, byte for byte, without a JVM, and with the objects
//! that mapping templates use. What differs and what is unknown stands in `COMPATIBILITY.md`.
//!
//! ```
//! use fanlight_vtl::{Inputs, Overrides, Parameters, Template};
//!
//! let template = Template::parse("{\"hello\": \"$input.path('$.name')\"}").unwrap();
//! let inputs = Inputs {
//!     body: "{\"name\": \"world\"}",
//!     parameters: &Parameters::default(),
//!     context: &serde_json::json!({}),
//!     stage_variables: &[],
//! };
//! assert_eq!(inputs.render(&template, &mut Overrides::default()).unwrap(), "{\"hello\": \"world\"}");
//! ```

mod error;
mod find;
mod json;
mod jsonpath;
mod lexer;
mod limits;
mod methods;
mod needs;
mod object;
mod objects;
mod parser;
mod permissive;
mod program;
mod regex;
mod render;
mod scope;
mod template;
mod value;

pub use error::{Error, ErrorKind, Span};
pub use limits::Limits;
pub use needs::Needs;
pub use object::{Call, Object};
pub use objects::{Input, Inputs, Overrides, Parameters, Util};
pub use permissive::read_json;
pub use render::RenderedReference;
pub use scope::Scope;
pub use template::{Explanation, Template, is_literal};
pub use value::heap::{Failure, Heap};
pub use value::{ListId, MapId, ObjectId, Other, Text, Value};

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
