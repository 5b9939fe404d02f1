//! The stage cache in the lifecycle: what is kept, for whom and how long, and who asks the endpoint.

// `cfg(test)` tells the lints that all of it is test code.
#[cfg(test)]
mod entries;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod key;
