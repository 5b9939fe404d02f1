//! Tokens to a [`Program`], deciding by as much lookahead as Velocity's grammar does.

mod building;
mod directive;
mod expression;
mod literal;
mod reference;
mod statement;

use crate::error::{Error, ErrorKind, Span};
use crate::lexer::{Kind, Lexer, Token};
use crate::limits::Limits;
use crate::program::{Piece, Program};
use building::Building;

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
    let mut building = Building::new(source, limits.nesting);
    match Parser::new(source, &mut building, Place::default()).template() {
        Ok(()) => Ok(building.finish(source.len())),
        Err(fault) => Err(Error::new(fault.kind, fault.message, fault.span, source).with_hint(fault.hint)),
    }
}

/// Where the text that is being parsed stands; strings are parsed for themselves.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// In the template, for errors.
    template: u32,
    /// In the program's text.
    pool: u32,
}

/// At least as many tokens as are looked at before one is taken.
const LOOKAHEAD: usize = 4;

struct Parser<'s, 'b> {
    lexer: Lexer<'s>,
    /// Tokens that were looked at and not yet taken: so many from `first` on, round and round.
    ahead: [Token; LOOKAHEAD],
    first: usize,
    n_ahead: usize,
    building: &'b mut Building,
    place: Place,
    last: Span,
    /// The texts of the tokens taken, for directives that print themselves.
    images: Option<String>,
    /// Whether those texts are what a `#literal` prints.
    literal: bool,
}

impl<'s, 'b> Parser<'s, 'b> {
    fn new(source: &'s str, building: &'b mut Building, place: Place) -> Self {
        Self {
            lexer: Lexer::new(source),
            ahead: [Token::END; LOOKAHEAD],
            first: 0,
            n_ahead: 0,
            building,
            place,
            last: Span::default(),
            images: None,
            literal: false,
        }
    }

    fn template(&mut self) -> Result<()> {
        self.statements()?;
        if self.next() == Kind::EndOfText { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The kind of the next token.
    #[inline]
    fn next(&mut self) -> Kind {
        self.kind(0)
    }

    /// The kind of the token so far ahead. The lexer reads no further than it is asked to: what
    /// the parser tells it about directives changes what it reads next.
    #[inline]
    fn kind(&mut self, distance: usize) -> Kind {
        while self.n_ahead <= distance {
            self.read();
        }
        self.ahead.get((self.first + distance) % LOOKAHEAD).map_or(Kind::EndOfText, |token| token.kind)
    }

    fn read(&mut self) {
        if let Some(token) = self.ahead.get_mut((self.first + self.n_ahead) % LOOKAHEAD) {
            self.lexer.advance(token);
        }
        self.n_ahead += 1;
    }

    /// The next token, which stays.
    #[inline]
    fn peek(&mut self) -> Token {
        if self.n_ahead == 0 {
            self.read();
        }
        self.ahead.get(self.first % LOOKAHEAD).copied().unwrap_or(Token::END)
    }

    #[inline]
    fn take(&mut self) -> Token {
        let token = self.peek();
        self.first = (self.first + 1) % LOOKAHEAD;
        self.n_ahead -= 1;
        self.last = token.span;
        if self.images.is_some() {
            self.keep_image(&token);
        }
        token
    }

    #[cold]
    fn keep_image(&mut self, token: &Token) {
        let Some(images) = &mut self.images else { return };
        if self.literal {
            images.push_str(&self.lexer.leftover_text(token));
        }
        if !(self.literal && token.kind == Kind::MultiLineComment) {
            images.push_str(self.lexer.image(token));
        }
    }

    #[inline]
    fn takes(&mut self, kind: Kind) -> bool {
        let found = self.next() == kind;
        if found {
            self.take();
        }
        found
    }

    #[inline]
    fn expect(&mut self, kind: Kind) -> Result<Token> {
        if self.next() == kind { Ok(self.take()) } else { Err(self.unexpected()) }
    }

    fn skip_whitespace(&mut self) {
        self.takes(Kind::Whitespace);
    }

    /// A part of this text as a piece of the program's.
    #[inline]
    fn piece(&self, span: Span) -> Piece {
        Piece(Span { start: span.start + self.place.pool, end: span.end + self.place.pool })
    }

    /// From the template's point of view.
    #[inline]
    fn in_template(&self, span: Span) -> Span {
        Span { start: span.start + self.place.template, end: span.end + self.place.template }
    }

    #[cold]
    fn fault(&self, message: impl Into<String>, span: Span, hint: Option<&'static str>) -> Box<Fault> {
        Box::new(Fault { kind: ErrorKind::Syntax, message: message.into(), span: self.in_template(span), hint })
    }

    #[cold]
    fn too_deep(&self, span: Span, message: &str) -> Box<Fault> {
        Box::new(Fault { kind: ErrorKind::Nesting, ..*self.fault(message, span, None) })
    }

    #[inline]
    fn nested<T>(&mut self, span: Span, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.building.depth >= self.building.limit {
            return Err(self.too_deep(span, "directives or values nested too deeply"));
        }
        self.building.depth += 1;
        let parsed = parse(self);
        self.building.depth -= 1;
        parsed
    }

    /// What is next cannot stand here.
    #[cold]
    fn unexpected(&mut self) -> Box<Fault> {
        let next = self.peek();
        // What cannot be read at all tells more, if it has been seen.
        let mut seen = self.ahead.iter().cycle().skip(self.first).take(self.n_ahead);
        let unread = seen.find(|token| matches!(token.kind, Kind::Unreadable | Kind::Unfinished));
        let token = unread.copied().unwrap_or(next);
        let image = self.lexer.image(&token);
        if token.kind == Kind::EndOfText {
            return self.fault("unexpected end of the template", token.span, Some("is an `#end` or a `)` missing?"));
        }
        if token.kind == Kind::Unfinished {
            let hint = match image {
                "$" | "$!" | "#" => "AWS refuses a template whose last character begins a reference or directive",
                _ => "what begins here has no end",
            };
            return self.fault("unexpected end of the template", token.span, Some(hint));
        }
        if token.kind == Kind::Unreadable {
            return self.fault(format!("unreadable `{image}`"), token.span, hint(Kind::Text, image));
        }
        let shown = image.trim_end_matches(['\n', '\r', ' ', '\t']);
        let shown = if shown.is_empty() { "whitespace" } else { shown };
        self.fault(format!("unexpected `{shown}`"), token.span, hint(token.kind, image))
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
