//! Conditions, as `ConditionExpression`, `FilterExpression` and `KeyConditionExpression` have them.
//!
//! AWS: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html>

use super::{
    Path, Placeholders,
    cursor::{Complaints, Cursor, Parsed, complain},
    lexer::Kind as Token,
};
use crate::dynamodb::value::{Attribute, Kind};
use std::cmp::Ordering;

mod function;

/// The most operands of `IN`.
const MAX_IN: usize = 100;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Compare(Comparator, Operand, Operand),
    Between(Operand, Operand, Operand),
    In(Operand, Vec<Operand>),
    Exists(Path),
    NotExists(Path),
    Type(Operand, Kind),
    BeginsWith(Operand, Operand),
    Contains(Operand, Operand),
}

/// `<=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    Path(Path),
    Value(Attribute),
    Size(Box<Self>),
}

impl Operand {
    /// The type of a literal value.
    pub(crate) const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Value(value) => Some(value.kind()),
            Self::Size(_) => Some(Kind::N),
            Self::Path(_) => None,
        }
    }

    /// Calls for each path in the operand.
    fn each_path<'a>(&'a self, visit: &mut dyn FnMut(&'a Path)) {
        match self {
            Self::Path(path) => visit(path),
            Self::Size(of) => of.each_path(visit),
            Self::Value(_) => {}
        }
    }
}

impl Condition {
    /// Calls for each path in the condition.
    pub(crate) fn each_path<'a>(&'a self, visit: &mut dyn FnMut(&'a Path)) {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().for_each(|condition| condition.each_path(visit)),
            Self::Not(inner) => inner.each_path(visit),
            Self::Compare(_, one, two) | Self::BeginsWith(one, two) | Self::Contains(one, two) => {
                one.each_path(visit);
                two.each_path(visit);
            }
            Self::Between(value, low, high) => [value, low, high].into_iter().for_each(|one| one.each_path(visit)),
            Self::In(value, list) => {
                value.each_path(visit);
                list.iter().for_each(|one| one.each_path(visit));
            }
            Self::Exists(path) | Self::NotExists(path) => visit(path),
            Self::Type(operand, _) => operand.each_path(visit),
        }
    }
}

/// Parses a condition. The error is the message after `Invalid ..Expression: `.
pub(crate) fn parse(text: &str, placeholders: &mut Placeholders) -> Result<Condition, String> {
    let mut cursor = Cursor::new(text, placeholders)?;
    let node = either(&mut cursor)?;
    cursor.expect_end()?;
    let condition = truth(&mut cursor, node)?;
    complaint(cursor.complaints).map_or(Ok(condition), Err)
}

/// In the order in which AWS looks.
fn complaint(found: Complaints) -> Option<String> {
    found
        .parentheses
        .or(found.unknown_function)
        .or(found.misused_function)
        .or(found.reserved)
        .or(found.undefined_name)
        .or(found.undefined_value)
        .or(found.operands)
        .or(found.distinct)
        .or(found.types)
}

/// What has been parsed, before it is known whether a condition or an operand is wanted.
#[derive(Debug)]
enum Node {
    Operand(Operand),
    /// A function; `size` is an operand, all others are conditions.
    Function {
        name: String,
        means: Means,
    },
    Condition(Condition),
    /// Something in parentheses.
    Inside(Box<Self>),
}

/// What a function stands for. One that cannot be used has left a complaint.
#[derive(Debug)]
enum Means {
    Operand(Operand),
    Condition(Condition),
    Nothing,
}

fn either(cursor: &mut Cursor<'_>) -> Parsed<Node> {
    joined(cursor, "OR", Condition::Or, both)
}

fn both(cursor: &mut Cursor<'_>) -> Parsed<Node> {
    joined(cursor, "AND", Condition::And, negation)
}

fn joined(
    cursor: &mut Cursor<'_>,
    keyword: &str,
    join: fn(Vec<Condition>) -> Condition,
    part: fn(&mut Cursor<'_>) -> Parsed<Node>,
) -> Parsed<Node> {
    let first = part(cursor)?;
    if !cursor.is_keyword(keyword) {
        return Ok(first);
    }
    let mut all = vec![truth(cursor, first)?];
    while cursor.take_keyword(keyword).is_some() {
        cursor.operator()?;
        let next = part(cursor)?;
        all.push(truth(cursor, next)?);
    }
    Ok(Node::Condition(join(all)))
}

fn negation(cursor: &mut Cursor<'_>) -> Parsed<Node> {
    if cursor.take_keyword("NOT").is_none() {
        return comparison(cursor);
    }
    cursor.operator()?;
    let inner = cursor.deeper(negation)?;
    Ok(Node::Condition(Condition::Not(Box::new(truth(cursor, inner)?))))
}

fn comparison(cursor: &mut Cursor<'_>) -> Parsed<Node> {
    let left = primary(cursor)?;
    if let Some(sign) = cursor.take_if(Token::Comparator) {
        return compared(cursor, left, sign);
    }
    if cursor.take_keyword("BETWEEN").is_some() {
        cursor.operator()?;
        let value = operand(cursor, left)?;
        let low = next_operand(cursor)?;
        if cursor.take_keyword("AND").is_none() {
            return Err(cursor.syntax_error());
        }
        let high = next_operand(cursor)?;
        between_bounds(cursor, &low, &high);
        return Ok(Node::Condition(Condition::Between(value, low, high)));
    }
    if cursor.take_keyword("IN").is_some() {
        cursor.operator()?;
        let value = operand(cursor, left)?;
        cursor.expect(Token::Open)?;
        let list = operands(cursor)?;
        if list.len() > MAX_IN {
            let count = list.len();
            complain(&mut cursor.complaints.operands, || {
                format!("The IN operator is provided with too many operands; number of operands: {count}")
            });
        }
        return Ok(Node::Condition(Condition::In(value, list)));
    }
    Ok(left)
}

fn compared(cursor: &mut Cursor<'_>, left: Node, sign: &str) -> Parsed<Node> {
    cursor.operator()?;
    let left = operand(cursor, left)?;
    let right = next_operand(cursor)?;
    let comparator = match sign {
        "=" => Comparator::Equal,
        "<>" => Comparator::NotEqual,
        "<" => Comparator::Less,
        "<=" => Comparator::LessOrEqual,
        ">" => Comparator::Greater,
        _ => Comparator::GreaterOrEqual,
    };
    if left == right && matches!(left, Operand::Path(_)) {
        distinct(cursor, sign, &left);
    }
    if !matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
        ordered(cursor, sign, &[&left, &right]);
    }
    Ok(Node::Condition(Condition::Compare(comparator, left, right)))
}

fn distinct(cursor: &mut Cursor<'_>, operator: &str, first: &Operand) {
    if let Operand::Path(path) = first {
        complain(&mut cursor.complaints.distinct, || {
            format!(
                "The first operand must be distinct from the remaining operands for this operator or function; operator: {operator}, first operand: {path}"
            )
        });
    }
}

/// Complains about literals whose type has no order.
fn ordered(cursor: &mut Cursor<'_>, operator: &str, operands: &[&Operand]) {
    for kind in operands.iter().filter_map(|operand| operand.kind()) {
        if !matches!(kind, Kind::S | Kind::N | Kind::B) {
            complain(&mut cursor.complaints.types, || {
                format!(
                    "Incorrect operand type for operator or function; operator: {operator}, operand type: {}",
                    kind.name()
                )
            });
        }
    }
}

fn between_bounds(cursor: &mut Cursor<'_>, low: &Operand, high: &Operand) {
    ordered(cursor, "BETWEEN", &[low, high]);
    let (Operand::Value(low), Operand::Value(high)) = (low, high) else { return };
    let shown = || {
        let (low, high) = (low.shown(), high.shown());
        format!("lower bound operand: AttributeValue: {low}, upper bound operand: AttributeValue: {high}")
    };
    if low.kind() != high.kind() {
        complain(&mut cursor.complaints.types, || {
            format!("The BETWEEN operator requires same data type for lower and upper bounds; {}", shown())
        });
    } else if low.order(high) == Some(Ordering::Greater) {
        complain(&mut cursor.complaints.types, || {
            format!("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {}", shown())
        });
    }
}

fn primary(cursor: &mut Cursor<'_>) -> Parsed<Node> {
    match cursor.peek() {
        Token::Open => {
            cursor.take();
            let inner = cursor.deeper(either)?;
            cursor.expect(Token::Close)?;
            if matches!(inner, Node::Inside(_)) {
                complain(&mut cursor.complaints.parentheses, || "The expression has redundant parentheses;".to_owned());
            }
            Ok(Node::Inside(Box::new(inner)))
        }
        Token::Word if cursor.ahead(1) == Token::Open && !is_operator(cursor.word()) => cursor.deeper(function::call),
        Token::Word if is_operator(cursor.word()) => Err(cursor.syntax_error()),
        Token::Value => Ok(Node::Operand(Operand::Value(cursor.value()?))),
        _ => Ok(Node::Operand(Operand::Path(cursor.path()?))),
    }
}

fn is_operator(word: &str) -> bool {
    ["AND", "OR", "NOT", "BETWEEN", "IN"].iter().any(|operator| word.eq_ignore_ascii_case(operator))
}

/// The operands up to a closing parenthesis.
fn operands(cursor: &mut Cursor<'_>) -> Parsed<Vec<Operand>> {
    let mut all = vec![next_operand(cursor)?];
    while cursor.take_if(Token::Comma).is_some() {
        all.push(next_operand(cursor)?);
    }
    cursor.expect(Token::Close)?;
    Ok(all)
}

fn next_operand(cursor: &mut Cursor<'_>) -> Parsed<Operand> {
    let node = primary(cursor)?;
    operand(cursor, node)
}

/// Takes a node for an operand.
fn operand(cursor: &mut Cursor<'_>, node: Node) -> Parsed<Operand> {
    match node {
        Node::Operand(operand) => Ok(operand),
        Node::Inside(inner) => operand(cursor, *inner),
        Node::Function { means: Means::Operand(operand), .. } => Ok(operand),
        Node::Function { name, means: Means::Condition(_) | Means::Nothing } => {
            misused(cursor, &name);
            Ok(Operand::Value(Attribute::Null))
        }
        Node::Condition(_) => Err(cursor.syntax_error()),
    }
}

/// Takes a node for a condition.
fn truth(cursor: &mut Cursor<'_>, node: Node) -> Parsed<Condition> {
    match node {
        Node::Condition(condition) => Ok(condition),
        Node::Inside(inner) => truth(cursor, *inner),
        Node::Function { means: Means::Condition(condition), .. } => Ok(condition),
        Node::Function { name, means: Means::Operand(_) } => {
            misused(cursor, &name);
            Ok(Condition::And(Vec::new()))
        }
        Node::Function { means: Means::Nothing, .. } => Ok(Condition::And(Vec::new())),
        Node::Operand(_) => Err(cursor.syntax_error()),
    }
}

fn misused(cursor: &mut Cursor<'_>, name: &str) {
    complain(&mut cursor.complaints.misused_function, || {
        format!("The function is not allowed to be used this way in an expression; function: {name}")
    });
}
