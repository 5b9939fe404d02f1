//! The longest token at a place, per lexical state; of equally long ones the earlier in Velocity's
//! grammar.

use super::{Kind, State};
use crate::find::first_of;

type Match = Option<(Kind, usize)>;

pub(super) fn longest(state: State, text: &[u8], at: usize) -> Match {
    let rest = text.get(at..)?;
    match state {
        State::Default => default(rest),
        State::Reference => reference(rest, state),
        State::Modifier => reference(rest, state),
        State::Arguments => arguments(rest),
        State::Index => index(rest),
        State::PreDirective => pre_directive(rest),
        State::Directive => directive(rest),
        State::TextBlock => comment(rest, b"]]#", Kind::TextBlock, Kind::TextBlockCharacter),
        State::MultiLineComment => comment(rest, b"*#", Kind::MultiLineComment, Kind::CommentCharacter),
        State::FormalComment => comment(rest, b"*#", Kind::FormalComment, Kind::CommentCharacter),
        State::SingleLineComment => single_line_comment(rest),
    }
}

fn peek(rest: &[u8], at: usize) -> u8 {
    rest.get(at).copied().unwrap_or(0)
}

/// The bytes of the character at `at`.
fn width(rest: &[u8], at: usize) -> usize {
    match peek(rest, at) {
        0..=0x7f => 1,
        0x80..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
    }
}

fn run(rest: &[u8], from: usize, accept: impl Fn(u8) -> bool) -> usize {
    let rest = rest.get(from..).unwrap_or(&[]);
    rest.iter().position(|byte| !accept(*byte)).unwrap_or(rest.len())
}

fn newline(rest: &[u8], at: usize) -> usize {
    match (peek(rest, at), peek(rest, at + 1)) {
        (b'\r', b'\n') => 2,
        (b'\r' | b'\n', _) => 1,
        _ => 0,
    }
}

/// The blanks and the line end that a directive takes with it; nothing unless the line ends.
fn rest_of_line(rest: &[u8], at: usize) -> usize {
    let blanks = run(rest, at, |byte| matches!(byte, b' ' | b'\t'));
    match newline(rest, at + blanks) {
        0 => 0,
        line_end => blanks + line_end,
    }
}

/// `$` and `#` with what belongs to them; they begin something in every state.
fn sign(rest: &[u8], line_comments: bool) -> Match {
    match peek(rest, 0) {
        b'$' => dollar(rest, 0),
        b'\\' => {
            let escapes = run(rest, 0, |byte| byte == b'\\');
            if peek(rest, escapes) == b'$' { dollar(rest, escapes) } else { None }
        }
        b'#' => Some(hash(rest, line_comments)),
        _ => None,
    }
}

fn dollar(rest: &[u8], at: usize) -> Match {
    let escapes = run(rest, at + 1, |byte| byte == b'\\');
    if peek(rest, at + 1 + escapes) == b'!' {
        return Some((Kind::DollarBang, at + escapes + 2));
    }
    Some((Kind::Dollar, at + 1))
}

fn hash(rest: &[u8], line_comments: bool) -> (Kind, usize) {
    if rest.starts_with(b"#[[") {
        (Kind::TextBlockStart, 3)
    } else if rest.starts_with(b"#**") && rest.len() > 3 && peek(rest, 3) != b'#' {
        (Kind::FormalCommentStart, 3 + width(rest, 3))
    } else if rest.starts_with(b"#*") {
        (Kind::MultiLineCommentStart, 2)
    } else if line_comments && rest.starts_with(b"##") {
        (Kind::SingleLineCommentStart, 2)
    } else {
        (Kind::Hash, 1)
    }
}

/// `#set(` with the blanks before it.
fn set_directive(rest: &[u8]) -> Match {
    let blanks = run(rest, 0, |byte| matches!(byte, b' ' | b'\t'));
    let after = rest.get(blanks..)?;
    let name = if after.starts_with(b"#set") {
        4
    } else if after.starts_with(b"#{set}") {
        6
    } else {
        return None;
    };
    let spaces = run(after, name, |byte| byte == b' ');
    (peek(after, name + spaces) == b'(').then_some((Kind::SetDirective, blanks + name + spaces + 1))
}

fn empty_index(rest: &[u8]) -> Match {
    [&b"$["[..], b"$![", b"$\\![", b"$."]
        .into_iter()
        .find(|index| rest.starts_with(index))
        .map(|index| (Kind::EmptyIndex, index.len()))
}

fn default(rest: &[u8]) -> Match {
    match peek(rest, 0) {
        b' ' | b'\t' | b'#' => set_directive(rest).or_else(|| sign(rest, true)).or_else(|| text(rest)),
        b'$' => empty_index(rest).or_else(|| sign(rest, true)),
        b'\\' => sign(rest, true).or_else(|| escaped_directive(rest)).or_else(|| {
            let double = peek(rest, 1) == b'\\';
            Some(if double { (Kind::DoubleEscape, 2) } else { (Kind::Escape, 1) })
        }),
        _ => text(rest),
    }
}

fn text(rest: &[u8]) -> Match {
    Some((Kind::Text, first_of(rest, *b"$#\\")))
}

fn escaped_directive(rest: &[u8]) -> Match {
    let escapes = run(rest, 0, |byte| byte == b'\\');
    if escapes % 2 == 0 || peek(rest, escapes) != b'#' {
        return None;
    }
    let after = rest.get(escapes + 1..)?;
    let (_, length) = word(after).or_else(|| bracketed_word(after))?;
    Some((Kind::EscapedDirective, escapes + 1 + length))
}

fn word(rest: &[u8]) -> Match {
    let first = peek(rest, 0);
    if !(first.is_ascii_alphabetic() || matches!(first, b'_' | b'@')) {
        return None;
    }
    Some((Kind::Word, run(rest, 0, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@'))))
}

fn bracketed_word(rest: &[u8]) -> Match {
    let first = peek(rest, 1);
    if peek(rest, 0) != b'{' || !(first.is_ascii_alphabetic() || first == b'_') {
        return None;
    }
    let length = run(rest, 1, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@'));
    (peek(rest, 1 + length) == b'}').then_some((Kind::BracketedWord, length + 2))
}

fn identifier(rest: &[u8]) -> Match {
    let first = peek(rest, 0);
    if !(first.is_ascii_alphabetic() || first == b'_') {
        return None;
    }
    let length = run(rest, 1, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) + 1;
    Some(keyword(rest, length).unwrap_or((Kind::Identifier, length)))
}

/// `true` or `false`, exactly that long.
fn keyword(rest: &[u8], length: usize) -> Match {
    match rest.get(..length) {
        Some(b"true") => Some((Kind::True, 4)),
        Some(b"false") => Some((Kind::False, 5)),
        _ => None,
    }
}

fn dot(rest: &[u8]) -> Match {
    (peek(rest, 0) == b'.' && peek(rest, 1).is_ascii_alphabetic()).then_some((Kind::Dot, 2))
}

fn reference(rest: &[u8], state: State) -> Match {
    let plain = state == State::Reference;
    let one = |kind| Some((kind, 1));
    match peek(rest, 0) {
        b'[' => one(Kind::IndexLeftBracket),
        b'{' => one(Kind::ReferenceLeftCurly),
        b'}' => one(Kind::ReferenceRightCurly),
        b'(' if !plain => one(Kind::LeftParen),
        b'.' => dot(rest).or_else(|| one(Kind::ReferenceTerminator)),
        b' ' | b'\t' => set_directive(rest).or_else(|| one(Kind::ReferenceTerminator)),
        b'#' => set_directive(rest).or_else(|| sign(rest, plain)),
        b'$' if plain => empty_index(rest).or_else(|| sign(rest, plain)),
        b'$' | b'\\' => sign(rest, plain).or_else(|| one(Kind::ReferenceTerminator)),
        _ => identifier(rest).or_else(|| Some((Kind::ReferenceTerminator, width(rest, 0)))),
    }
}

fn arguments(rest: &[u8]) -> Match {
    match peek(rest, 0) {
        b')' => Some((Kind::ArgumentsRightParen, 1)),
        b'#' => set_directive(rest).or_else(|| sign(rest, false)),
        b' ' | b'\t' => set_directive(rest).or_else(|| whitespace(rest)),
        b'.' => dot(rest).or_else(|| punctuation(rest)).or_else(|| number(rest)),
        _ => identifier(rest).or_else(|| punctuation(rest)).or_else(|| literal(rest)).or_else(|| sign(rest, false)),
    }
}

fn index(rest: &[u8]) -> Match {
    if peek(rest, 0) == b']' {
        return Some((Kind::IndexRightBracket, 1));
    }
    keyword(rest, 4).or_else(|| keyword(rest, 5)).or_else(|| literal(rest)).or_else(|| sign(rest, false))
}

/// What separates arguments and elements.
fn punctuation(rest: &[u8]) -> Match {
    let kind = match peek(rest, 0) {
        b'[' => Kind::LeftBracket,
        b']' => Kind::RightBracket,
        b',' => Kind::Comma,
        b':' => Kind::Colon,
        b'{' => Kind::LeftCurly,
        b'}' => Kind::RightCurly,
        b'.' if peek(rest, 1) == b'.' => return Some((Kind::DoubleDot, 2)),
        _ => return None,
    };
    Some((kind, 1))
}

fn whitespace(rest: &[u8]) -> Match {
    let length = run(rest, 0, |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    (length > 0).then_some((Kind::Whitespace, length))
}

fn literal(rest: &[u8]) -> Match {
    match peek(rest, 0) {
        b'"' | b'\'' => string(rest),
        b'-' | b'.' | b'0'..=b'9' => number(rest),
        _ => whitespace(rest),
    }
}

/// A quote ends a string unless it is doubled and a later one ends it.
fn string(rest: &[u8]) -> Match {
    let quote = peek(rest, 0);
    let mut at = 1;
    let mut end = None;
    loop {
        at += run(rest, at, |byte| byte != quote);
        if at >= rest.len() {
            break;
        }
        end = Some((Kind::String, at + 1));
        if peek(rest, at + 1) != quote {
            break;
        }
        at += 2;
    }
    end
}

fn number(rest: &[u8]) -> Match {
    let sign = usize::from(peek(rest, 0) == b'-');
    let digits = run(rest, sign, |byte| byte.is_ascii_digit());
    let after = sign + digits;
    if digits > 0 && rest.get(after..).is_some_and(|tail| tail.starts_with(b"..")) {
        return Some((Kind::Integer, after + 2));
    }
    if peek(rest, after) == b'.' {
        let decimals = run(rest, after + 1, |byte| byte.is_ascii_digit());
        if digits + decimals > 0 {
            let end = after + 1 + decimals;
            return Some((Kind::Float, end + exponent(rest, end)));
        }
    }
    match (digits, exponent(rest, after)) {
        (0, _) => None,
        (_, 0) => Some((Kind::Integer, after)),
        (_, exponent) => Some((Kind::Float, after + exponent)),
    }
}

fn exponent(rest: &[u8], at: usize) -> usize {
    if !matches!(peek(rest, at), b'e' | b'E') {
        return 0;
    }
    let sign = usize::from(matches!(peek(rest, at + 1), b'+' | b'-'));
    match run(rest, at + 1 + sign, |byte| byte.is_ascii_digit()) {
        0 => 0,
        digits => 1 + sign + digits,
    }
}

fn directive(rest: &[u8]) -> Match {
    match peek(rest, 0) {
        b')' => Some((Kind::RightParen, 1 + rest_of_line(rest, 1))),
        b'(' => Some((Kind::LeftParen, 1)),
        b'{' => bracketed_word(rest).or_else(|| punctuation(rest)),
        b'$' | b'#' | b'\\' => sign(rest, true),
        _ => directive_word(rest).or_else(|| punctuation(rest)).or_else(|| literal(rest)).or_else(|| operator(rest)),
    }
}

fn directive_word(rest: &[u8]) -> Match {
    let (kind, length) = word(rest)?;
    let named = match rest.get(..length) {
        Some(b"true") => Kind::True,
        Some(b"false") => Kind::False,
        Some(b"and") => Kind::And,
        Some(b"or") => Kind::Or,
        Some(b"lt") => Kind::Less,
        Some(b"le") => Kind::LessOrEqual,
        Some(b"gt") => Kind::Greater,
        Some(b"ge") => Kind::GreaterOrEqual,
        Some(b"eq") => Kind::Equal,
        Some(b"ne") => Kind::NotEqual,
        Some(b"not") => Kind::Not,
        _ => kind,
    };
    Some((named, length))
}

fn operator(rest: &[u8]) -> Match {
    let pair = match (peek(rest, 0), peek(rest, 1)) {
        (b'&', b'&') => Some(Kind::And),
        (b'|', b'|') => Some(Kind::Or),
        (b'<', b'=') => Some(Kind::LessOrEqual),
        (b'>', b'=') => Some(Kind::GreaterOrEqual),
        (b'=', b'=') => Some(Kind::Equal),
        (b'!', b'=') => Some(Kind::NotEqual),
        _ => None,
    };
    if let Some(kind) = pair {
        return Some((kind, 2));
    }
    let kind = match peek(rest, 0) {
        b'-' => Kind::Minus,
        b'+' => Kind::Plus,
        b'*' => Kind::Multiply,
        b'/' => Kind::Divide,
        b'%' => Kind::Modulus,
        b'<' => Kind::Less,
        b'>' => Kind::Greater,
        b'!' => Kind::Not,
        b'=' => Kind::Assign,
        _ => return None,
    };
    Some((kind, 1))
}

fn pre_directive(rest: &[u8]) -> Match {
    let terminator = || Some((Kind::DirectiveTerminator, width(rest, 0)));
    let Some((kind, length)) = word(rest).or_else(|| bracketed_word(rest)) else {
        return sign(rest, true).or_else(|| number(rest)).or_else(terminator);
    };
    let name = rest.get(..length).unwrap_or(&[]);
    let named = match name {
        b"end" | b"{end}" => Kind::End,
        b"else" | b"{else}" => Kind::Else,
        b"if" | b"{if}" => Kind::If,
        b"elseif" | b"{elseif}" => Kind::ElseIf,
        _ => kind,
    };
    let line = if matches!(named, Kind::End | Kind::Else) { rest_of_line(rest, length) } else { 0 };
    Some((named, length + line))
}

fn comment(rest: &[u8], end: &[u8], kind: Kind, character: Kind) -> Match {
    if rest.starts_with(end) {
        return Some((kind, end.len()));
    }
    sign(rest, false).or_else(|| Some((character, width(rest, 0))))
}

fn single_line_comment(rest: &[u8]) -> Match {
    match newline(rest, 0) {
        0 => sign(rest, false).or_else(|| Some((Kind::CommentCharacter, width(rest, 0)))),
        length => Some((Kind::SingleLineComment, length)),
    }
}
