//! Finds the method for a path and a verb.
//!
//! AWS looks for a (resource, method) pair, the most specific path first: a literal segment before `{name}` before
//! `{name+}` at each level, with backtracking, so that a resource without the verb does not hide a greedy one that has it.
//! A specific verb beats `ANY`, but only on the same resource. Empty segments do not count; case does.
//!
//! Invariant: a lookup allocates nothing, and its cost depends on the depth of the path, not on the number of routes.

use crate::{authorize::iam, deployment::Method, exchange::Exchange, failure::Failure, stage::StageSnapshot};
use fanlight_aws_wire::signature::Refusal;
use fanlight_definition::resources::HttpMethod;
use std::{collections::HashMap, num::NonZeroU32, sync::Arc};

/// The method that serves this exchange.
///
/// # Errors
/// `MISSING_AUTHENTICATION_TOKEN` when there is none: AWS knows no 404 and no 405 here.
pub fn find<'a>(stage: &'a StageSnapshot, exchange: &Exchange) -> Result<&'a Method, Failure> {
    exchange
        .verb()
        .and_then(|verb| stage.deployment.router.find(exchange.path(), verb))
        .and_then(|index| stage.deployment.methods.get(index))
        .ok_or_else(|| unmatched(exchange))
}

/// A request to nowhere that carries an `Authorization` header is taken for a signed one, and refused for its signature.
fn unmatched(exchange: &Exchange) -> Failure {
    match iam::claim(exchange) {
        Err(Refusal::Incomplete(message)) => Failure::IncompleteSignature(message),
        Ok(_) | Err(Refusal::Invalid(_) | Refusal::UnknownKey | Refusal::Ambiguous) => {
            Failure::MissingAuthenticationToken("no resource or method matches")
        }
    }
}

/// Path templates as a tree of segments.
#[derive(Debug, Default)]
pub struct Router {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<Box<str>, Child>,
    parameter: Option<Child>,
    greedy: Option<Child>,
    /// The method of each verb plus one, indexed by [`HttpMethod`]; empty where the path is not a resource.
    methods: [Option<NonZeroU32>; HttpMethod::ALL.len()],
}

/// The index of a node; the first node is nobody's child. Small, because a lookup in a large API waits for memory.
type Child = NonZeroU32;

/// A segment of a path template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Text.
    Literal(&'a str),
    /// `{name}`
    Parameter(&'a str),
    /// `{name+}`
    Greedy(&'a str),
}

/// The segments of a path template.
pub fn segments(template: &str) -> impl Iterator<Item = Segment<'_>> {
    template.split('/').filter(|segment| !segment.is_empty()).map(|segment| {
        match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => name.strip_suffix('+').map_or(Segment::Parameter(name), Segment::Greedy),
            None => Segment::Literal(segment),
        }
    })
}

impl Router {
    /// Enters a method. A template entered twice keeps its last method; readers refuse such definitions.
    pub fn insert(&mut self, template: &str, verb: HttpMethod, method: usize) {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let mut at = 0;
        for segment in segments(template) {
            let count = self.nodes.len();
            let Some(next) = u32::try_from(count).ok().and_then(NonZeroU32::new) else { return };
            let Some(node) = self.nodes.get_mut(at) else { return };
            let child = match segment {
                Segment::Literal(text) => *node.literals.entry(text.into()).or_insert(next),
                Segment::Parameter(_) => *node.parameter.get_or_insert(next),
                Segment::Greedy(_) => *node.greedy.get_or_insert(next),
            };
            at = index(child);
            if at == count {
                self.nodes.push(Node::default());
            }
        }
        if let Some(slot) = self.nodes.get_mut(at).and_then(|node| node.methods.get_mut(verb as usize)) {
            *slot = u32::try_from(method + 1).ok().and_then(NonZeroU32::new);
        }
    }

    /// The method for a path, which may be percent-encoded and stays so, and a verb.
    #[must_use]
    pub fn find(&self, path: &str, verb: HttpMethod) -> Option<usize> {
        self.descend(self.nodes.first()?, path, verb)
    }

    /// Whether any method, whatever its verb, is there for a path.
    #[must_use]
    pub fn knows(&self, path: &str) -> bool {
        HttpMethod::ALL.into_iter().any(|verb| self.find(path, verb).is_some())
    }

    fn descend(&self, node: &Node, path: &str, verb: HttpMethod) -> Option<usize> {
        let rest = path.trim_start_matches('/');
        if rest.is_empty() {
            return node.method(verb);
        }
        let (segment, after) = rest.split_once('/').unwrap_or((rest, ""));
        let child = |child: Child| self.nodes.get(index(child));
        let literal = node.literals.get(segment).and_then(|&literal| self.descend(child(literal)?, after, verb));
        literal
            .or_else(|| self.descend(child(node.parameter?)?, after, verb))
            .or_else(|| child(node.greedy?)?.method(verb))
    }
}

fn index(child: Child) -> usize {
    usize::try_from(child.get()).unwrap_or(usize::MAX)
}

impl Node {
    fn method(&self, verb: HttpMethod) -> Option<usize> {
        let of = |verb: HttpMethod| self.methods.get(verb as usize).copied().flatten();
        of(verb).or_else(|| of(HttpMethod::Any)).map(|method| index(method) - 1)
    }
}

/// The path parameters of a matched template, in its order, with values as the client sent them: percent-encoded. A
/// greedy value keeps its inner slashes and loses one at its end.
pub fn parameters<'a>(names: &'a [PathParameter], path: &'a str) -> impl Iterator<Item = (&'a Arc<str>, &'a str)> {
    names.iter().filter_map(move |parameter| {
        let mut rest = path.trim_start_matches('/');
        for _ in 0..parameter.segment {
            rest = rest.split_once('/')?.1.trim_start_matches('/');
        }
        let value = if parameter.greedy {
            rest.strip_suffix('/').unwrap_or(rest)
        } else {
            rest.split('/').next().unwrap_or_default()
        };
        Some((&parameter.name, value))
    })
}

/// Where a path parameter stands in its template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathParameter {
    /// The name.
    pub name: Arc<str>,
    /// How many segments stand before it.
    pub segment: usize,
    /// Whether it takes all the rest.
    pub greedy: bool,
}

/// The path parameters of a template.
#[must_use]
pub fn path_parameters(template: &str) -> Vec<PathParameter> {
    let parameter = |(segment, kind)| match kind {
        Segment::Literal(_) => None,
        Segment::Parameter(name) => Some(PathParameter { name: name.into(), segment, greedy: false }),
        Segment::Greedy(name) => Some(PathParameter { name: name.into(), segment, greedy: true }),
    };
    segments(template).enumerate().filter_map(parameter).collect()
}

#[cfg(test)]
mod tests;
