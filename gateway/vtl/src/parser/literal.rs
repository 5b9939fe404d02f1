//! Numbers and strings.

use super::{Parser, Place, Result};
use crate::error::Span;
use crate::lexer::{Kind, Token};
use crate::program::{Expression, Interpolated, Node, Piece};

impl Parser<'_, '_> {
    /// A literal that is one token.
    pub(super) fn literal(&mut self) -> Result<Expression> {
        let token = self.take();
        let image = self.lexer.image(&token);
        if token.kind == Kind::String {
            return self.string(&token);
        }
        Ok(match token.kind {
            Kind::True => Expression::Bool(true),
            Kind::False => Expression::Bool(false),
            _ if !image.starts_with(['-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) => {
                return Err(self.fault(format!("`{image}` is no number"), token.span, None));
            }
            Kind::Float => Expression::Double(image.parse().unwrap_or(f64::NAN)),
            _ => self.integer(&token),
        })
    }

    fn integer(&self, token: &Token) -> Expression {
        let image = self.lexer.image(token);
        if let Ok(int) = image.parse::<i32>() {
            Expression::Int(int)
        } else if let Ok(long) = image.parse::<i64>() {
            Expression::Long(long)
        } else {
            Expression::Big(self.piece(token.span))
        }
    }

    /// Single quotes keep their text, double quotes are templates; a doubled quote is one quote.
    fn string(&mut self, token: &Token) -> Result<Expression> {
        let image = self.lexer.image(token);
        let quote = if image.starts_with('"') { '"' } else { '\'' };
        let within = Span { start: token.span.start + 1, end: token.span.end - 1 };
        let inner = within.of(self.lexer.source());
        let plain = quote == '\'' || !inner.contains(['$', '#']);
        if plain && !inner.contains(quote) && !(quote == '"' && inner.contains("\\u")) {
            return Ok(Expression::String(self.piece(within)));
        }
        let unescaped =
            if quote == '"' && inner.contains("\\u") { Some(self.unescape(inner, token.span)?) } else { None };
        let inner = unescaped.as_deref().unwrap_or(inner);
        let single = inner
            .contains(quote)
            .then(|| inner.replace([quote, quote].iter().collect::<String>().as_str(), &quote.to_string()));
        let inner = single.as_deref().unwrap_or(inner);
        if plain {
            return Ok(Expression::String(self.building.new_text(inner)));
        }
        let drop_last = !inner.contains("##");
        let mut text = String::with_capacity(inner.len() + 1);
        text.push_str(inner);
        if drop_last {
            text.push(' ');
        }
        let nodes = self.nested(token.span, |parser| parser.nodes_of(&text, token.span))?;
        Ok(Expression::Interpolated(Box::new(Interpolated { nodes, drop_last })))
    }

    /// The nodes of a string's text.
    fn nodes_of(&mut self, text: &str, span: Span) -> Result<Vec<Node>> {
        let Piece(copy) = self.building.new_text(text);
        let place = Place { template: self.in_template(span).start + 1, pool: copy.start };
        let around = self.building.begin_string();
        let parsed = Parser::new(text, self.building, place).template();
        let nodes = self.building.end_string(around);
        parsed.map(|()| nodes)
    }

    fn unescape(&self, text: &str, span: Span) -> Result<String> {
        let mut parts = text.split("\\u");
        let mut units: Vec<u16> = parts.next().unwrap_or("").encode_utf16().collect();
        for part in parts {
            let unit = part.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
            let Some(unit) = unit else {
                let hint = "`\\u` in a double-quoted string takes four hexadecimal digits";
                return Err(self.fault("malformed `\\u` escape", span, Some(hint)));
            };
            units.push(unit);
            units.extend(part.get(4..).unwrap_or("").encode_utf16());
        }
        Ok(char::decode_utf16(units).map(|unit| unit.unwrap_or('?')).collect())
    }
}
