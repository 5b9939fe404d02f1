//! Values and truth of expressions.

use super::{Machine, Run};
use crate::program::{Arithmetic, Binary, Expression, ExpressionId, Interpolated, Operator, Reference, Relation};
use crate::value::big::BigInt;
use crate::value::compare::equals;
use crate::value::heap::{Failure, ListKind};
use crate::value::map::{Map, MapKind};
use crate::value::number::{Number, calculate, compare};
use crate::value::{Inner, Other, Value};
use std::cmp::Ordering;
use std::rc::Rc;

impl<'a> Machine<'a> {
    pub(super) fn value(&mut self, expression: &'a Expression) -> Run<Value<'a>> {
        Ok(match expression {
            Expression::Null | Expression::Void => Value::Null,
            Expression::Bool(value) => Value::Bool(*value),
            Expression::Int(int) => Value::Int(*int),
            Expression::Long(long) => Value::Long(*long),
            Expression::Big(digits) => {
                let big =
                    BigInt::parse(self.program.text(*digits)).ok_or_else(|| Failure::new("the number is too large"))?;
                Inner::Big(Rc::new(big)).into()
            }
            Expression::Double(double) => Value::Double(*double),
            Expression::String(piece) => Value::Str(self.program.text(*piece)),
            Expression::Interpolated(literal) => self.deeper(|machine| machine.interpolated(literal))?,
            Expression::Reference(reference) => self.reference(reference)?,
            Expression::List(elements) => self.list(self.program.expressions(*elements))?,
            Expression::Map(entries) => self.map(self.program.expressions(*entries))?,
            Expression::Range(first, last) => self.range(*first, *last)?,
            Expression::Not(operand) => Value::Bool(!self.is_true(*operand)?),
            Expression::Binary(binary) => self.binary(binary)?,
        })
    }

    pub(super) fn operand(&mut self, id: ExpressionId) -> Run<Value<'a>> {
        self.value(self.program.expression(id))
    }

    /// Only null and `false` are false; a literal other than `true` is false as well.
    pub(super) fn is_true(&mut self, expression: ExpressionId) -> Run<bool> {
        self.heap.charge(1)?;
        Ok(match self.program.expression(expression) {
            Expression::Bool(value) => *value,
            Expression::Void => true,
            Expression::Reference(reference) => self.is_true_reference(reference)?,
            Expression::Not(operand) => !self.is_true(*operand)?,
            Expression::Binary(binary) => match binary.operator {
                Operator::Or => self.is_true(binary.left)? || self.is_true(binary.right)?,
                Operator::And => self.is_true(binary.left)? && self.is_true(binary.right)?,
                Operator::Compare(relation) => self.comparison(relation, binary)?,
                Operator::Calculate(_) => false,
            },
            Expression::Null
            | Expression::Int(_)
            | Expression::Long(_)
            | Expression::Big(_)
            | Expression::Double(_)
            | Expression::String(_)
            | Expression::Interpolated(_)
            | Expression::List(_)
            | Expression::Map(_)
            | Expression::Range(..) => false,
        })
    }

    fn is_true_reference(&mut self, reference: &Reference) -> Run<bool> {
        if let (found, []) = self.members(reference)
            && !matches!(found, Value::Other(Other(Inner::Block(_))))
        {
            return Ok(!matches!(found, Value::Bool(false)));
        }
        Ok(match self.reference(reference)? {
            Value::Bool(value) => value,
            // A block's text is made to see that it is no null.
            Value::Other(Other(Inner::Block(block))) => {
                self.block(block, &mut String::new())?;
                true
            }
            _ => true,
        })
    }

    fn interpolated(&mut self, literal: &'a Interpolated) -> Run<Value<'a>> {
        let mut text = String::new();
        self.nodes(&literal.nodes, &mut text)?;
        if literal.drop_last {
            text.pop();
        }
        Ok(self.heap.text(text)?)
    }

    fn list(&mut self, elements: &'a [Expression]) -> Run<Value<'a>> {
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            items.push(self.value(element)?);
        }
        Ok(self.heap.new_list(items)?)
    }

    fn map(&mut self, entries: &'a [Expression]) -> Run<Value<'a>> {
        let id = self.heap.add_map(Map::new(MapKind::Linked))?;
        for entry in entries.chunks_exact(2) {
            let [key, value] = entry else { continue };
            let key = self.value(key)?;
            let value = self.value(value)?;
            self.heap.put(id, key, value)?;
        }
        Ok(Value::Map(id))
    }

    /// The first and the last number, if both are numbers.
    pub(super) fn ends(&mut self, first: ExpressionId, last: ExpressionId) -> Run<Option<(i32, i32)>> {
        let (first, last) = (self.operand(first)?, self.operand(last)?);
        Ok(Number::of(&first).zip(Number::of(&last)).map(|(first, last)| (first.int_value(), last.int_value())))
    }

    fn range(&mut self, first: ExpressionId, last: ExpressionId) -> Run<Value<'a>> {
        let Some((first, last)) = self.ends(first, last)? else { return Ok(Value::Null) };
        let length = first.abs_diff(last) as usize + 1;
        self.heap.charge(length / 8)?;
        self.heap.reserve(length.saturating_mul(size_of::<Value<'_>>()))?;
        let items = if first < last {
            (first..=last).map(Value::Int).collect()
        } else {
            (last..=first).rev().map(Value::Int).collect()
        };
        Ok(Value::List(self.heap.adopt_list(items, ListKind::Plain)))
    }

    fn binary(&mut self, binary: &Binary) -> Run<Value<'a>> {
        self.heap.charge(1)?;
        Ok(match binary.operator {
            Operator::Or => Value::Bool(self.is_true(binary.left)? || self.is_true(binary.right)?),
            Operator::And => Value::Bool(self.is_true(binary.left)? && self.is_true(binary.right)?),
            Operator::Compare(relation) => Value::Bool(self.comparison(relation, binary)?),
            Operator::Calculate(operator) => self.arithmetic(operator, binary)?,
        })
    }

    fn arithmetic(&mut self, operator: Arithmetic, binary: &Binary) -> Run<Value<'a>> {
        let left = self.operand(binary.left)?;
        let right = self.operand(binary.right)?;
        if operator == Arithmetic::Add && (left.as_str().is_some() || right.as_str().is_some()) {
            let mut text = String::new();
            for (side, operand) in [(&left, binary.left), (&right, binary.right)] {
                if side.is_null() {
                    // An operand without a value adds its source text; only arithmetic has none.
                    self.source_text(operand, &mut text);
                } else {
                    self.print(side, &mut text)?;
                }
            }
            return Ok(self.heap.text(text)?);
        }
        let Some((left, right)) = Number::of(&left).zip(Number::of(&right)) else { return Ok(Value::Null) };
        let result = calculate(&self.heap, operator, &left, &right)?;
        Ok(result.unwrap_or(Value::Null))
    }

    fn source_text(&self, operand: ExpressionId, text: &mut String) {
        if let Expression::Binary(binary) = self.program.expression(operand) {
            text.push_str(binary.span.of(self.program.source()));
        }
    }

    fn comparison(&mut self, relation: Relation, binary: &Binary) -> Run<bool> {
        let left = self.operand(binary.left)?;
        let right = self.operand(binary.right)?;
        let numbers = Number::of(&left).zip(Number::of(&right));
        let accept: fn(Ordering) -> bool = match relation {
            Relation::Equal => return self.same(&left, &right, numbers.as_ref()),
            Relation::NotEqual => return self.same(&left, &right, numbers.as_ref()).map(|same| !same),
            Relation::Less => Ordering::is_lt,
            Relation::LessOrEqual => Ordering::is_le,
            Relation::Greater => Ordering::is_gt,
            Relation::GreaterOrEqual => Ordering::is_ge,
        };
        match numbers {
            Some((left, right)) => Ok(accept(compare(&left, &right)?)),
            None => Ok(false),
        }
    }

    /// `==`: numbers by value, things of one class by `equals`, everything else by what it prints.
    fn same(&mut self, left: &Value<'a>, right: &Value<'a>, numbers: Option<&(Number, Number)>) -> Run<bool> {
        if let Some((left, right)) = numbers {
            return Ok(compare(left, right)?.is_eq());
        }
        if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
            return Ok(left == right);
        }
        if left.is_null() || right.is_null() {
            return Ok(left.is_null() && right.is_null());
        }
        if std::mem::discriminant(left) == std::mem::discriminant(right)
            && left.class_name(&self.heap) == right.class_name(&self.heap)
        {
            return Ok(equals(&self.heap, left, right));
        }
        let (mut left_text, mut right_text) = (String::new(), String::new());
        self.print(left, &mut left_text)?;
        self.print(right, &mut right_text)?;
        Ok(left_text == right_text)
    }
}
