//! Regular expressions as `java.util.regex` has them: backtracking, with look-around,
//! back-references and possessive quantifiers. Every attempt counts as a step, so that an
//! expression that explodes ends the render instead of the gateway.

mod class;
mod parse;
mod run;

use crate::value::heap::{Failure, Heap};
use class::Class;

/// Whether letters match in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    Insensitive,
}

/// A compiled expression.
#[derive(Debug, Clone)]
pub(crate) struct Regex {
    root: Node,
    n_groups: usize,
    /// A text that the expression is, when it is nothing more.
    literal: Option<String>,
}

#[derive(Debug, Clone)]
enum Node {
    Empty,
    Char(char, Case),
    Class(Box<Class>, Case),
    Sequence(Vec<Self>),
    Either(Vec<Self>),
    Group(Box<Self>, usize),
    Back(usize, Case),
    Repeat(Box<Repeat>),
    Look {
        body: Box<Self>,
        ahead: bool,
        negative: bool,
    },
    /// `(?>..)`
    Atomic(Box<Self>),
    At(Place),
}

#[derive(Debug, Clone)]
struct Repeat {
    body: Node,
    least: u32,
    most: u32,
    greed: Greed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    LineStart,
    End,
    LineEnd,
    AbsoluteEnd,
    WordBorder,
    NoWordBorder,
}

/// Where groups matched, the whole first.
pub(crate) type Groups = Vec<Option<(usize, usize)>>;

impl Regex {
    pub(crate) fn compile(pattern: &str, case: Case) -> Result<Self, String> {
        parse::regex(pattern, case)
    }

    /// Whether all of the text matches.
    pub(crate) fn matches(&self, text: &str, heap: &Heap<'_>) -> Result<bool, Failure> {
        if let Some(literal) = &self.literal {
            return Ok(literal == text);
        }
        run::at(self, text, 0, run::Until::End, heap).map(|found| found.is_some())
    }

    /// The first match from a byte on.
    pub(crate) fn find(&self, text: &str, from: usize, heap: &Heap<'_>) -> Result<Option<Groups>, Failure> {
        if let Some(literal) = &self.literal {
            heap.charge(1 + (text.len() - from.min(text.len())) / 32)?;
            let found = text.get(from..).and_then(|rest| rest.find(literal.as_str()));
            return Ok(found.map(|at| vec![Some((from + at, from + at + literal.len()))]));
        }
        let starts = text.get(from..).unwrap_or("").char_indices().map(|(at, _)| from + at);
        for start in starts.chain([text.len()]) {
            if let Some(groups) = run::at(self, text, start, run::Until::Anywhere, heap)? {
                return Ok(Some(groups));
            }
        }
        Ok(None)
    }
}
