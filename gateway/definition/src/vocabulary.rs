//! Closed tables of the keys that a reader knows, and what becomes of each.

use crate::{
    Diagnostic,
    diagnostic::Findings,
    document::{Entry, Map},
    shape, spelling,
};

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// It is read.
    Read,
    /// It makes no difference here: documentation, tags, permissions that nothing here needs.
    Silent,
    /// Left out with a warning: what is served behaves as without it.
    LeftOut,
    /// An error: what it asks for is not there yet, and leaving it out would change answers.
    Missing,
    /// An error: it guards something, and what it guards is not served without it.
    Guard,
}

use Treatment::{Guard, LeftOut, Missing, Read, Silent};

/// A table of keys.
pub(crate) type Vocabulary = [(&'static str, Treatment)];

/// Says which keys of a map are unknown, left out, not there yet, or guards; `what` names the map's owner.
pub(crate) fn check(findings: &mut Findings, map: &Map, what: &str, vocabulary: &Vocabulary) {
    for (key, entry) in map.iter() {
        check_key(findings, (key, entry), what, vocabulary);
    }
}

/// The same for a map of OpenAPI, where extensions of others (`x-..`) say nothing to API Gateway, and neither do unknown
/// keys. A key that looks like a slip of a known one is an error all the same: it may be what guards a method.
pub(crate) fn check_extensible(findings: &mut Findings, map: &Map, what: &str, vocabulary: &Vocabulary) {
    let ours = |key: &str| key.starts_with("x-amazon-apigateway-") || key.starts_with("x-fanlight-");
    let known = || vocabulary.iter().map(|(name, _)| *name);
    for (key, entry) in map.iter().filter(|(key, _)| !key.starts_with("x-") || ours(key)) {
        let slip = ours(key) || known().any(|name| name == key) || spelling::nearest(key, known()).is_some();
        if slip {
            check_key(findings, (key, entry), what, vocabulary);
        } else {
            let message = format!("unknown key `{}` of {what}, which AWS passes over", shape::brief(key));
            findings.warn(&entry.key_place(), message);
        }
    }
}

fn check_key(findings: &mut Findings, (key, entry): (&str, &Entry), what: &str, vocabulary: &Vocabulary) {
    let known = vocabulary.iter().find(|(name, _)| *name == key).map(|(_, treatment)| *treatment);
    let place = entry.key_place();
    match known {
        Some(Read | Silent) => {}
        Some(LeftOut | Missing | Guard) if entry.node.says_no() => {}
        Some(LeftOut) => findings.warn(&place, format!("`{key}` is not served yet and is left out")),
        Some(Missing) => findings.error(&place, format!("`{key}` is not served yet")),
        Some(Guard) => findings.push(
            Diagnostic::error(&place, format!("`{key}` is not enforced yet"))
                .help("what it protects is not served unprotected; take it out to serve without it"),
        ),
        None => {
            let mut unknown = Diagnostic::error(&place, format!("unknown key `{}` of {what}", shape::brief(key)));
            unknown.help = spelling::suggestion(key, vocabulary.iter().map(|(name, _)| *name));
            findings.push(unknown);
        }
    }
}
