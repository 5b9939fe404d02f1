//! Lambda authorizers and resource policies in the lifecycle: what is kept, for whom and how long, and who asks.

// `cfg(test)` tells the lints that all of it is test code.
#[cfg(test)]
mod cache;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod load;
#[cfg(test)]
mod same_decisions;
