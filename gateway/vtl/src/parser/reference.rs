//! `$a`, `${a.b}`, `$!a.b($c)[0]`: names, members, calls and indices, and the escapes before them.

use super::{Parser, Result};
use crate::error::Span;
use crate::jsonpath;
use crate::lexer::{Kind, Token};
use crate::program::{Expression, Expressions, Method, Node, Prefixed, Property, Reference, Step, Steps};

/// What the `$` of a reference looked like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Head {
    /// A name without `$`, taken for a reference after a `#set` that touched one.
    Runt,
    /// `$\!x`.
    Void,
    Plain(Plain),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Plain {
    /// Backslashes that the token begins with.
    backslashes: u32,
    /// Bytes behind them and before the `$` that counts.
    signs: u32,
    /// The name as `#set` understands it: behind the first character of the token.
    pub(super) settable: bool,
}

impl Plain {
    const BARE: Self = Self { backslashes: 0, signs: 0, settable: true };

    /// Backslashes before a reference halve, and an odd one escapes it.
    fn is_escaped(self) -> bool {
        !self.backslashes.is_multiple_of(2)
    }

    /// Bytes of the first token before the `$` that counts.
    fn skipped(self) -> u32 {
        self.backslashes + self.signs
    }
}

/// A reference with its head, as statements and `#set` need it.
pub(super) struct Parsed {
    pub(super) head: Head,
    pub(super) first: Span,
    pub(super) reference: Reference,
}

impl Parser<'_, '_> {
    /// A name, or `{` and a name: two tokens decide, and both are looked at.
    pub(super) fn reference_follows(&mut self) -> bool {
        match self.next() {
            Kind::Identifier => {
                self.kind(1);
                true
            }
            kind => kind == Kind::ReferenceLeftCurly && self.kind(1) == Kind::Identifier,
        }
    }

    pub(super) fn printed_reference(&mut self) -> Result<()> {
        let Parsed { head, first, reference } = self.reference()?;
        match head {
            Head::Void => {}
            Head::Runt => self.push_span(first),
            Head::Plain(plain) if plain.skipped() == 0 => self.building.push(Node::Reference(reference)),
            Head::Plain(plain) => {
                let start = first.start + plain.skipped();
                let mut prefix = "\\".repeat(plain.backslashes as usize / 2);
                let escaped = plain.is_escaped().then(|| self.piece(Span { start, end: self.last.end }));
                if escaped.is_none() {
                    prefix.push_str(Span { start: start - plain.signs, end: start }.of(self.lexer.source()));
                }
                let prefix = self.building.new_text(&prefix);
                self.building.push(Node::Prefixed(Box::new(Prefixed { prefix, escaped, reference })));
            }
        }
        Ok(())
    }

    /// A reference where a value is expected.
    pub(super) fn reference_value(&mut self) -> Result<Expression> {
        let Parsed { head, reference, .. } = self.reference()?;
        Ok(match head {
            Head::Runt => Expression::Null,
            Head::Void => Expression::Void,
            Head::Plain(_) => Expression::Reference(reference),
        })
    }

    pub(super) fn reference(&mut self) -> Result<Parsed> {
        let first = self.take();
        let image = self.lexer.image(&first);
        let head = head(image);
        if let (Head::Plain(plain), Some(images)) = (&head, &mut self.images) {
            // A directive that prints itself prints its references without their escapes.
            images.truncate(images.len() - image.len());
            images.push_str(image.get(plain.skipped() as usize..).unwrap_or(""));
        }
        let formal = first.kind == Kind::ReferenceLeftCurly;
        let name = if formal {
            self.expect(Kind::Identifier)?.span
        } else {
            Span { start: first.span.end - name_length(image), end: first.span.end }
        };
        let root = self.building.slot(name.of(self.lexer.source()), self.piece(name));
        let steps = if matches!(self.next(), Kind::Dot | Kind::IndexLeftBracket) {
            let begin = self.building.begin_steps();
            self.nested(first.span, Self::steps)?;
            self.building.end_steps(begin)
        } else {
            Steps::default()
        };
        self.building.note(name.of(self.lexer.source()), steps);
        if formal {
            self.expect(Kind::ReferenceRightCurly)?;
        }
        let span = self.span_from(first.span);
        Ok(Parsed { head, first: first.span, reference: Reference { root, steps, span } })
    }

    fn steps(&mut self) -> Result<()> {
        self.indices()?;
        while self.next() == Kind::Dot && self.kind(1) == Kind::Identifier {
            self.take();
            let step = if self.method_follows() {
                self.method()?
            } else {
                let name = self.take();
                Step::Property(Property { name: self.piece(name.span), hint: self.building.new_hint() })
            };
            self.building.step(step);
            self.indices()?;
        }
        Ok(())
    }

    fn indices(&mut self) -> Result<()> {
        while self.takes(Kind::IndexLeftBracket) {
            self.skip_whitespace();
            let kind = self.next();
            let index = if matches!(kind, Kind::String | Kind::Integer | Kind::True | Kind::False) {
                self.literal()?
            } else if matches!(kind, Kind::Identifier | Kind::ReferenceLeftCurly) {
                self.reference_value()?
            } else {
                return Err(self.unexpected());
            };
            self.skip_whitespace();
            self.expect(Kind::IndexRightBracket)?;
            let index = self.building.expression(index);
            self.building.step(Step::Index(index));
        }
        Ok(())
    }

    /// A name, `(`, and something that can follow it.
    fn method_follows(&mut self) -> bool {
        if self.kind(1) != Kind::LeftParen {
            return false;
        }
        matches!(
            self.kind(2),
            Kind::ArgumentsRightParen
                | Kind::Whitespace
                | Kind::String
                | Kind::Integer
                | Kind::Float
                | Kind::LeftBracket
                | Kind::LeftCurly
                | Kind::True
                | Kind::False
                | Kind::Identifier
                | Kind::ReferenceLeftCurly
        )
    }

    fn method(&mut self) -> Result<Step> {
        let name = self.take();
        self.expect(Kind::LeftParen)?;
        let mut path = None;
        let arguments = if self.next() == Kind::ArgumentsRightParen {
            Expressions::default()
        } else {
            let first = self.parameter()?;
            if self.next() == Kind::ArgumentsRightParen {
                path = self.compiled_path(&name, &first);
            }
            self.parameters(first)?
        };
        self.expect(Kind::ArgumentsRightParen)?;
        Ok(Step::Method(Method { name: self.piece(name.span), arguments, path }))
    }

    /// The argument of `$input.path(..)` and `$input.json(..)`, if it is a literal.
    fn compiled_path(&mut self, name: &Token, argument: &Expression) -> Option<u32> {
        match argument {
            Expression::String(text) if matches!(self.lexer.image(name), "path" | "json") => {
                let path = jsonpath::Path::compile(self.building.text(*text)).ok()?;
                Some(self.building.path(path))
            }
            _ => None,
        }
    }
}

/// Of the name behind the signs.
fn name_length(image: &str) -> u32 {
    let name = if is_bare(image) { image.get(1..) } else { None };
    let name = name.unwrap_or_else(|| image.trim_start_matches(['$', '!', '\\', '#']));
    Span::new(0, name.len()).end
}

/// `$` and a name, as most references.
fn is_bare(image: &str) -> bool {
    matches!(image.as_bytes(), [b'$', second, ..] if second.is_ascii_alphabetic() || *second == b'_')
}

fn head(image: &str) -> Head {
    if is_bare(image) {
        return Head::Plain(Plain::BARE);
    }
    if image.starts_with("${") {
        return Head::Plain(Plain { settable: false, ..Plain::BARE });
    }
    if image.contains("\\!") {
        return Head::Void;
    }
    let backslashes = image.bytes().take_while(|byte| *byte == b'\\').count();
    let rest = image.get(backslashes..).unwrap_or("");
    let Some(signs) = rest.rfind('$') else { return Head::Runt };
    let reference = rest.get(signs..).unwrap_or("");
    let settable = !reference.starts_with("$!") && !reference.starts_with("${");
    let Span { start: backslashes, end } = Span::new(backslashes, backslashes + signs);
    Head::Plain(Plain { backslashes, signs: end - backslashes, settable })
}
