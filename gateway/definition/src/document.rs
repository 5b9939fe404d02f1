//! A YAML or JSON text as a tree in which every key and value knows its place.
//!
//! YAML 1.2: <https://yaml.org/spec/1.2.2/>

mod node;
mod parse;
mod tag;

pub(crate) use node::{Entry, Map, Node, Spot, Trail, Value};
pub(crate) use parse::parse;
