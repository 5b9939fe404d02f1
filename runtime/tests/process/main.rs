//! Process functions against real Node.js and Python: nothing is simulated.

mod harness;
mod node;
mod node_errors;
mod python;
