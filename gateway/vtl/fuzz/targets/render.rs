//! A template and a body, parted by a zero, render to a text or an error: within the budgets, alike each time, and with
//! an explanation that says the same.

#![no_main]

use fanlight_vtl::{Inputs, Limits, Overrides, Parameters, Template};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|text: &str| {
    let (template, body) = text.split_once('\0').unwrap_or((text, r#"{"a": [1, {"b": "c"}, null], "d": 1.5}"#));
    let Ok(template) = Template::parse(template) else { return };
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let parameters = Parameters { path: pair("id", "7"), querystring: pair("q", "a b"), header: pair("H", "é") };
    let context = json!({"stage": "prod", "identity": {"sourceIp": "192.0.2.1"}});
    let stage_variables = pair("v", "w");
    let inputs = Inputs { body, parameters: &parameters, context: &context, stage_variables: &stage_variables };
    let limits = Limits { steps: 100_000, output_bytes: 100_000, ..Limits::default() };
    let (mut once, mut again) = (Overrides::default(), Overrides::default());
    let output = inputs.render_within(&limits, &template, &mut once);
    assert!(output.as_ref().map_or(0, String::len) <= limits.output_bytes);
    assert_eq!(output, inputs.render_within(&limits, &template, &mut again));
    assert_eq!(once, again);
    if let Ok(output) = output {
        assert_eq!(inputs.explain(&template, &Overrides::default()).output, Ok(output));
    }
});
