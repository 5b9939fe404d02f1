//! Each definition beside what it is read as: its resources, or its diagnostics as people see them.
//!
//! `UPDATE=1 cargo test -p fanlight-definition --test goldens` rewrites the expectations.

#![expect(clippy::expect_used, reason = "a test ends where it cannot go on")]

#[path = "goldens/listing.rs"]
mod listing;

use fanlight_definition::{ReadOptions, read, render, render_line};
use std::{
    fs,
    path::{Path, PathBuf},
};

const FOLDER: &str = "tests/definitions";

#[test]
fn sam_templates_read_as_expected() {
    check_all("sam");
}

#[test]
fn cloudformation_templates_read_as_expected() {
    check_all("cloudformation");
}

#[test]
fn openapi_documents_read_as_expected() {
    check_all("openapi");
}

#[test]
fn http_apis_read_as_expected() {
    check_all("http");
}

#[test]
fn serverless_services_read_as_expected() {
    check_all("serverless");
}

#[test]
fn outputs_of_the_cdk_read_as_expected() {
    check_all("cdk");
}

#[test]
fn expectations_belong_to_definitions() {
    for kind in ["sam", "cloudformation", "openapi", "http", "serverless", "cdk"] {
        for expectation in files(kind).iter().filter(|file| file.extension().is_some_and(|end| end == "expect")) {
            let yaml = expectation.with_extension("yaml");
            let json = expectation.with_extension("json");
            assert!(yaml.is_file() || json.is_file(), "{} has no definition", expectation.display());
        }
    }
}

fn files(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(FOLDER).join(kind);
    let entries = fs::read_dir(&folder).expect("the folder of definitions");
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn check_all(kind: &str) {
    let mut differing = Vec::new();
    let mut count = 0;
    for file in files(kind).iter().filter(|file| file.extension().is_some_and(|end| end == "yaml" || end == "json")) {
        count += 1;
        let actual = describe(file);
        let expectation = file.with_extension("expect");
        let expected = fs::read_to_string(&expectation).unwrap_or_default();
        if actual == expected {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expectation, &actual).expect("the expectation can be written");
        } else {
            differing.push(format!("{}\n--- expected\n{expected}\n--- actual\n{actual}", file.display()));
        }
    }
    assert!(count >= 4, "only {count} definitions were found");
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn describe(file: &Path) -> String {
    let mut options = ReadOptions { stack_name: Some("stack".to_owned()), ..ReadOptions::default() };
    let text = String::from_utf8_lossy(&fs::read(file).expect("the definition")).into_owned();
    // `# override Name=value` in a definition stands for `--parameter-overrides`, `# stage name` for `--stage`,
    // `# env NAME=value` for a variable of the process's environment, `# option name=value` for another option.
    for line in text.lines() {
        if let Some((name, value)) = line.strip_prefix("# override ").and_then(|rest| rest.split_once('=')) {
            options.parameter_overrides.insert(name.to_owned(), value.to_owned());
        }
        if let Some((name, value)) = line.strip_prefix("# env ").and_then(|rest| rest.split_once('=')) {
            options.environment.0.insert(name.to_owned(), value.to_owned());
        }
        if let Some((name, value)) = line.strip_prefix("# option ").and_then(|rest| rest.split_once('=')) {
            options.opt.insert(name.to_owned(), value.to_owned());
        }
        if let Some(stage) = line.strip_prefix("# stage ") {
            options.stage = Some(stage.to_owned());
        }
    }
    let found = read(file, &options);
    let mut out = render(&found.diagnostics, &found.sources, false);
    for diagnostic in &found.diagnostics {
        let line = render_line(diagnostic);
        assert!(!line.contains('\n'), "one line: {line}");
        assert!(!diagnostic.message.ends_with('.'), "no period: {line}");
        let proper = diagnostic.message.starts_with("AWS ");
        assert!(proper || !diagnostic.message.starts_with(char::is_uppercase), "lower case: {line}");
    }
    match &found.resources {
        Some(resources) => out.push_str(&listing::resources(resources)),
        None => assert!(!found.diagnostics.is_empty(), "nothing was read and nothing said: {}", file.display()),
    }
    let root = fs::canonicalize(FOLDER).expect("the folder of definitions");
    out.replace(&format!("{}/", root.display()), "[ROOT]/").replace(&format!("{FOLDER}/"), "")
}
