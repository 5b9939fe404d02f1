//! Update expressions: `SET`, `REMOVE`, `ADD` and `DELETE`.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html>

use super::{
    Path, Placeholders,
    cursor::{Complaints, Cursor, Parsed, complain},
    lexer::Kind as Token,
};
use crate::dynamodb::value::{Attribute, Kind};

/// What an update does, in the order of the expression.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Update {
    pub(crate) actions: Vec<Action>,
    /// What is changed.
    pub(crate) paths: Vec<Path>,
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    Set(Path, Setting),
    Remove(Path),
    Add(Path, Attribute),
    Delete(Path, Attribute),
}

/// What `SET` sets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Setting {
    Operand(Operand),
    Plus(Operand, Operand),
    Minus(Operand, Operand),
}

/// A value, or where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    Path(Path),
    Value(Attribute),
    IfNotExists(Path, Box<Self>),
    ListAppend(Box<Self>, Box<Self>),
    /// A function that has left a complaint.
    Nothing,
}

impl Action {
    pub(crate) const fn path(&self) -> &Path {
        match self {
            Self::Set(path, _) | Self::Remove(path) | Self::Add(path, _) | Self::Delete(path, _) => path,
        }
    }

    /// The type that the attribute will have, where the expression alone tells.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Self::Set(_, Setting::Operand(operand)) => operand.kind(),
            Self::Set(_, Setting::Plus(..) | Setting::Minus(..)) => Some(Kind::N),
            Self::Add(_, value) => Some(value.kind()),
            Self::Remove(_) | Self::Delete(..) => None,
        }
    }
}

impl Operand {
    fn kind(&self) -> Option<Kind> {
        match self {
            Self::Value(value) => Some(value.kind()),
            Self::IfNotExists(_, otherwise) => otherwise.kind(),
            Self::ListAppend(..) => Some(Kind::L),
            Self::Path(_) | Self::Nothing => None,
        }
    }

    /// The type of a literal.
    const fn literal(&self) -> Option<Kind> {
        match self {
            Self::Value(value) => Some(value.kind()),
            Self::Path(_) | Self::IfNotExists(..) | Self::ListAppend(..) | Self::Nothing => None,
        }
    }
}

/// Parses an update. The error is the message after `Invalid UpdateExpression: `.
pub(crate) fn parse(text: &str, placeholders: &mut Placeholders) -> Result<Update, String> {
    let mut cursor = Cursor::new(text, placeholders)?;
    let mut update = Update::default();
    let mut sections = Vec::new();
    while let Some(name) = SECTIONS.into_iter().find(|name| cursor.take_keyword(name).is_some()) {
        if sections.contains(&name) {
            complain(&mut cursor.complaints.section, || {
                format!("The \"{name}\" section can only be used once in an update expression;")
            });
        }
        sections.push(name);
        section(&mut cursor, name, &mut update)?;
    }
    if sections.is_empty() {
        return Err(cursor.syntax_error());
    }
    cursor.expect_end()?;
    complaint(cursor.complaints).map_or(Ok(update), Err)
}

const SECTIONS: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

/// In the order in which AWS looks.
fn complaint(found: Complaints) -> Option<String> {
    found
        .reserved
        .or(found.unknown_function)
        .or(found.section)
        .or(found.undefined_name)
        .or(found.undefined_value)
        .or(found.overlap)
        .or(found.conflict)
        .or(found.operands)
        .or(found.types)
}

fn section(cursor: &mut Cursor<'_>, name: &str, update: &mut Update) -> Parsed<()> {
    loop {
        cursor.operator()?;
        let path = cursor.path()?;
        cursor.beside(&mut update.paths, &path);
        update.actions.push(match name {
            "SET" => {
                if cursor.word() != "=" {
                    return Err(cursor.syntax_error());
                }
                cursor.take();
                Action::Set(path, setting(cursor)?)
            }
            "REMOVE" => Action::Remove(path),
            "ADD" => Action::Add(path, member(cursor, name)?),
            _ => Action::Delete(path, member(cursor, name)?),
        });
        if cursor.take_if(Token::Comma).is_none() {
            return Ok(());
        }
    }
}

/// The operand of `ADD` and `DELETE`.
fn member(cursor: &mut Cursor<'_>, section: &str) -> Parsed<Attribute> {
    let undefined = cursor.complaints.undefined_value.is_some();
    let value = cursor.value()?;
    let kind = value.kind();
    let fits = kind.is_set() || (section == "ADD" && kind == Kind::N);
    if !fits && (undefined || cursor.complaints.undefined_value.is_none()) {
        complain(&mut cursor.complaints.operands, || {
            let kind = kind.long_name();
            format!(
                "Incorrect operand type for operator or function; operator: {section}, operand type: {kind}, typeSet: ALLOWED_FOR_{section}_OPERAND"
            )
        });
    }
    Ok(value)
}

fn setting(cursor: &mut Cursor<'_>) -> Parsed<Setting> {
    if cursor.peek() == Token::Open {
        // Parentheses around the whole, or around its first operand.
        cursor.take();
        let inner = cursor.deeper(setting)?;
        cursor.expect(Token::Close)?;
        return match inner {
            Setting::Operand(first) => rest(cursor, first),
            Setting::Plus(..) | Setting::Minus(..) => Ok(inner),
        };
    }
    let first = operand(cursor)?;
    rest(cursor, first)
}

fn rest(cursor: &mut Cursor<'_>, first: Operand) -> Parsed<Setting> {
    let (sign, make): (_, fn(Operand, Operand) -> Setting) = match cursor.peek() {
        Token::Plus => ("+", Setting::Plus),
        Token::Minus => ("-", Setting::Minus),
        _ => return Ok(Setting::Operand(first)),
    };
    cursor.take();
    cursor.operator()?;
    let second = operand(cursor)?;
    for kind in [&first, &second].into_iter().filter_map(|operand| operand.literal()) {
        literal(cursor, sign, kind, Kind::N);
    }
    Ok(make(first, second))
}

/// Complains about a literal of another type than a function takes.
fn literal(cursor: &mut Cursor<'_>, function: &str, kind: Kind, wanted: Kind) {
    if kind != wanted {
        complain(&mut cursor.complaints.types, || {
            format!(
                "Incorrect operand type for operator or function; operator or function: {function}, operand type: {}",
                kind.name()
            )
        });
    }
}

fn operand(cursor: &mut Cursor<'_>) -> Parsed<Operand> {
    match cursor.peek() {
        Token::Open => {
            cursor.take();
            let inner = cursor.deeper(operand)?;
            cursor.expect(Token::Close)?;
            Ok(inner)
        }
        Token::Value => Ok(Operand::Value(cursor.value()?)),
        Token::Word if cursor.ahead(1) == Token::Open => cursor.deeper(call),
        _ => Ok(Operand::Path(cursor.path()?)),
    }
}

fn call(cursor: &mut Cursor<'_>) -> Parsed<Operand> {
    let name = cursor.take();
    cursor.operator()?;
    cursor.expect(Token::Open)?;
    let mut arguments = vec![operand(cursor)?];
    while cursor.take_if(Token::Comma).is_some() {
        arguments.push(operand(cursor)?);
    }
    cursor.expect(Token::Close)?;
    if name != "if_not_exists" && name != "list_append" {
        complain(&mut cursor.complaints.unknown_function, || format!("Invalid function name; function: {name}"));
        return Ok(Operand::Nothing);
    }
    let count = arguments.len();
    let mut arguments = arguments.into_iter();
    let (Some(first), Some(second), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        complain(&mut cursor.complaints.types, || {
            format!(
                "Incorrect number of operands for operator or function; operator or function: {name}, number of operands: {count}"
            )
        });
        return Ok(Operand::Nothing);
    };
    if name == "list_append" {
        for kind in [&first, &second].into_iter().filter_map(|operand| operand.literal()) {
            literal(cursor, name, kind, Kind::L);
        }
        return Ok(Operand::ListAppend(Box::new(first), Box::new(second)));
    }
    let Operand::Path(path) = first else {
        complain(&mut cursor.complaints.types, || {
            format!("Operator or function requires a document path; operator or function: {name}")
        });
        return Ok(Operand::Nothing);
    };
    Ok(Operand::IfNotExists(path, Box::new(second)))
}
