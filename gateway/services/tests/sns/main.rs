//! SNS as its callers and its subscribers see it, over a store in files, with a clock that stands still until somebody waits.

// `cfg(test)` tells the lints that all of it is test code.
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod host;
#[cfg(test)]
mod topics;
