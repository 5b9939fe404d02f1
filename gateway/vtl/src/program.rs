//! A parsed template: what the parser makes and the renderer runs. Immutable and free of
//! references into the text, so that it can be shared between threads.

use crate::error::Span;
use crate::jsonpath;

/// A piece of the program's pool of literal text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Piece(pub(crate) Span);

/// A variable's place in the frame of a render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) u32);

#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
    /// All literal text: what is printed, strings and names.
    pub(crate) pool: String,
    pub(crate) names: Vec<Box<str>>,
    pub(crate) n_blocks: u32,
    pub(crate) n_hints: u32,
    pub(crate) loop_slots: LoopSlots,
}

impl Program {
    pub(crate) fn text(&self, piece: Piece) -> &str {
        piece.0.of(&self.pool)
    }

    pub(crate) fn slot(&self, name: &str) -> Option<Slot> {
        let index = self.names.iter().position(|known| &**known == name)?;
        u32::try_from(index).ok().map(Slot)
    }
}

#[derive(Debug)]
pub(crate) enum Node {
    Text(Piece),
    Reference(Printed),
    Set(Box<Set>),
    If(Box<If>),
    Foreach(Box<Foreach>),
    Define(Box<Define>),
    Break(Option<Box<Argument>>),
    Stop,
    /// Fails when it is reached, as in Velocity.
    Fail(Box<Fail>),
}

/// A reference where text is expected.
#[derive(Debug)]
pub(crate) struct Printed {
    /// Backslashes and signs that stood before the reference.
    pub(crate) prefix: Piece,
    /// What an escaped reference prints instead of its value.
    pub(crate) escaped: Option<Piece>,
    pub(crate) reference: Reference,
}

#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) root: Slot,
    pub(crate) steps: Vec<Step>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum Step {
    Property(Property),
    Method(Box<Method>),
    Index(Expression),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Property {
    pub(crate) name: Piece,
    /// Its place in the render's list of where members were found last.
    pub(crate) hint: u32,
}

#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) name: Piece,
    pub(crate) arguments: Vec<Expression>,
    /// The compiled path, when the only argument is a literal that can be one.
    pub(crate) path: Option<Box<jsonpath::Path>>,
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
    Reference(Box<Reference>),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
    Range(Box<(Self, Self)>),
    Not(Box<Self>),
    Binary(Box<Binary>),
}

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

#[derive(Debug)]
pub(crate) struct Binary {
    pub(crate) operator: Operator,
    pub(crate) left: Expression,
    pub(crate) right: Expression,
    /// From behind the operator: what Velocity takes for the text of the whole.
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) target: Target,
    pub(crate) value: Expression,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum Target {
    Variable(Slot),
    /// `#set(${x} = 1)` and `#set($!x = 1)` write variables that no reference can name.
    Unreachable,
    Member(Reference),
}

#[derive(Debug)]
pub(crate) struct If {
    pub(crate) branches: Vec<Branch>,
    pub(crate) otherwise: Vec<Node>,
}

#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) condition: Expression,
    pub(crate) body: Vec<Node>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Foreach {
    pub(crate) element: Option<Slot>,
    pub(crate) list: Expression,
    pub(crate) body: Vec<Node>,
    pub(crate) span: Span,
}

/// The variables that a loop provides, those that the template mentions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LoopSlots {
    pub(crate) foreach: Option<Slot>,
    pub(crate) count: Option<Slot>,
    pub(crate) has_next: Option<Slot>,
}

#[derive(Debug)]
pub(crate) struct Define {
    pub(crate) name: Option<Slot>,
    pub(crate) block: u32,
    pub(crate) body: Vec<Node>,
}

#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) value: Expression,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Fail {
    pub(crate) message: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) span: Span,
}
