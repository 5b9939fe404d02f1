//! A scenario file: a title, its evidence, and tagged blocks in order.

use crate::Outcome;
use std::path::Path;

/// A scenario as written.
#[derive(Debug)]
pub struct Scenario {
    /// `rest/route/trailing_slash`
    pub name: String,
    /// The blocks in the order of the file.
    pub blocks: Vec<Block>,
    /// The whole text, for updates.
    pub text: String,
}

/// A fenced block with a tag: ` ```json @function echo timeout=1 `.
#[derive(Debug, Clone)]
pub struct Block {
    /// `json`, `yaml`, `js`; says how the text is meant.
    pub language: String,
    /// What the block is for.
    pub tag: Tag,
    /// The words after the tag.
    pub words: Vec<String>,
    /// What stands between the fences, without the last line end.
    pub text: String,
    /// The line of the opening fence, from 1.
    pub line: usize,
}

/// What a block is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// The definition, an OpenAPI file.
    Api,
    /// The fake clock goes on.
    Clock,
    /// A command with its output.
    Console,
    /// What is wrong with the definition.
    Diagnostics,
    /// The event that a function got for the request before.
    Event,
    /// Any file beside the definition.
    Files,
    /// A function.
    Function,
    /// How much the host's memory may grow in the whole session.
    Memory,
    /// What a web server got for the request before.
    Received,
    /// A request.
    Request,
    /// The host is killed or stopped, and started again.
    Restart,
    /// The response to the request before.
    Response,
    /// The definition, a SAM template.
    Sam,
    /// One of the sample functions, in the place of a definition.
    Sample,
    /// A file that is saved while the host runs.
    Save,
    /// Flags of `fanlight serve`.
    Serve,
    /// The definition, a `serverless.yml`.
    Serverless,
    /// `fanlight.toml`.
    Settings,
    /// Lines that the host prints.
    Stdout,
    /// A token that is signed when the scenario runs.
    Token,
    /// A web server.
    Upstream,
    /// Bytes on a connection of its own.
    Wire,
    /// The scenario must fail.
    Xfail,
}

impl Tag {
    const ALL: [(&'static str, Self); 23] = [
        ("@api", Self::Api),
        ("@clock", Self::Clock),
        ("@console", Self::Console),
        ("@diagnostics", Self::Diagnostics),
        ("@event", Self::Event),
        ("@files", Self::Files),
        ("@function", Self::Function),
        ("@memory", Self::Memory),
        ("@received", Self::Received),
        ("@request", Self::Request),
        ("@response", Self::Response),
        ("@restart", Self::Restart),
        ("@sam", Self::Sam),
        ("@sample", Self::Sample),
        ("@save", Self::Save),
        ("@serve", Self::Serve),
        ("@serverless", Self::Serverless),
        ("@settings", Self::Settings),
        ("@stdout", Self::Stdout),
        ("@token", Self::Token),
        ("@upstream", Self::Upstream),
        ("@wire", Self::Wire),
        ("@xfail", Self::Xfail),
    ];
}

impl Block {
    /// The first word: the name of a function, a web server or a file.
    pub fn name(&self) -> Outcome<&str> {
        self.words.first().map(String::as_str).ok_or_else(|| format!("line {}: the block needs a name", self.line))
    }

    /// Whether a word stands after the tag.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|candidate| candidate == word)
    }
}

/// Reads a file below `root`.
///
/// # Errors
/// When it cannot be read, has no title or evidence, or holds a block that is not known.
pub fn read(root: &Path, file: &Path) -> Outcome<Scenario> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let relative = file.strip_prefix(root).unwrap_or(file).with_extension("");
    let name = relative.to_string_lossy().into_owned();
    parse(name, text)
}

fn parse(name: String, text: String) -> Outcome<Scenario> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut prose = String::new();
    for (index, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(rest)) if rest.trim().is_empty() => blocks.extend(open.take()),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, Some(info)) => open = Some(opened(info, index + 1)?),
            (None, None) => {
                prose.push_str(line);
                prose.push('\n');
            }
        }
    }
    if let Some(block) = open {
        return Err(format!("line {}: the block has no end", block.line));
    }
    for block in &mut blocks {
        block.text.pop();
    }
    if !prose.starts_with("# ") {
        return Err("the file does not begin with a title: `# ..`".to_owned());
    }
    match prose.find("](").or_else(|| prose.find("https://")) {
        Some(at) if prose.get(at..).is_some_and(|rest| rest.contains("https://docs.aws.amazon.com/")) => {}
        _ => return Err("the file has no link to AWS's documentation before its blocks".to_owned()),
    }
    Ok(Scenario { name, blocks, text })
}

fn opened(info: &str, line: usize) -> Outcome<Block> {
    let mut words = info.split_whitespace().map(ToOwned::to_owned);
    let language = words.next().unwrap_or_default();
    let tag = words.next().unwrap_or_default();
    let known = Tag::ALL.iter().find(|(name, _)| *name == tag).map(|(_, tag)| *tag);
    let tag = known.ok_or_else(|| format!("line {line}: unknown block `{info}`"))?;
    Ok(Block { language, tag, words: words.collect(), text: String::new(), line })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_a_tag_that_is_known() {
        let head = "# t\n\nAWS: https://docs.aws.amazon.com/x\n\n";
        let block = |info: &str| parse("n".into(), format!("{head}```{info}\na\n\nb\n```\n"));
        let scenario = block("json @function echo timeout=1").unwrap();
        let function = scenario.blocks.first().unwrap();
        assert_eq!((function.tag, function.text.as_str(), function.line), (Tag::Function, "a\n\nb", 5));
        assert_eq!(function.words, ["echo", "timeout=1"]);
        assert!(block("json @nonsense").unwrap_err().contains("unknown block"));
        assert!(block("json").is_err());
        assert!(parse("n".into(), "# t\n\n".into()).unwrap_err().contains("link"));
        assert!(parse("n".into(), "t\n".into()).unwrap_err().contains("title"));
    }
}
