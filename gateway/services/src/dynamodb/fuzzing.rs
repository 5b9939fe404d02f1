//! What the fuzz target and the tests call: an expression from its text to its effect.

use super::{
    expression::{Placeholders, apply, condition, evaluate, key_condition, projection, update},
    number::Number,
    value::{Attribute, Item},
};
use std::collections::BTreeMap;

/// Parses a text as everything that it could be, and applies what it is to an item.
pub fn exercise(text: &str) {
    let placeholders = || {
        let names = [("#n", "n"), ("#l", "l")].map(|(key, name)| (key.to_owned(), name.to_owned()));
        let values = [
            (":n", Attribute::N(Number::whole(1))),
            (":s", Attribute::S("s".to_owned())),
            (":l", Attribute::L(vec![Attribute::Null])),
            (":t", Attribute::Ss(vec!["s".to_owned()])),
        ];
        let values = values.map(|(key, value)| (key.to_owned(), value));
        Placeholders::new(names.into(), values.into())
    };
    let item = item();
    if let Ok(parsed) = condition::parse(text, &mut placeholders()) {
        let _met_or_not = evaluate::meets(&item, &parsed);
        let _either = key_condition::read(parsed);
    }
    if let Ok(parsed) = update::parse(text, &mut placeholders()) {
        let _either = apply::apply(&parsed, &item);
    }
    if let Ok(paths) = projection::parse(text, &mut placeholders()) {
        let _part = projection::project(&item, &paths);
    }
    let _either = Number::parse(text);
}

fn item() -> Item {
    let member = |value: Attribute| Attribute::M(BTreeMap::from([("m".to_owned(), value)]));
    let list = Attribute::L(vec![Attribute::N(Number::whole(7)), member(Attribute::Bool(true)), Attribute::Null]);
    let values = [
        ("n", Attribute::N(Number::whole(12))),
        ("s", Attribute::S("text".to_owned())),
        ("t", Attribute::Ss(vec!["s".to_owned()])),
        ("m", member(list.clone())),
        ("l", list),
    ];
    values.map(|(name, value)| (name.to_owned(), value)).into()
}
