//! JSONPath as Jayway's library reads it, which API Gateway uses for `$input.path` and
//! `$input.json`.
//!
//! A path is definite when it can name one value only; what is missing then is nothing at all. Any
//! other path gives a list, an empty one if need be. A path without `$` is one below the root.

mod array;
mod evaluate;
mod filter;
mod parse;

pub(crate) use evaluate::read;

/// A compiled path.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub(crate) tokens: Box<[Token]>,
    /// Whether it begins at the document; a filter's `@` does not.
    pub(crate) from_root: bool,
}

/// One step of a path.
#[derive(Debug, Clone)]
pub(crate) enum Token {
    /// `.a`, `['a']`, and `['a','b']`, which makes one object of several members.
    Property(Vec<String>),
    Array(ArrayStep),
    Wildcard,
    Scan,
    /// A `$` that is not the first: what it is applied to.
    Root,
    Filter(filter::Filter),
}

#[derive(Debug, Clone)]
pub(crate) enum ArrayStep {
    /// `[0]`
    Index(i32),
    /// `[0,1]`
    Indices(Vec<i32>),
    /// `[(@.length-1)]`
    FromLength(i32),
    /// `[1:]`
    From(i32),
    /// `[:1]`
    To(i32),
    /// `[1:2]`
    Between(i32, i32),
}

impl Path {
    /// Reads a path; the error says what is wrong with it.
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        parse::path(text, parse::Start::Document)
    }

    pub(crate) fn is_definite(&self) -> bool {
        self.tokens.iter().all(Token::is_definite)
    }
}

impl Token {
    /// Whether it can name one value only.
    fn is_definite(&self) -> bool {
        match self {
            Self::Property(_) | Self::Root => true,
            Self::Array(step) => match step {
                ArrayStep::Index(_) | ArrayStep::FromLength(_) => true,
                ArrayStep::Indices(_) | ArrayStep::From(_) | ArrayStep::To(_) | ArrayStep::Between(..) => false,
            },
            Self::Wildcard | Self::Scan | Self::Filter(_) => false,
        }
    }
}
