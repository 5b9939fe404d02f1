//! Process functions against real Node.js and Python: nothing is simulated.

mod containment;
mod environment;
mod foreign;
mod harness;
mod interpreters;
mod logs;
mod node;
mod node_errors;
mod pool;
mod python;
mod start;
