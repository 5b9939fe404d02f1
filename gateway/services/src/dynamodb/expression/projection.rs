//! Projections: the parts of an item that paths lead to.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html>

use super::{Path, Placeholders, Step, cursor::Cursor, lexer::Kind as Token};
use crate::dynamodb::value::{Attribute, Item};
use std::collections::BTreeMap;

/// Parses a projection. The error is the message after `Invalid ProjectionExpression: `.
pub(crate) fn parse(text: &str, placeholders: &mut Placeholders) -> Result<Vec<Path>, String> {
    let mut cursor = Cursor::new(text, placeholders)?;
    let mut paths = Vec::new();
    loop {
        cursor.operator()?;
        let path = cursor.path()?;
        cursor.beside(&mut paths, &path);
        if cursor.take_if(Token::Comma).is_none() {
            break;
        }
    }
    cursor.expect_end()?;
    let found = cursor.complaints;
    found.reserved.or(found.undefined_name).or(found.overlap).or(found.conflict).map_or(Ok(paths), Err)
}

/// The parts of an item that the paths lead to. Elements of a list close up.
pub(crate) fn project(item: &Item, paths: &[Path]) -> Item {
    let mut wanted: BTreeMap<&str, Tree<'_>> = BTreeMap::new();
    for path in paths {
        wanted.entry(&path.head).or_default().add(&path.tail);
    }
    let parts = wanted.iter().filter_map(|(name, tree)| Some(((*name).to_owned(), tree.of(item.get(*name)?)?)));
    parts.collect()
}

/// Which parts of a value are wanted; all of it where nothing more is said.
#[derive(Default)]
struct Tree<'a> {
    steps: BTreeMap<&'a Step, Self>,
}

impl<'a> Tree<'a> {
    fn add(&mut self, tail: &'a [Step]) {
        if let Some((step, rest)) = tail.split_first() {
            self.steps.entry(step).or_default().add(rest);
        }
    }

    fn of(&self, value: &Attribute) -> Option<Attribute> {
        if self.steps.is_empty() {
            return Some(value.clone());
        }
        match value {
            Attribute::L(values) => {
                let parts = self.steps.iter().filter_map(|(step, tree)| match step {
                    Step::Index(index) => tree.of(values.get(*index)?),
                    Step::Member(_) => None,
                });
                let parts: Vec<Attribute> = parts.collect();
                (!parts.is_empty()).then_some(Attribute::L(parts))
            }
            Attribute::M(members) => {
                let parts = self.steps.iter().filter_map(|(step, tree)| match step {
                    Step::Member(name) => Some((name.clone(), tree.of(members.get(name)?)?)),
                    Step::Index(_) => None,
                });
                let parts: Item = parts.collect();
                (!parts.is_empty()).then_some(Attribute::M(parts))
            }
            Attribute::S(_) | Attribute::N(_) | Attribute::B(_) | Attribute::Bool(_) | Attribute::Null => None,
            Attribute::Ss(_) | Attribute::Ns(_) | Attribute::Bs(_) => None,
        }
    }
}
