//! Text, references, comments and escapes: everything that can stand outside of parentheses.

use super::{Parser, Result};
use crate::error::Span;
use crate::lexer::{Kind, Token};
use crate::program::{Node, Piece};

/// Directives that AWS knows; an escaped one loses its backslash.
const DIRECTIVES: [&str; 11] =
    ["foreach", "macro", "literal", "break", "define", "stop", "if", "end", "set", "else", "elseif"];

/// Those among them that are no part of the grammar.
const PLUGGABLE: [&str; 6] = ["foreach", "macro", "literal", "break", "define", "stop"];

impl Parser<'_, '_> {
    pub(super) fn statements(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            let token = self.peek(0)?;
            if !starts_statement(token.kind) {
                return Ok(nodes);
            }
            self.statement(token, &mut nodes)?;
        }
    }

    fn statement(&mut self, token: Token, nodes: &mut Vec<Node>) -> Result<()> {
        let kind = token.kind;
        if kind == Kind::If {
            let node = self.nested(token.span, Self::if_directive)?;
            nodes.push(node);
        } else if self.reference_follows()? {
            self.printed_reference(nodes)?;
        } else if kind == Kind::SingleLineCommentStart {
            self.take()?;
            self.take_if(Kind::SingleLineComment)?;
            self.comment(&token, nodes);
        } else if matches!(kind, Kind::MultiLineComment | Kind::FormalComment) {
            self.take()?;
            self.comment(&token, nodes);
        } else if kind == Kind::TextBlock {
            self.take()?;
            let image = self.lexer.image(&token);
            // Velocity counts three characters from either end, whatever they are.
            let text = image.get(3..image.len().saturating_sub(3)).unwrap_or("");
            self.push_text(text, nodes);
        } else if kind == Kind::SetDirective {
            let node = self.set_directive()?;
            nodes.push(node);
        } else if kind == Kind::EscapedDirective {
            self.take()?;
            let text = self.escaped_directive(&token);
            self.push_text(&text, nodes);
        } else if kind == Kind::DoubleEscape {
            self.double_escapes(nodes)?;
        } else if matches!(kind, Kind::Word | Kind::BracketedWord) {
            self.directive(nodes)?;
        } else if is_text(kind) {
            self.take()?;
            self.text_token(&token, nodes);
        } else {
            return Err(self.unexpected(token));
        }
        Ok(())
    }

    /// Literal text is laid down in the pool piece by piece; neighbours become one node.
    pub(super) fn push_text(&mut self, text: &str, nodes: &mut Vec<Node>) {
        if text.is_empty() {
            return;
        }
        let Piece(span) = self.building.piece(text);
        if let Some(Node::Text(Piece(before))) = nodes.last_mut()
            && before.end == span.start
        {
            before.end = span.end;
            return;
        }
        nodes.push(Node::Text(Piece(span)));
    }

    pub(super) fn text_token(&mut self, token: &Token, nodes: &mut Vec<Node>) {
        if token.has_leftover() {
            let leftover = self.lexer.leftover_text(token);
            self.push_text(&leftover, nodes);
        }
        self.push_text(self.lexer.image(token), nodes);
    }

    /// A comment prints what stood directly before it: the `$` of `$##`.
    fn comment(&mut self, token: &Token, nodes: &mut Vec<Node>) {
        let image = self.lexer.image(token);
        let start = image.find("##").or_else(|| image.find("#*")).unwrap_or(0);
        self.push_text(image.get(..start).unwrap_or(""), nodes);
    }

    fn escaped_directive(&self, token: &Token) -> String {
        let image = self.lexer.image(token);
        let last = image.rfind('\\').unwrap_or(0);
        let directive = image.get(last + 1..).unwrap_or("");
        let name = directive.trim_start_matches('#');
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let known = DIRECTIVES.contains(&name) || self.building.macros.iter().any(|known| &**known == name);
        if known { format!("{}{directive}", "\\".repeat(last / 2)) } else { image.to_owned() }
    }

    /// Pairs of backslashes halve before a directive and stay elsewhere.
    fn double_escapes(&mut self, nodes: &mut Vec<Node>) -> Result<()> {
        let mut pairs = 0;
        while self.take_if(Kind::DoubleEscape)?.is_some() {
            pairs += 1;
        }
        let next = self.peek(0)?;
        let name = self.lexer.image(&next).get(1..).unwrap_or("");
        let control = matches!(next.kind, Kind::End | Kind::If | Kind::ElseIf | Kind::Else)
            || PLUGGABLE.contains(&name)
            || self.building.macros.iter().any(|known| &**known == name);
        self.push_text(&(if control { "\\" } else { "\\\\" }).repeat(pairs), nodes);
        Ok(())
    }

    /// From the first byte of `from` to the last token taken.
    pub(super) fn span_from(&self, from: Span) -> Span {
        self.place(Span { start: from.start, end: self.last.end })
    }
}

fn is_text(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Text
            | Kind::Dot
            | Kind::RightParen
            | Kind::LeftParen
            | Kind::Integer
            | Kind::Float
            | Kind::String
            | Kind::Escape
            | Kind::ReferenceLeftCurly
            | Kind::ReferenceRightCurly
            | Kind::EmptyIndex
    )
}

fn starts_statement(kind: Kind) -> bool {
    is_text(kind)
        || matches!(
            kind,
            Kind::EscapedDirective
                | Kind::SetDirective
                | Kind::SingleLineCommentStart
                | Kind::DoubleEscape
                | Kind::FormalComment
                | Kind::MultiLineComment
                | Kind::TextBlock
                | Kind::If
                | Kind::Word
                | Kind::BracketedWord
                | Kind::Identifier
        )
}
