//! `#set`, `#if`, `#foreach` and the other words behind a `#`.

use super::reference::Head;
use super::{Fault, Parser, Result};
use crate::error::Span;
use crate::lexer::{Kind, Token};
use crate::program::{
    Argument, Branch, Define, Expression, Fail, Foreach, If, Node, Piece, Printed, Set, Slot, Target,
};

/// An argument of a directive with what it was.
struct Given {
    value: Expression,
    kind: Kind,
    name: Option<Slot>,
    settable: bool,
    image: String,
    span: Span,
}

impl Parser<'_, '_> {
    pub(super) fn set_directive(&mut self) -> Result<Node> {
        let first = self.take()?;
        self.skip_whitespace()?;
        let token = self.peek(0)?;
        if !matches!(token.kind, Kind::Identifier | Kind::ReferenceLeftCurly) {
            let hint = "`#set` writes a reference: `#set($name = ..)`";
            return Err(Box::new(Fault { hint: Some(hint), ..*self.unexpected(token) }));
        }
        let parsed = self.reference()?;
        self.skip_whitespace()?;
        self.expect(Kind::Assign)?;
        let value = self.whole_expression()?;
        self.expect(Kind::RightParen)?;
        self.lexer.leave_set();
        // As Velocity, look for a line end that the parenthesis has already taken.
        self.peek(0)?;
        let span = self.span_from(first.span);
        let simple = parsed.reference.steps.is_empty();
        let target = match parsed.head {
            Head::Plain(plain) if simple && plain.settable => Target::Variable(parsed.reference.root),
            Head::Plain(_) if !simple => Target::Member(parsed.reference),
            Head::Plain(_) | Head::Runt | Head::Void => Target::Unreachable,
        };
        Ok(Node::Set(Box::new(Set { target, value, span })))
    }

    pub(super) fn if_directive(&mut self) -> Result<Node> {
        let mut branches = vec![self.branch()?];
        while self.peek(0)?.kind == Kind::ElseIf {
            branches.push(self.branch()?);
        }
        let otherwise = if self.take_if(Kind::Else)?.is_some() { self.statements()? } else { Vec::new() };
        self.expect(Kind::End)?;
        Ok(Node::If(Box::new(If { branches, otherwise })))
    }

    fn branch(&mut self) -> Result<Branch> {
        let first = self.take()?;
        self.skip_whitespace()?;
        self.expect(Kind::LeftParen)?;
        let condition = self.whole_expression()?;
        self.expect(Kind::RightParen)?;
        let span = self.span_from(first.span);
        Ok(Branch { condition, body: self.statements()?, span })
    }

    pub(super) fn directive(&mut self, nodes: &mut Vec<Node>) -> Result<()> {
        let word = self.peek(0)?;
        let name = directive_name(self.lexer.image(&word), word.kind);
        let run = matches!(name, "foreach" | "define" | "macro" | "break" | "stop");
        if run || self.images.is_some() {
            return self.named_directive(name, nodes);
        }
        // What API Gateway does not run prints its own text, so that is put together on the way.
        self.images = Some(String::new());
        let directive = self.named_directive(name, nodes);
        self.images = None;
        directive
    }

    fn named_directive(&mut self, name: &str, nodes: &mut Vec<Node>) -> Result<()> {
        let from = self.images.as_ref().map_or(0, String::len);
        let word = self.take()?;
        self.lexer.enter_directive();
        if !self.lexer.parenthesis_follows() {
            return self.bare_directive(name, &word, nodes);
        }
        self.skip_whitespace()?;
        self.expect(Kind::LeftParen)?;
        let given = self.directive_arguments(name)?;
        self.skip_whitespace()?;
        self.expect(Kind::RightParen)?;
        match name {
            "break" | "stop" => self.ending(name, given, nodes),
            "foreach" | "define" | "literal" | "macro" => {
                self.nested(word.span, |parser| parser.block_directive(name, &word, given, nodes))
            }
            _ => {
                if name.starts_with('@') {
                    self.nested(word.span, Self::statements)?;
                    self.expect(Kind::End)?;
                }
                let text = self.images.as_deref().and_then(|all| all.get(from..)).unwrap_or("").to_owned();
                self.push_text(&text, nodes);
                Ok(())
            }
        }
    }

    fn bare_directive(&mut self, name: &str, word: &Token, nodes: &mut Vec<Node>) -> Result<()> {
        if matches!(name, "foreach" | "define" | "literal" | "macro") {
            let message = format!("`#{name}` without arguments");
            return Err(self.fault(message, word.span, Some("escape it as `\\#..` to print it")));
        }
        self.lexer.leave_directive();
        match name {
            "break" => nodes.push(Node::Break(None)),
            "stop" => nodes.push(Node::Stop),
            _ if name.starts_with('@') => self.push_text(&format!("#{name}"), nodes),
            _ => self.push_text(self.lexer.image(word), nodes),
        }
        Ok(())
    }

    fn directive_arguments(&mut self, name: &str) -> Result<Vec<Given>> {
        let mut given = Vec::new();
        loop {
            let blank = usize::from(self.peek(0)?.kind == Kind::Whitespace);
            let next = self.peek(blank)?;
            if !(next.kind == Kind::Comma || starts_argument(next.kind)) {
                return Ok(given);
            }
            self.skip_whitespace()?;
            if self.take_if(Kind::Comma)?.is_some() {
                self.skip_whitespace()?;
            }
            let argument = self.directive_argument()?;
            let position = given.len();
            let word = argument.kind == Kind::Word;
            let allowed = match name {
                "foreach" => !word || position == 1,
                "macro" => word == (position == 0),
                "literal" | "define" | "break" | "stop" => !word,
                _ => true,
            };
            if !allowed {
                return Err(self.fault(
                    format!("argument {} does not fit `#{name}`", position + 1),
                    argument.span,
                    None,
                ));
            }
            given.push(argument);
        }
    }

    fn directive_argument(&mut self) -> Result<Given> {
        let token = self.peek(0)?;
        let (value, name, settable) = if token.kind == Kind::Word {
            self.take()?;
            (Expression::Null, None, false)
        } else if matches!(token.kind, Kind::Identifier | Kind::ReferenceLeftCurly) {
            let parsed = self.reference()?;
            let settable = matches!(&parsed.head, Head::Plain(plain) if plain.settable);
            (Expression::Reference(Box::new(parsed.reference)), None, settable)
        } else {
            (self.value()?, None, false)
        };
        let name = if let Expression::Reference(reference) = &value { Some(reference.root) } else { name };
        let written = token.span.start as usize..self.last.end as usize;
        let image = self.lexer.source().get(written).unwrap_or("").to_owned();
        Ok(Given { value, kind: token.kind, name, settable, image, span: token.span })
    }

    fn ending(&mut self, name: &str, given: Vec<Given>, nodes: &mut Vec<Node>) -> Result<()> {
        let mut given = given.into_iter();
        let first = given.next();
        if let Some(second) = given.next() {
            return Err(self.fault(format!("`#{name}` takes one argument at most"), second.span, None));
        }
        nodes.push(match first {
            _ if name == "stop" => Node::Stop,
            Some(given) => Node::Break(Some(Box::new(Argument { value: given.value, span: self.place(given.span) }))),
            None => Node::Break(None),
        });
        Ok(())
    }

    fn block_directive(&mut self, name: &str, word: &Token, given: Vec<Given>, nodes: &mut Vec<Node>) -> Result<()> {
        let before = self.images.as_ref().map_or(0, String::len);
        let start = self.peek(0)?;
        self.literal = name == "literal";
        let body = self.statements()?;
        self.literal = false;
        let after = self.images.as_ref().map_or(0, String::len);
        self.expect(Kind::End)?;
        match name {
            "foreach" => nodes.push(self.foreach(word, given, body)?),
            "define" => nodes.push(self.define(word, given, body)?),
            "literal" => {
                let text = match given.first() {
                    Some(argument) => argument.image.clone(),
                    None => self.images.as_deref().and_then(|all| all.get(before..after)).unwrap_or("").to_owned(),
                };
                if given.is_empty() && start.kind == Kind::End {
                    return Err(self.fault("`#literal()` without a body", word.span, None));
                }
                self.push_text(&text, nodes);
            }
            _ => match given.first() {
                Some(named) => self.building.macros.push(named.image.as_str().into()),
                None => return Err(self.fault("`#macro` without a name", word.span, None)),
            },
        }
        Ok(())
    }

    fn foreach(&mut self, word: &Token, given: Vec<Given>, body: Vec<Node>) -> Result<Node> {
        let span = self.span_from(word.span);
        if given.len() < 2 {
            // Velocity refuses it only when it is reached.
            let hint = "`#foreach` needs a variable and a list: `#foreach($x in $list)`";
            return Ok(Node::Fail(Box::new(Fail { message: "`#foreach` without a list", hint, span })));
        }
        let mut given = given.into_iter();
        let element = given.next().and_then(|argument| argument.name);
        let list = given.nth(1).map_or(Expression::Null, |argument| argument.value);
        let body = match given.next() {
            // A fourth argument stands where the body is expected.
            Some(Given { value: Expression::Reference(reference), .. }) => {
                let printed = Printed { prefix: Piece::default(), escaped: None, reference: *reference };
                vec![Node::Reference(printed)]
            }
            Some(_) => Vec::new(),
            None => body,
        };
        Ok(Node::Foreach(Box::new(Foreach { element, list, body, span })))
    }

    fn define(&mut self, word: &Token, given: Vec<Given>, body: Vec<Node>) -> Result<Node> {
        let mut given = given.into_iter();
        let (Some(named), None) = (given.next(), given.next()) else {
            return Err(self.fault("`#define` takes one name", word.span, Some("`#define($name) .. #end`")));
        };
        let block = self.building.n_blocks;
        self.building.n_blocks += 1;
        let name = named.name.filter(|_| named.settable);
        Ok(Node::Define(Box::new(Define { name, block, body })))
    }
}

fn directive_name(image: &str, kind: Kind) -> &str {
    let name = if kind == Kind::BracketedWord { image.get(2..image.len().saturating_sub(1)) } else { image.get(1..) };
    name.unwrap_or("")
}

fn starts_argument(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Identifier
            | Kind::ReferenceLeftCurly
            | Kind::Word
            | Kind::String
            | Kind::Integer
            | Kind::Float
            | Kind::LeftBracket
            | Kind::LeftCurly
            | Kind::True
            | Kind::False
    )
}
