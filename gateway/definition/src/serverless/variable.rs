//! `${..}` in the text of a value, as a tree.
//!
//! Serverless: <https://www.serverless.com/framework/docs/guides/variables>

/// Text with variables in it.
pub(super) type Template = Vec<Part>;

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// As it stands, `${AWS::Region}` and other names of CloudFormation among it.
    Text(String),
    /// The first of the sources that has a value.
    Variable(Vec<Source>),
}

/// One place where a variable may have its value from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// `'dev'`
    Text(String),
    /// `true`, `12`, `null`
    Plain(String),
    /// `kind(argument, ..):address`
    Call { kind: String, arguments: Vec<Template>, address: Option<Template> },
}

/// How deep variables may stand inside each other.
const DEPTH: usize = 20;

/// Whether a text may hold a variable or an escaped one; most texts do not.
pub(super) fn may_hold(text: &str) -> bool {
    text.contains("${")
}

/// Reads a text.
///
/// # Errors
///
/// What is wrong with a variable in it.
pub(super) fn parse(text: &str) -> Result<Template, String> {
    let mut cursor = Cursor { letters: text.chars().collect(), at: 0 };
    let template = cursor.template(&[], 0)?;
    Ok(template)
}

struct Cursor {
    letters: Vec<char>,
    at: usize,
}

impl Cursor {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn skip_spaces(&mut self) {
        while self.peek(0).is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Takes a letter if it comes next.
    fn take(&mut self, letter: char) -> bool {
        let found = self.peek(0) == Some(letter);
        self.at += usize::from(found);
        found
    }

    /// Text up to one of the ends, which stays.
    fn template(&mut self, ends: &[char], depth: usize) -> Result<Template, String> {
        let mut parts = Template::new();
        let mut text = String::new();
        while let Some(letter) = self.peek(0) {
            if ends.contains(&letter) {
                break;
            }
            if letter == '\\' && self.peek(1) == Some('$') && self.peek(2) == Some('{') {
                // An escaped variable is text.
                text.push_str("${");
                self.at += 3;
            } else if letter == '$' && self.starts_variable() {
                self.at += 2;
                let variable = Part::Variable(self.sources(depth + 1)?);
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(variable);
            } else {
                text.push(letter);
                self.at += 1;
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(parts)
    }

    /// Whether `${kind:` or `${kind(` comes next. `${AWS::Region}` and `${Name}` are CloudFormation's.
    fn starts_variable(&self) -> bool {
        if self.peek(1) != Some('{') || !self.peek(2).is_some_and(|letter| letter.is_ascii_lowercase()) {
            return false;
        }
        let mut ahead = 3;
        while self.peek(ahead).is_some_and(in_kind) {
            ahead += 1;
        }
        match self.peek(ahead) {
            Some('(') => true,
            Some(':') => self.peek(ahead + 1) != Some(':'),
            Some(_) | None => false,
        }
    }

    /// `source, source}`
    fn sources(&mut self, depth: usize) -> Result<Vec<Source>, String> {
        if depth > DEPTH {
            return Err(format!("variables stand more than {DEPTH} deep inside each other"));
        }
        let mut sources = Vec::new();
        loop {
            self.skip_spaces();
            sources.push(self.source(depth)?);
            self.skip_spaces();
            if self.take('}') {
                return Ok(sources);
            }
            if !self.take(',') {
                return Err(match self.peek(0) {
                    Some(letter) => format!("expected `,` or `}}` in a variable, found `{letter}`"),
                    None => "a variable has no `}`".to_owned(),
                });
            }
        }
    }

    fn source(&mut self, depth: usize) -> Result<Source, String> {
        if let Some(text) = self.quoted()? {
            return Ok(Source::Text(text));
        }
        let mut word = String::new();
        while let Some(letter) = self.peek(0).filter(|letter| in_kind(*letter)) {
            word.push(letter);
            self.at += 1;
        }
        let called = matches!(self.peek(0), Some(':' | '('));
        if !called {
            let number = word.parse::<f64>().is_ok();
            return match word.as_str() {
                "true" | "false" | "null" => Ok(Source::Plain(word)),
                _ if number => Ok(Source::Plain(word)),
                "" => Err("a variable has an empty source".to_owned()),
                _ => Err(format!("`{word}` is no source of a variable; text stands in quotes: `'{word}'`")),
            };
        }
        let arguments = if self.take('(') { self.arguments(depth)? } else { Vec::new() };
        self.skip_spaces();
        let address = if self.take(':') { self.address(depth)? } else { None };
        Ok(Source::Call { kind: word, arguments, address })
    }

    /// `argument, argument)`
    fn arguments(&mut self, depth: usize) -> Result<Vec<Template>, String> {
        let mut arguments = Vec::new();
        loop {
            self.skip_spaces();
            let argument = match self.quoted()? {
                Some(text) => vec![Part::Text(text)],
                None => trimmed(self.template(&[',', ')'], depth)?),
            };
            if !argument.is_empty() {
                arguments.push(argument);
            }
            self.skip_spaces();
            if self.take(')') {
                return Ok(arguments);
            }
            if !self.take(',') {
                return Err("the arguments of a variable have no `)`".to_owned());
            }
        }
    }

    fn address(&mut self, depth: usize) -> Result<Option<Template>, String> {
        self.skip_spaces();
        if let Some(text) = self.quoted()? {
            return Ok(Some(vec![Part::Text(text)]));
        }
        let address = trimmed(self.template(&[',', '}'], depth)?);
        Ok((!address.is_empty()).then_some(address))
    }

    /// Text in quotes, if it comes next.
    fn quoted(&mut self) -> Result<Option<String>, String> {
        let Some(quote) = self.peek(0).filter(|letter| matches!(letter, '\'' | '"')) else { return Ok(None) };
        self.at += 1;
        let mut text = String::new();
        while let Some(letter) = self.peek(0) {
            self.at += 1;
            if letter == quote {
                return Ok(Some(text));
            }
            // Double quotes are JSON's.
            if letter == '\\' && quote == '"' {
                let Some(escaped) = self.peek(0) else { break };
                self.at += 1;
                text.push(match escaped {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                });
            } else {
                text.push(letter);
            }
        }
        Err(format!("text in a variable has no closing `{quote}`"))
    }
}

/// Letters of a kind of source; the first version wrote `cf.us-west-2:stack.output`.
const fn in_kind(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-')
}

fn trimmed(mut template: Template) -> Template {
    if let Some(Part::Text(text)) = template.last_mut() {
        text.truncate(text.trim_end().len());
        if text.is_empty() {
            template.pop();
        }
    }
    template
}

#[cfg(test)]
mod tests {
    use super::{Part, Source, Template, parse};

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn call(kind: &str, arguments: &[Template], address: &[Part]) -> Source {
        let address = (!address.is_empty()).then(|| address.to_vec());
        Source::Call { kind: kind.to_owned(), arguments: arguments.to_vec(), address }
    }

    #[test]
    fn reads_sources_and_their_defaults() {
        let stage = call("opt", &[], &[text("stage")]);
        let nested = Part::Variable(vec![stage.clone()]);
        for (written, expected) in [
            ("plain", vec![text("plain")]),
            ("a-${opt:stage}-b", vec![text("a-"), nested.clone(), text("-b")]),
            (
                "${opt:stage, 'a, }b', 12, null}",
                vec![Part::Variable(vec![
                    stage,
                    Source::Text("a, }b".to_owned()),
                    Source::Plain("12".to_owned()),
                    Source::Plain("null".to_owned()),
                ])],
            ),
            (
                "${self:custom.${opt:stage}.name, \"x\"}",
                vec![Part::Variable(vec![
                    call("self", &[], &[text("custom."), nested.clone(), text(".name")]),
                    Source::Text("x".to_owned()),
                ])],
            ),
            (
                "${file(./${opt:stage}.yml):a.b}",
                vec![Part::Variable(vec![call(
                    "file",
                    &[vec![text("./"), nested.clone(), text(".yml")]],
                    &[text("a.b")],
                )])],
            ),
            ("${strToBool(${opt:stage})}", vec![Part::Variable(vec![call("strToBool", &[vec![nested]], &[])])]),
            ("${self:}", vec![Part::Variable(vec![call("self", &[], &[])])]),
            (
                "${cf(us-west-2):s.o}",
                vec![Part::Variable(vec![call("cf", &[vec![text("us-west-2")]], &[text("s.o")])])],
            ),
            ("\\${opt:stage}", vec![text("${opt:stage}")]),
        ] {
            assert_eq!(parse(written), Ok(expected), "{written}");
        }
    }

    #[test]
    fn leaves_the_names_of_cloudformation_alone() {
        for written in
            ["${AWS::Region}", "${Table}", "${Table.Arn}", "${!Literal}", "$ {x}", "${}", "${", "${a", "${a::b}"]
        {
            assert_eq!(parse(written), Ok(vec![text(written)]), "{written}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (written, part) in [
            ("${opt:stage", "no `}`"),
            ("${opt:stage, dev}", "`'dev'`"),
            ("${opt:stage, }", "empty source"),
            ("${opt:stage, 'dev}", "closing `'`"),
            ("${file(x", "no `)`"),
            ("${file(x) y}", "found `y`"),
            (&"${self:".repeat(30), "deep"),
        ] {
            let message = parse(written).expect_err(written);
            assert!(message.contains(part), "{written}: {message}");
        }
    }
}
