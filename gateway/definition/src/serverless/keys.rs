//! Keys of a `serverless.yml`: Serverless passes over those that it does not know, because plugins read keys of
//! their own.

use super::variables::{self, Variables};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node},
    read::Reading,
    shape, spelling,
    vocabulary::{self, Treatment, Vocabulary},
};

/// Keys that protect something: a slip in one of them is an error, or what it protects would be open.
const GUARDS: [&str; 8] = [
    "apiKeySourceType",
    "authorizer",
    "disableDefaultEndpoint",
    "endpointType",
    "private",
    "request",
    "resourcePolicy",
    "vpcEndpointIds",
];

/// The keys of a map that are read, with their variables filled in; says what becomes of the others.
pub(super) fn read(
    reading: &mut Reading<'_>,
    variables: &mut Variables,
    node: &Node,
    (what, vocabulary): (&str, &Vocabulary),
) -> Option<Map> {
    let opened = variables::open(reading, variables, node);
    let map = shape::map(&mut reading.findings, &opened)?;
    let mut known = Map::default();
    let mut settled = Map::default();
    for (key, entry) in map.iter() {
        let Some((_, treatment)) = vocabulary.iter().find(|(name, _)| *name == key) else {
            pass_over(reading, (key, entry), (what, vocabulary));
            continue;
        };
        match treatment {
            Treatment::Silent => {}
            Treatment::Read => {
                let node = variables::settle(reading, variables, &entry.node);
                settled.entries.insert(key.to_owned(), Entry { key: entry.key, node });
            }
            Treatment::LeftOut | Treatment::Missing | Treatment::Guard => {
                known.entries.insert(key.to_owned(), entry.clone());
            }
        }
    }
    vocabulary::check(&mut reading.findings, &known, what, vocabulary);
    Some(settled)
}

/// Says which keys of a map are unknown, left out or not there yet; its variables are filled in already.
pub(super) fn check(reading: &mut Reading<'_>, map: &Map, (what, vocabulary): (&str, &Vocabulary)) {
    let mut known = Map::default();
    for (key, entry) in map.iter() {
        if vocabulary.iter().any(|(name, _)| *name == key) {
            known.entries.insert(key.to_owned(), entry.clone());
        } else {
            pass_over(reading, (key, entry), (what, vocabulary));
        }
    }
    vocabulary::check(&mut reading.findings, &known, what, vocabulary);
}

fn pass_over(reading: &mut Reading<'_>, (key, entry): (&str, &Entry), (what, vocabulary): (&str, &Vocabulary)) {
    let place = entry.key_place();
    let message = format!("unknown key `{}` of {what}", shape::brief(key));
    let meant = spelling::nearest(key, vocabulary.iter().map(|(name, _)| *name));
    let mut unknown = match meant {
        Some(meant) if GUARDS.contains(&meant) => Diagnostic::error(&place, message),
        Some(_) | None => Diagnostic::warning(&place, format!("{message}, which is passed over")),
    };
    unknown.help = meant.map(|meant| format!("did you mean `{meant}`?"));
    reading.findings.push(unknown);
}
