//! Operators by precedence, and what they are applied to.

use super::{Parser, Result};
use crate::error::Span;
use crate::lexer::Kind;
use crate::program::{Arithmetic, Binary, Expression, Expressions, Operator, Relation};

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
        let span = self.peek().span;
        self.nested(span, |parser| parser.operation(0))
    }

    /// Operators that bind at least as tightly as `level`, from the left.
    fn operation(&mut self, level: u8) -> Result<Expression> {
        let mut left = self.unary()?;
        while let Some((operator, tightness)) = operator(self.next())
            && tightness >= level
        {
            let sign = self.take();
            self.building.operators += 1;
            if self.building.operators > MOST_OPERATORS {
                return Err(self.too_deep(sign.span, "more than 300 operators in one expression"));
            }
            let right = self.operation(tightness + 1)?;
            let span = self.in_template(Span { start: sign.span.end, end: self.last.end });
            let (first, second) = (self.building.expression(left), self.building.expression(right));
            left = Expression::Binary(Binary { operator, left: first, right: second, span });
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression> {
        let first = self.next();
        let negated = first == Kind::Not || (first == Kind::Whitespace && self.kind(1) == Kind::Not);
        if !negated {
            return self.primary();
        }
        let span = self.peek().span;
        self.skip_whitespace();
        self.take();
        let operand = self.nested(span, Self::unary)?;
        Ok(Expression::Not(self.building.expression(operand)))
    }

    fn primary(&mut self) -> Result<Expression> {
        self.skip_whitespace();
        let value = if self.takes(Kind::LeftParen) {
            let value = self.expression()?;
            self.expect(Kind::RightParen)?;
            value
        } else {
            self.value()?
        };
        self.skip_whitespace();
        Ok(value)
    }

    /// An argument of a method, or an element: a value without operators.
    pub(super) fn parameter(&mut self) -> Result<Expression> {
        self.skip_whitespace();
        let value = self.value()?;
        self.skip_whitespace();
        Ok(value)
    }

    pub(super) fn value(&mut self) -> Result<Expression> {
        let kind = self.next();
        if matches!(kind, Kind::String | Kind::Integer | Kind::Float | Kind::True | Kind::False) {
            self.literal()
        } else if matches!(kind, Kind::Identifier | Kind::ReferenceLeftCurly) {
            self.reference_value()
        } else if kind == Kind::LeftBracket {
            let span = self.peek().span;
            self.nested(span, Self::list_or_range)
        } else if kind == Kind::LeftCurly {
            let span = self.peek().span;
            self.nested(span, Self::map)
        } else {
            Err(self.unexpected())
        }
    }

    fn list_or_range(&mut self) -> Result<Expression> {
        self.expect(Kind::LeftBracket)?;
        self.skip_whitespace();
        if self.takes(Kind::RightBracket) {
            return Ok(Expression::List(Expressions::default()));
        }
        let ranges = begins_range(self.next());
        let first = self.parameter()?;
        if ranges && self.takes(Kind::DoubleDot) {
            self.skip_whitespace();
            if !begins_range(self.next()) {
                return Err(self.unexpected());
            }
            let last = self.parameter()?;
            self.expect(Kind::RightBracket)?;
            return Ok(Expression::Range(self.building.expression(first), self.building.expression(last)));
        }
        let elements = self.parameters(first)?;
        self.expect(Kind::RightBracket)?;
        Ok(Expression::List(elements))
    }

    /// The rest of a list of values, behind the first one.
    pub(super) fn parameters(&mut self, first: Expression) -> Result<Expressions> {
        if self.next() != Kind::Comma {
            return Ok(self.building.expressions([first]));
        }
        // What an element contains comes to stand before it.
        let mut elements = vec![first];
        while self.takes(Kind::Comma) {
            elements.push(self.parameter()?);
        }
        Ok(self.building.expressions(elements))
    }

    fn map(&mut self) -> Result<Expression> {
        self.expect(Kind::LeftCurly)?;
        self.skip_whitespace();
        let mut entries = Vec::new();
        if !matches!(self.next(), Kind::RightCurly | Kind::ReferenceRightCurly) {
            self.entry(&mut entries)?;
            while self.takes(Kind::Comma) {
                self.entry(&mut entries)?;
            }
        }
        if !self.takes(Kind::ReferenceRightCurly) {
            self.expect(Kind::RightCurly)?;
        }
        Ok(Expression::Map(self.building.expressions(entries)))
    }

    fn entry(&mut self, entries: &mut Vec<Expression>) -> Result<()> {
        entries.push(self.parameter()?);
        self.expect(Kind::Colon)?;
        entries.push(self.parameter()?);
        Ok(())
    }
}

fn begins_range(kind: Kind) -> bool {
    matches!(kind, Kind::Integer | Kind::Identifier | Kind::ReferenceLeftCurly)
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
