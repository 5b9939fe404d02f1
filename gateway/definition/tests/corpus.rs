//! Every public template that is at hand: reading never panics and never stays silent.

#![expect(clippy::expect_used, reason = "a test ends where it cannot go on")]

use fanlight_definition::{ReadOptions, Severity, read, render};
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

#[test]
fn every_public_template_is_read_or_explained() {
    let cases = env::var_os("FANLIGHT_CASES").map_or_else(|| PathBuf::from("../../../shared/cases"), PathBuf::from);
    let templates = cases.join("templates");
    if !templates.is_dir() {
        println!("skipped: no templates in {} (set FANLIGHT_CASES)", cases.display());
        return;
    }
    let mut files = Vec::new();
    collect(&templates, &mut files);
    let mut read_whole = 0;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in &files {
        let found = read(file, &ReadOptions::default());
        let errors = found.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        assert_eq!(found.resources.is_some(), errors == 0, "{}", file.display());
        read_whole += usize::from(found.resources.is_some());
        for diagnostic in &found.diagnostics {
            let known = found.sources.files().any(|file| file == diagnostic.place.file.as_path());
            assert!(known, "{}: a place in a file that was not read", file.display());
            *counts.entry(without_names(&diagnostic.message)).or_default() += 1;
        }
        let rendered = render(&found.diagnostics, &found.sources, false);
        if env::var_os("SHOW").is_some() {
            println!("{rendered}");
        }
    }
    println!("{} files, {read_whole} with resources", files.len());
    for (message, count) in counts {
        println!("{count:5} {message}");
    }
    assert!(files.len() > 100, "only {} files", files.len());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json") {
            files.push(path);
        }
    }
}

/// A message with what users wrote taken out, for counting.
fn without_names(message: &str) -> String {
    message.split('`').enumerate().map(|(index, part)| if index % 2 == 0 { part } else { "`_`" }).collect()
}
