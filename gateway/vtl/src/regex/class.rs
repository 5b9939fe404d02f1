//! Sets of characters.

#[derive(Debug, Clone, Default)]
pub(super) struct Class {
    pub(super) ranges: Vec<(char, char)>,
    pub(super) named: Vec<Named>,
    pub(super) nested: Vec<Self>,
    /// All of these must hold as well (`&&`).
    pub(super) and: Vec<Self>,
    pub(super) negated: bool,
}

/// Sets that are asked, not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Any,
    Letter,
    Upper,
    Lower,
    Digit,
    Alphanumeric,
    Punctuation,
    White,
}

impl Named {
    fn contains(self, c: char) -> bool {
        match self {
            Self::Any => true,
            Self::Letter => c.is_alphabetic(),
            Self::Upper => c.is_uppercase(),
            Self::Lower => c.is_lowercase(),
            Self::Digit => c.is_numeric(),
            Self::Alphanumeric => c.is_alphanumeric(),
            Self::Punctuation => {
                c.is_ascii_punctuation() || (!c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace())
            }
            Self::White => c.is_whitespace(),
        }
    }
}

impl Class {
    pub(super) fn of(ranges: &[(char, char)]) -> Self {
        Self { ranges: ranges.to_vec(), ..Self::default() }
    }

    pub(super) fn named(named: Named) -> Self {
        Self { named: vec![named], ..Self::default() }
    }

    pub(super) fn negate(mut self) -> Self {
        self.negated = !self.negated;
        self
    }

    pub(super) fn contains(&self, c: char) -> bool {
        let listed = self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
            || self.named.iter().any(|named| named.contains(c))
            || self.nested.iter().any(|class| class.contains(c));
        let empty = self.ranges.is_empty() && self.named.is_empty() && self.nested.is_empty();
        let all = (listed || empty && !self.and.is_empty()) && self.and.iter().all(|class| class.contains(c));
        all != self.negated
    }

    pub(super) fn contains_in_any_case(&self, c: char) -> bool {
        self.contains(c) || self.contains(c.to_ascii_lowercase()) || self.contains(c.to_ascii_uppercase())
    }

    /// `\d`, `\w`, `\s`, `\h`, `\v` and their opposites.
    pub(super) fn of_letter(letter: char) -> Option<Self> {
        let class = match letter.to_ascii_lowercase() {
            'd' => Self::of(&[('0', '9')]),
            'w' => Self::of(&[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')]),
            's' => Self::of(&[(' ', ' '), ('\t', '\r')]),
            'h' => Self::of(&[
                (' ', ' '),
                ('\t', '\t'),
                ('\u{a0}', '\u{a0}'),
                ('\u{2000}', '\u{200a}'),
                ('\u{3000}', '\u{3000}'),
            ]),
            'v' => Self::of(&[('\n', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')]),
            _ => return None,
        };
        Some(if letter.is_ascii_uppercase() { class.negate() } else { class })
    }

    /// What `.` matches.
    pub(super) fn dot(all: bool) -> Self {
        if all {
            return Self::named(Named::Any);
        }
        Self::of(&[('\n', '\n'), ('\r', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')]).negate()
    }

    /// `\p{..}`
    pub(super) fn of_property(name: &str) -> Option<Self> {
        let name = name.strip_prefix("Is").or_else(|| name.strip_prefix("java")).unwrap_or(name);
        Some(match name {
            "Lower" => Self::of(&[('a', 'z')]),
            "Upper" => Self::of(&[('A', 'Z')]),
            "ASCII" => Self::of(&[('\0', '\u{7f}')]),
            "Alpha" => Self::of(&[('a', 'z'), ('A', 'Z')]),
            "Digit" => Self::of(&[('0', '9')]),
            "Alnum" => Self::of(&[('a', 'z'), ('A', 'Z'), ('0', '9')]),
            "Punct" => Self::of(&[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
            "Graph" => Self::of(&[('!', '~')]),
            "Print" => Self::of(&[(' ', '~')]),
            "Blank" => Self::of(&[(' ', ' '), ('\t', '\t')]),
            "Cntrl" => Self::of(&[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')]),
            "XDigit" => Self::of(&[('0', '9'), ('a', 'f'), ('A', 'F')]),
            "Space" => Self::of(&[(' ', ' '), ('\t', '\r')]),
            "L" | "Alphabetic" | "Letter" => Self::named(Named::Letter),
            "Lu" | "Uppercase" | "UpperCase" => Self::named(Named::Upper),
            "Ll" | "Lowercase" | "LowerCase" => Self::named(Named::Lower),
            "N" | "Nd" => Self::named(Named::Digit),
            "LetterOrDigit" => Self::named(Named::Alphanumeric),
            "P" | "Punctuation" => Self::named(Named::Punctuation),
            "Z" | "Zs" | "White_Space" | "Whitespace" => Self::named(Named::White),
            _ => return None,
        })
    }
}
