//! What all expressions share: a walk over tokens, document paths, placeholders, and the words of errors.

use super::{
    Clash, MAX_BYTES, MAX_DEPTH, MAX_OPERATORS, Path, Placeholders, Step,
    lexer::{Kind, Token, tokens},
    reserved::is_reserved,
};
use crate::dynamodb::value::Attribute;

/// Parsing ends: the text is none of the grammar.
pub(super) type Parsed<T> = Result<T, String>;

/// A place in an expression, and what is wrong with what stood before it. The first complaint of each kind is kept, because
/// AWS looks for one kind after the other.
pub(super) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    operators: usize,
    placeholders: &'a mut Placeholders,
    pub(super) complaints: Complaints,
}

/// Complaints about an expression that can be parsed.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    pub(super) parentheses: Option<String>,
    pub(super) unknown_function: Option<String>,
    pub(super) misused_function: Option<String>,
    pub(super) reserved: Option<String>,
    pub(super) section: Option<String>,
    pub(super) undefined_name: Option<String>,
    pub(super) undefined_value: Option<String>,
    pub(super) overlap: Option<String>,
    pub(super) conflict: Option<String>,
    pub(super) operands: Option<String>,
    pub(super) distinct: Option<String>,
    pub(super) types: Option<String>,
}

/// Keeps the first.
pub(super) fn complain(kind: &mut Option<String>, message: impl FnOnce() -> String) {
    if kind.is_none() {
        *kind = Some(message());
    }
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, placeholders: &'a mut Placeholders) -> Parsed<Self> {
        if text.is_empty() {
            return Err("The expression can not be empty;".to_owned());
        }
        if text.len() > MAX_BYTES {
            return Err("Expression size has exceeded the maximum allowed size;".to_owned());
        }
        let complaints = Complaints::default();
        Ok(Self { text, tokens: tokens(text), next: 0, depth: 0, operators: 0, placeholders, complaints })
    }

    pub(super) fn peek(&self) -> Kind {
        self.ahead(0)
    }

    /// The kind of the token after the next one.
    pub(super) fn ahead(&self, count: usize) -> Kind {
        self.tokens.get(self.next + count).map_or(Kind::End, |token| token.kind)
    }

    /// The text of the next token.
    pub(super) fn word(&self) -> &'a str {
        self.at(self.next)
    }

    fn at(&self, index: usize) -> &'a str {
        self.tokens.get(index).and_then(|token| self.text.get(token.span.clone())).unwrap_or_default()
    }

    pub(super) fn take(&mut self) -> &'a str {
        let word = self.word();
        self.next += 1;
        word
    }

    pub(super) fn take_if(&mut self, kind: Kind) -> Option<&'a str> {
        (self.peek() == kind).then(|| self.take())
    }

    pub(super) fn is_keyword(&self, keyword: &str) -> bool {
        self.peek() == Kind::Word && self.word().eq_ignore_ascii_case(keyword)
    }

    pub(super) fn take_keyword(&mut self, keyword: &str) -> Option<&'a str> {
        self.is_keyword(keyword).then(|| self.take())
    }

    pub(super) fn expect(&mut self, kind: Kind) -> Parsed<&'a str> {
        self.take_if(kind).map_or_else(|| Err(self.syntax_error()), Ok)
    }

    pub(super) fn expect_end(&self) -> Parsed<()> {
        if self.peek() == Kind::End { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// The next token is none that may stand here.
    pub(super) fn syntax_error(&self) -> String {
        let token = if self.peek() == Kind::End { "<EOF>" } else { self.word() };
        let start = self.tokens.get(self.next.saturating_sub(1)).map_or(0, |token| token.span.start);
        let end = self.tokens.get(self.next + 1).map_or(self.text.len(), |token| token.span.end);
        let near = self.text.get(start..end).unwrap_or_default();
        format!("Syntax error; token: \"{token}\", near: \"{near}\"")
    }

    /// Parses what is nested one level deeper.
    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            return Err("The expression is nested too deeply;".to_owned());
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// Counts an operator or a function.
    pub(super) fn operator(&mut self) -> Parsed<()> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            return Err(format!("The expression contains more than {MAX_OPERATORS} operators;"));
        }
        Ok(())
    }

    /// `a.#b[2]`. A name that is not defined leaves a complaint, and a path that nobody will follow.
    pub(super) fn path(&mut self) -> Parsed<Path> {
        let mut path = Path { head: self.name()?, tail: Vec::new() };
        loop {
            let step = if self.take_if(Kind::Dot).is_some() {
                Step::Member(self.name()?)
            } else if self.take_if(Kind::OpenIndex).is_some() {
                let digits = self.expect(Kind::Digits)?;
                self.expect(Kind::CloseIndex)?;
                // An index that cannot be counted is one that no list has.
                Step::Index(digits.parse().unwrap_or(usize::MAX))
            } else {
                return Ok(path);
            };
            path.tail.push(step);
        }
    }

    fn name(&mut self) -> Parsed<String> {
        if let Some(word) = self.take_if(Kind::Word) {
            if is_reserved(word) {
                complain(&mut self.complaints.reserved, || {
                    format!("Attribute name is a reserved keyword; reserved keyword: {word}")
                });
            }
            return Ok(word.to_owned());
        }
        let placeholder = self.expect(Kind::Name)?;
        let name = self.placeholders.name(placeholder);
        if name.is_none() {
            complain(&mut self.complaints.undefined_name, || {
                format!(
                    "An expression attribute name used in the document path is not defined; attribute name: {placeholder}"
                )
            });
        }
        Ok(name.unwrap_or_default())
    }

    /// `:value`. One that is not defined leaves a complaint.
    pub(super) fn value(&mut self) -> Parsed<Attribute> {
        let placeholder = self.expect(Kind::Value)?;
        let value = self.placeholders.value(placeholder);
        if value.is_none() {
            complain(&mut self.complaints.undefined_value, || {
                format!(
                    "An expression attribute value used in expression is not defined; attribute value: {placeholder}"
                )
            });
        }
        Ok(value.unwrap_or(Attribute::Null))
    }

    /// Complains about a path that cannot stand beside those before it, and adds it to them.
    pub(super) fn beside(&mut self, paths: &mut Vec<Path>, path: &Path) {
        for other in paths.iter() {
            let rest = || format!("must remove or rewrite one of these paths; path one: {other}, path two: {path}");
            match other.against(path) {
                Some(Clash::Overlap) => complain(&mut self.complaints.overlap, || {
                    format!("Two document paths overlap with each other; {}", rest())
                }),
                Some(Clash::Conflict) => complain(&mut self.complaints.conflict, || {
                    format!("Two document paths conflict with each other; {}", rest())
                }),
                None => {}
            }
        }
        paths.push(path.clone());
    }
}
