//! Policy documents in IAM's language, compiled: what a Lambda authorizer answers, and what a resource policy says.
//!
//! An explicit deny beats an allow, and what nothing allows is denied. What a statement says that is not understood never
//! grants anything: an `Allow` is dropped, a `Deny` applies to more than it says.
//!
//! AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

mod condition;
mod facts;
mod parse;
mod pattern;
#[cfg(test)]
mod tests;

pub use facts::Facts;
pub use parse::{Kind, Parsed, parse};

use condition::Condition;
use pattern::Pattern;

/// A compiled policy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    statements: Box<[Statement]>,
}

/// What a policy says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// A statement allows it, and none denies it.
    Allow,
    /// No statement concerns it.
    ImplicitDeny,
    /// A statement denies it.
    ExplicitDeny,
}

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// `execute-api:Invoke`
    Invoke,
    /// `execute-api:InvalidateCache`: ask the endpoint although the answer is in the stage's cache.
    InvalidateCache,
}

impl Action {
    const ALL: [Self; 2] = [Self::Invoke, Self::InvalidateCache];

    /// IAM compares actions in any case; here it is the lower one.
    const fn lower_case(self) -> &'static str {
        match self {
            Self::Invoke => "execute-api:invoke",
            Self::InvalidateCache => "execute-api:invalidatecache",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Statement {
    effect: Effect,
    /// Which of [`Action::ALL`] it concerns: patterns of actions are matched when the policy is parsed.
    actions: [Concerned; Action::ALL.len()],
    principals: Principals,
    resources: Resources,
    conditions: Box<[Condition]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concerned {
    Yes,
    No,
}

#[derive(Debug, Clone, PartialEq)]
enum Resources {
    /// `Resource`
    In(Box<[Pattern]>),
    /// `NotResource`
    NotIn(Box<[Pattern]>),
}

#[derive(Debug, Clone, PartialEq)]
enum Principals {
    /// No `Principal`, or `*`.
    Everybody,
    /// `Principal`
    In(Box<[Principal]>),
    /// `NotPrincipal`
    NotIn(Box<[Principal]>),
}

/// A principal that can sign a request. Services and federated users cannot call an API here, so they match nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Principal {
    Everybody,
    /// Everybody of an account: its number, or the ARN of its root.
    Account(Box<str>),
    /// An ARN or a unique id.
    Arn(Box<str>),
    Nobody,
}

impl Policy {
    /// What it says of a request.
    #[must_use]
    pub fn decide(&self, action: Action, resource: &str, facts: &Facts<'_>) -> Decision {
        let mut decision = Decision::ImplicitDeny;
        for statement in self.statements.iter().filter(|statement| statement.concerns(action, resource, facts)) {
            match statement.effect {
                Effect::Deny => return Decision::ExplicitDeny,
                Effect::Allow => decision = Decision::Allow,
            }
        }
        decision
    }

    /// Roughly how many bytes it takes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let resources = |statement: &Statement| match &statement.resources {
            Resources::In(patterns) | Resources::NotIn(patterns) => patterns.iter().map(Pattern::weight).sum::<usize>(),
        };
        let one = |statement: &Statement| {
            size_of::<Statement>()
                + resources(statement)
                + statement.conditions.iter().map(Condition::weight).sum::<usize>()
        };
        size_of::<Self>() + self.statements.iter().map(one).sum::<usize>()
    }
}

impl Statement {
    fn concerns(&self, action: Action, resource: &str, facts: &Facts<'_>) -> bool {
        self.actions.get(action as usize) == Some(&Concerned::Yes)
            && self.resources.hold(resource)
            && self.principals.hold(facts)
            && self.conditions.iter().all(|condition| condition.holds(facts))
    }
}

impl Resources {
    fn hold(&self, resource: &str) -> bool {
        match self {
            Self::In(patterns) => patterns.iter().any(|pattern| pattern.matches(resource)),
            Self::NotIn(patterns) => !patterns.iter().any(|pattern| pattern.matches(resource)),
        }
    }
}

impl Principals {
    fn hold(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Everybody => true,
            Self::In(principals) => principals.iter().any(|principal| principal.is(facts)),
            Self::NotIn(principals) => !principals.iter().any(|principal| principal.is(facts)),
        }
    }
}

impl Principal {
    fn is(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Everybody => true,
            Self::Account(account) => facts.identity.is_some_and(|identity| *identity.account_id == **account),
            Self::Arn(name) => {
                facts.identity.is_some_and(|identity| *identity.user_arn == **name || *identity.caller == **name)
            }
            Self::Nobody => false,
        }
    }
}
