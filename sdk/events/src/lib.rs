//! JSON events and responses of AWS Lambda, as the gateway writes and reads them.
//!
//! The order of keys and which empty things are `null` are part of the contract: typed consumers depend on both.

pub mod http;
pub mod rest;
