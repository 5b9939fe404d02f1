//! Lines for the person at the terminal.
//!
//! One thread writes them, from a bounded queue: a terminal that does not take them, or a full pipe, delays no request.
//! What does not fit is dropped and counted.

use fanlight_runtime::{LineKind, LogLine, LogSink};
use std::{
    io::{BufWriter, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    },
    thread,
};

/// Lines that may wait.
const QUEUE: usize = 8 * 1024;

/// Takes lines.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    queue: SyncSender<String>,
    lost: Arc<AtomicU64>,
    verbosity: Verbosity,
}

/// How much is printed while requests come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Nothing but reloads and problems.
    Quiet,
    /// A line per request, and what functions log.
    Requests,
    /// Every step of each exchange as well.
    Trace,
}

impl Printer {
    /// Starts the thread that writes to standard output.
    pub(crate) fn start(verbosity: Verbosity) -> std::io::Result<Self> {
        let (queue, lines) = sync_channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&lost);
        thread::Builder::new().name("printer".to_owned()).spawn(move || write(&lines, &counter))?;
        Ok(Self { queue, lost, verbosity })
    }

    pub(crate) const fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Prints a line whatever the verbosity.
    pub(crate) fn line(&self, text: impl Into<String>) {
        if self.queue.try_send(text.into()).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl LogSink for Printer {
    fn line(&self, line: LogLine) {
        if self.wants(line.kind) {
            Self::line(self, format!("  [{}] {}", line.function, printable(&line.text)));
        }
    }

    fn wants(&self, kind: LineKind) -> bool {
        match (self.verbosity, kind) {
            (Verbosity::Trace, _) | (Verbosity::Requests, LineKind::Output) | (_, LineKind::Notice) => true,
            // The line of the request says the same.
            (Verbosity::Requests, LineKind::Report) | (Verbosity::Quiet, LineKind::Output | LineKind::Report) => false,
        }
    }
}

/// Without control characters that could forge a line or move the cursor. Colours stay: `ESC [ digits m` and no other
/// sequence.
pub(crate) fn printable(text: &str) -> String {
    if !text.contains(|character: char| character.is_control() && character != '\t') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (colour, after) = colour(rest).map_or((None, rest), |(colour, after)| (Some(colour), after));
        match colour {
            Some(colour) => {
                out.push_str(colour);
                rest = after;
            }
            None => {
                let kept = !character.is_control() || character == '\t';
                out.push(if kept { character } else { '\u{fffd}' });
                rest = rest.get(character.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out
}

/// A colour at the beginning, and what follows it.
fn colour(text: &str) -> Option<(&str, &str)> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let length = parameters.find(|character: char| !character.is_ascii_digit() && character != ';')?;
    parameters.get(length..)?.strip_prefix('m')?;
    text.split_at_checked("\u{1b}[".len() + length + 1)
}

fn write(lines: &Receiver<String>, lost: &AtomicU64) {
    let mut out = BufWriter::new(std::io::stdout());
    // A closed terminal is no reason to stop serving.
    while let Ok(first) = lines.recv() {
        let mut next = Ok(first);
        while let Ok(line) = next {
            let _closed = writeln!(out, "{line}");
            next = lines.try_recv();
        }
        let dropped = lost.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let _closed = writeln!(out, "({dropped} lines could not be printed in time)");
        }
        let _closed = out.flush();
        if next == Err(TryRecvError::Disconnected) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_reach_the_terminal() {
        let rows = [
            ("plain\ttext", "plain\ttext"),
            ("\u{1b}[31mred\u{1b}[0m", "\u{1b}[31mred\u{1b}[0m"),
            ("\u{1b}[2Jgone", "\u{fffd}[2Jgone"),
            ("\u{1b}]0;title\u{7}", "\u{fffd}]0;title\u{fffd}"),
            ("a\nforged", "a\u{fffd}forged"),
            ("\u{1b}[31", "\u{fffd}[31"),
        ];
        for (text, expected) in rows {
            assert_eq!(printable(text), expected, "{text:?}");
        }
    }
}
