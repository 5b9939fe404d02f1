//! The syntax of `java.util.regex`.

use super::class::Class;
use super::{Case, Greed, Node, Place, Regex, Repeat};
use std::iter::Peekable;
use std::str::Chars;

/// Deepest nesting of groups.
const DEEPEST: usize = 50;

struct Parser<'p> {
    rest: Peekable<Chars<'p>>,
    n_groups: usize,
    names: Vec<(String, usize)>,
    depth: usize,
    case: Case,
    dot_all: bool,
    multi_line: bool,
}

type Parsed<T> = Result<T, String>;

pub(super) fn regex(pattern: &str, case: Case) -> Parsed<Regex> {
    let mut parser = Parser {
        rest: pattern.chars().peekable(),
        n_groups: 0,
        names: Vec::new(),
        depth: 0,
        case,
        dot_all: false,
        multi_line: false,
    };
    let root = parser.either().map_err(|reason| format!("{reason} in the regular expression `{pattern}`"))?;
    if parser.rest.next().is_some() {
        return Err(format!("unmatched `)` in the regular expression `{pattern}`"));
    }
    let literal = literal(&root);
    Ok(Regex { root, n_groups: parser.n_groups, literal })
}

fn literal(node: &Node) -> Option<String> {
    let parts = match node {
        Node::Char(c, Case::Sensitive) => return Some(c.to_string()),
        Node::Sequence(parts) => parts,
        _ => return None,
    };
    parts.iter().map(|part| if let Node::Char(c, Case::Sensitive) = part { Some(*c) } else { None }).collect()
}

impl Parser<'_> {
    fn eat(&mut self, c: char) -> bool {
        self.rest.next_if_eq(&c).is_some()
    }

    fn either(&mut self) -> Parsed<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("groups nested too deeply".to_owned());
        }
        let mut alternatives = vec![self.sequence()?];
        while self.eat('|') {
            alternatives.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(match alternatives.pop() {
            Some(only) if alternatives.is_empty() => only,
            last => {
                alternatives.extend(last);
                Node::Either(alternatives)
            }
        })
    }

    fn sequence(&mut self) -> Parsed<Node> {
        let mut parts = Vec::new();
        while let Some(c) = self.rest.peek()
            && !matches!(c, '|' | ')')
        {
            let atom = self.atom(&mut parts)?;
            if let Some(atom) = atom {
                let repeated = self.quantified(atom)?;
                parts.push(repeated);
            }
        }
        Ok(match parts.len() {
            0 => Node::Empty,
            1 => parts.pop().unwrap_or(Node::Empty),
            _ => Node::Sequence(parts),
        })
    }

    fn atom(&mut self, parts: &mut Vec<Node>) -> Parsed<Option<Node>> {
        let Some(c) = self.rest.next() else { return Ok(None) };
        Ok(Some(match c {
            '.' => Node::Class(Box::new(Class::dot(self.dot_all)), Case::Sensitive),
            '^' => Node::At(if self.multi_line { Place::LineStart } else { Place::Start }),
            '$' => Node::At(if self.multi_line { Place::LineEnd } else { Place::End }),
            '[' => Node::Class(Box::new(self.class()?), self.case),
            '(' => return self.group(),
            '\\' => return self.escape(parts),
            '*' | '+' | '?' => return Err(format!("dangling `{c}`")),
            _ => Node::Char(c, self.case),
        }))
    }

    fn quantified(&mut self, mut body: Node) -> Parsed<Node> {
        // `a{2}{3}` is a repetition of a repetition; nobody writes more than a few of them.
        for _ in 0..DEEPEST {
            let (least, most) = if self.eat('*') {
                (0, u32::MAX)
            } else if self.eat('+') {
                (1, u32::MAX)
            } else if self.eat('?') {
                (0, 1)
            } else if self.eat('{') {
                self.bounds()?
            } else {
                return Ok(body);
            };
            let greed = if self.eat('?') {
                Greed::Lazy
            } else if self.eat('+') {
                Greed::Possessive
            } else {
                Greed::Greedy
            };
            body = Node::Repeat(Box::new(Repeat { body, least, most, greed }));
        }
        Err("too many quantifiers".to_owned())
    }

    fn number(&mut self) -> Option<u32> {
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        digits.parse().ok()
    }

    fn bounds(&mut self) -> Parsed<(u32, u32)> {
        let least = self.number().ok_or("illegal repetition")?;
        let most = if self.eat(',') { self.number().unwrap_or(u32::MAX) } else { least };
        if !self.eat('}') || most < least {
            return Err("illegal repetition".to_owned());
        }
        Ok((least, most))
    }

    fn group(&mut self) -> Parsed<Option<Node>> {
        if !self.eat('?') {
            self.n_groups += 1;
            let index = self.n_groups;
            let body = self.closed()?;
            return Ok(Some(Node::Group(Box::new(body), index)));
        }
        let look = |body, ahead, negative| Some(Node::Look { body: Box::new(body), ahead, negative });
        match self.rest.next() {
            Some(':') => self.closed().map(|body| Some(Node::Sequence(vec![body]))),
            Some('=') => Ok(look(self.closed()?, true, false)),
            Some('!') => Ok(look(self.closed()?, true, true)),
            Some('>') => Ok(Some(Node::Atomic(Box::new(self.closed()?)))),
            Some('<') if self.eat('=') => Ok(look(self.closed()?, false, false)),
            Some('<') if self.eat('!') => Ok(look(self.closed()?, false, true)),
            Some('<') => self.named_group(),
            Some(flag) => self.flags(flag),
            None => Err("unclosed group".to_owned()),
        }
    }

    fn closed(&mut self) -> Parsed<Node> {
        let outer = (self.case, self.dot_all, self.multi_line);
        let body = self.either()?;
        (self.case, self.dot_all, self.multi_line) = outer;
        if self.eat(')') { Ok(body) } else { Err("unclosed group".to_owned()) }
    }

    fn named_group(&mut self) -> Parsed<Option<Node>> {
        let mut name = String::new();
        while let Some(c) = self.rest.next_if(char::is_ascii_alphanumeric) {
            name.push(c);
        }
        if !self.eat('>') {
            return Err("unclosed group name".to_owned());
        }
        self.n_groups += 1;
        let index = self.n_groups;
        self.names.push((name, index));
        let body = self.closed()?;
        Ok(Some(Node::Group(Box::new(body), index)))
    }

    /// `(?i)` and `(?i:..)`
    fn flags(&mut self, first: char) -> Parsed<Option<Node>> {
        let outer = (self.case, self.dot_all, self.multi_line);
        let mut on = true;
        let mut flag = Some(first);
        loop {
            match flag {
                Some('-') => on = false,
                Some('i') => self.case = if on { Case::Insensitive } else { Case::Sensitive },
                Some('s') => self.dot_all = on,
                Some('m') => self.multi_line = on,
                Some('u' | 'd') => {}
                Some(')') => return Ok(None),
                Some(':') => {
                    let body = self.either()?;
                    (self.case, self.dot_all, self.multi_line) = outer;
                    return if self.eat(')') {
                        Ok(Some(Node::Sequence(vec![body])))
                    } else {
                        Err("unclosed group".to_owned())
                    };
                }
                _ => return Err("unknown flag".to_owned()),
            }
            flag = self.rest.next();
        }
    }

    fn escape(&mut self, parts: &mut Vec<Node>) -> Parsed<Option<Node>> {
        let Some(c) = self.rest.next() else { return Err("a backslash at the end".to_owned()) };
        Ok(Some(match c {
            'b' => Node::At(Place::WordBorder),
            'B' => Node::At(Place::NoWordBorder),
            'A' => Node::At(Place::Start),
            'z' => Node::At(Place::AbsoluteEnd),
            'Z' => Node::At(Place::End),
            'G' => Node::Empty,
            'R' => Node::Either(vec![
                Node::Sequence(vec![Node::Char('\r', Case::Sensitive), Node::Char('\n', Case::Sensitive)]),
                Node::Class(
                    Box::new(Class::of(&[('\n', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')])),
                    Case::Sensitive,
                ),
            ]),
            'Q' => {
                self.quoted(parts);
                return Ok(None);
            }
            'k' => self.named_back_reference()?,
            '1'..='9' => Node::Back(c.to_digit(10).map_or(0, |digit| digit as usize), self.case),
            _ => match self.escaped_class(c)? {
                Some(class) => Node::Class(Box::new(class), self.case),
                None => Node::Char(self.escaped_char(c)?, self.case),
            },
        }))
    }

    fn quoted(&mut self, parts: &mut Vec<Node>) {
        while let Some(c) = self.rest.next() {
            if c == '\\' && self.eat('E') {
                return;
            }
            parts.push(Node::Char(c, self.case));
        }
    }

    fn named_back_reference(&mut self) -> Parsed<Node> {
        let mut name = String::new();
        self.eat('<');
        while let Some(c) = self.rest.next_if(|c| *c != '>') {
            name.push(c);
        }
        self.eat('>');
        let found = self.names.iter().find(|(known, _)| *known == name);
        found.map(|(_, index)| Node::Back(*index, self.case)).ok_or_else(|| format!("unknown group `{name}`"))
    }

    fn escaped_class(&mut self, c: char) -> Parsed<Option<Class>> {
        if !matches!(c, 'p' | 'P') {
            return Ok(Class::of_letter(c));
        }
        let name = if self.eat('{') {
            let mut name = String::new();
            while let Some(c) = self.rest.next_if(|c| *c != '}') {
                name.push(c);
            }
            self.eat('}');
            name
        } else {
            self.rest.next().map(String::from).unwrap_or_default()
        };
        let class = Class::of_property(&name).ok_or_else(|| format!("unknown character property `{name}`"))?;
        Ok(Some(if c == 'P' { class.negate() } else { class }))
    }

    fn escaped_char(&mut self, c: char) -> Parsed<char> {
        Ok(match c {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'a' => '\u{7}',
            'e' => '\u{1b}',
            '0' => self.code(3, 8)?,
            'x' => self.code(2, 16)?,
            'u' => self.code(4, 16)?,
            _ if c.is_ascii_alphabetic() => return Err(format!("unknown escape `\\{c}`")),
            _ => c,
        })
    }

    fn code(&mut self, digits: usize, radix: u32) -> Parsed<char> {
        let mut code = 0;
        let mut n_digits = 0;
        while n_digits < digits
            && let Some(digit) = self.rest.next_if(|c| c.is_digit(radix))
        {
            code = code * radix + digit.to_digit(radix).unwrap_or(0);
            n_digits += 1;
        }
        char::from_u32(code).filter(|_| n_digits > 0).ok_or_else(|| "illegal character code".to_owned())
    }

    fn class(&mut self) -> Parsed<Class> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("classes nested too deeply".to_owned());
        }
        let negated = self.eat('^');
        let mut class = Class::default();
        let mut first = true;
        loop {
            let Some(c) = self.rest.next() else { return Err("unclosed character class".to_owned()) };
            match c {
                ']' if !first => break,
                '[' => class.nested.push(self.class()?),
                '&' if self.eat('&') => {
                    class.and.push(self.intersection()?);
                    break;
                }
                _ => self.class_member(c, &mut class)?,
            }
            first = false;
        }
        class.negated = negated;
        self.depth -= 1;
        Ok(class)
    }

    /// The right side of `&&`, to the end of the class.
    fn intersection(&mut self) -> Parsed<Class> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("classes nested too deeply".to_owned());
        }
        let class = self.intersection_members();
        self.depth -= 1;
        class
    }

    fn intersection_members(&mut self) -> Parsed<Class> {
        let mut class = Class::default();
        loop {
            let Some(c) = self.rest.next() else { return Err("unclosed character class".to_owned()) };
            match c {
                ']' => return Ok(class),
                '[' => class.nested.push(self.class()?),
                '&' if self.eat('&') => {
                    class.and.push(self.intersection()?);
                    return Ok(class);
                }
                _ => self.class_member(c, &mut class)?,
            }
        }
    }

    fn class_member(&mut self, c: char, class: &mut Class) -> Parsed<()> {
        let mut start = c;
        if c == '\\' {
            let Some(escaped) = self.rest.next() else { return Err("a backslash at the end".to_owned()) };
            if let Some(inner) = self.escaped_class(escaped)? {
                class.nested.push(inner);
                return Ok(());
            }
            start = self.escaped_char(escaped)?;
        }
        let mut end = start;
        let mut ahead = self.rest.clone();
        if ahead.next() == Some('-') && !matches!(ahead.peek(), Some(']' | '[') | None) {
            self.rest.next();
            end = self.rest.next().unwrap_or(start);
            if end == '\\' {
                let escaped = self.rest.next().unwrap_or('\\');
                end = self.escaped_char(escaped)?;
            }
        }
        if end < start {
            return Err("illegal character range".to_owned());
        }
        class.ranges.push((start, end));
        Ok(())
    }
}
