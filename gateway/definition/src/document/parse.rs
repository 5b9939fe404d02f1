//! Text to tree.
//!
//! Short intrinsics (`!Sub x`) become their long form (`Fn::Sub: x`), so that readers know one spelling. Aliases are
//! copied where they stand, so that every node has its own path.

use super::{
    Entry, Map, Node, Spot, Trail, Value,
    tag::{INTRINSICS, Meaning, Tagged, wrap},
};
use crate::{Diagnostic, Place, diagnostic::Findings, limits, shape, spelling};
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Span, Tag};
use std::{collections::HashMap, path::PathBuf, sync::Arc};

/// Reads a text; `None` when it has no usable tree, which is then among the findings.
pub(crate) fn parse(findings: &mut Findings, file: &Arc<PathBuf>, text: &str) -> Option<Node> {
    let options = granit_parser::options! {
        emit_comments: false,
        // JSON has no limit on the length of a key.
        simple_key_max_lookahead: 64 * 1024,
        flow_nesting_limit: limits::DEPTH + 1,
        block_nesting_limit: limits::DEPTH + 1,
    };
    let mut tree = Tree::new(findings, file);
    for next in Parser::new_from_str_with_options(text, options) {
        let outcome = match next {
            Ok((event, span)) => tree.take(event, span),
            Err(error) => Err(syntax_error(file, text, &error)),
        };
        if let Err(diagnostic) = outcome {
            findings.push(diagnostic);
            return None;
        }
    }
    let root = tree.root.take();
    if root.is_none() || root.as_ref().is_some_and(|node| matches!(node.value, Value::Null)) {
        findings.error(&Place::whole(file), "the file is empty");
        return None;
    }
    root
}

fn syntax_error(file: &Arc<PathBuf>, text: &str, error: &granit_parser::ScanError) -> Diagnostic {
    let mark = error.marker();
    let mut spot = Spot { line: number(mark.line()), column: number(mark.col() + 1), width: 1 };
    // What is missing at the end is best shown on the last line that has something.
    let last = text.trim_end().lines().count();
    if mark.line() > last {
        let end = text.trim_end().lines().last().unwrap_or_default().chars().count();
        spot = Spot { line: number(last.max(1)), column: number(end + 1), width: 1 };
    }
    let place = Trail::file(file).place(spot);
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return Diagnostic::error(&place, too_deep());
    }
    let reason = error.info();
    let reason = reason.lines().next().unwrap_or_default();
    Diagnostic::error(&place, format!("the file is not valid YAML or JSON: {reason}"))
}

fn too_deep() -> String {
    format!("lists and maps are nested more than {} deep", limits::DEPTH)
}

/// A list or map that is still open.
struct Frame {
    spot: Spot,
    trail: Trail,
    tag: Option<Tagged>,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { map: Map, key: Option<(String, Spot)>, merged: Vec<Node> },
}

struct Tree<'a> {
    findings: &'a mut Findings,
    file: Trail,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
}

impl<'a> Tree<'a> {
    fn new(findings: &'a mut Findings, file: &Arc<PathBuf>) -> Self {
        Tree {
            findings,
            file: Trail::file(file),
            frames: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            documents: 0,
            root: None,
        }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::DocumentStart(..) => self.document(span),
            Event::Scalar(text, style, anchor, tag) => {
                let at = spot(span);
                let text = text.into_owned();
                if self.awaits_key() {
                    if anchor > 0 {
                        let node = self.scalar(text.clone(), style, at);
                        self.anchors.insert(anchor, node);
                    }
                    return self.key(text, at);
                }
                let tag = self.tag(tag.as_deref(), span)?;
                let node = match tag {
                    Meaning::Text => self.scalar(text, ScalarStyle::DoubleQuoted, at),
                    Meaning::None => self.scalar(text, style, at),
                    Meaning::Intrinsic(tagged) => wrap(self.scalar(text, style, at), Some(&tagged)),
                };
                self.complete(node, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let tag = self.tag(tag.as_deref(), span)?;
                self.open(Content::List(Vec::new()), anchor, tag.intrinsic(), span)
            }
            Event::MappingStart(_, anchor, tag) => {
                let tag = self.tag(tag.as_deref(), span)?;
                let content = Content::Map { map: Map::default(), key: None, merged: Vec::new() };
                self.open(content, anchor, tag.intrinsic(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.alias(anchor, span),
            // The set of events is open; the others carry no values.
            _ => Ok(()),
        }
    }

    fn document(&mut self, span: Span) -> Result<(), Diagnostic> {
        self.documents += 1;
        if self.documents > 1 {
            let place = self.file.place(Spot { width: 1, ..spot(span) });
            return Err(Diagnostic::error(&place, "the file holds more than one document"));
        }
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { content: Content::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, text: String, at: Spot) -> Result<(), Diagnostic> {
        self.count(at)?;
        if text.chars().count() > limits::KEY {
            let message = format!("a key is longer than {} characters", limits::KEY);
            return Err(Diagnostic::error(&self.file.place(at), message));
        }
        if let Some(Frame { content: Content::Map { map, key, .. }, trail, .. }) = self.frames.last_mut() {
            if let Some(first) = map.entries.get(&text) {
                let place = trail.key(&text).place(at);
                self.findings.push(
                    Diagnostic::error(&place, format!("the key `{}` stands here a second time", shape::brief(&text)))
                        .help(format!("the first is in line {}", first.key.line)),
                );
            }
            *key = Some((text, at));
        }
        Ok(())
    }

    /// The trail of the value that comes next.
    fn next_trail(&self) -> Trail {
        match self.frames.last() {
            None => self.file.clone(),
            Some(Frame { content: Content::List(items), trail, .. }) => trail.index(items.len()),
            Some(Frame { content: Content::Map { key, .. }, trail, .. }) => {
                trail.key(key.as_ref().map_or("", |(key, _)| key.as_str()))
            }
        }
    }

    fn scalar(&self, text: String, style: ScalarStyle, at: Spot) -> Node {
        let plain = style == ScalarStyle::Plain;
        let value = if plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL") {
            Value::Null
        } else {
            Value::Scalar { text, plain }
        };
        Node { value, spot: at, trail: self.next_trail() }
    }

    fn open(&mut self, content: Content, anchor: usize, tag: Option<Tagged>, span: Span) -> Result<(), Diagnostic> {
        let at = Spot { width: 1, ..spot(span) };
        if self.awaits_key() {
            return Err(Diagnostic::error(&self.file.place(at), "a key must be text"));
        }
        if self.frames.len() >= limits::DEPTH {
            return Err(Diagnostic::error(&self.next_trail().place(at), too_deep()));
        }
        // A block that starts on the next line is best shown by its key.
        let spot = match self.frames.last() {
            Some(Frame { content: Content::Map { key: Some((_, key)), .. }, .. }) => *key,
            Some(Frame { content: Content::Map { key: None, .. } | Content::List(_), .. }) | None => at,
        };
        let trail = self.next_trail();
        self.frames.push(Frame { spot, trail, tag, anchor, content });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Diagnostic> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let value = match frame.content {
            Content::List(items) => Value::List(items),
            Content::Map { mut map, merged, .. } => {
                merge(&mut map, merged);
                Value::Map(map)
            }
        };
        let node = Node { value, spot: frame.spot, trail: frame.trail };
        self.complete(wrap(node, frame.tag.as_ref()), frame.anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Diagnostic> {
        let at = spot(span);
        let trail = self.next_trail();
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return Err(Diagnostic::error(&trail.place(at), "an alias stands inside what it refers to"));
        };
        if self.awaits_key() {
            return match node.as_text() {
                Some(text) => self.key(text.to_owned(), at),
                None => Err(Diagnostic::error(&trail.place(at), "a key must be text")),
            };
        }
        let node = self.copy(&node, &trail, self.frames.len())?;
        self.complete(node, 0)
    }

    /// What an alias stands for, on its new path but at the places where it is written.
    fn copy(&mut self, node: &Node, trail: &Trail, depth: usize) -> Result<Node, Diagnostic> {
        self.count(node.spot)?;
        if depth > limits::DEPTH {
            return Err(Diagnostic::error(&trail.place(node.spot), too_deep()));
        }
        let value = match &node.value {
            Value::List(items) => {
                let mut copies = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    copies.push(self.copy(item, &trail.index(index), depth + 1)?);
                }
                Value::List(copies)
            }
            Value::Map(map) => {
                let mut copies = Map::default();
                for (key, entry) in map.iter() {
                    let node = self.copy(&entry.node, &trail.key(key), depth + 1)?;
                    copies.entries.insert(key.to_owned(), Entry { key: entry.key, node });
                }
                Value::Map(copies)
            }
            Value::Null | Value::Scalar { .. } | Value::Unresolved => node.value.clone(),
        };
        Ok(Node { value, spot: node.spot, trail: trail.clone() })
    }

    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Diagnostic> {
        self.count(node.spot)?;
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.frames.last_mut() {
            None => self.root = Some(node),
            Some(Frame { content: Content::List(items), .. }) => items.push(node),
            Some(Frame { content: Content::Map { map, key, merged }, .. }) => {
                if let Some((key, spot)) = key.take() {
                    if key == "<<" {
                        merged.push(node);
                    } else {
                        map.entries.entry(key).or_insert(Entry { key: spot, node });
                    }
                }
            }
        }
        Ok(())
    }

    fn count(&mut self, at: Spot) -> Result<(), Diagnostic> {
        self.nodes += 1;
        if self.nodes > limits::NODES {
            let message = format!("the file holds more than {} values", limits::NODES);
            return Err(Diagnostic::error(&self.file.place(at), message));
        }
        Ok(())
    }

    fn tag(&mut self, tag: Option<&Tag>, span: Span) -> Result<Meaning, Diagnostic> {
        let Some(tag) = tag else { return Ok(Meaning::None) };
        if tag.is_yaml_core_schema() || tag.suffix().is_empty() {
            return Ok(if matches!(tag.core_suffix(), Some("str") | None) { Meaning::Text } else { Meaning::None });
        }
        let at = span.tag_span().map_or_else(|| spot(span), spot);
        let long = format!("!{}", tag.suffix());
        match INTRINSICS.iter().find(|(short, _)| *short == long) {
            Some((_, name)) => Ok(Meaning::Intrinsic(Tagged { name, spot: at })),
            None => {
                let original = tag.original();
                let mut unknown = Diagnostic::error(&self.next_trail().place(at), format!("unknown tag `{original}`"));
                unknown.help = spelling::suggestion(&long, INTRINSICS.iter().map(|(short, _)| *short));
                self.findings.push(unknown);
                Ok(Meaning::None)
            }
        }
    }
}

/// `<<`: what is merged in gives way to what stands in the map itself.
fn merge(map: &mut Map, merged: Vec<Node>) {
    for node in merged {
        match node.value {
            Value::Map(other) => {
                for (key, entry) in other.entries {
                    map.entries.entry(key).or_insert(entry);
                }
            }
            Value::List(items) => merge(map, items),
            Value::Null | Value::Scalar { .. } | Value::Unresolved => {}
        }
    }
}

fn spot(span: Span) -> Spot {
    let (start, end) = (span.start, span.end);
    let width = if start.line() == end.line() { end.index().saturating_sub(start.index()) } else { 1 };
    Spot { line: number(start.line()), column: number(start.col() + 1), width: number(width.max(1)) }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
