//! Patterns of Java, as far as both engines mean the same by them. What would match something else is refused: a pattern
//! guards who may call.
//!
//! Java: <https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html>

use regex::bytes::{Regex, RegexBuilder};

/// Compiles a pattern that must match the whole text. Classes such as `\d` are ASCII's, as in Java.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    if let Some(found) = meaning_differs(pattern) {
        return Err(format!("`{found}` means something else in Java"));
    }
    RegexBuilder::new(&format!("\\A(?:{pattern})\\z")).unicode(false).build().map_err(|error| {
        // The last line of the library's picture says what is wrong.
        let text = error.to_string();
        text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
    })
}

/// What both engines accept and understand differently.
fn meaning_differs(pattern: &str) -> Option<String> {
    let mut previous = ' ';
    let mut depth = 0_u32;
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        let pair = || Some(format!("{character}{}", next.unwrap_or_default()));
        match (character, next) {
            ('\\', Some('<' | '>')) => return pair(),
            ('\\', Some('b')) if characters.clone().nth(1) == Some('{') => return Some("\\b{".to_owned()),
            ('\\', Some(_)) => {
                // The quoted one has no meaning of its own.
                let _quoted = characters.next();
                previous = 'x';
                continue;
            }
            ('+', _) if depth == 0 && matches!(previous, '*' | '+' | '?' | '}') => {
                // A possessive quantifier takes more than is good for a match.
                return Some(format!("{previous}+"));
            }
            ('[', Some(':')) if depth > 0 => return pair(),
            ('-', Some('-')) | ('~', Some('~')) if depth > 0 => return pair(),
            ('[', _) => depth += 1,
            (']', _) => depth = depth.saturating_sub(1),
            ('(', Some('?')) if characters.clone().nth(1) == Some('P') => return Some("(?P".to_owned()),
            _ => {}
        }
        previous = character;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts_match() {
        let rows = [
            ("^Bearer [-0-9a-zA-Z._]+$", "Bearer a.b-c", true),
            ("^Bearer [-0-9a-zA-Z._]+$", "Bearer <script>", false),
            ("Bearer", "Bearer x", false),
            ("a|b", "b", true),
            ("a|b", "ab", false),
            (r"\d+", "12", true),
            (r"\d+", "\u{661}", false),
            (r"\w\\+", r"a\\", true),
            ("(?i)bearer .*", "BEARER \u{e9}", true),
            ("[a&&[^b]]", "b", false),
            ("[+*?]+", "++", true),
        ];
        for (pattern, text, expected) in rows {
            let compiled = compile(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            assert_eq!(compiled.is_match(text.as_bytes()), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn what_java_means_otherwise_is_refused() {
        for pattern in [
            "a++b",
            "a*+",
            "a?+",
            "a{2}+",
            r"\<a\>",
            r"\b{start}",
            "[[:alpha:]]",
            "[a--b]",
            "(?P<n>a)",
            "(?=a)",
            r"\1",
            "a(",
        ] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
    }
}
