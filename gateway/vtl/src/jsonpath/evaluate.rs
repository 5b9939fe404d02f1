//! A path against a document.

use super::{ArrayStep, Path, Token};
use crate::value::heap::{Failure, Heap, ListKind};
use crate::value::map::{Map, MapKind};
use crate::value::print::DEEPEST;
use crate::value::{ListId, MapId, Value};

/// Why a path gives nothing.
#[derive(Debug)]
pub(super) enum Stopped {
    /// Nothing there.
    NotFound,
    /// Not applicable to what is there; ends the render.
    Invalid(String),
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

pub(super) struct Reading<'h, 'a> {
    pub(super) heap: &'h mut Heap<'a>,
    root: Value<'a>,
    /// How deep a scan is in the document, which a template can make cyclic.
    depth: u32,
}

/// The value of a path in a document; nothing found is null.
pub(crate) fn read<'a>(heap: &mut Heap<'a>, path: &Path, document: &Value<'a>) -> Result<Value<'a>, Failure> {
    if path.tokens.is_empty() {
        return Ok(document.clone());
    }
    let mut reading = Reading { heap, root: document.clone(), depth: 0 };
    match reading.value(path, document) {
        Ok(value) => Ok(value),
        Err(Stopped::NotFound) => Ok(Value::Null),
        Err(Stopped::Invalid(message)) => Err(Failure::new(message)),
        Err(Stopped::Failed(failure)) => Err(failure),
    }
}

impl<'a> Reading<'_, 'a> {
    /// The value of a filter's path, from the item or the document.
    pub(super) fn below(&mut self, path: &Path, item: &Value<'a>) -> Result<Value<'a>, Stopped> {
        let start = if path.from_root { self.root.clone() } else { item.clone() };
        self.value(path, &start)
    }

    fn value(&mut self, path: &Path, start: &Value<'a>) -> Result<Value<'a>, Stopped> {
        let mut found = Vec::new();
        self.walk(&path.tokens, start, &mut found, true)?;
        if path.is_definite() {
            return found.into_iter().next().ok_or(Stopped::NotFound);
        }
        Ok(Value::List(self.heap.add_list(found, ListKind::Json)?))
    }

    /// `after_definite` tells whether the token before this one can name one value only.
    fn walk(
        &mut self,
        tokens: &[Token],
        model: &Value<'a>,
        found: &mut Vec<Value<'a>>,
        after_definite: bool,
    ) -> Result<(), Stopped> {
        let Some((token, rest)) = tokens.split_first() else {
            found.push(model.clone());
            return Ok(());
        };
        self.heap.charge(1)?;
        match token {
            Token::Property(names) => {
                let Value::Map(id) = model else { return Err(Stopped::NotFound) };
                let [name] = names.as_slice() else {
                    let members = self.members(names, rest, *id)?;
                    found.push(members);
                    return Ok(());
                };
                let value = self.heap.map(*id).get_text(name).cloned();
                // Jayway looks one token back and all the way ahead.
                let definite = after_definite && rest.iter().all(Token::is_definite);
                match value {
                    Some(value) => self.walk(rest, &value, found, true),
                    None if rest.is_empty() || definite => Err(Stopped::NotFound),
                    None => Ok(()),
                }
            }
            Token::Array(step) => self.array(step, rest, model, found),
            Token::Wildcard => self.wildcard(rest, model, found),
            Token::Scan => self.scan(rest, model, found),
            Token::Root => self.walk(rest, model, found, true),
            Token::Filter(filter) => match model {
                Value::Map(_) => {
                    if filter.accepts(self, model)? {
                        self.walk(rest, model, found, false)?;
                    }
                    Ok(())
                }
                Value::List(id) => {
                    for item in self.items(*id) {
                        if filter.accepts(self, &item)? {
                            self.walk(rest, &item, found, false)?;
                        }
                    }
                    Ok(())
                }
                _ => Err(Stopped::Invalid(
                    "a JSONPath filter is applied to a value that is no object or list".to_owned(),
                )),
            },
        }
    }

    fn items(&mut self, id: ListId) -> Vec<Value<'a>> {
        self.heap.list(id).items.clone()
    }

    /// `['a','b']`: one object with those members that are there.
    fn members(&mut self, names: &[String], rest: &[Token], id: MapId) -> Result<Value<'a>, Stopped> {
        if !rest.is_empty() {
            return Err(Stopped::Invalid("several names in a JSONPath can only stand at its end".to_owned()));
        }
        let mut entries = Vec::new();
        for name in names {
            if let Some(value) = self.heap.map(id).get_text(name).cloned() {
                let key = self.heap.text(name.clone())?;
                entries.push((key, value));
            }
        }
        Ok(Value::Map(self.heap.add_map(Map::of_entries(entries, MapKind::Linked))?))
    }

    fn at(&self, index: i64, id: ListId) -> Result<Value<'a>, Stopped> {
        let item = usize::try_from(index).ok().and_then(|index| self.heap.list(id).items.get(index).cloned());
        item.ok_or(Stopped::NotFound)
    }

    fn array(
        &mut self,
        step: &ArrayStep,
        rest: &[Token],
        model: &Value<'a>,
        found: &mut Vec<Value<'a>>,
    ) -> Result<(), Stopped> {
        let id = match model {
            Value::List(id) => *id,
            Value::Null => return Err(Stopped::NotFound),
            _ => return Err(Stopped::Invalid("a JSONPath index is applied to a value that is no list".to_owned())),
        };
        let length = i64::try_from(self.heap.list(id).items.len()).unwrap_or(i64::MAX);
        let (from, to) = match step {
            ArrayStep::Index(index) => {
                let item = self.at(i64::from(*index), id)?;
                return self.walk(rest, &item, found, true);
            }
            ArrayStep::FromLength(offset) => {
                let item = self.at(length + i64::from(*offset), id)?;
                return self.walk(rest, &item, found, true);
            }
            ArrayStep::Indices(indices) => {
                for index in indices {
                    let item = self.at(i64::from(*index), id)?;
                    self.walk(rest, &item, found, false)?;
                }
                return Ok(());
            }
            ArrayStep::From(from) => {
                let from = i64::from(*from);
                (if from < 0 { (from + length).max(0) } else { from }, length)
            }
            ArrayStep::To(to) => {
                let to = i64::from(*to);
                (0, (if to < 0 { to + length } else { to }).min(length))
            }
            ArrayStep::Between(from, to) => (i64::from(*from), i64::from(*to).min(length)),
        };
        for index in from..to {
            let item = self.at(index, id)?;
            self.walk(rest, &item, found, false)?;
        }
        Ok(())
    }

    fn wildcard(&mut self, rest: &[Token], model: &Value<'a>, found: &mut Vec<Value<'a>>) -> Result<(), Stopped> {
        if let Value::Map(id) = model {
            let values: Vec<Value<'a>> = self.heap.map(*id).entries().iter().map(|(_, value)| value.clone()).collect();
            for value in values {
                self.walk(rest, &value, found, false)?;
            }
        } else if let Value::List(id) = model {
            for item in self.items(*id) {
                // Elements without what the rest of the path names are passed over.
                match self.walk(rest, &item, found, false) {
                    Ok(()) | Err(Stopped::NotFound) => {}
                    Err(stopped) => return Err(stopped),
                }
            }
        }
        Ok(())
    }

    /// Jayway's `..`: the next token is tried on every object and list that it could apply to.
    fn scan(&mut self, rest: &[Token], model: &Value<'a>, found: &mut Vec<Value<'a>>) -> Result<(), Stopped> {
        if self.depth > DEEPEST {
            return Err(Stopped::Invalid("the document contains itself or is nested too deeply".to_owned()));
        }
        self.depth += 1;
        let scanned = self.scan_here(rest, model, found);
        self.depth -= 1;
        scanned
    }

    fn scan_here(&mut self, rest: &[Token], model: &Value<'a>, found: &mut Vec<Value<'a>>) -> Result<(), Stopped> {
        let Some((next, after)) = rest.split_first() else { return Ok(()) };
        self.heap.charge(1)?;
        match model {
            Value::Map(id) => {
                if self.applies(next, model)? {
                    self.walk(rest, model, found, false)?;
                }
                let values: Vec<Value<'a>> =
                    self.heap.map(*id).entries().iter().map(|(_, value)| value.clone()).collect();
                for value in values {
                    self.scan(rest, &value, found)?;
                }
            }
            Value::List(id) => {
                let items = self.items(*id);
                if self.applies(next, model)? {
                    if after.is_empty() {
                        self.walk(rest, model, found, false)?;
                    } else {
                        for item in &items {
                            self.walk(after, item, found, next.is_definite())?;
                        }
                    }
                }
                for item in &items {
                    self.scan(rest, item, found)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn applies(&mut self, token: &Token, model: &Value<'a>) -> Result<bool, Stopped> {
        Ok(match token {
            Token::Property(names) => {
                if let Value::Map(id) = model {
                    names.iter().all(|name| self.heap.map(*id).get_text(name).is_some())
                } else {
                    false
                }
            }
            Token::Array(_) => matches!(model, Value::List(_)),
            Token::Wildcard => true,
            Token::Scan | Token::Root => false,
            Token::Filter(filter) => filter.accepts(self, model)?,
        })
    }
}
