//! Diagnostics as text for people.

use crate::{Diagnostic, Place, Severity, Sources};
use annotate_snippets::{AnnotationKind, Group, Level, Message, Origin, Renderer, Snippet};
use std::{fmt::Write as _, ops::Range};

/// All diagnostics with their lines and carets, as rustc draws them.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&[report(diagnostic, sources)]));
        out.push_str("\n\n");
    }
    out
}

/// One line: `error: file:line:col: message (path)`.
#[must_use]
pub fn render_line(diagnostic: &Diagnostic) -> String {
    let Place { file, line, column, path, .. } = &diagnostic.place;
    let mut out = format!("{}: {}:", severity(diagnostic.severity), file.display());
    // Writing to a String cannot fail.
    if *line > 0 {
        let _infallible = write!(out, "{line}:{column}:");
    }
    let _infallible = write!(out, " {}", diagnostic.message);
    if !path.is_empty() {
        let _infallible = write!(out, " ({path})");
    }
    out
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let place = &diagnostic.place;
    let file = place.file.to_string_lossy();
    let mut group = level.primary_title(diagnostic.message.as_str()).elements(Vec::<Message<'_>>::new());
    let line = usize::try_from(place.line).unwrap_or(usize::MAX);
    let source = sources.text(&place.file).and_then(|text| text.lines().nth(line.checked_sub(1)?));
    group = match source {
        Some(text) => {
            let text = visible(text);
            let mark = AnnotationKind::Primary.span(span(&text, place)).label(place.path.as_str());
            group.element(Snippet::source(text).path(file).line_start(line).annotation(mark))
        }
        None => group.element(Origin::path(file)),
    };
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}

/// A line without control characters: what users wrote may not steer a terminal. Each keeps its column.
fn visible(line: &str) -> String {
    let shown = |letter: char| if letter.is_control() && letter != '\t' { char::REPLACEMENT_CHARACTER } else { letter };
    line.chars().map(shown).collect()
}

/// The bytes of the line that the caret marks.
fn span(line: &str, place: &Place) -> Range<usize> {
    let byte = |column: u32| {
        let skip = usize::try_from(column).unwrap_or(usize::MAX);
        line.char_indices().nth(skip).map_or(line.len(), |(index, _)| index)
    };
    let first = place.column.saturating_sub(1);
    let start = byte(first);
    start..byte(first.saturating_add(place.width)).max(start)
}
