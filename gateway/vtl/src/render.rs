//! Running a program.

mod expression;
mod foreach;
mod reference;
mod statement;

use crate::error::{Error, Span};
use crate::limits::Limits;
use crate::object::Object;
use crate::objects::Overrides;
use crate::program::{Node, Program, Slot};
use crate::scope::{Binding, Scope, from_context, from_json, from_texts, to_json};
use crate::value::heap::{Failure, Heap};
use crate::value::{ObjectId, Value};
use std::cell::Cell;

/// What ends the normal course of a render.
#[derive(Debug)]
enum Interrupt {
    /// `#break`: the nearest loop or block.
    Break,
    /// `#break($foreach)`: that loop.
    BreakLoop(u32),
    /// `#stop`: the template.
    Stop,
    Failed(Failure),
}

impl From<Failure> for Interrupt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

type Run<T> = Result<T, Interrupt>;

/// Whether a `#define` was rendered or had too much of itself inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rendered {
    Done,
    TooDeep,
}

/// A reference that was rendered, for explanations.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenderedReference {
    /// Where it stands in the template.
    pub span: Span,
    /// The reference as written.
    pub reference: String,
    /// What it printed.
    pub value: String,
}

/// Explanations end after so many references, or so many bytes of a value.
const MOST_EXPLAINED: usize = 2_000;
const LONGEST_EXPLAINED: usize = 1_000;

pub(crate) struct Machine<'a> {
    program: &'a Program,
    heap: Heap<'a>,
    slots: Vec<Value<'a>>,
    /// Loop variables whose element is null: they cannot be set until the round ends.
    held: Vec<Slot>,
    objects: Vec<Box<dyn Object<'a> + 'a>>,
    context: Value<'a>,
    /// Bodies of `#define` with how often each is running.
    blocks: Vec<(&'a [Node], u32)>,
    /// Where each property was found last: the elements of a list are mostly alike.
    hints: Vec<Cell<u32>>,
    depth: usize,
    at: Span,
    explained: Option<Vec<RenderedReference>>,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(program: &'a Program, limits: &Limits) -> Self {
        Self {
            program,
            heap: Heap::new(limits),
            slots: vec![Value::Null; program.names.len()],
            held: Vec::new(),
            objects: Vec::new(),
            context: Value::Null,
            blocks: vec![(&[], 0); program.n_blocks as usize],
            hints: vec![Cell::new(0); program.n_hints as usize],
            depth: 0,
            at: Span::default(),
            explained: None,
        }
    }

    pub(crate) fn explain(&mut self) {
        self.explained = Some(Vec::new());
    }

    pub(crate) fn take_explained(&mut self) -> Vec<RenderedReference> {
        self.explained.take().unwrap_or_default()
    }

    pub(crate) fn render(&mut self, scope: Scope<'a>) -> Result<String, Error> {
        let mut out = String::with_capacity(self.program.output_guess());
        let bound = self.bind(scope).map_err(Interrupt::Failed);
        match bound.and_then(|()| self.nodes(&self.program.nodes, &mut out)) {
            Ok(()) | Err(Interrupt::Break | Interrupt::BreakLoop(_) | Interrupt::Stop) => Ok(out),
            Err(Interrupt::Failed(failure)) => Err(failure.at(self.at, self.program.source())),
        }
    }

    fn bind(&mut self, scope: Scope<'a>) -> Result<(), Failure> {
        for (name, binding) in scope.bindings {
            let Some(slot) = self.program.slot(name) else { continue };
            let value = match binding {
                Binding::Value(value) => value,
                Binding::Json(data, shape) => from_json(&mut self.heap, data, shape)?,
                Binding::Context(data, overrides) => {
                    let context = from_context(&mut self.heap, data, overrides)?;
                    self.context = context.clone();
                    context
                }
                Binding::Texts(texts) => from_texts(&mut self.heap, texts)?,
                Binding::Object(object) => {
                    let id = ObjectId(u32::try_from(self.objects.len()).unwrap_or(u32::MAX));
                    self.objects.push(object);
                    Value::Object(id)
                }
            };
            self.write_slot(slot, value);
        }
        Ok(())
    }

    /// The overrides as the template leaves them; none if it never names its context.
    pub(crate) fn overrides(&mut self) -> Option<Result<Overrides, Failure>> {
        let member = |name| self.heap.get(&self.context, name).map(|value| to_json(&self.heap, &value));
        let (request, response) = member("requestOverride").zip(member("responseOverride"))?;
        let repeated = std::mem::take(&mut self.heap.repeated);
        Some(request.and_then(|request| Ok(Overrides::new(request, response?, repeated))))
    }

    fn slot(&self, slot: Slot) -> &Value<'a> {
        self.slots.get(slot.0 as usize).unwrap_or(&Value::Null)
    }

    fn is_held(&self, slot: Slot) -> bool {
        self.held.contains(&slot)
    }

    fn hold(&mut self, slot: Slot, held: bool) {
        if held {
            self.held.push(slot);
        } else {
            self.held.retain(|known| *known != slot);
        }
    }

    fn write_slot(&mut self, slot: Slot, value: Value<'a>) {
        if self.is_held(slot) {
            return;
        }
        if let Some(place) = self.slots.get_mut(slot.0 as usize) {
            *place = value;
        }
    }

    /// Runs something one level deeper, bounded: `#define` can nest what parsing did not.
    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Run<T>) -> Run<T> {
        if self.depth > self.heap.limits.nesting * 2 {
            let kind = crate::error::ErrorKind::Nesting;
            return Err(Failure::of(kind, "blocks nested too deeply").into());
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }
}
