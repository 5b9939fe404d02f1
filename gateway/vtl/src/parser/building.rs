//! The program as far as it is parsed: what a template and the strings in it have in common.

use crate::error::Span;
use crate::jsonpath;
use crate::needs::First;
use crate::program::{Expression, ExpressionId, Expressions, LoopSlots, Node, Piece, Program, Slot, Step, Steps};
use std::collections::HashMap;

#[derive(Debug)]
pub(super) struct Building {
    program: Program,
    /// Names by their text, once there are too many to look through.
    by_name: HashMap<Box<str>, u32>,
    pub(super) macros: Vec<Box<str>>,
    /// Steps of references that are not yet complete, one behind the other.
    steps: Vec<Step>,
    /// How many of the nodes are complete: text that follows is a node of its own.
    sealed: usize,
    pub(super) depth: usize,
    pub(super) limit: usize,
    /// Operators of the expression that is being read: a chain of them nests to the left.
    pub(super) operators: u32,
}

const FEW_NAMES: usize = 16;

fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

impl Building {
    pub(super) fn new(source: &str, limit: usize) -> Self {
        // Enough for most templates.
        let some = source.len() / 32 + 8;
        let program = Program {
            text: source.to_owned(),
            nodes: Vec::with_capacity(some),
            steps: Vec::with_capacity(some),
            expressions: Vec::with_capacity(some / 2 + 4),
            names: Vec::with_capacity(8),
            ..Program::default()
        };
        Self {
            program,
            by_name: HashMap::new(),
            macros: Vec::new(),
            steps: Vec::with_capacity(8),
            sealed: 0,
            depth: 0,
            limit,
            operators: 0,
        }
    }

    pub(super) fn finish(self, source_length: usize) -> Program {
        let mut program = self.program;
        program.source_length = source_length;
        program.loop_slots = LoopSlots {
            foreach: program.slot("foreach"),
            count: program.slot("velocityCount"),
            has_next: program.slot("velocityHasNext"),
        };
        program
    }

    /// A variable's place by its name, of which `piece` is a copy that stays.
    pub(super) fn slot(&mut self, name: &str, piece: Piece) -> Slot {
        let program = &self.program;
        let known = if program.names.len() > FEW_NAMES {
            self.by_name.get(name).copied()
        } else {
            program.names.iter().position(|known| program.text(*known) == name).map(index)
        };
        Slot(known.unwrap_or_else(|| self.new_slot(name, piece)))
    }

    fn new_slot(&mut self, name: &str, piece: Piece) -> u32 {
        let program = &mut self.program;
        let place = index(program.names.len());
        program.names.push(piece);
        if program.names.len() == FEW_NAMES + 1 {
            self.by_name = program.names.iter().map(|known| program.text(*known).into()).zip(0..).collect();
        } else if program.names.len() > FEW_NAMES {
            self.by_name.insert(name.into(), place);
        }
        place
    }

    /// Text that does not stand in the template like that.
    pub(super) fn new_text(&mut self, text: &str) -> Piece {
        let start = self.program.text.len();
        self.program.text.push_str(text);
        Piece(Span::new(start, self.program.text.len()))
    }

    pub(super) fn text(&self, piece: Piece) -> &str {
        self.program.text(piece)
    }

    /// Neighbouring texts become one node.
    pub(super) fn push_text(&mut self, piece: Piece) {
        let Piece(span) = piece;
        if span.start == span.end {
            return;
        }
        if self.program.nodes.len() > self.sealed
            && let Some(Node::Text(Piece(before))) = self.program.nodes.last_mut()
            && before.end == span.start
        {
            before.end = span.end;
            return;
        }
        self.push(Node::Text(piece));
    }

    pub(super) fn push(&mut self, node: Node) {
        self.program.nodes.push(node);
    }

    /// How many nodes there are.
    pub(super) fn n_nodes(&self) -> usize {
        self.program.nodes.len()
    }

    /// All nodes are complete; gives how many there are.
    pub(super) fn seal(&mut self) -> usize {
        self.sealed = self.program.nodes.len();
        self.sealed
    }

    /// How many nodes there are behind that one; they are complete.
    pub(super) fn body_of(&mut self, place: usize) -> u32 {
        index(self.seal().saturating_sub(place + 1))
    }

    pub(super) fn replace(&mut self, place: usize, node: Node) {
        if let Some(known) = self.program.nodes.get_mut(place) {
            *known = node;
        }
    }

    /// Forgets the nodes behind the first so many.
    pub(super) fn truncate(&mut self, n_nodes: usize) {
        self.program.nodes.truncate(n_nodes);
        self.sealed = self.program.nodes.len();
    }

    /// Starts on nodes of a string; gives those of the text around it.
    pub(super) fn begin_string(&mut self) -> (Vec<Node>, usize) {
        (std::mem::take(&mut self.program.nodes), std::mem::take(&mut self.sealed))
    }

    /// Gives the nodes of the string.
    pub(super) fn end_string(&mut self, (nodes, sealed): (Vec<Node>, usize)) -> Vec<Node> {
        self.sealed = sealed;
        std::mem::replace(&mut self.program.nodes, nodes)
    }

    pub(super) fn expression(&mut self, expression: Expression) -> ExpressionId {
        let id = ExpressionId(index(self.program.expressions.len()));
        self.program.expressions.push(expression);
        id
    }

    pub(super) fn expressions(&mut self, expressions: impl IntoIterator<Item = Expression>) -> Expressions {
        let start = self.program.expressions.len();
        self.program.expressions.extend(expressions);
        Expressions(Span::new(start, self.program.expressions.len()))
    }

    pub(super) fn path(&mut self, path: jsonpath::Path) -> u32 {
        self.program.paths.push(path);
        index(self.program.paths.len() - 1)
    }

    /// Where the steps of a reference begin.
    pub(super) fn begin_steps(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn step(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// The steps since the reference began.
    pub(super) fn end_steps(&mut self, begin: usize) -> Steps {
        let start = self.program.steps.len();
        self.program.steps.extend(self.steps.drain(begin.min(self.steps.len())..));
        Steps(Span::new(start, self.program.steps.len()))
    }

    /// Notes what a reference takes.
    pub(super) fn note(&mut self, variable: &str, steps: Steps) {
        let program = &mut self.program;
        let first = match program.steps.get(steps.0.range()).and_then(<[Step]>::first) {
            Some(Step::Property(property)) => First::Property(property.name.0.of(&program.text)),
            Some(Step::Method(method)) => First::Method(method.name.0.of(&program.text)),
            Some(Step::Index(_)) | None => First::Unknown,
        };
        program.needs.note(variable, first);
    }

    pub(super) fn new_hint(&mut self) -> u32 {
        self.program.n_hints += 1;
        self.program.n_hints - 1
    }

    pub(super) fn new_block(&mut self) -> u32 {
        self.program.n_blocks += 1;
        self.program.n_blocks - 1
    }
}
