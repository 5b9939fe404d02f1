//! What went wrong in a template, where, and what to do about it.

use std::fmt::{self, Write as _};

/// A range of bytes in the template's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self { start: u32::try_from(start).unwrap_or(u32::MAX), end: u32::try_from(end).unwrap_or(u32::MAX) }
    }

    #[inline]
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    #[inline]
    pub(crate) fn bytes_of(self, text: &str) -> &[u8] {
        text.as_bytes().get(self.range()).unwrap_or(&[])
    }

    #[inline]
    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }
}

/// Why a template was refused or a render failed. API Gateway answers all of them but
/// [`ErrorKind::Payload`] with `500 Internal server error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is no template: found when it is loaded.
    Syntax,
    /// The template is longer than [`Limits::template_bytes`](crate::Limits).
    TemplateSize,
    /// Directives, literals or values are nested too deeply.
    Nesting,
    /// A method, an index or a path failed as it would in Java.
    Evaluation,
    /// The body is no JSON although the template reads it as such; AWS answers `400` with
    /// `Could not process payload` and the message.
    Payload,
    /// More steps than [`Limits::steps`](crate::Limits).
    StepBudget,
    /// More output than [`Limits::output_bytes`](crate::Limits).
    OutputBudget,
    /// More memory than [`Limits::memory_bytes`](crate::Limits) or `document_bytes`.
    MemoryBudget,
}

/// A failure with its place in the template.
///
/// ```
/// let source = "{\n  \"id\": #if($input.id == null)0#end\n}";
/// let error = fanlight_vtl::Template::parse(source).unwrap_err();
/// assert_eq!((error.line(), error.column()), (2, 26));
/// assert_eq!(
///     error.render(source, "request.vtl"),
///     concat!(
///         "error: unexpected `null`\n",
///         " --> request.vtl:2:26\n",
///         "  |\n",
///         "2 |   \"id\": #if($input.id == null)0#end\n",
///         "  |                          ^^^^\n",
///         "  = help: VTL has no `null`; compare with an undefined reference such as `$null`, or with ''\n",
///     )
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    span: Span,
    line: u32,
    column: u32,
    hint: Option<&'static str>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: String, span: Span, source: &str) -> Self {
        let before = source.get(..span.start as usize).unwrap_or(source);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let last_line = before.rsplit('\n').next().unwrap_or("");
        let column = last_line.chars().count() + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { kind, message, span, line: number(line), column: number(column), hint: None }
    }

    pub(crate) fn with_hint(mut self, hint: Option<&'static str>) -> Self {
        self.hint = hint;
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The sentence without its place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The bytes of the template that are at fault.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Line of the fault, counted from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Column of the fault in characters, counted from 1.
    pub fn column(&self) -> u32 {
        self.column
    }

    /// What to write instead, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        self.hint
    }

    /// The failure as a person reads it: message, place, the line with a caret, the hint.
    /// `name` is the template's file name or title.
    pub fn render(&self, source: &str, name: &str) -> String {
        let text = source.split('\n').nth(self.line.saturating_sub(1) as usize).unwrap_or("").trim_end_matches('\r');
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let before = self.column.saturating_sub(1) as usize;
        let rest = text.chars().count().saturating_sub(before);
        let width = self.span.of(source).split('\n').next().unwrap_or("").chars().count().min(rest).max(1);
        let indent: String = text.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let mut out =
            format!("error: {}\n{margin}--> {name}:{}:{}\n{margin} |\n", self.message, self.line, self.column);
        let carets = "^".repeat(width);
        // Writing to a String cannot fail.
        write!(out, "{number} | {text}\n{margin} | {indent}{carets}\n").unwrap_or_default();
        if let Some(hint) = self.hint {
            writeln!(out, "{margin} = help: {hint}").unwrap_or_default();
        }
        out
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {}, column {}", self.message, self.line, self.column)
    }
}

impl std::error::Error for Error {}
