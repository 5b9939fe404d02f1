//! The environment that `${env:..}` reads, with what `.env` adds to it.
//!
//! Serverless: <https://www.serverless.com/framework/docs/environment-variables>

use crate::{diagnostic::Findings, source::Sources};
use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
};

/// Names and values. The values are secrets.
#[derive(Default)]
pub(super) struct Environment {
    values: HashMap<String, String>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.values.keys()).finish()
    }
}

impl Environment {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub(super) fn of_process<'a>(values: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self { values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
    }

    /// Adds what the files say; the process's own values stay.
    pub(super) fn add_files(&mut self, sources: &mut Sources, findings: &mut Findings, files: &[PathBuf]) {
        for file in files {
            if !file.is_file() {
                sources.miss(file);
                continue;
            }
            let Some(text) = load(sources, findings, file) else { continue };
            for (name, value) in lines(&text) {
                self.values.entry(name).or_insert(value);
            }
        }
    }
}

fn load(sources: &mut Sources, findings: &mut Findings, file: &Path) -> Option<String> {
    let file = std::sync::Arc::new(file.to_path_buf());
    let whole = crate::Place::whole(&file);
    sources.load(findings, &file, &whole).map(|text| text.as_ref().to_owned())
}

/// `NAME=value`, `export NAME='value'`, `# comment`.
fn lines(text: &str) -> Vec<(String, String)> {
    let mut values = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
        let value = value.trim();
        let value = match value.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`')) {
            Some(quote) => quoted(value, quote, &mut lines),
            None => value.split(" #").next().unwrap_or_default().trim().to_owned(),
        };
        values.push((name.trim().to_owned(), value));
    }
    values
}

/// What stands between quotes, over several lines if need be.
fn quoted<'a>(first: &str, quote: char, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut text = first.chars().skip(1).collect::<String>();
    while !text.contains(quote) {
        let Some(line) = lines.next() else { break };
        text.push('\n');
        text.push_str(line);
    }
    let text = text.split(quote).next().unwrap_or_default();
    if quote == '"' { text.replace("\\n", "\n").replace("\\r", "\r") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn reads_lines_as_dotenv_does() {
        let text = "A=1\n# B=2\n\nexport C = 'x y' # why\nD=\"a\\nb\"\nE=x # y\nF=\nG=a=b\nH=\"one\ntwo\"\nnothing\n";
        let found = lines(text);
        let found: Vec<(&str, &str)> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected =
            [("A", "1"), ("C", "x y"), ("D", "a\nb"), ("E", "x"), ("F", ""), ("G", "a=b"), ("H", "one\ntwo")];
        assert_eq!(found, expected);
    }
}
