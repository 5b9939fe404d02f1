//! Tokens to a [`Program`], deciding by as much lookahead as Velocity's grammar does.

mod directive;
mod expression;
mod literal;
mod reference;
mod statement;

use crate::error::{Error, ErrorKind, Span};
use crate::lexer::{Kind, Lexer, Token, Unreadable};
use crate::limits::Limits;
use crate::program::{LoopSlots, Node, Piece, Program, Slot};
use std::collections::HashMap;

pub(crate) type Result<T> = std::result::Result<T, Box<Fault>>;

/// A syntax error before its place is known as line and column.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) hint: Option<&'static str>,
}

pub(crate) fn parse(source: &str, limits: &Limits) -> std::result::Result<Program, Error> {
    if source.len() > limits.template_bytes {
        let message = format!("the template has {} bytes, more than {}", source.len(), limits.template_bytes);
        return Err(Error::new(ErrorKind::TemplateSize, message, Span::default(), source)
            .with_hint(Some("API Gateway accepts mapping templates of up to 300 KB")));
    }
    let mut building =
        Building { pool: String::with_capacity(source.len()), limit: limits.nesting, ..Building::default() };
    let mut parser = Parser::new(source, &mut building, 0);
    let parsed = parser.template();
    match parsed {
        Ok(nodes) => Ok(building.finish(nodes)),
        Err(fault) => Err(Error::new(fault.kind, fault.message, fault.span, source).with_hint(fault.hint)),
    }
}

/// What a template and the strings in it have in common.
#[derive(Debug, Default)]
struct Building {
    pool: String,
    names: Vec<Box<str>>,
    /// Filled once there are too many names to look through.
    by_name: HashMap<Box<str>, u32>,
    macros: Vec<Box<str>>,
    n_blocks: u32,
    n_hints: u32,
    depth: usize,
    limit: usize,
    /// Operators of the expression that is being read: a chain of them nests to the left.
    operators: u32,
}

const FEW_NAMES: usize = 16;

impl Building {
    fn slot(&mut self, name: &str) -> Slot {
        let known = if self.names.len() > FEW_NAMES {
            self.by_name.get(name).copied()
        } else {
            self.names.iter().position(|known| &**known == name).and_then(|index| u32::try_from(index).ok())
        };
        Slot(known.unwrap_or_else(|| self.new_slot(name)))
    }

    fn new_slot(&mut self, name: &str) -> u32 {
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.into());
        if self.names.len() == FEW_NAMES + 1 {
            self.by_name = self.names.iter().cloned().zip(0..).collect();
        } else if self.names.len() > FEW_NAMES {
            self.by_name.insert(name.into(), index);
        }
        index
    }

    fn piece(&mut self, text: &str) -> Piece {
        let start = self.pool.len();
        self.pool.push_str(text);
        Piece(Span::new(start, self.pool.len()))
    }

    fn finish(self, nodes: Vec<Node>) -> Program {
        let mut program = Program { nodes, pool: self.pool, names: self.names, ..Program::default() };
        program.n_blocks = self.n_blocks;
        program.n_hints = self.n_hints;
        program.loop_slots = LoopSlots {
            foreach: program.slot("foreach"),
            count: program.slot("velocityCount"),
            has_next: program.slot("velocityHasNext"),
        };
        program
    }
}

struct Parser<'s, 'b> {
    lexer: Lexer<'s>,
    /// Tokens that were looked at and not yet taken, oldest first from `taken`.
    ahead: Vec<Token>,
    taken: usize,
    building: &'b mut Building,
    /// Where this text stands in the template; strings are parsed for themselves.
    offset: u32,
    last: Span,
    /// The texts of the tokens taken, for directives that print themselves.
    images: Option<String>,
    /// Whether those texts are what a `#literal` prints.
    literal: bool,
}

impl<'s, 'b> Parser<'s, 'b> {
    fn new(source: &'s str, building: &'b mut Building, offset: u32) -> Self {
        let lexer = Lexer::new(source);
        Self {
            lexer,
            ahead: Vec::with_capacity(8),
            taken: 0,
            building,
            offset,
            last: Span::default(),
            images: None,
            literal: false,
        }
    }

    fn template(&mut self) -> Result<Vec<Node>> {
        let nodes = self.statements()?;
        let token = self.peek(0)?;
        if token.kind == Kind::EndOfText { Ok(nodes) } else { Err(self.unexpected(token)) }
    }

    #[inline]
    fn peek(&mut self, distance: usize) -> Result<Token> {
        match self.ahead.get(self.taken + distance) {
            Some(token) => Ok(*token),
            None => self.read_ahead(distance),
        }
    }

    fn read_ahead(&mut self, distance: usize) -> Result<Token> {
        if self.taken == self.ahead.len() {
            self.ahead.clear();
            self.taken = 0;
        }
        loop {
            match self.lexer.advance() {
                Ok(token) => self.ahead.push(token),
                Err(unreadable) => return Err(self.unreadable(unreadable)),
            }
            if let Some(token) = self.ahead.get(self.taken + distance) {
                return Ok(*token);
            }
        }
    }

    fn take(&mut self) -> Result<Token> {
        let token = self.peek(0)?;
        self.taken += 1;
        self.last = token.span;
        if let Some(images) = &mut self.images {
            if self.literal {
                images.push_str(&self.lexer.leftover_text(&token));
            }
            if !(self.literal && token.kind == Kind::MultiLineComment) {
                images.push_str(self.lexer.image(&token));
            }
        }
        Ok(token)
    }

    fn take_if(&mut self, kind: Kind) -> Result<Option<Token>> {
        if self.peek(0)?.kind == kind { self.take().map(Some) } else { Ok(None) }
    }

    fn expect(&mut self, kind: Kind) -> Result<Token> {
        let token = self.peek(0)?;
        if token.kind == kind { self.take() } else { Err(self.unexpected(token)) }
    }

    fn skip_whitespace(&mut self) -> Result<()> {
        self.take_if(Kind::Whitespace).map(|_| ())
    }

    /// From the template's point of view.
    fn place(&self, span: Span) -> Span {
        Span { start: span.start + self.offset, end: span.end + self.offset }
    }

    #[cold]
    fn fault(&self, message: impl Into<String>, span: Span, hint: Option<&'static str>) -> Box<Fault> {
        Box::new(Fault { kind: ErrorKind::Syntax, message: message.into(), span: self.place(span), hint })
    }

    #[cold]
    fn too_deep(&self, span: Span, message: &str) -> Box<Fault> {
        Box::new(Fault { kind: ErrorKind::Nesting, ..*self.fault(message, span, None) })
    }

    fn nested<T>(&mut self, span: Span, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.building.depth >= self.building.limit {
            return Err(self.too_deep(span, "directives or values nested too deeply"));
        }
        self.building.depth += 1;
        let parsed = parse(self);
        self.building.depth -= 1;
        parsed
    }

    fn unexpected(&self, token: Token) -> Box<Fault> {
        let image = self.lexer.image(&token);
        if token.kind == Kind::EndOfText {
            return self.fault("unexpected end of the template", token.span, Some("is an `#end` or a `)` missing?"));
        }
        let shown = image.trim_end_matches(['\n', '\r', ' ', '\t']);
        let shown = if shown.is_empty() { "whitespace" } else { shown };
        self.fault(format!("unexpected `{shown}`"), token.span, hint(token.kind, image))
    }

    fn unreadable(&self, unreadable: Unreadable) -> Box<Fault> {
        let image = unreadable.span.of(self.lexer.source());
        if unreadable.at_end {
            let hint = match image {
                "$" | "$!" | "#" => "AWS refuses a template whose last character begins a reference or directive",
                _ => "what begins here has no end",
            };
            return self.fault("unexpected end of the template", unreadable.span, Some(hint));
        }
        self.fault(format!("unreadable `{image}`"), unreadable.span, hint(Kind::Text, image))
    }
}

/// What people who stumble here most likely meant.
fn hint(kind: Kind, image: &str) -> Option<&'static str> {
    if image == "null" {
        Some("VTL has no `null`; compare with an undefined reference such as `$null`, or with ''")
    } else if kind == Kind::Assign {
        Some("`=` stands in `#set(..)` only; compare with `==`")
    } else if kind == Kind::End {
        Some("there is no open `#if`, `#foreach` or `#define` to end")
    } else if matches!(kind, Kind::Else | Kind::ElseIf) {
        Some("there is no open `#if` without an `#else`")
    } else if matches!(kind, Kind::True | Kind::False) {
        Some("`true` and `false` cannot be names")
    } else if matches!(kind, Kind::Plus | Kind::Minus | Kind::Multiply | Kind::Divide | Kind::Modulus) {
        Some("arithmetic stands in `#set(..)` and `#if(..)` only, with blanks around `-`")
    } else if matches!(kind, Kind::Integer | Kind::Float) && image.starts_with('-') {
        Some("`-1` is one number here; put a blank between the operator and its operand")
    } else if kind == Kind::Word {
        Some("a word needs `$` to be a reference, or quotes to be a string")
    } else if kind == Kind::SingleLineCommentStart {
        Some("comments cannot stand inside of directives")
    } else {
        None
    }
}
