//! `[?(@.price < 10 && @.name =~ /a.*/i)]`.

use super::Path;
use super::evaluate::{Reading, Stopped};
use super::parse::{Start, path};
use crate::regex::{Case, Regex};
use crate::value::Value;
use crate::value::compare::compare_text;
use crate::value::decimal::Decimal;
use crate::value::number::{Number, compare};
use std::cmp::Ordering;

/// Conditions, the last one first: `a && b || c` is `c || (b && a)` to Jayway.
#[derive(Debug, Clone)]
pub(crate) enum Filter {
    /// `[?]`, for which a program would pass a condition.
    Missing,
    One(Criterion),
    And(Vec<Self>),
    Or(Box<Self>, Box<Self>),
}

#[derive(Debug, Clone)]
pub(crate) struct Criterion {
    left: Operand,
    comparison: Comparison,
    right: Operand,
}

#[derive(Debug, Clone)]
enum Operand {
    Path(Path),
    Text(String),
    Pattern(Box<Regex>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Exists,
    Missing,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
}

/// In the order in which Jayway looks for them.
const COMPARISONS: [(&str, Comparison); 7] = [
    ("==", Comparison::Equal),
    (">=", Comparison::GreaterOrEqual),
    ("<=", Comparison::LessOrEqual),
    ("!=", Comparison::NotEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
    ("=~", Comparison::Matches),
];

impl Filter {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let invalid = || format!("invalid JSONPath filter `{text}`");
        let inner = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']')).ok_or_else(invalid)?;
        let inner = inner.trim().strip_prefix('?').ok_or_else(invalid)?.trim();
        let inner = inner.strip_prefix('(').and_then(|text| text.strip_suffix(')')).ok_or_else(invalid)?.trim();
        let (conditions, operators) = split(inner);
        let mut criteria = Vec::new();
        for condition in conditions {
            let clean = condition.trim_start_matches(['[', '?', '(', ' ']).trim_end_matches([')', ' ']);
            criteria.push(Criterion::parse(clean).map_err(|reason| reason.unwrap_or_else(invalid))?);
        }
        let mut root = Self::One(criteria.pop().ok_or_else(invalid)?);
        for or in operators.into_iter().rev() {
            let next = Self::One(criteria.pop().ok_or_else(invalid)?);
            root = if or { Self::Or(Box::new(root), Box::new(next)) } else { root.and(next) };
        }
        Ok(root)
    }

    fn and(self, next: Self) -> Self {
        match self {
            Self::Or(left, right) => Self::Or(left, Box::new(Self::And(vec![*right, next]))),
            Self::And(mut all) => {
                all.push(next);
                Self::And(all)
            }
            Self::One(_) | Self::Missing => Self::And(vec![self, next]),
        }
    }

    pub(super) fn accepts<'a>(&self, reading: &mut Reading<'_, 'a>, item: &Value<'a>) -> Result<bool, Stopped> {
        match self {
            Self::Missing => Err(Stopped::Invalid("a JSONPath filter without a condition".to_owned())),
            Self::One(criterion) => criterion.accepts(reading, item),
            Self::And(all) => {
                for filter in all {
                    if !filter.accepts(reading, item)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(left, right) => Ok(left.accepts(reading, item)? || right.accepts(reading, item)?),
        }
    }
}

/// At `&&` and `||`, wherever they stand; `true` for `||`.
fn split(text: &str) -> (Vec<&str>, Vec<bool>) {
    let mut conditions = Vec::new();
    let mut operators = Vec::new();
    let mut rest = text;
    while let Some(at) = [rest.find("&&"), rest.find("||")].into_iter().flatten().min() {
        operators.push(rest.get(at..).is_some_and(|tail| tail.starts_with("||")));
        conditions.push(rest.get(..at).unwrap_or("").trim());
        rest = rest.get(at + 2..).unwrap_or("");
    }
    conditions.push(rest.trim());
    (conditions, operators)
}

impl Criterion {
    fn parse(text: &str) -> Result<Self, Option<String>> {
        let found =
            COMPARISONS.iter().find_map(|(sign, comparison)| text.find(sign).map(|at| (at, *sign, *comparison)));
        let Some((at, sign, comparison)) = found else {
            let (path, comparison) = match text.strip_prefix('!') {
                Some(path) => (path, Comparison::Missing),
                None => (text, Comparison::Exists),
            };
            return match operand(path.trim())? {
                left @ Operand::Path(_) => Ok(Self { left, comparison, right: Operand::Text(String::new()) }),
                Operand::Text(_) | Operand::Pattern(_) => Err(None),
            };
        };
        let left = operand(text.get(..at).unwrap_or("").trim())?;
        let right = operand(text.get(at + sign.len()..).unwrap_or("").trim())?;
        Ok(Self { left, comparison, right })
    }

    fn accepts<'a>(&self, reading: &mut Reading<'_, 'a>, item: &Value<'a>) -> Result<bool, Stopped> {
        if matches!(self.comparison, Comparison::Exists | Comparison::Missing) {
            let found = match &self.left {
                Operand::Path(path) => reading.below(path, item),
                Operand::Text(_) | Operand::Pattern(_) => Ok(Value::Null),
            };
            let exists = match found {
                Ok(value) => !value.is_null(),
                Err(Stopped::NotFound) => false,
                Err(stopped) => return Err(stopped),
            };
            return Ok(exists == (self.comparison == Comparison::Exists));
        }
        match self.compare(reading, item) {
            Err(Stopped::NotFound) => Ok(false),
            compared => compared,
        }
    }

    fn compare<'a>(&self, reading: &mut Reading<'_, 'a>, item: &Value<'a>) -> Result<bool, Stopped> {
        let model = Side::of(&self.left, reading, item)?;
        let expected = Side::of(&self.right, reading, item)?;
        if self.comparison == Comparison::Matches {
            return matches(&model, &expected, reading);
        }
        let ordered = !matches!(self.comparison, Comparison::Equal | Comparison::NotEqual);
        if ordered && expected.is_null() != model.is_null() {
            return Ok(false);
        }
        let ordering = safe_compare(&expected, &model)?;
        Ok(match self.comparison {
            Comparison::Equal => ordering == Ordering::Equal,
            Comparison::NotEqual => ordering != Ordering::Equal,
            Comparison::Greater => ordering == Ordering::Less,
            Comparison::GreaterOrEqual => ordering != Ordering::Greater,
            Comparison::Less => ordering == Ordering::Greater,
            Comparison::LessOrEqual => ordering != Ordering::Less,
            Comparison::Exists | Comparison::Missing | Comparison::Matches => false,
        })
    }
}

fn operand(text: &str) -> Result<Operand, Option<String>> {
    if text.starts_with(['$', '@']) {
        let path = path(text, Start::Item)?;
        if !path.is_definite() {
            return Err(Some(format!("the predicate path `{text}` is not definite")));
        }
        return Ok(Operand::Path(path));
    }
    if text.starts_with("!@") {
        return Err(None);
    }
    if text.len() > 1
        && let Some(inner) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''))
    {
        return Ok(Operand::Text(inner.to_owned()));
    }
    if let Some(inner) = text.strip_prefix('/') {
        let (pattern, case) = match inner.strip_suffix("/i") {
            Some(pattern) => (Some(pattern), Case::Insensitive),
            None => (inner.strip_suffix('/'), Case::Sensitive),
        };
        if let Some(pattern) = pattern {
            return Ok(Operand::Pattern(Box::new(Regex::compile(pattern, case).map_err(Some)?)));
        }
    }
    Ok(Operand::Text(text.to_owned()))
}

/// A side of a comparison with its value.
enum Side<'c, 'a> {
    Value(Value<'a>),
    Text(&'c str),
    Pattern(&'c Regex),
}

impl<'c, 'a> Side<'c, 'a> {
    fn of(operand: &'c Operand, reading: &mut Reading<'_, 'a>, item: &Value<'a>) -> Result<Self, Stopped> {
        Ok(match operand {
            Operand::Path(path) => Self::Value(reading.below(path, item)?),
            Operand::Text(text) => Self::Text(text),
            Operand::Pattern(pattern) => Self::Pattern(pattern),
        })
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Value(Value::Null))
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Value(value) => value.as_str(),
            Self::Text(text) => Some(text),
            Self::Pattern(_) => None,
        }
    }

    fn number(&self) -> Option<Number> {
        if let Self::Value(value) = self { Number::of(value) } else { None }
    }

    fn bool(&self) -> Option<bool> {
        if let Self::Value(Value::Bool(value)) = self { Some(*value) } else { None }
    }
}

fn matches(model: &Side<'_, '_>, expected: &Side<'_, '_>, reading: &mut Reading<'_, '_>) -> Result<bool, Stopped> {
    let ((target, Side::Pattern(pattern)) | (Side::Pattern(pattern), target)) = (model, expected) else {
        return Ok(false);
    };
    let Some(target) = target.text() else { return Ok(false) };
    pattern.matches(target, reading.heap).map_err(Stopped::Failed)
}

/// Jayway's comparison; sides that cannot be compared count as not found.
fn safe_compare(left: &Side<'_, '_>, right: &Side<'_, '_>) -> Result<Ordering, Stopped> {
    let nullish = |side: &Side<'_, '_>| side.is_null() || side.text() == Some("null");
    match (nullish(left), nullish(right)) {
        (true, true) => return Ok(Ordering::Equal),
        (true, false) => return Ok(Ordering::Less),
        (false, true) => return Ok(Ordering::Greater),
        (false, false) => {}
    }
    if let (Some(left), Some(right)) = (left.text(), right.text()) {
        return Ok(compare_text(&left.replace("\\'", "'"), right).cmp(&0));
    }
    if let (Some(left), Some(right)) = (left.number(), right.number()) {
        return compare(&left, &right).map_err(Stopped::Failed);
    }
    if let (Some(left), Some(right)) = (left.text(), right.number().and_then(|number| number.decimal())) {
        let left =
            Decimal::parse(left).ok_or_else(|| Stopped::Invalid(format!("`{left}` is no number to compare with")))?;
        return Ok(left.compare(&right));
    }
    if let (Some(left), Some(right)) = (left.text(), right.bool()) {
        return Ok(left.eq_ignore_ascii_case("true").cmp(&right));
    }
    if let (Some(left), Some(right)) = (left.bool(), right.bool()) {
        return Ok(left.cmp(&right));
    }
    Err(Stopped::NotFound)
}
