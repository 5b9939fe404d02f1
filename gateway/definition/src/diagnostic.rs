//! What is wrong in a definition, and where.

use crate::{limits, shape};
use std::{fmt, path::PathBuf, sync::Arc};

/// A place in a definition: the file, the 1-based line and column, and the path inside the document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file as it was named on the command line or in the definition.
    pub file: Arc<PathBuf>,
    /// 1-based; 0 when the whole file is meant.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// How many characters the offending text spans, for the caret; at least 1.
    pub width: u32,
    /// The path in the document, such as `Resources.PetFn.Properties.Events.Get`.
    pub path: String,
}

/// Whether a definition can be served all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The definition is not served.
    Error,
    /// Understood and left out on purpose; the rest is served.
    Warning,
}

/// One finding of a reader or of the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What is wrong: lower case, no period, user's text in backticks.
    pub message: String,
    /// What to do, when that is known.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding that keeps the definition from being served.
    #[must_use]
    pub fn error(place: &Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, place: place.clone(), message: message.into(), help: None }
    }

    /// A finding about something that is left out on purpose.
    #[must_use]
    pub fn warning(place: &Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, place: place.clone(), message: message.into(), help: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Place {
    /// A file as a whole.
    #[must_use]
    pub fn whole(file: &Arc<PathBuf>) -> Self {
        Self { file: Arc::clone(file), line: 0, column: 0, width: 1, path: String::new() }
    }
}

/// The findings of one reading, bounded.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<Diagnostic>,
    dropped_errors: usize,
    dropped_warnings: usize,
    concealed: Concealed,
}

/// Values that no finding may show, each with what is shown instead.
#[derive(Default)]
struct Concealed(Vec<(String, String)>);

impl fmt::Debug for Concealed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.0.iter().map(|(_, shown)| shown)).finish()
    }
}

impl Concealed {
    fn hide(&self, text: &mut String) {
        for (value, shown) in &self.0 {
            // A short value may be a part of any word.
            let quoted = format!("`{value}`");
            if value.len() >= 6 && text.contains(value) {
                *text = text.replace(value, shown);
            } else if text.contains(&quoted) {
                *text = text.replace(&quoted, &format!("`{shown}`"));
            }
        }
    }
}

impl Findings {
    /// Keeps a value out of all findings from now on.
    pub(crate) fn conceal(&mut self, value: &str, shown: &str) {
        // Messages quote the beginning of a long text.
        for part in [value.to_owned(), shape::brief(value).trim_end_matches('…').to_owned()] {
            let known = self.concealed.0.iter().any(|(known, _)| *known == part);
            if !part.is_empty() && !known {
                self.concealed.0.push((part, shown.to_owned()));
            }
        }
    }

    /// Adds a finding.
    pub(crate) fn push(&mut self, mut diagnostic: Diagnostic) {
        let texts = [&mut diagnostic.message, &mut diagnostic.place.path];
        for text in texts.into_iter().chain(&mut diagnostic.help) {
            self.concealed.hide(text);
            show_controls(text);
        }
        // Several functions may inherit one faulty line of `Globals`: it is said once.
        if self.kept.contains(&diagnostic) {
            return;
        }
        if self.kept.len() < limits::FINDINGS {
            self.kept.push(diagnostic);
            return;
        }
        match diagnostic.severity {
            Severity::Error => self.dropped_errors += 1,
            Severity::Warning => self.dropped_warnings += 1,
        }
    }

    /// Adds an error with no help.
    pub(crate) fn error(&mut self, place: &Place, message: impl Into<String>) {
        self.push(Diagnostic::error(place, message));
    }

    /// Adds a warning with no help.
    pub(crate) fn warn(&mut self, place: &Place, message: impl Into<String>) {
        self.push(Diagnostic::warning(place, message));
    }

    /// How many errors there are; a reader that compares before and after knows whether its part is sound.
    pub(crate) fn errors(&self) -> usize {
        self.kept.iter().filter(|finding| finding.severity == Severity::Error).count() + self.dropped_errors
    }

    /// All findings in the order of the text, file by file.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        let mut order: Vec<Arc<PathBuf>> = Vec::new();
        for finding in &self.kept {
            if !order.contains(&finding.place.file) {
                order.push(Arc::clone(&finding.place.file));
            }
        }
        let rank = |place: &Place| order.iter().position(|file| *file == place.file);
        self.kept.sort_by_key(|finding| (rank(&finding.place), finding.place.line, finding.place.column));
        let dropped = self.dropped_errors + self.dropped_warnings;
        if let (Some(last), 1..) = (self.kept.last(), dropped) {
            let severity = if self.dropped_errors > 0 { Severity::Error } else { Severity::Warning };
            let message = format!("{dropped} more findings are not shown");
            let place = Place::whole(&last.place.file);
            self.kept.push(Diagnostic { severity, place, message, help: None });
        }
        self.kept
    }
}

/// Writes control characters out: what users wrote may not steer a terminal or break a line.
fn show_controls(text: &mut String) {
    if text.chars().any(char::is_control) {
        let shown =
            |letter: char| if letter.is_control() { letter.escape_default().to_string() } else { letter.into() };
        *text = text.chars().map(shown).collect();
    }
}
