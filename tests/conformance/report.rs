//! What a case came to, and the counts of a file.

use std::fmt;

/// What a case came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As expected.
    Passed,
    /// Not as expected.
    Differs(Difference),
    /// Nothing that can be checked here, and why.
    Skipped(&'static str),
}

/// What was expected, and what there was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) expected: String,
    pub(crate) got: String,
}

/// How many cases came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Report {
    passed: usize,
    /// Cases that differ.
    pub(crate) failed: usize,
    skipped: usize,
}

/// Prints a case that did not pass; `about` stands in a line of its own when there is something to say.
#[expect(clippy::print_stdout, reason = "the differences are the output")]
pub(crate) fn print(name: &str, about: Option<&dyn fmt::Display>, verdict: &Verdict) {
    match verdict {
        Verdict::Passed => {}
        Verdict::Skipped(reason) => println!("skipped {name}: {reason}"),
        Verdict::Differs(Difference { expected, got }) => {
            println!("differs {name}");
            if let Some(about) = about {
                println!("  {about}");
            }
            println!("  expected {expected}\n  got      {got}");
        }
    }
}

impl Verdict {
    /// Passed, or the difference.
    pub(crate) fn of(same: bool, expected: impl fmt::Display, got: impl fmt::Display) -> Self {
        if same {
            Self::Passed
        } else {
            Self::Differs(Difference { expected: expected.to_string(), got: got.to_string() })
        }
    }

    /// The other verdict, unless this one says already that the case fails.
    pub(crate) fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Passed => other(),
            Self::Differs(_) | Self::Skipped(_) => self,
        }
    }
}

impl Report {
    /// Counts a case.
    pub(crate) const fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Differs(_) => self.failed += 1,
            Verdict::Skipped(_) => self.skipped += 1,
        }
    }

    /// Counts the cases of another file.
    pub(crate) const fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}
