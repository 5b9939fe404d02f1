//! Operators by precedence, and what they are applied to.

use super::{Parser, Result};
use crate::error::Span;
use crate::lexer::Kind;
use crate::program::{Arithmetic, Binary, Expression, Operator, Relation};

/// Most operators in one expression.
const MOST_OPERATORS: u32 = 300;

impl Parser<'_, '_> {
    /// An expression that stands in no other one.
    pub(super) fn whole_expression(&mut self) -> Result<Expression> {
        let outer = std::mem::take(&mut self.building.operators);
        let expression = self.expression();
        self.building.operators = outer;
        expression
    }

    fn expression(&mut self) -> Result<Expression> {
        let span = self.peek(0)?.span;
        self.nested(span, |parser| parser.operation(0))
    }

    /// Operators that bind at least as tightly as `level`, from the left.
    fn operation(&mut self, level: u8) -> Result<Expression> {
        let mut left = self.unary()?;
        while let Some((operator, tightness)) = operator(self.peek(0)?.kind)
            && tightness >= level
        {
            let sign = self.take()?;
            self.building.operators += 1;
            if self.building.operators > MOST_OPERATORS {
                return Err(self.too_deep(sign.span, "more than 300 operators in one expression"));
            }
            let right = self.operation(tightness + 1)?;
            let span = self.place(Span { start: sign.span.end, end: self.last.end });
            left = Expression::Binary(Box::new(Binary { operator, left, right, span }));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression> {
        let first = self.peek(0)?;
        let negated = first.kind == Kind::Not || (first.kind == Kind::Whitespace && self.peek(1)?.kind == Kind::Not);
        if !negated {
            return self.primary();
        }
        self.skip_whitespace()?;
        self.take()?;
        let operand = self.nested(first.span, Self::unary)?;
        Ok(Expression::Not(Box::new(operand)))
    }

    fn primary(&mut self) -> Result<Expression> {
        self.skip_whitespace()?;
        let value = if self.take_if(Kind::LeftParen)?.is_some() {
            let value = self.expression()?;
            self.expect(Kind::RightParen)?;
            value
        } else {
            self.value()?
        };
        self.skip_whitespace()?;
        Ok(value)
    }

    /// An argument of a method, or an element: a value without operators.
    pub(super) fn parameter(&mut self) -> Result<Expression> {
        self.skip_whitespace()?;
        let value = self.value()?;
        self.skip_whitespace()?;
        Ok(value)
    }

    pub(super) fn value(&mut self) -> Result<Expression> {
        let token = self.peek(0)?;
        if matches!(token.kind, Kind::String | Kind::Integer | Kind::Float | Kind::True | Kind::False) {
            self.literal()
        } else if matches!(token.kind, Kind::Identifier | Kind::ReferenceLeftCurly) {
            self.reference_value()
        } else if token.kind == Kind::LeftBracket {
            self.nested(token.span, Self::list_or_range)
        } else if token.kind == Kind::LeftCurly {
            self.nested(token.span, Self::map)
        } else {
            Err(self.unexpected(token))
        }
    }

    fn list_or_range(&mut self) -> Result<Expression> {
        self.expect(Kind::LeftBracket)?;
        self.skip_whitespace()?;
        if self.take_if(Kind::RightBracket)?.is_some() {
            return Ok(Expression::List(Vec::new()));
        }
        let ranges = matches!(self.peek(0)?.kind, Kind::Integer | Kind::Identifier | Kind::ReferenceLeftCurly);
        let first = self.parameter()?;
        if ranges && self.take_if(Kind::DoubleDot)?.is_some() {
            self.skip_whitespace()?;
            let token = self.peek(0)?;
            if !matches!(token.kind, Kind::Integer | Kind::Identifier | Kind::ReferenceLeftCurly) {
                return Err(self.unexpected(token));
            }
            let last = self.parameter()?;
            self.expect(Kind::RightBracket)?;
            return Ok(Expression::Range(Box::new((first, last))));
        }
        let mut elements = vec![first];
        while self.take_if(Kind::Comma)?.is_some() {
            elements.push(self.parameter()?);
        }
        self.expect(Kind::RightBracket)?;
        Ok(Expression::List(elements))
    }

    fn map(&mut self) -> Result<Expression> {
        self.expect(Kind::LeftCurly)?;
        self.skip_whitespace()?;
        let mut entries = Vec::new();
        if !matches!(self.peek(0)?.kind, Kind::RightCurly | Kind::ReferenceRightCurly) {
            entries.push(self.entry()?);
            while self.take_if(Kind::Comma)?.is_some() {
                entries.push(self.entry()?);
            }
        }
        if self.take_if(Kind::ReferenceRightCurly)?.is_none() {
            self.expect(Kind::RightCurly)?;
        }
        Ok(Expression::Map(entries))
    }

    fn entry(&mut self) -> Result<(Expression, Expression)> {
        let key = self.parameter()?;
        self.expect(Kind::Colon)?;
        Ok((key, self.parameter()?))
    }
}

fn operator(kind: Kind) -> Option<(Operator, u8)> {
    let found = if kind == Kind::Or {
        (Operator::Or, 0)
    } else if kind == Kind::And {
        (Operator::And, 1)
    } else if kind == Kind::Equal {
        (Operator::Compare(Relation::Equal), 2)
    } else if kind == Kind::NotEqual {
        (Operator::Compare(Relation::NotEqual), 2)
    } else if kind == Kind::Less {
        (Operator::Compare(Relation::Less), 3)
    } else if kind == Kind::LessOrEqual {
        (Operator::Compare(Relation::LessOrEqual), 3)
    } else if kind == Kind::Greater {
        (Operator::Compare(Relation::Greater), 3)
    } else if kind == Kind::GreaterOrEqual {
        (Operator::Compare(Relation::GreaterOrEqual), 3)
    } else if kind == Kind::Plus {
        (Operator::Calculate(Arithmetic::Add), 4)
    } else if kind == Kind::Minus {
        (Operator::Calculate(Arithmetic::Subtract), 4)
    } else if kind == Kind::Multiply {
        (Operator::Calculate(Arithmetic::Multiply), 5)
    } else if kind == Kind::Divide {
        (Operator::Calculate(Arithmetic::Divide), 5)
    } else if kind == Kind::Modulus {
        (Operator::Calculate(Arithmetic::Modulo), 5)
    } else {
        return None;
    };
    Some(found)
}
