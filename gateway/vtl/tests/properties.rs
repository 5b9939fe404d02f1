//! No template, body or path makes the engine panic or exceed a budget.

#![cfg(test)]

use fanlight_vtl::{ErrorKind, Inputs, Limits, Overrides, Parameters, Template, is_literal};
use proptest::prelude::*;

const FRAGMENTS: &[&str] = &[
    "$",
    "#",
    "!",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ".",
    "\"",
    "'",
    "\\",
    "*",
    " ",
    "\n",
    ",",
    ":",
    "=",
    "==",
    "+",
    "-",
    "/",
    "%",
    "1",
    "2.5",
    "..",
    "$x",
    "${x}",
    "$!x",
    "$x.y",
    "$x[0]",
    "#set($x = ",
    "#set($x = [1..5])",
    "#set($x = {\"a\": $y})",
    "#if($x)",
    "#elseif(!$y)",
    "#else",
    "#end",
    "#foreach($i in $x)",
    "$foreach.index",
    "#define($d)",
    "$d",
    "#stop",
    "#break",
    "##",
    "#*",
    "*#",
    "#[[",
    "]]#",
    "#macro(m)",
    "#m()",
    "#literal()",
    "$input.path('$.a[0]')",
    "$input.json('$..b')",
    "$input.params('q')",
    "$util.parseJson($input.body)",
    "$x.replaceAll('(a|b)*','$1')",
    "$x.split(',')",
    "$x.put('k', $x)",
    "$x.add($x)",
    "$context.stage",
    "#set($context.requestOverride.header.h = $x)",
    "$x.substring(1, 2)",
    "99999999999999999999",
    "true",
    "é",
    "😀",
];

/// Pieces of which templates are made, so that most of them get past the lexer.
fn fragment() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(FRAGMENTS);
    prop_oneof![8 => fixed.prop_map(str::to_owned), 1 => ".{0,4}"]
}

fn template() -> impl Strategy<Value = String> {
    prop::collection::vec(fragment(), 0..24).prop_map(|fragments| fragments.concat())
}

fn body() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        ":",
        ",",
        "a",
        "\"a\"",
        "\"b\":",
        "1",
        "-",
        "1.5e3",
        "null",
        "true",
        " ",
        "\\",
        "\\u00e9",
        "é",
        "{\"a\":[1,{\"b\":2}]}",
    ]);
    prop::collection::vec(prop_oneof![6 => fixed.prop_map(str::to_owned), 1 => ".{0,3}"], 0..12)
        .prop_map(|fragments| fragments.concat())
}

fn limits() -> Limits {
    Limits { steps: 20_000, output_bytes: 20_000, memory_bytes: 200_000, ..Limits::default() }
}

fn render(template: &str, body: &str) -> Result<String, ErrorKind> {
    let limits = limits();
    let parameters = Parameters { querystring: vec![("q".to_owned(), "a b".to_owned())], ..Parameters::default() };
    let context = serde_json::json!({"stage": "prod", "identity": {"user": null}});
    let inputs = Inputs { body, parameters: &parameters, context: &context, stage_variables: &[] };
    Template::parse_within(&limits, template)
        .and_then(|template| inputs.render_within(&limits, &template, &mut Overrides::default()))
        .map_err(|error| error.kind())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_panics_or_exceeds_a_budget(template in template(), body in body()) {
        if let Ok(output) = render(&template, &body) {
            prop_assert!(output.len() <= limits().output_bytes);
        }
    }

    #[test]
    fn any_text_is_a_template_or_an_error(text in ".{0,60}") {
        if let Err(error) = Template::parse(&text) {
            prop_assert!(error.line() >= 1 && error.column() >= 1);
            prop_assert!(error.render(&text, "t").contains(error.message()));
        }
    }

    #[test]
    fn text_without_signs_renders_as_itself(text in "[^$#\\\\]{0,80}", body in body()) {
        prop_assert!(is_literal(&text));
        prop_assert_eq!(render(&text, &body), Ok(text));
    }

    #[test]
    fn a_literal_template_renders_as_itself(text in template()) {
        if is_literal(&text) {
            prop_assert_eq!(render(&text, "{}"), Ok(text));
        }
    }

    #[test]
    fn any_path_is_read_or_refused(path in "[$.@\\[\\]'\"a-c0-9*?()&|<>=!~/:, -]{0,20}", body in body()) {
        let template = format!("#set($p = '{}')$input.json($p)", path.replace('\'', "''"));
        drop(render(&template, &body));
    }

    #[test]
    fn any_pattern_is_matched_or_refused(pattern in "[a-c.*+?(){}\\[\\]|^$\\\\dwsb0-9,=!<>:&-]{0,16}", text in "[a-c ,0-2]{0,12}") {
        let template = format!("#set($s = '{text}')$s.replaceAll('{pattern}', '<$0>')$s.split('{pattern}')");
        drop(render(&template, ""));
    }

    #[test]
    fn rendering_twice_gives_the_same(template in template(), body in body()) {
        prop_assert_eq!(render(&template, &body), render(&template, &body));
    }
}
