//! How often a schema may look at one and the same value.
//!
//! `anyOf` within `anyOf` by reference doubles with each level: twenty-five levels are thirty-three million looks at a
//! body of two bytes. Looks at arrays and objects are remembered while a body is judged; looks at other values are not, and
//! neither is the work of explaining a refusal. So schemas that look too often are refused, and what fans out on the way
//! into the body is explained for small bodies only.

use super::schemas::{Schemas, Site};
use crate::limits;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The greatest fan-out of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FanOut {
    /// How many schemas may go into the same value.
    descents: u64,
}

/// What a place of a schema looks at before it goes into the value.
#[derive(Debug, Clone, Copy, Default)]
struct Looks {
    all: u64,
    /// Those that go into the value.
    descending: u64,
}

struct Measure<'a> {
    schemas: &'a Schemas,
    /// `None` while it is being measured.
    known: HashMap<*const Value, Option<Looks>>,
    reached: HashSet<*const Value>,
    descents: u64,
}

impl FanOut {
    /// Measures a schema and everything that it refers to.
    ///
    /// # Errors
    /// When it looks too often, goes round in circles without going into the value, or refers too deep.
    pub fn measure(schemas: &Schemas, schema: &Value) -> Result<Self, String> {
        let mut measure = Measure { schemas, known: HashMap::new(), reached: HashSet::new(), descents: 0 };
        measure.reach(Site { document: schema, node: schema }, 0)?;
        Ok(Self { descents: measure.descents.max(1) })
    }

    /// Whether a refusal of that value can be explained at a bounded price.
    #[must_use]
    pub fn explains(self, instance: &Value) -> bool {
        let (values, depth) = size(instance);
        let exponent = u32::try_from(depth).unwrap_or(u32::MAX);
        self.descents == 1 || self.descents.saturating_pow(exponent).saturating_mul(values) <= limits::EXPLAINED_LOOKS
    }
}

/// How many values there are, and how deep the deepest lies.
fn size(value: &Value) -> (u64, u64) {
    let children: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return (1, 0),
    };
    children.map(size).fold((1, 1), |(values, depth), (more, deeper)| (values + more, depth.max(deeper + 1)))
}

/// The schemas at a place that look at the same value.
fn in_place(node: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|keyword| node.get(keyword)?.as_array()).flatten();
    let dependencies = node.get("dependencies").and_then(Value::as_object).into_iter().flat_map(|map| map.values());
    lists.chain(node.get("not")).chain(dependencies.filter(|dependency| dependency.is_object()))
}

/// The schemas at a place that look at values within.
fn within(node: &Value) -> impl Iterator<Item = &Value> {
    let maps = ["properties", "patternProperties", "definitions"];
    let maps = maps.into_iter().filter_map(|keyword| node.get(keyword)?.as_object()).flat_map(|map| map.values());
    let single = ["additionalProperties", "additionalItems"].into_iter().filter_map(|keyword| node.get(keyword));
    let items = node.get("items").into_iter();
    let items = items.flat_map(|items| items.as_array().map_or_else(|| std::slice::from_ref(items), Vec::as_slice));
    maps.chain(single).chain(items)
}

impl<'a> Measure<'a> {
    /// Measures a place and everything behind it.
    fn reach(&mut self, site: Site<'a>, depth: usize) -> Result<(), String> {
        if depth > limits::SCHEMA_DEPTH {
            return Err(format!("it refers and nests deeper than {} levels", limits::SCHEMA_DEPTH));
        }
        if !site.node.is_object() || !self.reached.insert(site.node) {
            return Ok(());
        }
        let looks = self.looks(site, depth)?;
        self.descents = self.descents.max(looks.descending);
        if let Some(target) = self.target(site) {
            return self.reach(target, depth + 1);
        }
        for node in in_place(site.node).chain(within(site.node)) {
            self.reach(Site { node, ..site }, depth + 1)?;
        }
        Ok(())
    }

    fn target(&self, site: Site<'a>) -> Option<Site<'a>> {
        self.schemas.resolve(site.document, site.node.get("$ref")?.as_str()?)
    }

    fn looks(&mut self, site: Site<'a>, depth: usize) -> Result<Looks, String> {
        if depth > limits::SCHEMA_DEPTH {
            return Err(format!("it refers and nests deeper than {} levels", limits::SCHEMA_DEPTH));
        }
        match self.known.get(&std::ptr::from_ref(site.node)) {
            Some(Some(looks)) => return Ok(*looks),
            Some(None) => return Err("it refers to itself without going into the value".to_owned()),
            None => {}
        }
        self.known.insert(site.node, None);
        let mut looks = Looks { all: 1, descending: 0 };
        let mut add = |more: Looks| {
            looks.all = looks.all.saturating_add(more.all);
            looks.descending = looks.descending.saturating_add(more.descending);
        };
        // Beside a reference nothing else counts in draft 4.
        if let Some(target) = self.target(site) {
            add(self.looks(target, depth + 1)?);
        } else {
            for node in in_place(site.node) {
                add(self.looks(Site { node, ..site }, depth + 1)?);
            }
            let patterns =
                site.node.get("patternProperties").and_then(Value::as_object).map_or(0, |map| map.len() as u64);
            let others = u64::from(within(site.node).next().is_some());
            add(Looks { all: 0, descending: patterns + others });
        }
        if looks.all > limits::SCHEMA_LOOKS {
            return Err(format!("it looks at one value more than {} times", limits::SCHEMA_LOOKS));
        }
        self.known.insert(site.node, Some(looks));
        Ok(looks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn measure(schema: &Value) -> Result<FanOut, String> {
        FanOut::measure(&Schemas::default(), schema)
    }

    fn doubling(levels: usize) -> Value {
        let mut definitions = serde_json::Map::new();
        for level in 0..levels {
            let next = json!({ "$ref": format!("#/definitions/d{}", level + 1) });
            definitions.insert(format!("d{level}"), json!({ "anyOf": [next, next] }));
        }
        definitions.insert(format!("d{levels}"), json!({ "type": "string" }));
        json!({ "$ref": "#/definitions/d0", "definitions": definitions })
    }

    #[test]
    fn what_doubles_is_counted() {
        assert_eq!(measure(&doubling(5)), Ok(FanOut { descents: 1 }));
        assert_eq!(measure(&doubling(25)), Err("it looks at one value more than 10000 times".to_owned()));
    }

    #[test]
    fn circles_must_go_into_the_value() {
        let tree = json!({ "properties": { "left": { "$ref": "#" }, "right": { "$ref": "#" } } });
        assert_eq!(measure(&tree), Ok(FanOut { descents: 1 }));
        let circle = json!({ "anyOf": [{ "type": "string" }, { "$ref": "#" }] });
        assert_eq!(measure(&circle), Err("it refers to itself without going into the value".to_owned()));
    }

    #[test]
    fn what_fans_out_into_the_value_is_explained_for_small_values() {
        let branch = json!({ "properties": { "n": { "$ref": "#" } } });
        let fan_out = measure(&json!({ "anyOf": [branch, branch] })).unwrap();
        assert_eq!(fan_out, FanOut { descents: 2 });
        let deep = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!({ "n": inner }));
        assert!(fan_out.explains(&deep(10)));
        assert!(!fan_out.explains(&deep(30)));
        assert!(FanOut { descents: 1 }.explains(&deep(100)));
    }
}
