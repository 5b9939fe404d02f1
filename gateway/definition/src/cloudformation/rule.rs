//! `Rules`: what a template demands of its parameters.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html>

use crate::{
    Diagnostic,
    document::{Entry, Map, Node},
    intrinsics::{self, Parameter, Scope},
    read::Reading,
    shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const RULE: &Vocabulary = &[("Assertions", Read), ("RuleCondition", Read)];

const ASSERTION: &Vocabulary = &[("Assert", Read), ("AssertDescription", Silent)];

/// Functions about what an account holds, which only AWS knows.
const OF_THE_ACCOUNT: [&str; 3] = ["Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"];

/// Says which assertions do not hold; AWS makes no stack then.
pub(super) fn check(reading: &mut Reading<'_>, scope: &Scope, section: Option<&Node>) {
    let section = section.and_then(|node| shape::map(&mut reading.findings, node)).cloned().unwrap_or_default();
    for (name, entry) in section.iter() {
        let Some(rule) = shape::map(&mut reading.findings, &entry.node) else { continue };
        vocabulary::check(&mut reading.findings, rule, "a rule", RULE);
        if asks_the_account(scope, &entry.node) {
            continue;
        }
        let applies = rule.get("RuleCondition").is_none_or(|node| holds(reading, scope, node) == Some(true));
        let assertions = rule.get("Assertions").filter(|_| applies);
        for item in assertions.and_then(|node| shape::list(&mut reading.findings, node)).unwrap_or_default() {
            check_assertion(reading, scope, name, item);
        }
    }
}

fn check_assertion(reading: &mut Reading<'_>, scope: &Scope, name: &str, item: &Node) {
    let Some(assertion) = shape::map(&mut reading.findings, item) else { return };
    vocabulary::check(&mut reading.findings, assertion, "an assertion", ASSERTION);
    let Some(node) = assertion.get("Assert") else {
        reading.findings.error(&item.place(), "the assertion has no `Assert`");
        return;
    };
    if holds(reading, scope, node) == Some(false) {
        let message = format!("the rule `{}` does not hold, and AWS makes no stack then", shape::brief(name));
        let mut broken = Diagnostic::error(&node.place(), message);
        let description = assertion.get("AssertDescription").and_then(Node::as_text);
        broken.help = description.map(shape::brief);
        reading.findings.push(broken);
    }
}

/// Whether a rule is about what only AWS knows: what the account holds, or values kept in Systems Manager.
fn asks_the_account(scope: &Scope, node: &Node) -> bool {
    let stored = |entry: &Entry| {
        let parameter = entry.node.as_text().and_then(|name| scope.parameters.get(name));
        matches!(parameter, Some(Parameter::Stored { .. }))
    };
    match node.as_map() {
        Some(map) => map.iter().any(|(key, entry)| {
            OF_THE_ACCOUNT.contains(&key) || key == "Ref" && stored(entry) || asks_the_account(scope, &entry.node)
        }),
        None => node.as_list().unwrap_or_default().iter().any(|item| asks_the_account(scope, item)),
    }
}

/// Whether a rule's condition holds; `None` with a finding when that cannot be told.
fn holds(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<bool> {
    let (name, entry) = node.as_map().and_then(Map::single)?;
    let pair = |reading: &mut Reading<'_>| {
        let items = shape::list(&mut reading.findings, &entry.node)?;
        let [left, right] = items else { return None };
        Some((texts(reading, scope, left)?, texts(reading, scope, right)?))
    };
    match name {
        "Fn::Contains" => pair(reading).map(|(list, value)| value.iter().all(|value| list.contains(value))),
        "Fn::EachMemberIn" => pair(reading).map(|(members, list)| members.iter().all(|member| list.contains(member))),
        "Fn::EachMemberEquals" => {
            pair(reading).map(|(members, value)| members.iter().all(|member| Some(member) == value.first()))
        }
        "Fn::And" | "Fn::Or" => {
            let items = shape::list(&mut reading.findings, &entry.node)?.to_vec();
            let results: Option<Vec<bool>> = items.iter().map(|item| holds(reading, scope, item)).collect();
            results.map(|all| if name == "Fn::And" { all.iter().all(|one| *one) } else { all.contains(&true) })
        }
        "Fn::Not" => {
            let inner = shape::list(&mut reading.findings, &entry.node)?.first()?.clone();
            holds(reading, scope, &inner).map(|holds| !holds)
        }
        _ => intrinsics::condition_holds(reading, scope, node),
    }
}

fn texts(reading: &mut Reading<'_>, scope: &Scope, node: &Node) -> Option<Vec<String>> {
    let resolved = intrinsics::resolve(reading, scope, node)?;
    match resolved.as_list() {
        Some(_) => Some(shape::texts(&mut reading.findings, &resolved)),
        None => Some(vec![shape::text(&mut reading.findings, &resolved)?]),
    }
}
