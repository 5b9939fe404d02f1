//! `#foreach`: at most so many rounds, and the variables around it as they were before.

use super::{Interrupt, Machine, Run};
use crate::methods;
use crate::program::{Expression, Foreach, Node, Slot};
use crate::value::heap::{Failure, LoopScope};
use crate::value::{Inner, Other, Value, length};

/// What a loop goes through.
enum Rounds<'a> {
    /// `[first..last]`, without making the list.
    Range(i64, i64),
    /// The collection, what it held, and how often it had been changed.
    Elements { collection: Value<'a>, items: Vec<Value<'a>>, changes: u32 },
    /// A list that is asked anew each round.
    List { list: crate::value::ListId, changes: u32 },
}

/// What the loop's names meant before.
struct Before<'a> {
    element: Value<'a>,
    count: Value<'a>,
    has_next: Value<'a>,
}

impl<'a> Machine<'a> {
    pub(super) fn foreach(&mut self, foreach: &Foreach, body: &'a [Node], out: &mut String) -> Run<()> {
        self.at = foreach.span;
        let Some(rounds) = self.rounds(self.program.expression(foreach.list))? else { return Ok(()) };
        let names = self.program.loop_slots;
        let save = |machine: &Self, slot: Option<Slot>| slot.map_or(Value::Null, |slot| machine.slot(slot).clone());
        let before = Before {
            element: save(self, foreach.element),
            count: save(self, names.count),
            has_next: save(self, names.has_next),
        };
        let scope = self.enter_loop()?;
        let result = self.run_rounds(foreach.element, &rounds, (scope, body), out);
        self.restore(foreach.element, before.element);
        self.restore(names.count, before.count);
        self.restore(names.has_next, before.has_next);
        self.leave_loop(scope);
        match result {
            Err(Interrupt::Break) => Ok(()),
            Err(Interrupt::BreakLoop(id)) if Some(id) == scope => Ok(()),
            other => other,
        }
    }

    fn rounds(&mut self, list: &'a Expression) -> Run<Option<Rounds<'a>>> {
        if let Expression::Range(first, last) = list {
            let ends = self.ends(*first, *last)?;
            return Ok(ends.map(|(first, last)| Rounds::Range(i64::from(first), i64::from(last))));
        }
        let collection = self.value(list)?;
        if let Value::List(list) = collection {
            return Ok(Some(Rounds::List { list, changes: self.heap.list(list).changes }));
        }
        if let Value::Other(Other(Inner::Iterator(id))) = collection {
            let rest = self.heap.iterators.get_mut(id as usize).map(|(items, place)| {
                let rest = items.get(*place..).unwrap_or(&[]).to_vec();
                *place = items.len();
                rest
            });
            let items = rest.unwrap_or_default();
            return Ok(Some(Rounds::Elements { collection: Value::Null, items, changes: 0 }));
        }
        let collection = match collection {
            Value::Other(Other(Inner::Scope(id))) => self.heap.storage_of(id)?.map_or(Value::Null, Value::Map),
            other => other,
        };
        let Some(items) = self.heap.elements(&collection) else { return Ok(None) };
        self.heap.charge(items.len() / 8)?;
        let changes = methods::changes(&self.heap, &collection);
        Ok(Some(Rounds::Elements { collection, items, changes }))
    }

    /// `$foreach` for the rounds to come, if the template ever looks at it.
    fn enter_loop(&mut self) -> Run<Option<u32>> {
        let Some(slot) = self.program.loop_slots.foreach else { return Ok(None) };
        let (parent, replaced) = match self.slot(slot) {
            Value::Other(Other(Inner::Scope(id))) => (Some(*id), Value::Null),
            other => (None, other.clone()),
        };
        self.heap.reserve(size_of::<LoopScope<'_>>())?;
        let id = u32::try_from(self.heap.scopes.len()).unwrap_or(u32::MAX);
        self.heap.scopes.push(LoopScope { index: -1, has_next: false, parent, replaced, storage: None });
        self.write_slot(slot, Inner::Scope(id).into());
        Ok(Some(id))
    }

    fn leave_loop(&mut self, scope: Option<u32>) {
        let Some(slot) = self.program.loop_slots.foreach.filter(|_| scope.is_some()) else { return };
        // A template that gave the name to something else keeps that.
        let Value::Other(Other(Inner::Scope(current))) = *self.slot(slot) else { return };
        let Some(scope) = self.heap.scopes.get(current as usize) else { return };
        let outer = match scope.parent {
            Some(parent) => Inner::Scope(parent).into(),
            None => scope.replaced.clone(),
        };
        self.write_slot(slot, outer);
    }

    fn restore(&mut self, slot: Option<Slot>, value: Value<'a>) {
        if let Some(slot) = slot {
            if value.is_null() {
                self.hold(slot, false);
            }
            self.write_slot(slot, value);
        }
    }

    fn run_rounds(
        &mut self,
        element: Option<Slot>,
        rounds: &Rounds<'a>,
        (scope, body): (Option<u32>, &'a [Node]),
        out: &mut String,
    ) -> Run<()> {
        let names = self.program.loop_slots;
        for index in 0..self.heap.limits.iterations {
            let Some((value, has_next)) = self.round(rounds, index)? else { break };
            self.heap.charge(1)?;
            if let Some(count) = names.count {
                self.write_slot(count, length(index + 1));
            }
            if let Some(flag) = names.has_next {
                self.write_slot(flag, Value::Bool(has_next));
            }
            if let Some(scope) = scope.and_then(|id| self.heap.scopes.get_mut(id as usize)) {
                scope.index += 1;
                scope.has_next = has_next;
            }
            match element {
                Some(slot) => self.one_round(slot, value, body, out)?,
                None => self.nodes(body, out)?,
            }
        }
        Ok(())
    }

    fn one_round(&mut self, slot: Slot, element: Value<'a>, body: &'a [Node], out: &mut String) -> Run<()> {
        let null = element.is_null() && !self.is_held(slot);
        self.write_slot(slot, element);
        if !null {
            return self.nodes(body, out);
        }
        self.hold(slot, true);
        let result = self.nodes(body, out);
        self.hold(slot, false);
        result
    }

    /// The element of a round and whether another follows; none after the last.
    fn round(&self, rounds: &Rounds<'a>, index: usize) -> Run<Option<(Value<'a>, bool)>> {
        let changed =
            || Failure::new("java.util.ConcurrentModificationException").hint("the loop changes what it goes through");
        match rounds {
            Rounds::Range(first, last) => {
                let step = i64::try_from(index).unwrap_or(i64::MAX);
                let size = (first - last).abs();
                let value = if first < last { first + step } else { first - step };
                let int = i32::try_from(value).unwrap_or(i32::MAX);
                Ok((step <= size).then_some((Value::Int(int), step < size)))
            }
            Rounds::List { list, changes } => {
                let list = self.heap.list(*list);
                if index == list.items.len() {
                    return Ok(None);
                }
                if list.changes != *changes {
                    return Err(changed().into());
                }
                Ok(list.items.get(index).map(|item| (item.clone(), index + 1 != list.items.len())))
            }
            Rounds::Elements { collection, items, changes } => {
                if index >= items.len() {
                    return Ok(None);
                }
                if methods::changes(&self.heap, collection) != *changes {
                    return Err(changed().into());
                }
                Ok(items.get(index).map(|item| (item.clone(), index + 1 < items.len())))
            }
        }
    }
}
