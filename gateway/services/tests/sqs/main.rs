//! SQS as its callers see it, over a store in files, with a clock that stands still until somebody waits.

// `cfg(test)` tells the lints that all of it is test code.
#[cfg(test)]
mod fifo;
#[cfg(test)]
mod host;
#[cfg(test)]
mod queues;
#[cfg(test)]
mod standard;
#[cfg(test)]
mod wire;
