//! What a reference stands for, and how it is written to.

use super::{LONGEST_EXPLAINED, MOST_EXPLAINED, Machine, Rendered, RenderedReference, Run};
use crate::error::Span;
use crate::methods;
use crate::object::Call;
use crate::program::{Method, Prefixed, Reference, Step};
use crate::value::{Inner, Other, Value};

/// Enough for the arguments of every method that exists.
const FEW: usize = 4;

impl<'a> Machine<'a> {
    pub(super) fn printed(&mut self, reference: &Reference, out: &mut String) -> Run<()> {
        let start = out.len();
        self.print_reference(reference, out)?;
        if self.explained.is_some() {
            self.record(reference, start, out);
        }
        Ok(())
    }

    pub(super) fn prefixed(&mut self, prefixed: &Prefixed, out: &mut String) -> Run<()> {
        let start = out.len();
        out.push_str(self.program.text(prefixed.prefix));
        match prefixed.escaped {
            Some(escaped) => {
                self.reference(&prefixed.reference)?;
                out.push_str(self.program.text(escaped));
            }
            None => self.print_reference(&prefixed.reference, out)?,
        }
        if self.explained.is_some() {
            self.record(&prefixed.reference, start, out);
        }
        Ok(())
    }

    fn print_reference(&mut self, reference: &Reference, out: &mut String) -> Run<()> {
        if let (found, []) = self.members(reference)
            && !matches!(found, Value::Other(Other(Inner::Block(_))))
        {
            self.print_plain(found, out)?;
        } else {
            let value = self.reference(reference)?;
            self.at = reference.span;
            if let Value::Other(Other(Inner::Block(block))) = value {
                if self.block(block, out)? == Rendered::TooDeep {
                    out.push_str(self.written(reference.span));
                }
            } else {
                self.print(&value, out)?;
            }
        }
        Ok(())
    }

    /// A reference as it is written; one with `!` counts as written with nothing.
    fn written(&self, span: Span) -> &'a str {
        let text = span.of(self.program.source());
        let sign = text.find(|c| !matches!(c, '$' | '\\' | '#')).unwrap_or(0);
        if text.get(sign..).is_some_and(|name| name.starts_with('!')) {
            return "";
        }
        text.get(sign.saturating_sub(1)..).unwrap_or("")
    }

    #[cold]
    fn record(&mut self, reference: &Reference, start: usize, out: &str) {
        let mut value = out.get(start..).unwrap_or("").to_owned();
        let (span, source) = (reference.span, self.program.source());
        let Some(explained) = &mut self.explained else { return };
        if explained.len() < MOST_EXPLAINED {
            if value.len() > LONGEST_EXPLAINED {
                value = value.chars().take(LONGEST_EXPLAINED).chain(['…']).collect();
            }
            explained.push(RenderedReference { span, reference: span.of(source).to_owned(), value });
        }
    }

    pub(super) fn print(&mut self, value: &Value<'a>, out: &mut String) -> Run<()> {
        if let Value::Other(Other(Inner::Block(block))) = value {
            return self.block(*block, out).map(|_| ());
        }
        self.print_plain(value, out)
    }

    fn print_plain(&self, value: &Value<'a>, out: &mut String) -> Run<()> {
        if value.is_null() {
            return Ok(());
        }
        let before = out.len();
        self.heap.print(value, out)?;
        Ok(self.heap.charge((out.len() - before) / 32)?)
    }

    /// What the reference names as far as it goes through members of maps, and the steps left.
    /// What is not there is null.
    pub(super) fn members(&self, reference: &Reference) -> (&Value<'a>, &'a [Step]) {
        let mut value = self.slot(reference.root);
        let mut steps = self.program.steps(reference.steps);
        while let (Value::Map(id), Some((Step::Property(property), rest))) = (value, steps.split_first()) {
            let name = property.name.0.bytes_of(&self.program.text);
            let hint = self.hints.get(property.hint as usize);
            match self.heap.map(*id).get_near(name, hint) {
                Some(member) => value = member,
                None if name == b"class" => break,
                None => return (&Value::Null, &[]),
            }
            steps = rest;
        }
        if value.is_null() { (&Value::Null, &[]) } else { (value, steps) }
    }

    /// The value; what cannot be resolved is the empty string, as AWS has it.
    pub(super) fn reference(&mut self, reference: &Reference) -> Run<Value<'a>> {
        self.heap.charge(1)?;
        let (found, steps) = self.members(reference);
        if found.is_null() {
            return Ok(Value::Str(""));
        }
        let mut value = found.clone();
        if steps.is_empty() {
            return Ok(value);
        }
        let outer = std::mem::replace(&mut self.at, reference.span);
        for step in steps {
            match self.step(&value, step)? {
                None | Some(Value::Null) => {
                    value = Value::Str("");
                    break;
                }
                Some(found) => value = found,
            }
        }
        self.at = outer;
        Ok(value)
    }

    #[inline]
    fn step(&mut self, target: &Value<'a>, step: &'a Step) -> Run<Option<Value<'a>>> {
        self.heap.charge(1)?;
        Ok(match step {
            Step::Property(property) => {
                let name = self.program.text(property.name);
                match target {
                    Value::Object(id) => match self.objects.get_mut(id.0 as usize) {
                        Some(object) => object.property(&mut self.heap, name)?,
                        None => None,
                    },
                    _ => methods::property(&mut self.heap, target, name)?,
                }
            }
            Step::Index(index) => {
                let index = self.operand(*index)?;
                methods::index(&mut self.heap, target, &index)?
            }
            Step::Method(method) => return self.method(target, method),
        })
    }

    #[inline(never)]
    fn method(&mut self, target: &Value<'a>, method: &'a Method) -> Run<Option<Value<'a>>> {
        let mut few = [const { Value::Null }; FEW];
        let many: Vec<Value<'a>>;
        let expressions = self.program.expressions(method.arguments);
        let arguments = if expressions.len() <= FEW {
            for (place, argument) in few.iter_mut().zip(expressions) {
                *place = self.value(argument)?;
            }
            few.get(..expressions.len()).unwrap_or(&[])
        } else {
            let mut values = Vec::with_capacity(expressions.len());
            for argument in expressions {
                values.push(self.value(argument)?);
            }
            many = values;
            &many
        };
        let name = self.program.text(method.name);
        if let Value::Object(id) = target {
            let Some(object) = self.objects.get_mut(id.0 as usize) else { return Ok(None) };
            let call = Call { name, arguments, path: self.program.path(method.path) };
            if let Some(found) = object.call(&mut self.heap, call)? {
                return Ok(Some(found));
            }
            return Ok(methods::of_every_object(&mut self.heap, target, name, arguments)?);
        }
        Ok(methods::call(&mut self.heap, target, name, arguments)?)
    }

    /// `#set($a.b = ..)`; nothing happens when there is nothing to write to.
    pub(super) fn set_member(&mut self, reference: &Reference, value: Value<'a>) -> Run<()> {
        self.at = reference.span;
        let Some((last, steps)) = self.program.steps(reference.steps).split_last() else { return Ok(()) };
        let mut target = self.slot(reference.root).clone();
        for step in steps {
            if target.is_null() {
                return Ok(());
            }
            target = self.step(&target, step)?.unwrap_or(Value::Null);
        }
        match last {
            Step::Property(property) => {
                let name = self.program.text(property.name);
                let map = match &target {
                    Value::Map(id) => Some(*id),
                    Value::Other(Other(Inner::Scope(id))) => self.heap.storage_of(*id)?,
                    _ => None,
                };
                if let Some(map) = map {
                    self.heap.put(map, Value::Str(name), value)?;
                }
            }
            Step::Index(index) => {
                let index = self.operand(*index)?;
                if !target.is_null() {
                    methods::set_index(&mut self.heap, &target, &index, value)?;
                }
            }
            // Velocity looks for a setter named like the method, and there are none.
            Step::Method(method) => {
                let name = self.program.text(method.name);
                if let Value::Map(id) = target {
                    self.heap.put(id, Value::Str(name), value)?;
                }
            }
        }
        Ok(())
    }
}
