//! Any text is a template or an error whose place is inside of the text.

#![no_main]

use fanlight_vtl::{Template, is_literal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Template::parse(text) {
        Ok(template) => {
            assert_eq!(template.source(), text);
            if is_literal(text) {
                let output = template.render(fanlight_vtl::Scope::new());
                assert_eq!(output.as_deref(), Ok(text));
            }
        }
        Err(error) => {
            assert!(error.span().start as usize <= text.len());
            assert!(error.render(text, "fuzz.vtl").starts_with("error: "));
        }
    }
});
