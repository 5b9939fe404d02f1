//! Any text is a body or an error; what serde_json reads, we read alike; what we write is JSON.

#![no_main]

use fanlight_vtl::{Input, Parameters, Scope, Template, read_json};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let parameters = Parameters::default();
    let template = Template::parse("$input.json('$')#set($root = $input.path('$'))$root").unwrap();
    let mut scope = Scope::new();
    scope.object("input", Input::new(text, &parameters));
    let rendered = template.render(scope);
    let Ok(read) = read_json(text) else { return };
    if let Ok(strict) = serde_json::from_str::<Value>(text)
        && alike(&strict)
    {
        assert_eq!(read, strict);
        assert!(rendered.is_ok());
    }
});

/// Numbers are Java's, and keys that come again are told apart by nobody.
fn alike(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_i64(),
        Value::String(text) => !text.contains(|c: char| c.is_control()),
        Value::Array(items) => items.iter().all(alike),
        Value::Object(members) => {
            members.iter().all(|(key, value)| !key.contains(|c: char| c.is_control()) && alike(value))
        }
        Value::Null | Value::Bool(_) => true,
    }
}
