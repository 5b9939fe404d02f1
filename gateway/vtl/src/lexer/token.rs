//! The kinds of tokens.

use crate::error::Span;

/// What a token is. The names are those of Velocity's grammar where it has sensible ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    EndOfText,
    IndexLeftBracket,
    IndexRightBracket,
    LeftBracket,
    RightBracket,
    Comma,
    DoubleDot,
    Colon,
    LeftCurly,
    RightCurly,
    LeftParen,
    RightParen,
    ArgumentsRightParen,
    EscapedDirective,
    SetDirective,
    Dollar,
    DollarBang,
    TextBlockStart,
    FormalCommentStart,
    MultiLineCommentStart,
    Hash,
    SingleLineCommentStart,
    DoubleEscape,
    Escape,
    Text,
    SingleLineComment,
    FormalComment,
    MultiLineComment,
    TextBlock,
    CommentCharacter,
    TextBlockCharacter,
    Whitespace,
    String,
    True,
    False,
    Minus,
    Plus,
    Multiply,
    Divide,
    Modulus,
    And,
    Or,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Not,
    Assign,
    End,
    If,
    ElseIf,
    Else,
    Integer,
    Float,
    Word,
    BracketedWord,
    Identifier,
    Dot,
    ReferenceLeftCurly,
    ReferenceRightCurly,
    ReferenceTerminator,
    DirectiveTerminator,
    EmptyIndex,
    /// Nothing can be read from here on.
    Unreadable,
    /// The text ends inside of this token.
    Unfinished,
}

/// What the lexer does with a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Hands it to the parser.
    Token,
    /// Takes it as the beginning of the next one.
    More,
    /// Drops it, and what it began with.
    Skip,
    /// Gives the last character back and remembers what came before.
    Leftover,
}

impl Kind {
    pub(super) fn role(self) -> Role {
        if matches!(self, Self::CommentCharacter) {
            Role::Skip
        } else if matches!(self, Self::ReferenceTerminator | Self::DirectiveTerminator) {
            Role::Leftover
        } else if matches!(
            self,
            Self::Dollar
                | Self::DollarBang
                | Self::TextBlockStart
                | Self::FormalCommentStart
                | Self::MultiLineCommentStart
                | Self::Hash
                | Self::TextBlockCharacter
        ) {
            Role::More
        } else {
            Role::Token
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    /// Range in the lexer's list of leftovers.
    pub(super) first_leftover: u32,
    pub(super) n_leftovers: u32,
}

impl Token {
    pub(crate) const END: Self =
        Self { kind: Kind::EndOfText, span: Span { start: 0, end: 0 }, first_leftover: 0, n_leftovers: 0 };

    pub(crate) fn has_leftover(&self) -> bool {
        self.n_leftovers > 0
    }
}

/// Velocity keeps `#`, `$` and backslashes that touch a `$`, and drops the rest (`$! x` loses its `!`).
pub(super) fn append_leftover(image: &str, text: &mut String) {
    let bytes = image.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'#' | b'$') {
            text.push(char::from(*byte));
        } else if *byte == b'\\' {
            let run = bytes.iter().skip(at).take_while(|byte| **byte == b'\\').count();
            if bytes.get(at + run) == Some(&b'$') {
                text.push_str(image.get(at..=at + run).unwrap_or(""));
                // Velocity steps over one character too many here; `\$\$ ` prints `\$$ `.
                at += run + 1;
            }
        }
        at += 1;
    }
}
