//! Any text is a condition, an update, a projection, or an error; and what can be parsed can be applied to an item.

#![no_main]

use fanlight_services::dynamodb::fuzzing::exercise;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    exercise(text);
});
