//! Matching by backtracking. What is left to match is kept as a list of tasks, so that long texts
//! need no deep recursion.

use super::{Case, Greed, Groups, Node, Place, Regex, Repeat};
use crate::value::heap::{Failure, Heap};
use std::rc::Rc;

/// Where a match has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    Anywhere,
    End,
    /// Look-behind ends where it was asked.
    At(usize),
}

/// What remains to be done, shared between alternatives.
type Tasks<'r> = Option<Rc<Task<'r>>>;

struct Task<'r> {
    step: Step<'r>,
    next: Tasks<'r>,
}

#[derive(Clone, Copy)]
enum Step<'r> {
    Match(&'r Node),
    Parts(&'r [Node]),
    /// One more round of a repetition that has had some, the last from here.
    Again(&'r Repeat, u32, usize),
    CloseGroup(usize, usize),
}

/// The first of the parts, then the others.
fn sequence<'r>(parts: &'r [Node], next: Tasks<'r>) -> Tasks<'r> {
    let Some((first, rest)) = parts.split_first() else { return next };
    let next = if rest.is_empty() { next } else { Some(Rc::new(Task { step: Step::Parts(rest), next })) };
    Some(Rc::new(Task { step: Step::Match(first), next }))
}

/// A place to go back to; one with `least` stands for all places from there to `at`.
struct Choice<'r> {
    at: usize,
    least: usize,
    tasks: Tasks<'r>,
    groups: Groups,
}

struct Run<'r, 't, 'h, 'a> {
    heap: &'h Heap<'a>,
    text: &'t str,
    groups: Groups,
    choices: Vec<Choice<'r>>,
}

pub(super) fn at(
    regex: &Regex,
    text: &str,
    start: usize,
    until: Until,
    heap: &Heap<'_>,
) -> Result<Option<Groups>, Failure> {
    let groups = vec![None; regex.n_groups + 1];
    let mut run = Run { heap, text, groups, choices: Vec::new() };
    let end = run.node(&regex.root, start, until)?;
    Ok(end.map(|end| {
        if let Some(whole) = run.groups.first_mut() {
            *whole = Some((start, end));
        }
        run.groups
    }))
}

impl<'r> Run<'r, '_, '_, '_> {
    /// Matches one node to the end of it, trying everything; the groups are those of the match.
    fn node(&mut self, node: &'r Node, start: usize, until: Until) -> Result<Option<usize>, Failure> {
        let outer = std::mem::take(&mut self.choices);
        let mut at = start;
        let mut tasks: Tasks<'r> = Some(Rc::new(Task { step: Step::Match(node), next: None }));
        let found = loop {
            self.heap.charge(1 + self.choices.len() / 4096)?;
            let Some(task) = tasks else {
                let ends = match until {
                    Until::Anywhere => true,
                    Until::End => at == self.text.len(),
                    Until::At(end) => at == end,
                };
                if ends {
                    break Some(at);
                }
                match self.go_back() {
                    Some(choice) => {
                        (at, tasks) = choice;
                        continue;
                    }
                    None => break None,
                }
            };
            match self.step(&task, at)? {
                Some((end, rest)) => (at, tasks) = (end, rest),
                None => match self.go_back() {
                    Some(choice) => (at, tasks) = choice,
                    None => break None,
                },
            }
            if self.choices.len() > 100_000 {
                return Err(Failure::new("the regular expression tries too many ways"));
            }
        };
        self.choices = outer;
        Ok(found)
    }

    fn choose(&mut self, at: usize, tasks: Tasks<'r>) {
        self.choices.push(Choice { at, least: at, tasks, groups: self.groups.clone() });
    }

    fn go_back(&mut self) -> Option<(usize, Tasks<'r>)> {
        let mut choice = self.choices.pop()?;
        let at = choice.at;
        if at > choice.least {
            let earlier = self.text.get(..at).and_then(|text| text.char_indices().next_back());
            choice.at = earlier.map_or(choice.least, |(at, _)| at);
            self.groups.clone_from(&choice.groups);
            let tasks = choice.tasks.clone();
            self.choices.push(choice);
            return Some((at, tasks));
        }
        self.groups = choice.groups;
        Some((at, choice.tasks))
    }

    fn step(&mut self, task: &Task<'r>, at: usize) -> Result<Option<(usize, Tasks<'r>)>, Failure> {
        let next = task.next.clone();
        match task.step {
            Step::Match(node) => self.enter(node, at, next),
            Step::Parts(parts) => Ok(Some((at, sequence(parts, next)))),
            Step::Again(repeat, count, from) => {
                if count >= repeat.least && at == from && count > 0 {
                    // An empty round is the last one.
                    return Ok(Some((at, next)));
                }
                self.repeat(repeat, count, at, next)
            }
            Step::CloseGroup(group, start) => {
                if let Some(slot) = self.groups.get_mut(group) {
                    *slot = Some((start, at));
                }
                Ok(Some((at, next)))
            }
        }
    }

    fn enter(&mut self, node: &'r Node, at: usize, next: Tasks<'r>) -> Result<Option<(usize, Tasks<'r>)>, Failure> {
        let then = |step, next| Some(Rc::new(Task { step, next }));
        Ok(match node {
            Node::Empty => Some((at, next)),
            Node::Char(..) | Node::Class(..) => self.single(node, at).map(|end| (end, next)),
            Node::Sequence(parts) => Some((at, sequence(parts, next))),
            Node::Either(alternatives) => {
                let mut alternatives = alternatives.iter();
                let first = alternatives.next();
                for alternative in alternatives.rev() {
                    self.choose(at, then(Step::Match(alternative), next.clone()));
                }
                first.map(|first| (at, then(Step::Match(first), next)))
            }
            Node::Group(body, group) => Some((at, then(Step::Match(body), then(Step::CloseGroup(*group, at), next)))),
            Node::Back(group, case) => self.back(*group, *case, at).map(|end| (end, next)),
            Node::Repeat(repeat) => return self.repeat(repeat, 0, at, next),
            Node::Atomic(body) => self.node(body, at, Until::Anywhere)?.map(|end| (end, next)),
            Node::Look { body, ahead, negative } => {
                let groups = self.groups.clone();
                let found = self.look(body, *ahead, at)?;
                if *negative {
                    self.groups = groups;
                }
                (found != *negative).then_some((at, next))
            }
            Node::At(place) => self.is_at(*place, at).then_some((at, next)),
        })
    }

    fn look(&mut self, body: &'r Node, ahead: bool, at: usize) -> Result<bool, Failure> {
        if ahead {
            return Ok(self.node(body, at, Until::Anywhere)?.is_some());
        }
        for start in (0..=at).rev() {
            if self.text.is_char_boundary(start) && self.node(body, start, Until::At(at))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A single character, the most common case.
    fn single(&self, node: &Node, at: usize) -> Option<usize> {
        let c = self.text.get(at..)?.chars().next()?;
        let matches = match node {
            Node::Char(expected, Case::Sensitive) => c == *expected,
            Node::Char(expected, Case::Insensitive) => c.eq_ignore_ascii_case(expected),
            Node::Class(class, Case::Sensitive) => class.contains(c),
            Node::Class(class, Case::Insensitive) => class.contains_in_any_case(c),
            _ => false,
        };
        matches.then_some(at + c.len_utf8())
    }

    fn back(&self, group: usize, case: Case, at: usize) -> Option<usize> {
        let (start, end) = (*self.groups.get(group)?)?;
        let expected = self.text.get(start..end)?;
        let found = self.text.get(at..at + expected.len())?;
        let same = match case {
            Case::Sensitive => found == expected,
            Case::Insensitive => found.eq_ignore_ascii_case(expected),
        };
        same.then_some(at + expected.len())
    }

    fn repeat(
        &mut self,
        repeat: &'r Repeat,
        count: u32,
        at: usize,
        next: Tasks<'r>,
    ) -> Result<Option<(usize, Tasks<'r>)>, Failure> {
        if repeat.greed == Greed::Possessive {
            return self.possessive(repeat, at, next);
        }
        if count == 0 && repeat.greed == Greed::Greedy && matches!(repeat.body, Node::Char(..) | Node::Class(..)) {
            return self.characters(repeat, at, next);
        }
        let again = Some(Rc::new(Task { step: Step::Again(repeat, count + 1, at), next: next.clone() }));
        let round = Some(Rc::new(Task { step: Step::Match(&repeat.body), next: again }));
        if count < repeat.least {
            return Ok(Some((at, round)));
        }
        if count >= repeat.most {
            return Ok(Some((at, next)));
        }
        Ok(Some(if repeat.greed == Greed::Lazy {
            self.choose(at, round);
            (at, next)
        } else {
            self.choose(at, next);
            (at, round)
        }))
    }

    /// As many characters as there are, giving them back one by one.
    fn characters(
        &mut self,
        repeat: &'r Repeat,
        start: usize,
        next: Tasks<'r>,
    ) -> Result<Option<(usize, Tasks<'r>)>, Failure> {
        let mut at = start;
        let mut least = start;
        let mut count = 0;
        while count < repeat.most
            && let Some(end) = self.single(&repeat.body, at)
        {
            at = end;
            count += 1;
            if count == repeat.least {
                least = at;
            }
        }
        self.heap.charge(count as usize / 8)?;
        if count < repeat.least {
            return Ok(None);
        }
        if at > least {
            let earlier = self.text.get(..at).and_then(|text| text.char_indices().next_back());
            let last = earlier.map_or(least, |(at, _)| at);
            self.choices.push(Choice { at: last, least, tasks: next.clone(), groups: self.groups.clone() });
        }
        Ok(Some((at, next)))
    }

    fn possessive(
        &mut self,
        repeat: &'r Repeat,
        start: usize,
        next: Tasks<'r>,
    ) -> Result<Option<(usize, Tasks<'r>)>, Failure> {
        let mut at = start;
        let mut count = 0;
        while count < repeat.most {
            match self.node(&repeat.body, at, Until::Anywhere)? {
                Some(end) if end > at || count < repeat.least => at = end,
                _ => break,
            }
            count += 1;
        }
        Ok((count >= repeat.least).then_some((at, next)))
    }

    fn is_at(&self, place: Place, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or("");
        let before = self.text.get(..at).unwrap_or("");
        match place {
            Place::Start => at == 0,
            Place::LineStart => at == 0 || (before.ends_with('\n') && !rest.is_empty()),
            Place::AbsoluteEnd => rest.is_empty(),
            Place::End => matches!(rest, "" | "\n" | "\r\n" | "\r" | "\u{85}" | "\u{2028}" | "\u{2029}"),
            Place::LineEnd => rest.is_empty() || rest.starts_with(['\n', '\r']),
            Place::WordBorder | Place::NoWordBorder => {
                let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                let border = word(before.chars().next_back()) != word(rest.chars().next());
                border == (place == Place::WordBorder)
            }
        }
    }
}
