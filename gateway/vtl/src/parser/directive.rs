//! `#set`, `#if`, `#foreach` and the other words behind a `#`.

use super::reference::Head;
use super::{Fault, Parser, Result};
use crate::error::Span;
use crate::lexer::{Kind, Token};
use crate::program::{Argument, Define, Expression, Fail, Foreach, If, Node, Set, Slot, Steps, Target};

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
    pub(super) fn set_directive(&mut self) -> Result<()> {
        let first = self.take();
        self.skip_whitespace();
        if !matches!(self.next(), Kind::Identifier | Kind::ReferenceLeftCurly) {
            let hint = "`#set` writes a reference: `#set($name = ..)`";
            return Err(Box::new(Fault { hint: Some(hint), ..*self.unexpected() }));
        }
        let parsed = self.reference()?;
        self.skip_whitespace();
        self.expect(Kind::Assign)?;
        let value = self.whole_expression()?;
        self.expect(Kind::RightParen)?;
        self.lexer.leave_set();
        // As Velocity, look for a line end that the parenthesis has already taken.
        self.next();
        let span = self.span_from(first.span);
        let simple = parsed.reference.steps == Steps::default();
        let target = match parsed.head {
            Head::Plain(plain) if simple && plain.settable => Target::Variable(parsed.reference.root),
            Head::Plain(_) if !simple => {
                Target::Member(self.building.expression(Expression::Reference(parsed.reference)))
            }
            Head::Plain(_) | Head::Runt | Head::Void => Target::Unreachable,
        };
        let value = self.building.expression(value);
        self.building.push(Node::Set(Set { target, value, span }));
        Ok(())
    }

    /// `#if` or `#elseif`, to the `#end` of all of them.
    pub(super) fn if_directive(&mut self) -> Result<()> {
        let mut places = vec![self.branch()?];
        while self.next() == Kind::ElseIf {
            places.push(self.branch()?);
        }
        if self.takes(Kind::Else) {
            self.statements()?;
        }
        self.expect(Kind::End)?;
        // What is behind a branch's body is what happens otherwise.
        for (place, branch) in places {
            let otherwise = self.building.body_of(place) - branch.body;
            self.building.replace(place, Node::If(If { otherwise, ..branch }));
        }
        Ok(())
    }

    /// A condition and its body, with the place of its node.
    fn branch(&mut self) -> Result<(usize, If)> {
        let first = self.take();
        self.skip_whitespace();
        self.expect(Kind::LeftParen)?;
        let condition = self.whole_expression()?;
        self.expect(Kind::RightParen)?;
        let span = self.span_from(first.span);
        let condition = self.building.expression(condition);
        let branch = If { condition, body: 0, otherwise: 0, span };
        let place = self.building.n_nodes();
        self.building.push(Node::If(branch));
        self.statements()?;
        Ok((place, If { body: self.building.body_of(place), ..branch }))
    }

    pub(super) fn directive(&mut self) -> Result<()> {
        let word = self.peek();
        let name = directive_name(self.lexer.image(&word), word.kind);
        let run = matches!(name, "foreach" | "define" | "macro" | "break" | "stop");
        if run || self.images.is_some() {
            return self.named_directive(name);
        }
        // What API Gateway does not run prints its own text, so that is put together on the way.
        self.images = Some(String::new());
        let directive = self.named_directive(name);
        self.images = None;
        directive
    }

    fn named_directive(&mut self, name: &str) -> Result<()> {
        let from = self.images.as_ref().map_or(0, String::len);
        let word = self.take();
        self.lexer.enter_directive();
        if !self.lexer.parenthesis_follows() {
            return self.bare_directive(name, &word);
        }
        self.skip_whitespace();
        self.expect(Kind::LeftParen)?;
        let given = self.directive_arguments(name)?;
        self.skip_whitespace();
        self.expect(Kind::RightParen)?;
        match name {
            "break" | "stop" => self.ending(name, given),
            "foreach" | "define" | "literal" | "macro" => {
                self.nested(word.span, |parser| parser.block_directive(name, &word, given))
            }
            _ => {
                if name.starts_with('@') {
                    let before = self.building.seal();
                    self.nested(word.span, Self::statements)?;
                    self.building.truncate(before);
                    self.expect(Kind::End)?;
                }
                let text = self.images.as_deref().and_then(|all| all.get(from..)).unwrap_or("").to_owned();
                self.push_text(&text);
                Ok(())
            }
        }
    }

    fn bare_directive(&mut self, name: &str, word: &Token) -> Result<()> {
        if matches!(name, "foreach" | "define" | "literal" | "macro") {
            let message = format!("`#{name}` without arguments");
            return Err(self.fault(message, word.span, Some("escape it as `\\#..` to print it")));
        }
        self.lexer.leave_directive();
        match name {
            "break" => self.building.push(Node::Break(None)),
            "stop" => self.building.push(Node::Stop),
            _ if name.starts_with('@') => self.push_text(&format!("#{name}")),
            _ => self.push_span(word.span),
        }
        Ok(())
    }

    fn directive_arguments(&mut self, name: &str) -> Result<Vec<Given>> {
        let mut given = Vec::new();
        loop {
            let blank = usize::from(self.next() == Kind::Whitespace);
            let next = self.kind(blank);
            if !(next == Kind::Comma || starts_argument(next)) {
                return Ok(given);
            }
            self.skip_whitespace();
            if self.takes(Kind::Comma) {
                self.skip_whitespace();
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
        let token = self.peek();
        let (value, name, settable) = if token.kind == Kind::Word {
            self.take();
            (Expression::Null, None, false)
        } else if matches!(token.kind, Kind::Identifier | Kind::ReferenceLeftCurly) {
            let parsed = self.reference()?;
            let settable = matches!(&parsed.head, Head::Plain(plain) if plain.settable);
            (Expression::Reference(parsed.reference), None, settable)
        } else {
            (self.value()?, None, false)
        };
        let name = if let Expression::Reference(reference) = &value { Some(reference.root) } else { name };
        let written = token.span.start as usize..self.last.end as usize;
        let image = self.lexer.source().get(written).unwrap_or("").to_owned();
        Ok(Given { value, kind: token.kind, name, settable, image, span: token.span })
    }

    fn ending(&mut self, name: &str, given: Vec<Given>) -> Result<()> {
        let mut given = given.into_iter();
        let first = given.next();
        if let Some(second) = given.next() {
            return Err(self.fault(format!("`#{name}` takes one argument at most"), second.span, None));
        }
        let node = match first {
            _ if name == "stop" => Node::Stop,
            Some(given) => {
                let span = self.in_template(given.span);
                Node::Break(Some(Argument { value: self.building.expression(given.value), span }))
            }
            None => Node::Break(None),
        };
        self.building.push(node);
        Ok(())
    }

    fn block_directive(&mut self, name: &str, word: &Token, given: Vec<Given>) -> Result<()> {
        let before = self.images.as_ref().map_or(0, String::len);
        let place = self.building.n_nodes();
        // Becomes the directive when its body is there.
        self.building.push(Node::Stop);
        let empty = self.next() == Kind::End;
        self.literal = name == "literal";
        self.statements()?;
        self.literal = false;
        let after = self.images.as_ref().map_or(0, String::len);
        self.expect(Kind::End)?;
        match name {
            "foreach" => return self.foreach(word, given, place),
            "define" => return self.define(word, given, place),
            _ => self.building.truncate(place),
        }
        if name == "macro" {
            let Some(named) = given.first() else {
                return Err(self.fault("`#macro` without a name", word.span, None));
            };
            self.building.macros.push(named.image.as_str().into());
            return Ok(());
        }
        let text = match given.first() {
            Some(argument) => argument.image.clone(),
            None if empty => return Err(self.fault("`#literal()` without a body", word.span, None)),
            None => self.images.as_deref().and_then(|all| all.get(before..after)).unwrap_or("").to_owned(),
        };
        self.push_text(&text);
        Ok(())
    }

    fn foreach(&mut self, word: &Token, given: Vec<Given>, place: usize) -> Result<()> {
        let span = self.span_from(word.span);
        if given.len() < 2 {
            // Velocity refuses it only when it is reached.
            let hint = "`#foreach` needs a variable and a list: `#foreach($x in $list)`";
            self.building.truncate(place);
            self.building.push(Node::Fail(Box::new(Fail { message: "`#foreach` without a list", hint, span })));
            return Ok(());
        }
        let mut given = given.into_iter();
        let element = given.next().and_then(|argument| argument.name);
        let list = given.nth(1).map_or(Expression::Null, |argument| argument.value);
        if let Some(fourth) = given.next() {
            // A fourth argument stands where the body is expected.
            self.building.truncate(place + 1);
            if let Expression::Reference(reference) = fourth.value {
                self.building.push(Node::Reference(reference));
            }
        }
        let list = self.building.expression(list);
        let body = self.building.body_of(place);
        self.building.replace(place, Node::Foreach(Foreach { element, list, body, span }));
        Ok(())
    }

    fn define(&mut self, word: &Token, given: Vec<Given>, place: usize) -> Result<()> {
        let mut given = given.into_iter();
        let (Some(named), None) = (given.next(), given.next()) else {
            return Err(self.fault("`#define` takes one name", word.span, Some("`#define($name) .. #end`")));
        };
        let block = self.building.new_block();
        let name = named.name.filter(|_| named.settable);
        let body = self.building.body_of(place);
        self.building.replace(place, Node::Define(Define { name, block, body }));
        Ok(())
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
