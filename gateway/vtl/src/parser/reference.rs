//! `$a`, `${a.b}`, `$!a.b($c)[0]`: names, members, calls and indices, and the escapes before them.

use super::{Parser, Result};
use crate::jsonpath;
use crate::lexer::{Kind, Token};
use crate::program::{Expression, Method, Node, Printed, Property, Reference, Step};

/// What the `$` of a reference looked like.
pub(super) enum Head {
    /// A name without `$`, taken for a reference after a `#set` that touched one.
    Runt,
    /// `$\!x`.
    Void,
    Plain(Plain),
}

pub(super) struct Plain {
    /// Printed before the value.
    prefix: String,
    /// Bytes of the first token before the `$` that counts.
    skipped: usize,
    escaped: bool,
    /// The name as `#set` understands it: behind the first character of the token.
    pub(super) settable: bool,
}

/// A reference with its head, as statements and `#set` need it.
pub(super) struct Parsed {
    pub(super) head: Head,
    pub(super) first: Token,
    pub(super) reference: Reference,
}

impl Parser<'_, '_> {
    /// A name, or `{` and a name: two tokens decide, and both are looked at.
    pub(super) fn reference_follows(&mut self) -> Result<bool> {
        let kind = self.peek(0)?.kind;
        if kind == Kind::Identifier {
            self.peek(1)?;
            return Ok(true);
        }
        Ok(kind == Kind::ReferenceLeftCurly && self.peek(1)?.kind == Kind::Identifier)
    }

    pub(super) fn printed_reference(&mut self, nodes: &mut Vec<Node>) -> Result<()> {
        let Parsed { head, first, reference } = self.reference()?;
        match head {
            Head::Void => Ok(()),
            Head::Runt => {
                self.push_text(self.lexer.image(&first), nodes);
                Ok(())
            }
            Head::Plain(plain) => {
                let escaped = plain.escaped.then(|| {
                    let start = first.span.start as usize + plain.skipped;
                    let text = self.lexer.source().get(start..self.last.end as usize).unwrap_or("");
                    self.building.piece(text)
                });
                let prefix = self.building.piece(&plain.prefix);
                nodes.push(Node::Reference(Printed { prefix, escaped, reference }));
                Ok(())
            }
        }
    }

    /// A reference where a value is expected.
    pub(super) fn reference_value(&mut self) -> Result<Expression> {
        let Parsed { head, reference, .. } = self.reference()?;
        Ok(match head {
            Head::Runt => Expression::Null,
            Head::Void => Expression::Void,
            Head::Plain(_) => Expression::Reference(Box::new(reference)),
        })
    }

    pub(super) fn reference(&mut self) -> Result<Parsed> {
        let first = self.take()?;
        let image = self.lexer.image(&first);
        let head = head(image);
        if let (Head::Plain(plain), Some(images)) = (&head, &mut self.images) {
            // A directive that prints itself prints its references without their escapes.
            images.truncate(images.len() - image.len());
            images.push_str(image.get(plain.skipped..).unwrap_or(""));
        }
        let formal = first.kind == Kind::ReferenceLeftCurly;
        let name = if formal {
            let name = self.expect(Kind::Identifier)?;
            self.lexer.image(&name)
        } else {
            image.trim_start_matches(['$', '!', '\\', '#'])
        };
        let root = self.building.slot(name);
        let mut steps = Vec::new();
        self.nested(first.span, |parser| parser.steps(&mut steps))?;
        if formal {
            self.expect(Kind::ReferenceRightCurly)?;
        }
        let span = self.span_from(first.span);
        Ok(Parsed { head, first, reference: Reference { root, steps, span } })
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<()> {
        self.indices(steps)?;
        while self.peek(0)?.kind == Kind::Dot && self.peek(1)?.kind == Kind::Identifier {
            self.take()?;
            let step = if self.method_follows()? {
                self.method()?
            } else {
                let name = self.take()?;
                let hint = self.building.n_hints;
                self.building.n_hints += 1;
                Step::Property(Property { name: self.building.piece(self.lexer.image(&name)), hint })
            };
            steps.push(step);
            self.indices(steps)?;
        }
        Ok(())
    }

    fn indices(&mut self, steps: &mut Vec<Step>) -> Result<()> {
        while self.take_if(Kind::IndexLeftBracket)?.is_some() {
            self.skip_whitespace()?;
            let token = self.peek(0)?;
            let index = if matches!(token.kind, Kind::String | Kind::Integer | Kind::True | Kind::False) {
                self.literal()?
            } else if matches!(token.kind, Kind::Identifier | Kind::ReferenceLeftCurly) {
                self.reference_value()?
            } else {
                return Err(self.unexpected(token));
            };
            self.skip_whitespace()?;
            self.expect(Kind::IndexRightBracket)?;
            steps.push(Step::Index(index));
        }
        Ok(())
    }

    /// A name, `(`, and something that can follow it.
    fn method_follows(&mut self) -> Result<bool> {
        if self.peek(1)?.kind != Kind::LeftParen {
            return Ok(false);
        }
        let kind = self.peek(2)?.kind;
        Ok(matches!(
            kind,
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
        ))
    }

    fn method(&mut self) -> Result<Step> {
        let name = self.take()?;
        self.expect(Kind::LeftParen)?;
        let mut arguments = Vec::new();
        if self.peek(0)?.kind != Kind::ArgumentsRightParen {
            arguments.push(self.parameter()?);
            while self.take_if(Kind::Comma)?.is_some() {
                arguments.push(self.parameter()?);
            }
        }
        self.expect(Kind::ArgumentsRightParen)?;
        let image = self.lexer.image(&name);
        let path = match arguments.as_slice() {
            [Expression::String(text)] if matches!(image, "path" | "json") => {
                jsonpath::Path::compile(text.0.of(&self.building.pool)).ok().map(Box::new)
            }
            _ => None,
        };
        let name = self.building.piece(image);
        Ok(Step::Method(Box::new(Method { name, arguments, path })))
    }
}

/// Backslashes before a reference halve, and an odd one escapes it.
fn head(image: &str) -> Head {
    if let [b'$', second, ..] = image.as_bytes()
        && (second.is_ascii_alphabetic() || matches!(second, b'_' | b'{'))
    {
        let settable = *second != b'{';
        return Head::Plain(Plain { prefix: String::new(), skipped: 0, escaped: false, settable });
    }
    if image.contains("\\!") {
        return Head::Void;
    }
    let backslashes = image.bytes().take_while(|byte| *byte == b'\\').count();
    let rest = image.get(backslashes..).unwrap_or("");
    if !rest.contains('$') {
        return Head::Runt;
    }
    let signs = rest.rfind('$').unwrap_or(0);
    let mut prefix = "\\".repeat(backslashes / 2);
    let escaped = backslashes % 2 != 0;
    if !escaped {
        prefix.push_str(rest.get(..signs).unwrap_or(""));
    }
    let reference = rest.get(signs..).unwrap_or("");
    let settable = !reference.starts_with("$!") && !reference.starts_with("${");
    Head::Plain(Plain { prefix, skipped: backslashes + signs, escaped, settable })
}
