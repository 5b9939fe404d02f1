//! WebAssembly functions, each compiled from its text when the test runs.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod admission;
mod cache;
mod contract;
mod faults;
mod harness;
mod log;
mod response;
mod sample;
mod sandbox;
