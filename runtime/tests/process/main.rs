//! Process functions against real Node.js and Python: nothing is simulated.

#[cfg(test)]
mod containment;
#[cfg(test)]
mod environment;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod interpreters;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod node;
#[cfg(test)]
mod node_errors;
#[cfg(test)]
mod pool;
#[cfg(test)]
mod python;
#[cfg(test)]
mod start;
