//! Text to tokens, in the lexical states of Velocity 1.7.
//!
//! Velocity's lexer is a machine of states with a stack; what a character means depends on the
//! state, and the longest token wins. All whitespace rules and oddities of AWS's templates follow
//! from that, so the states are kept as they are instead of being described one oddity at a time:
//! [`State`] lists them by their names in `Parser.jjt`, `scan.rs` has the tokens of each, and
//! `action.rs` what a token does to the state. The parser enters and leaves [`State::Directive`]
//! for the directives that are no part of the grammar, as Velocity's does.

mod action;
mod scan;
mod token;

pub(crate) use token::{Kind, Token};

use crate::error::Span;

/// The lexical states, each with its name in Velocity's grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// `DEFAULT`: text outside of everything.
    Default,
    /// `REFERENCE`: after `$`.
    Reference,
    /// `REFMODIFIER`: after the dot of `$a.b`.
    Modifier,
    /// `REFMOD2`: between the parentheses of `$a.b(..)`.
    Arguments,
    /// `REFINDEX`: between the brackets of `$a[..]`.
    Index,
    /// `PRE_DIRECTIVE`: after `#`.
    PreDirective,
    /// `DIRECTIVE`: between the parentheses of `#if(..)`.
    Directive,
    /// `IN_TEXTBLOCK`: between `#[[` and `]]#`.
    TextBlock,
    /// `IN_MULTI_LINE_COMMENT`: between `#*` and `*#`.
    MultiLineComment,
    /// `IN_FORMAL_COMMENT`: between `#**` and `*#`.
    FormalComment,
    /// `IN_SINGLE_LINE_COMMENT`: after `##`.
    SingleLineComment,
}

#[derive(Debug, Clone, Copy)]
struct Saved {
    state: State,
    opened: u32,
    closed: u32,
}

#[derive(Debug)]
pub(crate) struct Lexer<'s> {
    source: &'s str,
    position: usize,
    state: State,
    stack: Vec<Saved>,
    /// Parentheses opened and closed in this state.
    opened: u32,
    closed: u32,
    in_comment: bool,
    in_set: bool,
    /// Text that ended a reference or directive before it began (`$ `, `# `); tokens point here.
    leftovers: Vec<Span>,
    /// What could not be read.
    stuck: Option<(Kind, Span)>,
}

impl<'s> Lexer<'s> {
    pub(crate) fn new(source: &'s str) -> Self {
        Self {
            source,
            position: 0,
            state: State::Default,
            stack: Vec::with_capacity(8),
            opened: 0,
            closed: 0,
            in_comment: false,
            in_set: false,
            leftovers: Vec::new(),
            stuck: None,
        }
    }

    /// Reads the next token. A text that has ended or cannot be read yields that again and again.
    /// The token is written part by part, where it stays: one that is moved costs more than all
    /// the rest.
    pub(crate) fn advance(&mut self, token: &mut Token) {
        let first_leftover = self.leftovers.len();
        loop {
            let start = self.position;
            if start >= self.source.len() {
                return self.end_of_text(token);
            }
            loop {
                let found = scan::longest(self.state, self.source.as_bytes(), self.position);
                let Some((kind, length)) = found else { return self.unreadable(start, token) };
                self.position += length;
                match kind.role() {
                    token::Role::Token => {
                        self.after_token(kind);
                        self.finish(kind, start, token);
                        token.first_leftover = index(first_leftover);
                        token.n_leftovers = index(self.leftovers.len() - first_leftover);
                        return;
                    }
                    token::Role::Skip => break,
                    token::Role::Leftover => {
                        self.position -= length;
                        if start < self.position {
                            self.leftovers.push(Span::new(start, self.position + length));
                        }
                        self.pop();
                        break;
                    }
                    token::Role::More => {
                        self.after_more(kind, length);
                        if self.position >= self.source.len() {
                            return self.unreadable(start, token);
                        }
                    }
                }
            }
        }
    }

    #[inline]
    fn finish(&mut self, kind: Kind, start: usize, token: &mut Token) {
        token.kind = kind;
        token.span.start = index(start);
        if kind == Kind::Dot {
            // The letter after the dot is looked at, not taken; a `$` before the dot is lost.
            self.position -= 1;
            token.span.start = index(self.position - 1);
        } else if kind == Kind::Integer
            && self.source.get(start..self.position).is_some_and(|image| image.ends_with(".."))
        {
            self.position -= 2;
        }
        token.span.end = index(self.position);
    }

    #[cold]
    fn end_of_text(&self, token: &mut Token) {
        let end = index(self.source.len());
        (token.kind, token.span) = self.stuck.unwrap_or((Kind::EndOfText, Span { start: end, end }));
        token.n_leftovers = 0;
    }

    #[cold]
    fn unreadable(&mut self, start: usize, token: &mut Token) {
        let at_end = self.position >= self.source.len();
        let kind = if at_end { Kind::Unfinished } else { Kind::Unreadable };
        self.stuck = Some((kind, Span::new(start, (self.position + 1).min(self.source.len()))));
        self.position = self.source.len();
        self.end_of_text(token);
    }

    /// The text of what a token left over before it.
    pub(crate) fn leftover_text(&self, token: &Token) -> String {
        let first = token.first_leftover as usize;
        let range = first..first + token.n_leftovers as usize;
        let mut text = String::new();
        for span in self.leftovers.get(range).unwrap_or(&[]) {
            token::append_leftover(span.of(self.source), &mut text);
        }
        text
    }

    pub(crate) fn image(&self, token: &Token) -> &'s str {
        token.span.of(self.source)
    }

    pub(crate) fn source(&self) -> &'s str {
        self.source
    }

    /// Whether `(`, perhaps after whitespace, is what follows.
    pub(crate) fn parenthesis_follows(&self) -> bool {
        let rest = self.source.as_bytes().get(self.position..).unwrap_or(&[]);
        rest.iter().find(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) == Some(&b'(')
    }

    /// The parser has seen a directive's name.
    pub(crate) fn enter_directive(&mut self) {
        self.state = State::Directive;
    }

    /// The parser has seen that a directive's name stands without arguments.
    pub(crate) fn leave_directive(&mut self) {
        self.pop();
    }

    /// The parser has seen the end of a `#set`.
    pub(crate) fn leave_set(&mut self) {
        self.in_set = false;
    }
}

fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
