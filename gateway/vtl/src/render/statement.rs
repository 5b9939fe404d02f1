//! Directives, one function each.

use super::{Interrupt, Machine, Rendered, Run};
use crate::program::{Expression, Fail, If, Node, Set, Target};
use crate::value::heap::Failure;
use crate::value::{Inner, Other, Value};

impl<'a> Machine<'a> {
    pub(super) fn nodes(&mut self, mut nodes: &'a [Node], out: &mut String) -> Run<()> {
        while let Some((node, rest)) = nodes.split_first() {
            self.heap.charge(1)?;
            nodes = rest;
            match node {
                Node::Text(piece) => {
                    out.push_str(self.program.text(*piece));
                    self.heap.check_output(out)?;
                }
                Node::Reference(reference) => self.printed(reference, out)?,
                Node::Prefixed(prefixed) => self.prefixed(prefixed, out)?,
                Node::Set(set) => self.set(set)?,
                Node::If(branch) => {
                    let (body, rest) = split(rest, branch.body);
                    let (otherwise, after) = split(rest, branch.otherwise);
                    nodes = after;
                    self.deeper(|machine| machine.if_directive(*branch, (body, otherwise), out))?;
                }
                Node::Foreach(foreach) => {
                    let (body, after) = split(rest, foreach.body);
                    nodes = after;
                    self.deeper(|machine| machine.foreach(foreach, body, out))?;
                }
                Node::Define(define) => {
                    let (body, after) = split(rest, define.body);
                    nodes = after;
                    if let Some(block) = self.blocks.get_mut(define.block as usize) {
                        block.0 = body;
                    }
                    if let Some(name) = define.name {
                        self.write_slot(name, Inner::Block(define.block).into());
                    }
                }
                Node::Break(None) => return Err(Interrupt::Break),
                Node::Break(Some(argument)) => {
                    self.at = argument.span;
                    let value = self.operand(argument.value)?;
                    return Err(match value {
                        Value::Other(Other(Inner::Scope(id))) => Interrupt::BreakLoop(id),
                        _ => Failure::new("`#break` takes a scope such as `$foreach`").into(),
                    });
                }
                Node::Stop => return Err(Interrupt::Stop),
                Node::Fail(fail) => return Err(self.fail(fail)),
            }
        }
        Ok(())
    }

    fn fail(&mut self, fail: &Fail) -> Interrupt {
        self.at = fail.span;
        Failure::new(fail.message).hint(fail.hint).into()
    }

    fn if_directive(&mut self, mut branch: If, mut bodies: (&'a [Node], &'a [Node]), out: &mut String) -> Run<()> {
        loop {
            self.at = branch.span;
            let (body, otherwise) = bodies;
            if self.is_true(branch.condition)? {
                return self.nodes(body, out);
            }
            // An `#elseif` is no level of its own.
            let Some((Node::If(next), rest)) = otherwise.split_first() else { return self.nodes(otherwise, out) };
            let (body, rest) = split(rest, next.body);
            let (last, after) = split(rest, next.otherwise);
            if !after.is_empty() {
                return self.nodes(otherwise, out);
            }
            (branch, bodies) = (*next, (body, last));
        }
    }

    fn set(&mut self, set: &Set) -> Run<()> {
        self.at = set.span;
        let value = self.operand(set.value)?;
        if value.is_null() {
            // Velocity leaves the variable alone.
            return Ok(());
        }
        match &set.target {
            Target::Variable(slot) => {
                self.write_slot(*slot, value);
                Ok(())
            }
            Target::Unreachable => Ok(()),
            Target::Member(member) => match self.program.expression(*member) {
                Expression::Reference(reference) => self.set_member(reference, value),
                _ => Ok(()),
            },
        }
    }

    /// The body of a `#define`, down to its second level.
    pub(super) fn block(&mut self, block: u32, out: &mut String) -> Run<Rendered> {
        const DEEPEST: u32 = 2;
        let Some(entry) = self.blocks.get_mut(block as usize) else { return Ok(Rendered::Done) };
        if entry.1 >= DEEPEST {
            return Ok(Rendered::TooDeep);
        }
        entry.1 += 1;
        let body = entry.0;
        let result = self.deeper(|machine| machine.nodes(body, out));
        if let Some(entry) = self.blocks.get_mut(block as usize) {
            entry.1 -= 1;
        }
        match result {
            Ok(()) | Err(Interrupt::Break) => Ok(Rendered::Done),
            Err(interrupt) => Err(interrupt),
        }
    }
}

/// The first so many nodes, and the others.
fn split(nodes: &[Node], length: u32) -> (&[Node], &[Node]) {
    nodes.split_at_checked(length as usize).unwrap_or((nodes, &[]))
}
