//! An expression's tokens.

use std::ops::Range;

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword or a function.
    Word,
    /// `#name`
    Name,
    /// `:value`
    Value,
    /// Of an index.
    Digits,
    /// `=`, `<`, `<=`, `>`, `>=`, `<>`
    Comparator,
    Open,
    Close,
    OpenIndex,
    CloseIndex,
    Comma,
    Dot,
    Plus,
    Minus,
    /// What no expression has.
    Unknown,
    End,
}

/// Cuts a text into tokens. The last one is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        let kind = match first {
            ' ' | '\t' | '\r' | '\n' => continue,
            'a'..='z' | 'A'..='Z' | '_' => Kind::Word,
            '#' => Kind::Name,
            ':' => Kind::Value,
            '0'..='9' => Kind::Digits,
            '=' | '<' | '>' => Kind::Comparator,
            '(' => Kind::Open,
            ')' => Kind::Close,
            '[' => Kind::OpenIndex,
            ']' => Kind::CloseIndex,
            ',' => Kind::Comma,
            '.' => Kind::Dot,
            '+' => Kind::Plus,
            '-' => Kind::Minus,
            _ => Kind::Unknown,
        };
        let mut end = start + first.len_utf8();
        let mut last = first;
        while let Some((index, next)) = rest.next_if(|(_, next)| goes_on(kind, last, *next)) {
            end = index + next.len_utf8();
            last = next;
        }
        tokens.push(Token { kind, span: start..end });
    }
    tokens.push(Token { kind: Kind::End, span: text.len()..text.len() });
    tokens
}

fn goes_on(kind: Kind, last: char, next: char) -> bool {
    match kind {
        Kind::Word | Kind::Name | Kind::Value => next.is_ascii_alphanumeric() || next == '_',
        Kind::Digits => next.is_ascii_digit(),
        Kind::Comparator => matches!((last, next), ('<', '=' | '>') | ('>', '=')),
        Kind::Open | Kind::Close | Kind::OpenIndex | Kind::CloseIndex | Kind::Comma | Kind::Dot => false,
        Kind::Plus | Kind::Minus | Kind::Unknown | Kind::End => false,
    }
}
