//! Directives, one function each.

use super::{Interrupt, Machine, Rendered, Run};
use crate::program::{Fail, If, Node, Set, Target};
use crate::value::heap::Failure;
use crate::value::{Inner, Other, Value};

impl<'a> Machine<'a> {
    pub(super) fn nodes(&mut self, nodes: &'a [Node], out: &mut String) -> Run<()> {
        for node in nodes {
            self.heap.charge(1)?;
            match node {
                Node::Text(piece) => {
                    out.push_str(self.program.text(*piece));
                    self.heap.check_output(out)?;
                }
                Node::Reference(printed) => self.printed(printed, out)?,
                Node::Set(set) => self.set(set)?,
                Node::If(branches) => self.deeper(|machine| machine.if_directive(branches, out))?,
                Node::Foreach(foreach) => self.deeper(|machine| machine.foreach(foreach, out))?,
                Node::Define(define) => {
                    if let Some(block) = self.blocks.get_mut(define.block as usize) {
                        block.0 = &define.body;
                    }
                    if let Some(name) = define.name {
                        self.write_slot(name, Inner::Block(define.block).into());
                    }
                }
                Node::Break(None) => return Err(Interrupt::Break),
                Node::Break(Some(argument)) => {
                    self.at = argument.span;
                    let value = self.value(&argument.value)?;
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

    fn if_directive(&mut self, directive: &'a If, out: &mut String) -> Run<()> {
        for branch in &directive.branches {
            self.at = branch.span;
            if self.is_true(&branch.condition)? {
                return self.nodes(&branch.body, out);
            }
        }
        self.nodes(&directive.otherwise, out)
    }

    fn set(&mut self, set: &'a Set) -> Run<()> {
        self.at = set.span;
        let value = self.value(&set.value)?;
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
            Target::Member(reference) => self.set_member(reference, value),
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
