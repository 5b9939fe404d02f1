//! Values with their variables filled in, as far as somebody asks for them.
//!
//! What nobody reads, such as the settings of a plugin below `custom`, may name what is not on this machine.

use super::{
    dotenv::Environment,
    source::{self, Call, Found},
    variable::{self, Part, Source, Template},
};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    limits,
    read::Reading,
};
use std::{borrow::Cow, collections::HashMap, path::PathBuf, sync::Arc};

/// What variables may refer to, and how much they have made so far.
#[derive(Debug)]
pub(super) struct Variables {
    /// The service as it is written.
    pub(super) root: Arc<Node>,
    /// The folder of the service, which files are named from.
    pub(super) folder: PathBuf,
    pub(super) environment: Environment,
    /// What stands for a value that only AWS has.
    pub(super) remote: Remote,
    /// Files that were read; `None` when one is not there or has a fault.
    pub(super) files: HashMap<PathBuf, Option<Arc<Node>>>,
    /// Variables whose value is being looked for at this moment.
    expanding: Vec<String>,
    /// Variables whose lists and maps are being filled in at this moment.
    settling: Vec<String>,
    /// Values and letters that were made.
    made: usize,
}

/// What becomes of a variable whose value only AWS has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remote {
    /// An error: what is served depends on it.
    Refused,
    /// A warning, and the variable itself as text.
    StandsForItself,
}

/// A value whose own variable is filled in, but not those inside it.
struct Expanded<'n> {
    node: Cow<'n, Node>,
    /// The variables that led here.
    through: Vec<String>,
}

impl Variables {
    pub(super) fn new(root: Node, folder: PathBuf, environment: Environment) -> Self {
        Self {
            root: Arc::new(root),
            folder,
            environment,
            remote: Remote::Refused,
            files: HashMap::new(),
            expanding: Vec::new(),
            settling: Vec::new(),
            made: 0,
        }
    }

    /// Counts what is made; `None` when variables make too much of themselves.
    fn count(&mut self, reading: &mut Reading<'_>, node: &Node, text: &str) -> Option<()> {
        self.made = self.made.saturating_add(1 + text.len() / 16);
        if self.made > limits::NODES {
            let message = format!("the variables make more than {} values", limits::NODES);
            // Said once, wherever it is noticed.
            if self.made < usize::MAX {
                reading.findings.error(&node.place(), message);
            }
            self.made = usize::MAX;
            return None;
        }
        Some(())
    }
}

/// A value with all variables in it filled in.
pub(super) fn settle(reading: &mut Reading<'_>, variables: &mut Variables, node: &Node) -> Node {
    settle_at(reading, variables, node, 0)
}

fn settle_at(reading: &mut Reading<'_>, variables: &mut Variables, node: &Node, depth: usize) -> Node {
    let unresolved = |node: &Node| node.with(Value::Unresolved);
    let text = node.as_text().unwrap_or_default();
    if variables.count(reading, node, text).is_none() {
        return unresolved(node);
    }
    if depth > limits::DEPTH {
        let message = format!("variables nest lists and maps more than {} deep", limits::DEPTH);
        reading.findings.error(&node.place(), message);
        return unresolved(node);
    }
    let expanded = expand(reading, variables, node);
    if matches!(expanded.node.value, Value::Null | Value::Scalar { .. } | Value::Unresolved) {
        return expanded.node.into_owned();
    }
    if let Some(again) = expanded.through.iter().find(|name| variables.settling.contains(name)) {
        reading.findings.error(&node.place(), format!("`${{{again}}}` stands inside itself"));
        return unresolved(node);
    }
    let before = variables.settling.len();
    variables.settling.extend(expanded.through);
    let value = match &expanded.node.value {
        Value::List(items) => {
            Value::List(items.iter().map(|item| settle_at(reading, variables, item, depth + 1)).collect())
        }
        Value::Map(map) => Value::Map(settle_map(reading, variables, map, depth)),
        Value::Null | Value::Scalar { .. } | Value::Unresolved => Value::Unresolved,
    };
    variables.settling.truncate(before);
    expanded.node.with(value)
}

fn settle_map(reading: &mut Reading<'_>, variables: &mut Variables, map: &Map, depth: usize) -> Map {
    let mut settled = Map::default();
    for (key, entry) in map.iter() {
        let node = settle_at(reading, variables, &entry.node, depth + 1);
        let mut name = Cow::Borrowed(key);
        if variable::may_hold(key) {
            let written = Node { spot: entry.key, ..entry.node.with_text(key) };
            match expand(reading, variables, &written).node.as_text() {
                Some(text) => name = Cow::Owned(text.to_owned()),
                None => continue,
            }
        }
        settled.entries.insert(name.into_owned(), Entry { key: entry.key, node });
    }
    settled
}

/// A value whose own variable is filled in, but not those inside it.
pub(super) fn open(reading: &mut Reading<'_>, variables: &mut Variables, node: &Node) -> Node {
    expand(reading, variables, node).node.into_owned()
}

/// A value by its path below another one; variables on the way are filled in.
///
/// # Errors
///
/// The key that is missing, and the keys that are there instead.
pub(super) fn walk<'n>(
    reading: &mut Reading<'_>,
    variables: &mut Variables,
    start: &'n Node,
    path: &str,
) -> Result<Cow<'n, Node>, (String, Vec<String>)> {
    let mut current = Cow::Borrowed(start);
    for key in path.split('.').filter(|key| !key.is_empty()) {
        current = match current {
            Cow::Borrowed(node) => expand(reading, variables, node).node,
            Cow::Owned(node) => Cow::Owned(expand(reading, variables, &node).node.into_owned()),
        };
        if matches!(current.value, Value::Unresolved) {
            return Ok(current);
        }
        let known = match &current.value {
            Value::Map(map) => map.entries.keys().cloned().collect(),
            Value::Null | Value::Scalar { .. } | Value::List(_) | Value::Unresolved => Vec::new(),
        };
        let next = match current {
            Cow::Borrowed(node) => child(node, key).map(Cow::Borrowed),
            Cow::Owned(node) => child(&node, key).cloned().map(Cow::Owned),
        };
        current = next.ok_or_else(|| (key.to_owned(), known))?;
    }
    Ok(current)
}

fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.value {
        Value::Map(map) => map.get(key),
        Value::List(items) => items.get(key.parse::<usize>().ok()?),
        Value::Null | Value::Scalar { .. } | Value::Unresolved => None,
    }
}

/// A value whose own variable is filled in.
fn expand<'n>(reading: &mut Reading<'_>, variables: &mut Variables, node: &'n Node) -> Expanded<'n> {
    let as_it_is = |node: &'n Node| Expanded { node: Cow::Borrowed(node), through: Vec::new() };
    let Value::Scalar { text, plain: _ } = &node.value else { return as_it_is(node) };
    if !variable::may_hold(text) {
        return as_it_is(node);
    }
    let made = |node: Node| Expanded { node: Cow::Owned(node), through: Vec::new() };
    let template = match variable::parse(text) {
        Ok(template) => template,
        Err(message) => {
            reading.findings.error(&node.place(), message);
            return made(node.with(Value::Unresolved));
        }
    };
    if let [Part::Variable(sources)] = template.as_slice() {
        let (value, through) = value(reading, variables, node, sources);
        return Expanded { node: Cow::Owned(value), through };
    }
    match fill(reading, variables, node, &template) {
        Some(text) => made(node.with_text(text)),
        None => made(node.with(Value::Unresolved)),
    }
}

/// A text with its variables filled in; `None` when one has no value, which is then among the findings.
pub(super) fn fill(
    reading: &mut Reading<'_>,
    variables: &mut Variables,
    node: &Node,
    template: &Template,
) -> Option<String> {
    let mut filled = String::new();
    let mut whole = true;
    for part in template {
        let sources = match part {
            Part::Text(text) => {
                filled.push_str(text);
                continue;
            }
            Part::Variable(sources) => sources,
        };
        let (value, _) = value(reading, variables, node, sources);
        match (value.as_text(), &value.value) {
            (Some(text), _) => filled.push_str(text),
            (None, Value::Unresolved) => whole = false,
            (None, _) => {
                let message = format!("a variable inside a text must be text, and this one is {}", value.kind());
                reading.findings.error(&node.place(), message);
                whole = false;
            }
        }
        variables.count(reading, node, &filled)?;
    }
    whole.then_some(filled)
}

/// The value of the first source that has one, its own variable filled in, and the variables that led to it.
fn value(reading: &mut Reading<'_>, variables: &mut Variables, node: &Node, sources: &[Source]) -> (Node, Vec<String>) {
    let unresolved = || (node.with(Value::Unresolved), Vec::new());
    let mut missing = Vec::new();
    for source in sources {
        let call = match source {
            Source::Text(text) => {
                pass_over(reading, node, &missing);
                return (node.with_text(text.as_str()), Vec::new());
            }
            Source::Plain(text) => {
                pass_over(reading, node, &missing);
                let value = match text.as_str() {
                    "null" => Value::Null,
                    _ => Value::Scalar { text: text.clone(), plain: true },
                };
                return (node.with(value), Vec::new());
            }
            Source::Call { kind, arguments, address } => {
                let Some(call) = Call::new(reading, variables, node, (kind, arguments, address.as_ref())) else {
                    return unresolved();
                };
                call
            }
        };
        match called(reading, variables, node, &call) {
            Ok(found) => {
                pass_over(reading, node, &missing);
                return found;
            }
            Err(reason) => missing.push(reason),
        }
    }
    let remote = missing.iter().any(|reason| reason.remote);
    let Some(reason) = missing.into_iter().next() else { return unresolved() };
    if remote && variables.remote == Remote::StandsForItself {
        let help = format!("the text `{}` stands for it", reason.written());
        reading.findings.push(Diagnostic::warning(&node.place(), reason.message.clone()).help(help));
        return (node.with_text(reason.written()), Vec::new());
    }
    let mut diagnostic = Diagnostic::error(&node.place(), reason.message.clone());
    diagnostic.help = reason.help;
    reading.findings.push(diagnostic);
    unresolved()
}

/// Says which sources only AWS could have asked before the one that has a value.
fn pass_over(reading: &mut Reading<'_>, node: &Node, missing: &[source::Missing]) {
    for reason in missing.iter().filter(|reason| reason.remote) {
        let help = "the next source of the variable is taken";
        reading.findings.push(Diagnostic::warning(&node.place(), reason.message.clone()).help(help));
    }
}

/// The value of one source.
fn called(
    reading: &mut Reading<'_>,
    variables: &mut Variables,
    node: &Node,
    call: &Call,
) -> Result<(Node, Vec<String>), source::Missing> {
    const MOST: usize = 40;
    let name = call.name();
    let unresolved = (node.with(Value::Unresolved), Vec::new());
    if variables.expanding.contains(&name) || variables.expanding.len() >= MOST {
        let message = match variables.expanding.contains(&name) {
            true => format!("`${{{name}}}` leads back to itself"),
            false => format!("more than {MOST} variables lead to each other"),
        };
        reading.findings.error(&node.place(), message);
        return Ok(unresolved);
    }
    if variables.count(reading, node, &name).is_none() {
        return Ok(unresolved);
    }
    variables.expanding.push(name.clone());
    let found = source::look_up(reading, variables, node, call);
    let outcome = match found {
        Found::Missing(missing) => Err(missing),
        Found::Value(found) => {
            let expanded = expand(reading, variables, &found);
            let mut through = vec![name];
            through.extend(expanded.through);
            let value = expanded.node.into_owned();
            // What a file says is shown where it is asked for, for the file may hold secrets; what stands inside a list
            // or a map is shown where it is written.
            Ok((node.with(value.value), through))
        }
    };
    variables.expanding.pop();
    match outcome {
        // Nothing written is nothing found, as for Serverless.
        Ok((Node { value: Value::Null, .. }, through)) => {
            let name = through.into_iter().next().unwrap_or_default();
            Err(source::Missing::empty(name))
        }
        other => other,
    }
}
