//! Patterns with `*` (any run of characters, slashes too) and `?` (one character), matched without going back.

/// A compiled pattern. It matches whole texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// `*`
    Any,
    /// Without `*`.
    Whole(Piece),
    /// `head*middle*..*tail`
    Runs { head: Piece, middle: Box<[Piece]>, tail: Piece },
}

/// What stands between two `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Literal(Box<str>),
    /// With at least one `?`.
    Wild(Box<[Unit]>),
}

/// One character of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Any,
    Is(char),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        let mut pieces = text.split('*');
        let head = Piece::new(pieces.next().unwrap_or_default());
        let Some(tail) = pieces.next_back() else { return Self::Whole(head) };
        let middle: Box<[Piece]> = pieces.filter(|piece| !piece.is_empty()).map(Piece::new).collect();
        let tail = Piece::new(tail);
        if head.is_empty() && tail.is_empty() && middle.is_empty() {
            Self::Any
        } else {
            Self::Runs { head, middle, tail }
        }
    }

    /// Each piece is taken where it stands first: what a later place would match, the `*` after it matches as well.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Whole(piece) => piece.after(text) == Some(""),
            Self::Runs { head, middle, tail } => {
                let rest = head.after(text);
                let rest = middle.iter().fold(rest, |rest, piece| piece.after_first(rest?));
                rest.is_some_and(|rest| tail.ends(rest))
            }
        }
    }

    pub(super) fn weight(&self) -> usize {
        let own = match self {
            Self::Any => 0,
            Self::Whole(piece) => piece.weight(),
            Self::Runs { head, middle, tail } => {
                let middle = middle.iter().map(|piece| size_of::<Piece>() + piece.weight());
                head.weight() + tail.weight() + middle.sum::<usize>()
            }
        };
        size_of::<Self>() + own
    }
}

impl Piece {
    fn new(text: &str) -> Self {
        if text.contains('?') {
            Self::Wild(text.chars().map(|letter| if letter == '?' { Unit::Any } else { Unit::Is(letter) }).collect())
        } else {
            Self::Literal(text.into())
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Literal(text) if text.is_empty())
    }

    /// The text after this piece, when the text begins with it.
    fn after<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Self::Literal(piece) => text.strip_prefix(&**piece),
            Self::Wild(units) => {
                let mut rest = text.chars();
                let fits = |unit: &Unit| match (unit, rest.next()) {
                    (Unit::Any, Some(_)) => true,
                    (Unit::Is(expected), Some(found)) => *expected == found,
                    (_, None) => false,
                };
                units.iter().all(fits).then_some(rest.as_str())
            }
        }
    }

    /// The text after the first place where this piece stands.
    fn after_first<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Self::Literal(piece) => text.find(&**piece).and_then(|at| text.get(at + piece.len()..)),
            Self::Wild(_) => text.char_indices().find_map(|(at, _)| self.after(text.get(at..)?)),
        }
    }

    fn ends(&self, text: &str) -> bool {
        match self {
            Self::Literal(piece) => text.ends_with(&**piece),
            Self::Wild(units) => {
                let mut letters = text.chars().rev();
                units.iter().rev().all(|unit| match (unit, letters.next()) {
                    (Unit::Any, Some(_)) => true,
                    (Unit::Is(expected), Some(found)) => *expected == found,
                    (_, None) => false,
                })
            }
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Literal(text) => text.len(),
            Self::Wild(units) => size_of_val(&**units),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_cross_slashes_and_marks_take_one_character() {
        let rows = [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a/*", "a/b/c", true),
            ("a/*", "a", false),
            ("*/GET/*", "api/dev/GET/a/b", true),
            ("*/GET/*", "api/dev/POST/a", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a?c", "aéc", true),
            ("*ab", "aab", true),
            ("*a?", "aa", true),
            ("ab*ba", "aba", false),
            ("ab*ba", "abba", true),
            ("**a**", "bab", true),
            ("*?x*y", "axby", true),
            ("*?x*y", "xy", false),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} on {text}");
        }
    }
}
