//! `UPDATE=1`: expectation blocks are rewritten in place.

use crate::{
    Outcome,
    scenario::{Block, Scenario},
};
use std::path::Path;

/// New texts of blocks, by the line of their opening fence.
#[derive(Debug, Default)]
pub struct Update {
    wanted: bool,
    blocks: Vec<(usize, String)>,
}

impl Update {
    /// Wanted when `UPDATE` is set.
    #[must_use]
    pub fn from_environment() -> Self {
        Self { wanted: std::env::var_os("UPDATE").is_some(), blocks: Vec::new() }
    }

    /// Whether differences are written rather than reported.
    #[must_use]
    pub const fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// Notes a new text.
    pub fn replace(&mut self, block: &Block, text: &str) {
        self.blocks.push((block.line, text.to_owned()));
    }

    /// Writes the file, if anything changed.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, scenario: &Scenario, file: &Path) -> Outcome<()> {
        if self.blocks.is_empty() {
            return Ok(());
        }
        std::fs::write(file, self.applied(&scenario.text)).map_err(|error| format!("{}: {error}", file.display()))
    }

    fn applied(&self, text: &str) -> String {
        let mut out = String::new();
        let mut skipping = false;
        for (index, line) in text.lines().enumerate() {
            if skipping && line.trim_end() != "```" {
                continue;
            }
            skipping = false;
            out.push_str(line);
            out.push('\n');
            if let Some((_, new)) = self.blocks.iter().find(|(fence, _)| *fence == index + 1) {
                out.push_str(new);
                out.push('\n');
                skipping = true;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_block_is_rewritten() {
        let update = Update { wanted: true, blocks: vec![(2, "new\nlines".to_owned())] };
        assert_eq!(update.applied("a\n```x @response\nold\n```\nb\n"), "a\n```x @response\nnew\nlines\n```\nb\n");
    }
}
