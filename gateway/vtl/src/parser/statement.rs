//! Text, references, comments and escapes: everything that can stand outside of parentheses.

use super::{Parser, Result};
use crate::error::Span;
use crate::lexer::{Kind, Token};

/// Directives that AWS knows; an escaped one loses its backslash.
const DIRECTIVES: [&str; 11] =
    ["foreach", "macro", "literal", "break", "define", "stop", "if", "end", "set", "else", "elseif"];

/// Those among them that are no part of the grammar.
const PLUGGABLE: [&str; 6] = ["foreach", "macro", "literal", "break", "define", "stop"];

impl Parser<'_, '_> {
    /// As many as there are; their nodes are complete then.
    pub(super) fn statements(&mut self) -> Result<()> {
        loop {
            let kind = self.next();
            if kind == Kind::Text {
                let token = self.take();
                self.text_token(&token);
            } else if starts_statement(kind) {
                self.statement(kind)?;
            } else {
                return Ok(());
            }
        }
    }

    fn statement(&mut self, kind: Kind) -> Result<()> {
        if self.reference_follows() {
            self.printed_reference()
        } else if kind == Kind::If {
            let span = self.peek().span;
            self.nested(span, Self::if_directive)
        } else if kind == Kind::SetDirective {
            self.set_directive()
        } else if matches!(kind, Kind::Word | Kind::BracketedWord) {
            self.directive()
        } else if kind == Kind::DoubleEscape {
            self.double_escapes();
            Ok(())
        } else {
            let token = self.take();
            self.token(&token);
            Ok(())
        }
    }

    /// What one token is the whole of.
    fn token(&mut self, token: &Token) {
        let kind = token.kind;
        if kind == Kind::SingleLineCommentStart {
            self.takes(Kind::SingleLineComment);
            self.comment(token);
        } else if matches!(kind, Kind::MultiLineComment | Kind::FormalComment) {
            self.comment(token);
        } else if kind == Kind::TextBlock {
            // Velocity counts three characters from either end, whatever they are.
            let image = self.lexer.image(token);
            let text = image.get(3..image.len().saturating_sub(3)).unwrap_or("");
            self.push_text(text);
        } else if kind == Kind::EscapedDirective {
            let text = self.escaped_directive(token);
            self.push_text(&text);
        } else {
            self.text_token(token);
        }
    }

    /// Literal text that is a part of this text.
    #[inline]
    pub(super) fn push_span(&mut self, span: Span) {
        let piece = self.piece(span);
        self.building.push_text(piece);
    }

    /// Literal text that stands nowhere.
    pub(super) fn push_text(&mut self, text: &str) {
        let piece = self.building.new_text(text);
        self.building.push_text(piece);
    }

    fn text_token(&mut self, token: &Token) {
        if token.has_leftover() {
            let leftover = self.lexer.leftover_text(token);
            self.push_text(&leftover);
        }
        self.push_span(token.span);
    }

    /// A comment prints what stood directly before it: the `$` of `$##`.
    fn comment(&mut self, token: &Token) {
        let image = self.lexer.image(token);
        let start = image.find("##").or_else(|| image.find("#*")).unwrap_or(0);
        let end = token.span.start + Span::new(0, start).end;
        self.push_span(Span { start: token.span.start, end });
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
    fn double_escapes(&mut self) {
        let mut pairs = 0;
        while self.takes(Kind::DoubleEscape) {
            pairs += 1;
        }
        let next = self.peek();
        let name = self.lexer.image(&next).get(1..).unwrap_or("");
        let control = matches!(next.kind, Kind::End | Kind::If | Kind::ElseIf | Kind::Else)
            || PLUGGABLE.contains(&name)
            || self.building.macros.iter().any(|known| &**known == name);
        self.push_text(&(if control { "\\" } else { "\\\\" }).repeat(pairs));
    }

    /// From the first byte of `from` to the last token taken.
    pub(super) fn span_from(&self, from: Span) -> Span {
        self.in_template(Span { start: from.start, end: self.last.end })
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
