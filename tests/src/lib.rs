//! The scenario harness: one Markdown file per behaviour, run in process and against the built binary.
//!
//! `README.md` beside this crate says how a scenario is written.

pub mod binary;
pub mod compare;
pub mod folder;
pub mod host;
pub mod http2;
pub mod in_process;
pub mod mask;
pub mod message;
pub mod plan;
pub mod run;
pub mod scenario;
pub mod scripted;
pub mod settings;
pub mod signer;
pub mod token;
pub mod update;
pub mod upstream;
pub mod wire;
pub mod wire_script;

/// What went wrong, for the person who reads the test's output.
pub type Outcome<T> = Result<T, String>;
