//! Functions, execution environments and the AWS Lambda Runtime API.
//!
//! A [`Function`] is anything that can be invoked. Process functions live here ([`process`]); WebAssembly functions
//! implement the same trait in `fanlight-runtime-wasm`.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>

pub mod config;
pub mod interpreter;
pub mod invocation;
pub mod process;

pub use config::{FunctionConfig, Program};
pub use invocation::{Completed, Function, FunctionError, Invocation, InvokeError, LineKind, LogLine, LogSink};
