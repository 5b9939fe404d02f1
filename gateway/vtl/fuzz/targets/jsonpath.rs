//! A path and a body, parted by a zero, give a value or an error; a literal path gives the same as one in a variable.

#![no_main]

use fanlight_vtl::{Input, Parameters, Scope, Template};
use libfuzzer_sys::fuzz_target;

const BODY: &str =
    r#"{"store": {"book": [{"price": 8.95, "title": "a"}, {"price": 12, "tags": ["x", "y"]}], "é": null}}"#;

fuzz_target!(|text: &str| {
    let (path, body) = text.split_once('\0').unwrap_or((text, BODY));
    let parameters = Parameters::default();
    let render = |template: &str| {
        let template = Template::parse(template).ok()?;
        let mut scope = Scope::new();
        scope.set("path", path);
        scope.object("input", Input::new(body, &parameters));
        Some(template.render(scope).ok())
    };
    let variable = render("$input.json($path)|$input.path($path)");
    if !path.contains('\'') {
        assert_eq!(render(&format!("$input.json('{path}')|$input.path('{path}')")), variable);
    }
});
