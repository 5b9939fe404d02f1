//! No text makes a reader panic or stay silent.

#![expect(clippy::expect_used, reason = "a test ends where it cannot go on")]

use fanlight_definition::{ReadOptions, Severity, read, render, render_line};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use std::fs;

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "Transform: AWS::Serverless-2016-10-31",
            "Resources:",
            "Globals:",
            "Parameters:",
            "Conditions:",
            "Pets:",
            "Type: AWS::Serverless::Function",
            "Type: AWS::Serverless::Api",
            "Type: Api",
            "Properties:",
            "Events:",
            "Path: /{proxy+}",
            "Method: ANY",
            "StageName: Prod",
            "DefinitionBody:",
            "openapi: 3.0.1",
            "paths:",
            "/pets/{id}:",
            "get:",
            "x-amazon-apigateway-integration:",
            "x-fanlight-functions:",
            "type: mock",
            "responses:",
            "!Ref Pets",
            "!Sub '${Pets.Arn}${'",
            "!If [a, b, c]",
            "!GetAtt Pets.Arn",
            "Fn::Transform: {Name: AWS::Include, Parameters: {Location: .}}",
            "&a",
            "*a",
            "<<: *a",
            "- ",
            "{",
            "}",
            "[",
            "]",
            "|",
            ">",
            "\"",
            "'",
            "?",
            "---",
            "#",
            ":",
            ",",
            "\t",
            "ü界",
        ])
        .prop_map(str::to_owned),
        any::<String>().prop_map(|text| text.chars().take(12).collect()),
    ]
}

fn line() -> impl Strategy<Value = String> {
    let words = proptest::collection::vec(word(), 1..4);
    (0_usize..6, words, prop_oneof![Just("\n"), Just("\r\n"), Just(" ")])
        .prop_map(|(indent, words, end)| format!("{}{}{end}", "  ".repeat(indent), words.join(" ")))
}

fn check(text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("template.yaml");
    fs::write(&file, text).expect("a file");
    let found = read(&file, &ReadOptions::default());
    let errors = found.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(found.resources.is_none(), errors, "an error, or resources: {text:?}");
    assert!(!render(&found.diagnostics, &found.sources, true).contains("panicked"));
    for diagnostic in &found.diagnostics {
        assert!(!render_line(diagnostic).contains('\n'), "one line: {diagnostic:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_like_yaml_makes_it_panic(lines in proptest::collection::vec(line(), 0..24)) {
        check(&lines.concat());
    }

    #[test]
    fn no_damage_to_a_definition_makes_it_panic(at in any::<proptest::sample::Index>(), with in any::<String>(), gone in 0_usize..40) {
        for text in [
            include_str!("definitions/sam/intrinsics.yaml"),
            include_str!("definitions/sam/cors_map.yaml"),
            include_str!("definitions/sam/json.json"),
            include_str!("definitions/openapi/petstore.yaml"),
            include_str!("definitions/serverless/variables.yaml"),
            include_str!("definitions/serverless/authorizers.yaml"),
            include_str!("definitions/cdk/stages.json"),
        ] {
            let letters: Vec<char> = text.chars().collect();
            let (before, after) = letters.split_at(at.index(letters.len()));
            let damaged: String = before.iter().copied().chain(with.chars()).chain(after.iter().skip(gone).copied()).collect();
            check(&damaged);
        }
    }
}
