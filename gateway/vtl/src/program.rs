//! A parsed template: what the parser makes and the renderer runs. Immutable and free of
//! references, so that it can be shared between threads.
//!
//! It is flat. Nodes stand in the order of the text, a directive before its body, and tells how
//! many nodes are its body. Steps and expressions stand in one list each; who has some knows their
//! places. So a parse is a few allocations, and a render goes through slices.

use crate::error::Span;
use crate::jsonpath;
use crate::needs::Needs;

/// A piece of the program's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Piece(pub(crate) Span);

/// A variable's place in the frame of a render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) u32);

/// Neighbours in the program's list of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Steps(pub(crate) Span);

/// An expression's place in the program's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExpressionId(pub(crate) u32);

/// Neighbours in that list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Expressions(pub(crate) Span);

#[derive(Debug, Default)]
pub(crate) struct Program {
    /// The template, and behind it what is printed or named and does not stand in it like that.
    pub(crate) text: String,
    /// How much of the text is the template.
    pub(crate) source_length: usize,
    pub(crate) nodes: Vec<Node>,
    pub(crate) steps: Vec<Step>,
    pub(crate) expressions: Vec<Expression>,
    /// The compiled paths of calls.
    pub(crate) paths: Vec<jsonpath::Path>,
    pub(crate) names: Vec<Piece>,
    pub(crate) needs: Needs,
    pub(crate) n_blocks: u32,
    pub(crate) n_hints: u32,
    pub(crate) loop_slots: LoopSlots,
}

impl Program {
    /// The template.
    pub(crate) fn source(&self) -> &str {
        self.text.get(..self.source_length).unwrap_or("")
    }

    #[inline]
    pub(crate) fn text(&self, piece: Piece) -> &str {
        piece.0.of(&self.text)
    }

    #[inline]
    pub(crate) fn steps(&self, steps: Steps) -> &[Step] {
        self.steps.get(steps.0.range()).unwrap_or(&[])
    }

    #[inline]
    pub(crate) fn expression(&self, id: ExpressionId) -> &Expression {
        self.expressions.get(id.0 as usize).unwrap_or(&Expression::Null)
    }

    #[inline]
    pub(crate) fn expressions(&self, expressions: Expressions) -> &[Expression] {
        self.expressions.get(expressions.0.range()).unwrap_or(&[])
    }

    /// About how long an output is, rather too much than too little: loops repeat what stands in
    /// them, and references are longer than their names.
    pub(crate) fn output_guess(&self) -> usize {
        const MOST: usize = 32 * 1024;
        let loops = self.nodes.iter().any(|node| matches!(node, Node::Foreach(_)));
        let times = if loops { 6 } else { 2 };
        (times * self.text.len() + 512).min(MOST).max(self.text.len())
    }

    pub(crate) fn path(&self, id: Option<u32>) -> Option<&jsonpath::Path> {
        self.paths.get(id? as usize)
    }

    pub(crate) fn slot(&self, name: &str) -> Option<Slot> {
        let index = self.names.iter().position(|known| self.text(*known) == name)?;
        u32::try_from(index).ok().map(Slot)
    }
}

#[derive(Debug)]
pub(crate) enum Node {
    Text(Piece),
    Reference(Reference),
    /// A reference behind backslashes or signs.
    Prefixed(Box<Prefixed>),
    Set(Set),
    If(If),
    Foreach(Foreach),
    Define(Define),
    Break(Option<Argument>),
    Stop,
    /// Fails when it is reached, as in Velocity.
    Fail(Box<Fail>),
}

const _: () = assert!(size_of::<Node>() <= 32, "programs are made of nodes");

/// A reference where text is expected, with what stood before it.
#[derive(Debug)]
pub(crate) struct Prefixed {
    /// Backslashes and signs.
    pub(crate) prefix: Piece,
    /// What an escaped reference prints instead of its value.
    pub(crate) escaped: Option<Piece>,
    pub(crate) reference: Reference,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Reference {
    pub(crate) root: Slot,
    pub(crate) steps: Steps,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Property(Property),
    Method(Method),
    Index(ExpressionId),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Property {
    pub(crate) name: Piece,
    /// Its place in the render's list of where members were found last.
    pub(crate) hint: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Method {
    pub(crate) name: Piece,
    pub(crate) arguments: Expressions,
    /// The compiled path, when the only argument is a literal that can be one.
    pub(crate) path: Option<u32>,
}

#[derive(Debug)]
pub(crate) enum Expression {
    /// A bare word between a method's parentheses is Java's null.
    Null,
    /// `$\!x`: no value, and yet true.
    Void,
    Bool(bool),
    Int(i32),
    Long(i64),
    /// Digits too many for a `long`.
    Big(Piece),
    Double(f64),
    String(Piece),
    Interpolated(Box<Interpolated>),
    Reference(Reference),
    List(Expressions),
    /// Keys and values in turn.
    Map(Expressions),
    Range(ExpressionId, ExpressionId),
    Not(ExpressionId),
    Binary(Binary),
}

const _: () = assert!(size_of::<Expression>() <= 24, "programs are made of expressions");

/// A string literal that is a template.
#[derive(Debug)]
pub(crate) struct Interpolated {
    pub(crate) nodes: Vec<Node>,
    /// Velocity appends a blank before parsing and drops the last character after rendering.
    pub(crate) drop_last: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Compare(Relation),
    Calculate(Arithmetic),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Binary {
    pub(crate) operator: Operator,
    pub(crate) left: ExpressionId,
    pub(crate) right: ExpressionId,
    /// From behind the operator: what Velocity takes for the text of the whole.
    pub(crate) span: Span,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Set {
    pub(crate) target: Target,
    pub(crate) value: ExpressionId,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Variable(Slot),
    /// `#set(${x} = 1)` and `#set($!x = 1)` write variables that no reference can name.
    Unreachable,
    /// A reference with steps.
    Member(ExpressionId),
}

/// `#if` with its body; `#elseif` is one that is all of what the first does otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct If {
    pub(crate) condition: ExpressionId,
    /// How many of the following nodes are the body.
    pub(crate) body: u32,
    /// How many of those behind the body are what happens otherwise.
    pub(crate) otherwise: u32,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Foreach {
    pub(crate) element: Option<Slot>,
    pub(crate) list: ExpressionId,
    /// How many of the following nodes are the body.
    pub(crate) body: u32,
    pub(crate) span: Span,
}

/// The variables that a loop provides, those that the template mentions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LoopSlots {
    pub(crate) foreach: Option<Slot>,
    pub(crate) count: Option<Slot>,
    pub(crate) has_next: Option<Slot>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Define {
    pub(crate) name: Option<Slot>,
    pub(crate) block: u32,
    /// How many of the following nodes are the body.
    pub(crate) body: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Argument {
    pub(crate) value: ExpressionId,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Fail {
    pub(crate) message: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) span: Span,
}
